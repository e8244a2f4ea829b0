//! The worker: claims mail from the outbox, sends it, and records what the mail server said.
//!
//! A mail goes out at least once. What it carries is made anew from ids at every try, so an invitation
//! that was revoked or renewed meanwhile is not sent, and a retry carries the same Message-ID and link.

mod mails;

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use muster::ids::InstitutionId;
use tokio::{sync::Semaphore, task::JoinSet};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{
    config::Origin,
    error::Error,
    fair_queue::{FairQueue, QueueLimits},
    keys::Keys,
    mail::{Delivery, MailTransport},
    news::News,
    store::{
        self, Store, invitations,
        outbox::{self, Claimed},
    },
};

use self::mails::Job;

/// How long a claim holds: longer than any mail server is waited for.
const LEASE_SECONDS: i32 = 300;

/// The first pause after a failed try; each next one is twice as long.
const FIRST_PAUSE_SECONDS: i32 = 5;
const LONGEST_PAUSE_SECONDS: i32 = 3600;

/// After these a mail to an account counts as refused; an invitation's ends with the invitation.
const MOST_ATTEMPTS: i32 = 20;

/// Mails on the way at once.
const CONCURRENT: usize = 8;
/// Of these, kept for mail that somebody waits for: what is sent in bulk never has all of them.
const NOT_IN_BULK: usize = 2;

/// Without any news the outbox is looked at this often: a mail of a lost worker is taken up then.
const LOOK: Duration = Duration::from_secs(30);
/// What another worker has just claimed, or could not write down, is not asked for in a circle.
const SOON: Duration = Duration::from_millis(200);
const SWEEP: Duration = Duration::from_hours(1);

/// What the worker works with.
pub struct Worker {
    /// The database, as the worker.
    pub store: Store,
    /// The server's keys.
    pub keys: Keys,
    /// Where links lead.
    pub origin: Origin,
    /// The way out.
    pub transport: Arc<dyn MailTransport>,
    /// The institution that had the last turn of what is sent in bulk.
    turn: Mutex<Uuid>,
    /// Mails with login details that wait for their institution's lock.
    locking: FairQueue,
}

/// One mail of an institution waits for its lock with a connection; the others wait without one, and leave connections to
/// imports and to mails of other institutions.
const LOCKING: QueueLimits = QueueLimits {
    running: CONCURRENT / 2,
    running_per_group: 1,
    running_per_member: 1,
    waiting: CONCURRENT,
    waiting_per_group: CONCURRENT,
    waiting_per_member: CONCURRENT,
};

impl Worker {
    /// One that has done nothing yet.
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
            turn: Mutex::new(Uuid::nil()),
            locking: FairQueue::new(LOCKING),
        }
    }

    /// Works until it is told to stop, then finishes what is under way.
    pub async fn run(self: Arc<Self>, stop: CancellationToken) {
        let places = Arc::new(Semaphore::new(CONCURRENT));
        let mut under_way = JoinSet::new();
        let mut sweep = tokio::time::interval(SWEEP);
        let mut news = News::of(self.store.clone(), "muster_outbox");
        while !stop.is_cancelled() {
            news.listen().await;
            self.start_due(&places, &mut under_way, &stop).await;
            // What is due but has no place yet waits for one, not for the clock.
            let pause = if places.available_permits() < NOT_IN_BULK + 1 {
                LOOK
            } else {
                self.next_due().await
            };
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(pause) => {}
                _ = news.next() => {}
                _ = sweep.tick() => {
                    if let Err(error) = self.sweep().await {
                        tracing::error!(%error, "old rows could not be swept");
                    }
                }
                Some(_) = under_way.join_next() => {}
            }
        }
        while under_way.join_next().await.is_some() {}
    }

    /// Sends everything that is due now and waits for it; for tests and the command line.
    ///
    /// # Errors
    /// What the database says.
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
                            tracing::error!(%error, outbox = claimed.id, "a mail could not be handled");
                        }
                    });
                }
                Ok(None) => return,
                Err(error) => {
                    tracing::error!(%error, "the outbox could not be read");
                    return;
                }
            }
        }
    }

    async fn next_due(&self) -> Duration {
        let next = async {
            let mut connection = self.store.pool().acquire().await.ok()?;
            outbox::next_in(&mut connection).await.ok()?
        };
        next.await
            .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
            .map_or(LOOK, |due| due.clamp(SOON, LOOK))
    }

    /// Deletes what nobody needs any more.
    ///
    /// # Errors
    /// What the database says.
    pub async fn sweep(&self) -> Result<(), Error> {
        let mut connection = self.store.pool().acquire().await?;
        Ok(outbox::sweep(&mut connection).await?)
    }

    /// The next one that is due: what somebody waits for, and else of what is sent in `bulk`, where that may be, institution
    /// by institution in turn.
    async fn claim(&self, bulk: bool) -> Result<Option<Claimed>, Error> {
        let mut connection = self.store.pool().acquire().await?;
        let claimed = outbox::claim(&mut connection, LEASE_SECONDS).await?;
        if claimed.is_some() || !bulk {
            return Ok(claimed);
        }
        let last = *self.turn();
        let claimed = outbox::claim_bulk(&mut connection, LEASE_SECONDS, last).await?;
        if let Some(institution) = claimed.as_ref().and_then(|it| it.institution_id) {
            *self.turn() = institution;
        }
        Ok(claimed)
    }

    fn turn(&self) -> MutexGuard<'_, Uuid> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn handle(&self, claimed: &Claimed) -> Result<(), Error> {
        match self.prepare(claimed).await? {
            Job::Drop(why) => {
                let mut connection = self.store.pool().acquire().await?;
                outbox::finish(&mut connection, claimed, "dropped", why).await?;
            }
            Job::Send(mail) => {
                let delivery = self.transport.deliver(&mail).await;
                self.record(claimed, delivery).await?;
            }
        }
        Ok(())
    }

    /// Writes down what the mail server said, with the invitation's state in the same transaction.
    async fn record(&self, claimed: &Claimed, delivery: Delivery) -> Result<(), Error> {
        let mut tx = self.store.across().await?;
        let (state, response, ours) = match delivery {
            Delivery::Accepted { response } => {
                let ours = outbox::finish(&mut tx, claimed, "sent", &response).await?;
                ("sent", response, ours)
            }
            Delivery::Refused { response } => {
                let ours = outbox::finish(&mut tx, claimed, "refused", &response).await?;
                ("refused", response, ours)
            }
            Delivery::Transient { response } if claimed.attempts >= MOST_ATTEMPTS => {
                let ours = outbox::finish(&mut tx, claimed, "refused", &response).await?;
                ("refused", response, ours)
            }
            Delivery::Transient { response } => {
                let ours =
                    outbox::again(&mut tx, claimed, pause_seconds(claimed.attempts), &response)
                        .await?;
                tracing::warn!(
                    outbox = claimed.id,
                    attempt = claimed.attempts,
                    response,
                    "a mail is tried again"
                );
                ("delayed", response, ours)
            }
        };
        // A worker that comes back after its lease is turned away: its row is another's by now.
        if ours
            && let (Some(institution), Some(membership), Some(epoch)) =
                (claimed.institution_id, claimed.membership_id, claimed.epoch)
        {
            store::enter(&mut tx, InstitutionId::from_uuid(institution)).await?;
            invitations::mail_state(&mut tx, institution, membership, epoch, state, &response)
                .await?;
        }
        tx.commit().await?;
        Ok(())
    }
}

/// 5, 10, 20 … seconds, an hour at most, spread a little so that a recovering mail server is not hit by
/// all at once.
fn pause_seconds(attempts: i32) -> i32 {
    let doublings = attempts.saturating_sub(1).clamp(0, 12).unsigned_abs();
    let pause = FIRST_PAUSE_SECONDS
        .saturating_mul(2_i32.saturating_pow(doublings))
        .min(LONGEST_PAUSE_SECONDS);
    let spread = crate::keys::random_number().unwrap_or(0) % 21;
    pause + pause * i32::try_from(spread).unwrap_or(0) / 100
}
