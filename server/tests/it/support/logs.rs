//! Everything that this test process logs, to check what must not be in it.

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

/// Stores every line from here on, at the log level for debugging.
pub fn keep() {
    STARTED.get_or_init(|| {
        fmt()
            .with_writer(|| Kept)
            .with_ansi(false)
            .with_max_level(LevelFilter::DEBUG)
            .init();
    });
}

/// Returns the log of all tests so far.
pub fn kept() -> String {
    String::from_utf8_lossy(&KEPT.lock().unwrap()).into_owned()
}
