//! A panic anywhere but in a test ends the whole run: in a request it would be caught and answered, and in a task that
//! nobody awaits it would never be seen.

use std::{
    io::Write as _,
    panic::{self, Location},
    process,
    sync::Once,
};

/// What a test's own assertions have in their place.
const TESTS: &str = "tests/it/";
/// The status of a run that panicked, as the test harness has it.
const FAILED: i32 = 101;

/// From here on a panic outside the tests ends the process.
pub fn end_the_run() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let usual = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            if is_of_a_test(panic.location()) {
                return usual(panic);
            }
            // Past what the harness captures, which it would never show.
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
