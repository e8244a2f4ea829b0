//! Everything that this test process logs, to look for what must not be there.

use std::{
    io::{self, Write},
    sync::{Mutex, OnceLock},
};

use tracing_subscriber::{filter::LevelFilter, fmt};

static KEPT: Mutex<Vec<u8>> = Mutex::new(Vec::new());
static STARTED: OnceLock<()> = OnceLock::new();

struct Kept;

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        KEPT.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// From here on every line is kept, at the level of who looks for a fault.
pub fn keep() {
    STARTED.get_or_init(|| {
        fmt()
            .with_writer(|| Kept)
            .with_ansi(false)
            .with_max_level(LevelFilter::DEBUG)
            .init();
    });
}

/// What was logged so far, by all tests.
pub fn kept() -> String {
    String::from_utf8_lossy(&KEPT.lock().unwrap()).into_owned()
}
