//! Who may hold a connection to the database: so many requests of one institution and of one person at once. The others
//! wait without one, so that no institution holds the connections that another one needs.

use std::{
    ops::{Deref, DerefMut},
    time::Duration,
};

use muster::{
    failure::Failure,
    ids::{AccountId, InstitutionId},
};

use crate::{
    fair_queue::{FairQueue, QueueLimits, Turn},
    store::{RESERVED_CONNECTIONS, Tx},
};

/// As long as a request waits for a connection or a lock.
const PATIENCE: Duration = Duration::from_secs(10);

/// Requests about an institution's rows. Together with [`CHANGES`] they leave some of the pool to what belongs to no
/// institution yet: accepting, resetting, setting up.
const VIEWS: QueueLimits = QueueLimits {
    running: 9,
    running_per_group: 6,
    running_per_member: 4,
    waiting: 1024,
    waiting_per_group: 512,
    waiting_per_member: 128,
};

/// Requests that take an institution's or an import's lock, which a chunk of an import holds for up to two seconds. One
/// works, and the next is there when the lock is free; more would only hold connections.
const CHANGES: QueueLimits = QueueLimits {
    running: 5,
    running_per_group: 2,
    running_per_member: 2,
    waiting: 512,
    waiting_per_group: 256,
    waiting_per_member: 64,
};

/// Sign-ins, before and after the password is compared. They count under their network's row, one after the other, and
/// leave reserved connections to health checks.
const SIGN_INS: QueueLimits = QueueLimits {
    running: RESERVED_CONNECTIONS as usize - 2,
    running_per_group: 1,
    running_per_member: 1,
    waiting: 1024,
    waiting_per_group: 512,
    waiting_per_member: 128,
};

/// The queues.
#[derive(Debug)]
pub struct ConnectionLimits {
    views: FairQueue,
    changes: FairQueue,
    sign_ins: FairQueue,
}

impl Default for ConnectionLimits {
    fn default() -> Self {
        Self {
            views: FairQueue::new(VIEWS),
            changes: FairQueue::new(CHANGES),
            sign_ins: FairQueue::new(SIGN_INS),
        }
    }
}

impl ConnectionLimits {
    /// Waits until a person's request about the institution behind this slug may have a connection. Nobody knows yet
    /// whether the person belongs to it: those who do not are turned away quickly.
    ///
    /// # Errors
    /// `TooManyTries` if the person has too many requests waiting; `Busy` if everybody has, or after ten seconds.
    pub async fn view(&self, slug: &str, person: AccountId) -> Result<Turn, Failure> {
        self.views
            .acquire_within(PATIENCE, slug, &person.to_string())
            .await
    }

    /// Waits until a request may have a connection to wait for the institution's lock. `who` is an account or an
    /// invitation that was found to belong to the institution.
    ///
    /// # Errors
    /// As [`ConnectionLimits::view`].
    pub async fn change(
        &self,
        institution: InstitutionId,
        who: impl ToString + Send,
    ) -> Result<Turn, Failure> {
        let (group, member) = (institution.to_string(), who.to_string());
        self.changes.acquire_within(PATIENCE, &group, &member).await
    }

    /// Waits until a sign-in from this network may have a reserved connection.
    ///
    /// # Errors
    /// As [`ConnectionLimits::view`].
    pub async fn sign_in(&self, client: &str, identifier: &str) -> Result<Turn, Failure> {
        self.sign_ins
            .acquire_within(PATIENCE, client, identifier)
            .await
    }
}

/// A transaction that holds a turn until it ends.
#[derive(Debug)]
pub struct LimitedTx {
    tx: Tx,
    turn: Turn,
}

impl LimitedTx {
    /// The transaction was begun in this turn.
    #[must_use]
    pub const fn new(tx: Tx, turn: Turn) -> Self {
        Self { tx, turn }
    }

    /// Commits, then passes the turn on.
    ///
    /// # Errors
    /// What the database says.
    pub async fn commit(self) -> Result<(), sqlx::Error> {
        let done = self.tx.commit().await;
        drop(self.turn);
        done
    }

    /// Gives the connection back without a change, then passes the turn on.
    ///
    /// # Errors
    /// What the database says.
    pub async fn rollback(self) -> Result<(), sqlx::Error> {
        let done = self.tx.rollback().await;
        drop(self.turn);
        done
    }
}

impl Deref for LimitedTx {
    type Target = Tx;

    fn deref(&self) -> &Tx {
        &self.tx
    }
}

impl DerefMut for LimitedTx {
    fn deref_mut(&mut self) -> &mut Tx {
        &mut self.tx
    }
}
