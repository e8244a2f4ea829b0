//! Imports compared with a model: random files, and people who are invited, accept, are edited by hand and leave, between
//! the plan and its chunks, between chunks, and before the undo. After each step the database must match the model.
//! `MUSTER_TEST_SEED` repeats a run; failed cases are stored beside this file and run first.

mod by_hand;
mod people;
mod play;
mod steps;

use std::sync::atomic::{AtomicU32, Ordering};

use proptest::test_runner::{
    Config, FileFailurePersistence, RngAlgorithm, TestCaseError, TestRng, TestRunner,
};

use self::{play::Play, steps::some_steps};
use crate::support::{Site, seed::seed};

const CASES: u32 = 24;
/// The verdicts that this many cases must produce, whatever the seed.
const KINDS: [&str; 5] = ["invite", "invite undone", "refused", "unchanged", "update"];
const FAILED_ONCE: &str = "tests/it/import_model/failed_once.txt";

#[test]
fn imports_edits_and_undo_match_the_model() {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed().to_le_bytes());
    let config = Config {
        cases: CASES,
        max_shrink_iters: 200,
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct(FAILED_ONCE))),
        ..Config::default()
    };
    let random = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(config, random);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let site = runtime.block_on(Site::new());
    let cases = AtomicU32::new(0);
    let ran = runner.run(&some_steps(), |steps| {
        let case = cases.fetch_add(1, Ordering::Relaxed);
        runtime
            .block_on(async {
                let mut play = Play::begin(&site, case).await;
                for step in steps {
                    play.step(step).await?;
                }
                Ok(())
            })
            .map_err(|said: String| TestCaseError::fail(said))
    });
    if let Err(error) = ran {
        panic!("{error}");
    }
    // Checks the coverage: a model that is never compared proves nothing.
    let seen: Vec<(String, i64)> = runtime.block_on(async {
        let kinds = "SELECT concat_ws(' ', verdict, undone), count(*) FROM muster.import_rows GROUP BY 1 ORDER BY 1";
        sqlx::query_as(kinds).fetch_all(site.sql()).await.unwrap()
    });
    println!("{seen:?}");
    for kind in KINDS {
        assert!(
            seen.iter().any(|(it, _)| it == kind),
            "never {kind}: {seen:?}"
        );
    }
    // Stopping the site needs the runtime.
    runtime.block_on(async { drop(site) });
}
