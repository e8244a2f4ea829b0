//! Fair scheduling of imports in a slot. A slot works on several imports, a few steps at a time, so that a small file
//! does not wait for a large one.

use std::{collections::VecDeque, pin::pin, time::Duration};

use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::{Importer, LOOK, Stepped, Work};
use crate::{
    error::chain,
    store::imports::claim::{self, Claimed},
};

/// The number of steps of a time slice. A step takes at most two seconds, so a round of a slot's imports takes less
/// time than a lease ([`claim::LEASE_SECONDS`]).
const STEPS: u32 = 5;
/// After this time in one time slice, the slot's other imports are released to other slots and replicas. A few steps
/// take longer, such as the last one of an all-or-nothing import.
const LONG: Duration = Duration::from_secs(15);
/// The maximum number of imports in a slot. Each keeps its lease, and its file open during the check, because a
/// released file has to be read again from the beginning.
const MOST: usize = 4;
/// The pause after an error.
const PAUSE: Duration = Duration::from_secs(1);

/// The outcome of a time slice.
enum Turn {
    /// More steps remain.
    Over,
    /// The work has ended or belongs to another worker.
    Ended,
    /// An error occurred. `innocent` says that the import is not the cause.
    Failed { innocent: bool },
}

impl Importer {
    /// Works on an import, and on others that begin to wait while all slots are occupied, until all are done or `stop`
    /// is canceled.
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
            // Imports without an open file can be continued in another slot or later.
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
                    tracing::error!(error = %chain(&error), import = %work.claimed.at.import, "an import could not go on");
                    let innocent = error.is_transient();
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

    /// Claims the next waiting import. Errors are logged.
    pub(super) async fn waiting(&self) -> Option<Work> {
        self.claim().await.unwrap_or_else(|error| {
            tracing::error!(error = %chain(&error), "waiting imports could not be looked for");
            None
        })
    }

    /// Releases a claim. Retries until the lease has expired, so that the import continues immediately after a database
    /// failure.
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
                tracing::warn!(error = %chain(&error), "an import is taken up again only when its lease has run out");
                return;
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn others_wait(&self) -> bool {
        let others = async {
            let mut connection = self.store.pool().acquire().await?;
            claim::others_wait(&mut connection).await
        };
        others.await.unwrap_or_else(|error| {
            tracing::warn!(error = %chain(&error), "other waiting imports could not be looked up");
            false
        })
    }
}
