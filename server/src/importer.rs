//! The import worker.
//!
//! It claims an import and works on it in steps. Each step is one transaction that includes its entry in the ledger. If
//! the worker is interrupted between two steps (the process is killed, the lease expires, the import is stopped),
//! another worker continues with the next step.
//!
//! To add a phase: add a file with its step, and its state in `claim_import` and in [`Importer::step`].

mod apply;
mod check;
mod copy;
mod reading;
mod row;
mod rules;
mod sending;
mod turns;
mod undo;
mod whole;

pub use check::mapping_key;
pub use rules::{allows, names_of};

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use rpc::imports::Counts;
use tokio::{sync::Semaphore, task::JoinSet};
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

use self::reading::Reading;
use crate::{
    error::{Context as _, Error, chain},
    keys::Keys,
    metrics::{Queue, count_job},
    news::News,
    store::{
        Store, Tx,
        imports::{
            claim::{self, Claimed},
            plan::Tally,
        },
    },
};

/// The maximum number of imports worked on at once, each of another institution.
const PLACES: usize = 2;
/// An import is stopped after this many failed attempts.
const MOST_ATTEMPTS: i32 = 5;
/// How often imports are polled without a notification, which also finds those of a lost worker.
const LOOK: Duration = Duration::from_secs(5);
const SWEEP: Duration = Duration::from_hours(1);
/// The import worker.
#[derive(Debug, Clone)]
pub struct Importer {
    /// The database, with the worker's role.
    pub store: Store,
    /// The server's keys.
    pub keys: Keys,
}

/// A claimed import.
pub struct Work {
    claimed: Claimed,
    /// The position in the file, during the check.
    reading: Option<Reading>,
}

/// The outcome of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stepped {
    /// More steps remain.
    More,
    /// The work is complete, or may not continue.
    Ended,
    /// Another worker has claimed the import, or it was stopped. Nothing was written.
    TurnedAway,
}

impl Importer {
    /// Works until `stop` is canceled. The current step is completed.
    pub async fn run(self: Arc<Self>, stop: CancellationToken) {
        let places = Arc::new(Semaphore::new(PLACES));
        let mut under_way = JoinSet::new();
        let mut sweep = tokio::time::interval(SWEEP);
        let mut news = News::of(self.store.clone(), "muster_imports");
        while !stop.is_cancelled() {
            news.listen().await;
            self.start_waiting(&places, &mut under_way, &stop).await;
            match self.send_due().await {
                Ok(0) => {}
                // More may be due.
                Ok(_) => continue,
                Err(error) => {
                    tracing::error!(error = %chain(&error), "invitations that are due could not be sent");
                }
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(LOOK) => {}
                _ = news.next() => {}
                _ = sweep.tick() => {
                    let importer = Arc::clone(&self);
                    under_way.spawn(async move {
                        if let Err(error) = importer.sweep().await {
                            tracing::error!(error = %chain(&error), "old imports could not be swept");
                        }
                    });
                }
                Some(_) = under_way.join_next() => {}
            }
        }
        while under_way.join_next().await.is_some() {}
    }

    /// Does all waiting work, for tests and the command line. Returns the number of steps.
    ///
    /// # Errors
    /// Returns an error if a step fails.
    pub async fn run_once(&self) -> Result<usize, Error> {
        let mut steps = 0;
        while let Some(mut work) = self.claim().await? {
            while self.step(&mut work).await? == Stepped::More {
                steps += 1;
            }
        }
        while self.send_due().await? > 0 {}
        Ok(steps)
    }

    /// Claims the next waiting import.
    ///
    /// # Errors
    /// Returns an error if a query fails.
    pub async fn claim(&self) -> Result<Option<Work>, Error> {
        let mut connection = self.store.pool().acquire().await?;
        let claimed = claim::claim(&mut connection).await?;
        Ok(claimed.map(|claimed| Work {
            claimed,
            reading: None,
        }))
    }

    /// Does the next step: one chunk in one transaction.
    ///
    /// # Errors
    /// Returns an error if the step fails. Then nothing was written, unless the connection was lost during the commit;
    /// in that case the ledger shows the next worker whether the step is done.
    pub async fn step(&self, work: &mut Work) -> Result<Stepped, Error> {
        let (at, begun) = (work.claimed.at, Instant::now());
        let phase = phase(&work.claimed.state);
        let span = tracing::info_span!("import_step", phase, import = %at.import, institution = %at.institution);
        let stepped = self.next_step(work).instrument(span).await;
        let outcome = stepped.as_ref().map(|stepped| match stepped {
            Stepped::More | Stepped::Ended => "ok",
            Stepped::TurnedAway => "lease_lost",
        });
        count_job(Queue::Imports, phase, outcome, begun.elapsed());
        stepped
    }

    async fn next_step(&self, work: &mut Work) -> Result<Stepped, Error> {
        if work.claimed.attempts > MOST_ATTEMPTS {
            return self.give_up(&work.claimed).await;
        }
        match work.claimed.state.as_str() {
            "checking" => self.check(work).await,
            "applying" => self.apply(&work.claimed).await,
            "undoing" => self.undo(&work.claimed).await,
            other => Err(Error::internal(format!(
                "nothing to do for an import that is {other}"
            ))),
        }
    }

    /// Deletes the files and rows whose retention time is over.
    ///
    /// # Errors
    /// Returns an error if a query fails.
    pub async fn sweep(&self) -> Result<(), Error> {
        let mut connection = self.store.pool().acquire().await?;
        while claim::sweep(&mut connection).await? {}
        Ok(())
    }

    async fn start_waiting(
        self: &Arc<Self>,
        places: &Arc<Semaphore>,
        under_way: &mut JoinSet<()>,
        stop: &CancellationToken,
    ) {
        while !stop.is_cancelled() {
            let Ok(place) = Arc::clone(places).try_acquire_owned() else {
                return;
            };
            let Some(work) = self.waiting().await else {
                return;
            };
            let (importer, places, stop) = (Arc::clone(self), Arc::clone(places), stop.clone());
            under_way.spawn(async move {
                let _place = place;
                importer.in_turns(work, &places, &stop).await;
            });
        }
    }

    /// Ends an import that fails repeatedly. Its page shows this, and the import can be resumed after the cause is
    /// fixed.
    async fn give_up(&self, claimed: &Claimed) -> Result<Stepped, Error> {
        let mut tx = self.store.tenant(claimed.at.institution).await?;
        end_by(&mut tx, claimed, "trouble").await?;
        tx.commit().await?;
        Ok(Stepped::Ended)
    }
}

/// Returns the name of a phase in metrics.
fn phase(state: &str) -> &'static str {
    match state {
        "checking" => "check",
        "applying" => "apply",
        "undoing" => "undo",
        _ => "unknown",
    }
}

/// Ends the work early, in the state from which it can be resumed.
async fn end_by(tx: &mut Tx, claimed: &Claimed, why: &str) -> Result<(), Error> {
    let state = match claimed.state.as_str() {
        "checking" => "refused",
        "applying" => "stopped",
        _ => "done",
    };
    Ok(claim::end(tx, claimed, state, Some(why)).await?)
}

/// Converts tallies to the counts that pages show.
fn counts(tallies: &[Tally]) -> Counts {
    let mut counts = Counts::default();
    for tally in tallies {
        let rows = u32::try_from(tally.rows).unwrap_or(u32::MAX);
        counts.rows += rows;
        counts.warnings += u32::try_from(tally.warned).unwrap_or(u32::MAX);
        *match tally.verdict.as_str() {
            "invite" => &mut counts.invite,
            "update" => &mut counts.update,
            "unchanged" => &mut counts.unchanged,
            "left_out" => &mut counts.left_out,
            _ => &mut counts.refused,
        } += rows;
    }
    counts
}

/// Converts a value to JSON for the database.
///
/// # Errors
/// Returns `Internal` if the value has no JSON form.
pub fn to_json(value: impl serde::Serialize) -> Result<serde_json::Value, Error> {
    serde_json::to_value(value).context("a value can't be encoded as JSON")
}

/// Parses a JSON value of an import.
///
/// # Errors
/// Returns `Internal` if another version of Muster wrote it.
pub fn read_json<T: serde::de::DeserializeOwned>(value: &serde_json::Value) -> Result<T, Error> {
    T::deserialize(value).context("a JSON value of an import can't be decoded")
}
