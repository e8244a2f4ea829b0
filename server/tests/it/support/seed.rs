//! Random values in tests come from a seed, which is printed. `MUSTER_TEST_SEED` repeats a run.

/// Returns the seed of this run.
pub fn seed() -> u64 {
    let seed = std::env::var("MUSTER_TEST_SEED")
        .map_or_else(|_| rand::random(), |seed| seed.parse().unwrap());
    println!("MUSTER_TEST_SEED={seed}");
    seed
}
