//! The worker claims emails from the outbox, sends them, and records the mail server's responses.
//!
//! While the mail server refuses Muster itself, sending pauses on all replicas, and one message at a time tests whether
//! it can resume (`sending`).
//!
//! An email is sent at least once. Its content is built from ids for every attempt, so a revoked or renewed invitation
//! is not sent, and a retry has the same Message-ID and link.

mod mails;
mod sending;

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use sqlx::PgConnection;
use tokio::{sync::Semaphore, task::JoinSet};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{
    config::Origin,
    error::{Error, chain},
    fair_queue::{FairQueue, QueueLimits},
    keys::Keys,
    mail::MailTransport,
    news::News,
    store::{
        Store, accounts, erasure,
        mail_pauses::{self, Gate},
        outbox::{self, Claimed},
    },
};

/// The duration of a lease. The messages of a killed worker wait this long.
const LEASE_SECONDS: u32 = 30;

/// The maximum number of emails sent at once.
const CONCURRENT: usize = 8;
/// Of these, the number reserved for emails that someone waits for. Bulk email never uses all.
const NOT_IN_BULK: usize = 2;

/// How often the outbox is polled without a notification. This also finds emails of a lost worker.
const LOOK: Duration = Duration::from_secs(30);
/// The minimum pause before a message that another worker has just claimed, or that could not be recorded, is requested
/// again.
const SOON: Duration = Duration::from_millis(200);
const SWEEP: Duration = Duration::from_hours(1);
/// The interval of erasure: names are erased ten minutes after a removal, at most this much later.
const ERASE: Duration = Duration::from_mins(1);
/// The interval at which members of locked accounts are marked that another transaction kept from being marked.
const SYNC_LOCKS: Duration = Duration::from_secs(10);
/// The number of people erased in one transaction.
const ERASED_AT_ONCE: i32 = 1000;

/// The email worker.
pub struct Worker {
    /// The database, with the worker's role.
    pub store: Store,
    /// The server's keys.
    pub keys: Keys,
    /// The origin of all links.
    pub origin: Origin,
    /// The transport of emails.
    pub transport: Arc<dyn MailTransport>,
    /// The duration of a lease: three times the interval of renewals.
    pub lease: Duration,
    /// The institution that bulk email was last sent for.
    turn: Mutex<Uuid>,
    /// The queue of emails with login details that wait for their institution's lock.
    locking: FairQueue,
}

/// For each institution, one email waits for the lock with a connection. The others wait without one and leave
/// connections to imports and other institutions.
const LOCKING: QueueLimits = QueueLimits {
    running: CONCURRENT / 2,
    running_per_group: 1,
    running_per_member: 1,
    waiting: CONCURRENT,
    waiting_per_group: CONCURRENT,
    waiting_per_member: CONCURRENT,
};

impl Worker {
    /// Creates a worker.
    #[must_use]
    pub fn new(
        store: Store,
        keys: Keys,
        origin: Origin,
        transport: Arc<dyn MailTransport>,
    ) -> Self {
        Self {
            store,
            keys,
            origin,
            transport,
            lease: Duration::from_secs(LEASE_SECONDS.into()),
            turn: Mutex::new(Uuid::nil()),
            locking: FairQueue::new(LOCKING),
        }
    }

    /// Works until `stop` is canceled, then completes the current work.
    pub async fn run(self: Arc<Self>, stop: CancellationToken) {
        self.probe_now().await;
        let places = Arc::new(Semaphore::new(CONCURRENT));
        let mut under_way = JoinSet::new();
        let mut sweep = tokio::time::interval(SWEEP);
        let mut erase = tokio::time::interval(ERASE);
        let mut sync_locks = tokio::time::interval(SYNC_LOCKS);
        let mut news = News::of(self.store.clone(), "muster_outbox");
        while !stop.is_cancelled() {
            news.listen().await;
            self.start_due(&places, &mut under_way, &stop).await;
            // A due email without a free slot waits for a slot, not for a time.
            let pause = if places.available_permits() < NOT_IN_BULK + 1 {
                LOOK
            } else {
                self.next_due().await
            };
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(pause) => {}
                _ = news.next() => self.erase_or_log().await,
                _ = erase.tick() => self.erase_or_log().await,
                _ = sync_locks.tick() => {
                    if let Err(error) = self.sync_locks().await {
                        tracing::warn!(error = %chain(&error), "locked accounts could not be marked in the lists; that is tried again");
                    }
                }
                _ = sweep.tick() => {
                    if let Err(error) = self.sweep().await {
                        tracing::error!(error = %chain(&error), "old rows could not be swept");
                    }
                }
                Some(_) = under_way.join_next() => {}
            }
        }
        while under_way.join_next().await.is_some() {}
    }

    /// Sends everything that is due, for tests and the command line. Returns the number of messages.
    ///
    /// # Errors
    /// Returns an error if a query fails.
    pub async fn run_once(&self) -> Result<usize, Error> {
        let mut sent = 0;
        while let Some(claimed) = self.claim(true).await? {
            self.handle(&claimed).await?;
            sent += 1;
        }
        Ok(sent)
    }

    async fn start_due(
        self: &Arc<Self>,
        places: &Arc<Semaphore>,
        under_way: &mut JoinSet<()>,
        stop: &CancellationToken,
    ) {
        while !stop.is_cancelled() {
            let Ok(place) = Arc::clone(places).try_acquire_owned() else {
                return;
            };
            let bulk = places.available_permits() >= NOT_IN_BULK;
            match self.claim(bulk).await {
                Ok(Some(claimed)) => {
                    let worker = Arc::clone(self);
                    under_way.spawn(async move {
                        let _place = place;
                        if let Err(error) = worker.handle(&claimed).await {
                            tracing::error!(error = %chain(&error), outbox = claimed.id, "a mail could not be handled");
                        }
                    });
                }
                Ok(None) => return,
                Err(error) => {
                    tracing::error!(error = %chain(&error), "the outbox could not be read");
                    return;
                }
            }
        }
    }

    async fn next_due(&self) -> Duration {
        let next = async {
            let mut connection = self.store.pool().acquire().await?;
            outbox::next_in(&mut connection).await
        };
        let seconds = next.await.unwrap_or_else(|error| {
            tracing::warn!(error = %chain(&error), "the next due message could not be looked up");
            None
        });
        seconds
            .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
            .map_or(LOOK, |due| due.clamp(SOON, LOOK))
    }

    /// Deletes the messages whose retention time is over.
    ///
    /// # Errors
    /// Returns an error if a query fails.
    pub async fn sweep(&self) -> Result<(), Error> {
        let mut connection = self.store.pool().acquire().await?;
        mail_pauses::sweep(&mut connection).await?;
        Ok(outbox::sweep(&mut connection).await?)
    }

    /// Erases the data of people who have declined or were revoked or removed, as far as its retention time is over.
    ///
    /// # Errors
    /// Returns an error if a query fails.
    pub async fn erase(&self) -> Result<(), Error> {
        let mut connection = self.store.pool().acquire().await?;
        while erasure::names(&mut connection, ERASED_AT_ONCE).await? > 0 {}
        while erasure::people(&mut connection, ERASED_AT_ONCE).await? > 0 {}
        Ok(())
    }

    /// Marks the members of locked and unlocked accounts that another transaction kept from being marked.
    ///
    /// # Errors
    /// Returns an error if a query fails.
    pub async fn sync_locks(&self) -> Result<(), Error> {
        let mut connection = self.store.pool().acquire().await?;
        Ok(accounts::sync_locks(&mut connection).await?)
    }

    async fn erase_or_log(&self) {
        if let Err(error) = self.erase().await {
            tracing::warn!(error = %chain(&error), "people who have left could not be erased; that is tried again");
        }
    }

    /// Claims the next due message: first one that someone waits for, then a `bulk` one, if allowed, of the
    /// institutions in turn. While email is paused, only one at a time.
    async fn claim(&self, bulk: bool) -> Result<Option<Claimed>, Error> {
        // A probe is no claim: its lease is not renewed.
        let probe = self.lease_seconds().saturating_mul(2);
        let mut tx = self.store.across().await?;
        let claimed = match mail_pauses::gate(&mut tx, probe).await? {
            Gate::Closed => None,
            Gate::Probe => outbox::claim_any(&mut tx, self.lease_seconds()).await?,
            Gate::Open => match mail_pauses::probe_of_one(&mut tx, probe).await? {
                Some(scope) => outbox::claim_of_scope(&mut tx, self.lease_seconds(), scope).await?,
                None => self.claim_open(&mut tx, bulk).await?,
            },
        };
        // Without a message nothing was tested, so the probe is released by the rollback.
        if claimed.is_some() {
            tx.commit().await?;
        }
        Ok(claimed)
    }

    async fn claim_open(
        &self,
        connection: &mut PgConnection,
        bulk: bool,
    ) -> Result<Option<Claimed>, Error> {
        let claimed = outbox::claim(connection, self.lease_seconds()).await?;
        if claimed.is_some() || !bulk {
            return Ok(claimed);
        }
        let last = *self.turn();
        let claimed = outbox::claim_bulk(connection, self.lease_seconds(), last).await?;
        if let Some(institution) = claimed.as_ref().and_then(|it| it.institution_id) {
            *self.turn() = institution;
        }
        Ok(claimed)
    }

    fn lease_seconds(&self) -> i32 {
        i32::try_from(self.lease.as_secs()).unwrap_or(i32::MAX)
    }

    fn turn(&self) -> MutexGuard<'_, Uuid> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
