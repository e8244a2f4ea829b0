//! Fair limits on database connections, for each institution and person. Requests above a limit wait without a
//! connection, so that no institution uses up the connections that others need.

use std::{
    ops::{Deref, DerefMut},
    time::Duration,
};

use muster::{
    failure::Failure,
    ids::{AccountId, InstitutionId},
};

use crate::{
    fair_queue::{FairQueue, QueueLimits, QueueUsage, Turn},
    store::{RESERVED_CONNECTIONS, Tx},
};

/// How long a request waits for a connection or a lock.
const PATIENCE: Duration = Duration::from_secs(10);

/// Requests that read an institution's data. Together with [`CHANGES`] they leave a part of the pool to requests
/// outside an institution: accepting, password reset, first set-up.
const VIEWS: QueueLimits = QueueLimits {
    running: 9,
    running_per_group: 6,
    running_per_member: 4,
    waiting: 1024,
    waiting_per_group: 512,
    waiting_per_member: 128,
};

/// Requests that take the lock of an institution or an import.
///
/// A chunk of an import holds it for up to two seconds. Only one request at a time makes progress and one more is
/// ready; others would only occupy connections.
const CHANGES: QueueLimits = QueueLimits {
    running: 5,
    running_per_group: 2,
    running_per_member: 2,
    waiting: 512,
    waiting_per_group: 256,
    waiting_per_member: 64,
};

/// Sign-ins, before and after the password is verified.
///
/// Those of one network run one at a time. Two reserved connections are left for health checks and the session lookup.
const SIGN_INS: QueueLimits = QueueLimits {
    running: RESERVED_CONNECTIONS as usize - 2,
    running_per_group: 1,
    running_per_member: 1,
    waiting: 1024,
    waiting_per_group: 512,
    waiting_per_member: 128,
};

/// The queues of the three kinds of requests. Clones share them.
#[derive(Debug, Clone)]
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
    /// Waits for a connection for a person's request about the institution with this slug. Membership is not checked
    /// yet: requests of non-members end quickly.
    ///
    /// # Errors
    /// Returns `TooManyTries` if the person has too many requests waiting, and `Unavailable` if the institution or the
    /// queue has, or after ten seconds.
    pub async fn view(&self, slug: &str, person: AccountId) -> Result<Turn, Failure> {
        self.views
            .acquire_within(PATIENCE, slug, &person.to_string())
            .await
    }

    /// Waits for a connection for a request that takes the institution's lock. `who` is an account or an invitation
    /// that is known to belong to the institution.
    ///
    /// # Errors
    /// Same as [`ConnectionLimits::view`].
    pub async fn change(
        &self,
        institution: InstitutionId,
        who: impl ToString + Send,
    ) -> Result<Turn, Failure> {
        let (group, member) = (institution.to_string(), who.to_string());
        self.changes.acquire_within(PATIENCE, &group, &member).await
    }

    /// Returns the usage of each queue, by its name.
    #[must_use]
    pub fn usage(&self) -> [(&'static str, QueueUsage); 3] {
        [
            ("views", self.views.usage()),
            ("changes", self.changes.usage()),
            ("sign_ins", self.sign_ins.usage()),
        ]
    }

    /// Waits for a reserved connection for a sign-in from this network.
    ///
    /// # Errors
    /// Same as [`ConnectionLimits::view`].
    pub async fn sign_in(&self, client: &str, identifier: &str) -> Result<Turn, Failure> {
        self.sign_ins
            .acquire_within(PATIENCE, client, identifier)
            .await
    }
}

/// A transaction that occupies a place in a queue until it ends.
#[derive(Debug)]
pub struct LimitedTx {
    tx: Tx,
    turn: Turn,
}

impl LimitedTx {
    /// Wraps a transaction that was begun with this turn.
    #[must_use]
    pub const fn new(tx: Tx, turn: Turn) -> Self {
        Self { tx, turn }
    }

    /// Commits, then releases the turn.
    ///
    /// # Errors
    /// Returns an error if the commit fails.
    pub async fn commit(self) -> Result<(), sqlx::Error> {
        let done = self.tx.commit().await;
        drop(self.turn);
        done
    }

    /// Rolls back, which frees the connection, then releases the turn.
    ///
    /// # Errors
    /// Returns an error if the rollback fails.
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
