//! What is random in a test is so by a seed, which is printed: `MUSTER_TEST_SEED` plays it again.

/// The seed of this run.
pub fn seed() -> u64 {
    let seed = std::env::var("MUSTER_TEST_SEED")
        .map_or_else(|_| rand::random(), |seed| seed.parse().unwrap());
    println!("MUSTER_TEST_SEED={seed}");
    seed
}
