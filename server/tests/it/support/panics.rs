//! A panic outside a test ends the whole run. In a request it would be caught and answered, and in a task that nobody
//! awaits it would go unnoticed.

use std::{
    io::Write as _,
    panic::{self, Location},
    process,
    sync::Once,
};

/// The location of the tests' own assertions.
const TESTS: &str = "tests/it/";
/// The exit code of the test harness after a panic.
const FAILED: i32 = 101;

/// Makes every later panic outside the tests end the process.
pub fn end_the_run() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let usual = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            if is_of_a_test(panic.location()) {
                return usual(panic);
            }
            // Bypasses the harness's output capture, which would never show it.
            let _ = writeln!(
                std::io::stderr().lock(),
                "the code under test panicked, which ends the run: {panic}\n{}",
                std::backtrace::Backtrace::force_capture()
            );
            process::exit(FAILED);
        }));
    });
}

fn is_of_a_test(place: Option<&Location<'_>>) -> bool {
    place.is_some_and(|place| place.file().contains(TESTS))
}
