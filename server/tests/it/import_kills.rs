//! `kill -9` of the real server at any point of an import: it restarts, continues automatically, and ends like an
//! undisturbed import, and everything it had acknowledged is still there.

use std::collections::BTreeMap;

use rand::{Rng as _, SeedableRng as _, rngs::StdRng};

use crate::support::{
    Site,
    end_state::{assert_same, end_state},
    life::{CHUNKS, Life, all_sorts},
    seed::seed,
    wire::{COMMIT, How, Moment},
};

/// Kills at random moments.
const KILLS: u32 = 50;
/// The most protocol messages between two kills: more than a start and the check's first batch need together; otherwise the
/// batch would never complete.
const APART: u32 = 220;
/// Each phase in which an import is killed at least once.
const PHASES: [&str; 4] = ["uploading", "checking", "applying", "undoing"];
/// The bytes of a file of two parts.
const LONG: usize = 5 * 1024 * 1024;

async fn life() -> Life {
    Life::begin(Site::new().await, all_sorts(0)).await
}

/// The boundary of a chunk, recognized by what its transaction sends before it commits.
const BOUNDARIES: [&[u8]; 2] = [b"PGCOPY\n", b"INSERT INTO import_chunks"];

#[tokio::test]
async fn an_import_survives_a_kill_before_and_after_each_commit_of_a_chunk() {
    let undisturbed = life().await.see_through().await;
    let life = life().await;
    let kills = async {
        let mut kills = 0;
        // The check's batches, and the chunks that are applied and undone. The last batch ends the check and the last chunk
        // its phase; these are killed too.
        for (after, chunks) in [(BOUNDARIES[0], CHUNKS), (BOUNDARIES[1], 2 * CHUNKS)] {
            for _ in 0..chunks {
                for how in [How::Unsent, How::Answered] {
                    let moment = Moment {
                        after,
                        on: COMMIT,
                        nth: 1,
                        how,
                    };
                    life.wire.moment(moment).await.unwrap();
                    life.kill().await;
                    kills += 1;
                }
            }
        }
        kills
    };
    let (ends, kills) = tokio::join!(life.see_through(), kills);
    for ((end, undisturbed), phase) in ends.iter().zip(&undisturbed).zip(PHASES) {
        assert_same(end, undisturbed, phase);
    }
    assert_eq!(
        kills,
        2 * 3 * CHUNKS,
        "one before each commit and one after"
    );
}

#[tokio::test]
async fn fifty_random_kills_lose_nothing_acknowledged_and_do_not_change_the_result() {
    let mut random = StdRng::seed_from_u64(seed());
    let undisturbed = life().await.see_through().await;
    let mut kills: BTreeMap<String, u32> = BTreeMap::new();
    while kills.values().sum::<u32>() < KILLS || PHASES.iter().any(|it| !kills.contains_key(*it)) {
        let life = life().await;
        let killed = async {
            loop {
                life.wire.moment(any(&mut random)).await.unwrap();
                let state = "SELECT state FROM muster.imports UNION ALL SELECT $1 LIMIT 1";
                let phase = life.site.text(state, "uploading").await.unwrap();
                life.kill().await;
                *kills.entry(phase).or_default() += 1;
            }
        };
        let ends = tokio::select! {
            ends = life.see_through() => ends,
            () = killed => unreachable!(),
        };
        assert_all_same(&ends, &undisturbed);
        println!("killed: {kills:?}");
    }
}

#[tokio::test]
async fn acknowledged_parts_survive_kills_and_the_others_are_sent_again() {
    let mut random = StdRng::seed_from_u64(seed());
    let csv = all_sorts(LONG);
    let undisturbed = Life::begin(Site::new().await, csv.clone()).await;
    undisturbed.upload().await;
    let life = Life::begin(Site::new().await, csv).await;
    let mut kills = 0;
    let killed = async {
        // A part takes so many messages that with more kills it would never complete.
        for _ in 0..8 {
            life.wire.moment(any(&mut random)).await.unwrap();
            life.kill().await;
            kills += 1;
        }
        std::future::pending::<()>().await;
    };
    tokio::select! {
        _ = life.upload() => {}
        () = killed => {}
    }
    life.all_is_there().await;
    assert_same(
        &end_state(life.site.sql()).await,
        &end_state(undisturbed.site.sql()).await,
        "the upload",
    );
    assert!(kills > 0, "there was time for some");
}

fn any(random: &mut StdRng) -> Moment {
    Moment {
        after: b"",
        on: b"",
        nth: random.random_range(1..=APART),
        how: [How::Unsent, How::Sent, How::Answered][random.random_range(0..3)],
    }
}

fn assert_all_same(ends: &[Vec<String>; 3], undisturbed: &[Vec<String>; 3]) {
    let of = ["the plan", "what was applied", "what was undone"];
    for ((end, undisturbed), of) in ends.iter().zip(undisturbed).zip(of) {
        assert_same(end, undisturbed, of);
    }
}
