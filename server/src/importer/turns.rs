//! Whose turn it is at a place where imports are worked on: a place has several of them and does a few steps of each, so
//! that a small file does not wait for the end of a large one.

use std::{collections::VecDeque, pin::pin, time::Duration};

use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::{Importer, LOOK, Stepped, Work};
use crate::store::imports::claim::{self, Claimed};

/// Steps of one import before another one has its turn: a step takes two seconds at most, so that all turns of a place
/// together take less than a claim holds ([`claim::LEASE_SECONDS`]).
const STEPS: u32 = 5;
/// But for a few, such as the last one of everything or nothing: while a turn takes longer than this, the others are let go,
/// so that another place or another replica can have them.
const LONG: Duration = Duration::from_secs(15);
/// Imports that a place has at most. Each keeps its claim, and its file open while it is checked: to go on with a file
/// that was let go means to read it again from its beginning.
const MOST: usize = 4;
/// After something went wrong.
const PAUSE: Duration = Duration::from_secs(1);

/// How an import's turn ended.
enum Turn {
    /// There is more to do.
    Over,
    /// It is not ours any more.
    Ended,
    /// It could not go on, though it may not be to blame for it (`innocent`).
    Failed { innocent: bool },
}

impl Importer {
    /// Works on an import, and on those that come to wait while all places are taken, until nothing is left of any or it is
    /// told to stop.
    pub(super) async fn in_turns(&self, first: Work, places: &Semaphore, stop: &CancellationToken) {
        let mut held = VecDeque::from([first]);
        while let Some(mut work) = held.pop_front() {
            let turn = {
                let mut turn = pin!(self.turn(&mut work, stop));
                if let Ok(turn) = tokio::time::timeout(LONG, &mut turn).await {
                    turn
                } else {
                    let others = async {
                        for other in held.drain(..) {
                            self.let_go(&other.claimed, true, stop).await;
                        }
                    };
                    tokio::join!(turn, others).0
                }
            };
            match turn {
                Turn::Ended => continue,
                Turn::Failed { innocent } => {
                    self.let_go(&work.claimed, innocent, stop).await;
                    continue;
                }
                Turn::Over => {}
            }
            if stop.is_cancelled() {
                self.let_go(&work.claimed, false, stop).await;
                continue;
            }
            let all_taken = places.available_permits() == 0;
            if all_taken && held.len() + 1 < MOST {
                held.extend(self.waiting().await);
            }
            // What needs no file read again can as well go on at another place, or have its turn later.
            let moves = work.reading.is_none()
                && if all_taken {
                    held.len() + 1 >= MOST && self.others_wait().await
                } else {
                    !held.is_empty()
                };
            if moves {
                self.let_go(&work.claimed, false, stop).await;
            } else {
                held.push_back(work);
            }
        }
    }

    async fn turn(&self, work: &mut Work, stop: &CancellationToken) -> Turn {
        for _ in 0..STEPS {
            match self.step(work).await {
                Ok(Stepped::More) => {}
                Ok(Stepped::Ended | Stepped::TurnedAway) => return Turn::Ended,
                Err(error) => {
                    tracing::error!(%error, import = %work.claimed.at.import, "an import could not go on");
                    let innocent = error.passes();
                    let pause = if innocent { LOOK } else { PAUSE };
                    tokio::select! {
                        () = stop.cancelled() => {}
                        () = tokio::time::sleep(pause) => {}
                    }
                    return Turn::Failed { innocent };
                }
            }
            if stop.is_cancelled() {
                break;
            }
        }
        Turn::Over
    }

    /// The next import that waits, where that can be told.
    pub(super) async fn waiting(&self) -> Option<Work> {
        self.claim().await.unwrap_or_else(|error| {
            tracing::error!(%error, "waiting imports could not be looked for");
            None
        })
    }

    /// Tries until the lease has run out by itself: where the database was away, the import goes on as soon as it is back.
    async fn let_go(&self, claimed: &Claimed, innocent: bool, stop: &CancellationToken) {
        let lease = Duration::from_secs(claim::LEASE_SECONDS.unsigned_abs().into());
        let held_until = tokio::time::Instant::now() + lease;
        loop {
            let let_go = async {
                let mut tx = self.store.tenant(claimed.at.institution).await?;
                claim::let_go(&mut tx, claimed, innocent).await?;
                claim::wake(&mut tx).await?;
                tx.commit().await
            };
            let Err(error) = let_go.await else { return };
            if stop.is_cancelled() || tokio::time::Instant::now() >= held_until {
                tracing::warn!(%error, "an import is taken up again only when its lease has run out");
                return;
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn others_wait(&self) -> bool {
        let Ok(mut connection) = self.store.pool().acquire().await else {
            return false;
        };
        claim::others_wait(&mut connection).await.unwrap_or(false)
    }
}
