//! What is random in a test is so by a seed, which is printed: `MUSTER_TEST_SEED` plays it again.

use std::time::{SystemTime, UNIX_EPOCH};

/// The seed of this run.
pub fn seed() -> u64 {
    let seed = std::env::var("MUSTER_TEST_SEED").map_or_else(
        |_| {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
            now.as_secs()
        },
        |seed| seed.parse().unwrap(),
    );
    println!("MUSTER_TEST_SEED={seed}");
    seed
}
