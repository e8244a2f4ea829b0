//! The shared part of the server functions. The file of each feature implements its trait of `rpc` on [`Service`].

use std::net::IpAddr;

use muster::{
    audit::AuditAction,
    failure::Failure,
    ids::{AccountId, InstitutionId, MembershipId},
    language::Language,
    permission::{Permission, PermissionSet},
};
use rpc::{Answer, Caller, session::Go};

use crate::{
    at_once::AtOnce,
    config::{Config, Origin, Session as SessionConfig},
    connection_limits::{ConnectionLimits, LimitedTx},
    cookies::Cookies,
    error::{Error, boundary},
    fair_queue::{FairQueue, QueueLimits},
    keys::{Keys, Token},
    passwords::Passwords,
    store::{
        self, Store, Tx, audit,
        institutions::{self, Institution},
        memberships,
    },
    watching::Watching,
};

/// The implementation of the traits of `rpc`.
#[derive(Debug)]
pub struct Service {
    /// The database, with the app's role.
    pub store: Store,
    /// The server's keys.
    pub keys: Keys,
    /// The hashing threads.
    pub passwords: Passwords,
    /// The origin of all links.
    pub origin: Origin,
    /// Creates and reads cookies.
    pub cookies: Cookies,
    /// How long sessions last.
    pub session: SessionConfig,
    /// Whether emails go to the built-in mailbox.
    pub dev_mailbox: bool,
    /// The limits on database connections.
    pub connections: ConnectionLimits,
    /// Notifications of imports' progress.
    pub watching: Watching,
    /// The limit on concurrent uploads of parts.
    pub parts: AtOnce,
    /// The limits on concurrent downloads of reports, by institution and account. Nobody waits.
    pub reports: FairQueue,
    /// The limit on concurrent streams of progress.
    pub streams: AtOnce,
}

/// The page uploads a few parts at once. Each takes its size in memory, and again when decompressed.
const PARTS_AT_ONCE: usize = 8;
/// Each report holds a part of the file, 1 MiB, as long as its client reads.
const REPORTS: QueueLimits = QueueLimits {
    running: 32,
    running_per_group: 8,
    running_per_member: 4,
    waiting: 0,
    waiting_per_group: 0,
    waiting_per_member: 0,
};
/// One for each open page. A page without a stream polls.
const STREAMS_AT_ONCE: usize = 20;

/// The signed-in person as a member of an institution, with their permissions.
#[derive(Debug, Clone)]
pub struct Actor {
    /// The institution.
    pub institution: InstitutionId,
    /// The membership.
    pub membership: MembershipId,
    /// The account.
    pub account: AccountId,
    /// The permissions of the role.
    pub permissions: PermissionSet,
    /// The client's IP address.
    pub ip: IpAddr,
    /// The language of the answers.
    pub language: Language,
}

impl Actor {
    /// Returns an audit entry for an action of this member.
    #[must_use]
    pub fn entry(&self, action: AuditAction) -> audit::Entry {
        audit::Entry::new(self.institution, action)
            .by(Some(self.membership))
            .from_ip(self.ip)
    }

    /// Checks a permission.
    ///
    /// # Errors
    /// Returns `Forbidden` if the role lacks it.
    pub fn needs(&self, permission: Permission) -> Result<(), Error> {
        if self.permissions.contains(permission) {
            Ok(())
        } else {
            Err(Failure::Forbidden.into())
        }
    }
}

impl Service {
    /// Creates the service on a connected database.
    ///
    /// # Errors
    /// Returns `Internal` if the secret or the hashing parameters are invalid.
    pub fn new(
        config: &Config,
        secret: &[u8],
        store: Store,
        dev_mailbox: bool,
    ) -> Result<Self, Error> {
        Ok(Self {
            watching: Watching::new(store.clone()),
            store,
            keys: Keys::new(secret)?,
            passwords: Passwords::new(config.argon2_threads)?,
            origin: config.origin.clone(),
            cookies: Cookies::new(config.origin.is_https()),
            session: config.session,
            dev_mailbox,
            connections: ConnectionLimits::default(),
            parts: AtOnce::new(PARTS_AT_ONCE),
            reports: FairQueue::new(REPORTS),
            streams: AtOnce::new(STREAMS_AT_ONCE),
        })
    }

    /// Returns the caller as a member of the institution `slug`, and a transaction that sees its rows.
    ///
    /// # Errors
    /// Returns `Unauthenticated` without a session. Returns `NotFound` if the institution does not exist or the caller
    /// is not an active member; the two are indistinguishable. Returns `Unavailable` or `TooManyTries` if too many
    /// requests of the institution or the person wait.
    pub async fn actor(&self, caller: &Caller, slug: &str) -> Result<(Actor, LimitedTx), Error> {
        let turn = self.connections.view(slug, Self::account(caller)?).await?;
        let mut tx = LimitedTx::new(self.store.across().await?, turn);
        let actor = Self::open(&mut tx, caller, slug).await?;
        Ok((actor, tx))
    }

    /// Same as [`Service::actor`], with the institution's seats locked until the transaction ends.
    ///
    /// Permissions are read under the lock, so a member who was removed or demoted before changes nothing. Requests
    /// wait for their turn without a connection.
    ///
    /// # Errors
    /// Same as [`Service::actor`]. Returns `Forbidden` if the role lacks the permission, and `Unavailable` if the lock
    /// is held too long.
    pub async fn locking(
        &self,
        caller: &Caller,
        slug: &str,
        permission: Permission,
    ) -> Result<(Actor, Institution, LimitedTx), Error> {
        let (before, tx) = self.actor(caller, slug).await?;
        before.needs(permission)?;
        tx.rollback().await?;
        let mut tx = self.changing(before.institution, before.account).await?;
        let institution = institutions::lock_seats(&mut tx, before.institution).await?;
        store::hurry(&mut tx).await?;
        let actor = Self::open(&mut tx, caller, slug).await?;
        actor.needs(permission)?;
        Ok((actor, institution, tx))
    }

    /// Begins a transaction of the institution that will take the lock of the institution or of one of its imports.
    /// `who` is an account or an invitation that belongs to the institution.
    ///
    /// # Errors
    /// Returns `Unavailable` or `TooManyTries` if too many requests wait.
    pub async fn changing(
        &self,
        institution: InstitutionId,
        who: impl ToString + Send,
    ) -> Result<LimitedTx, Error> {
        record_institution(institution);
        let turn = self.connections.change(institution, who).await?;
        Ok(LimitedTx::new(self.store.tenant(institution).await?, turn))
    }

    pub(crate) async fn open(tx: &mut Tx, caller: &Caller, slug: &str) -> Result<Actor, Error> {
        let session = caller.session.as_ref().ok_or(Failure::Unauthenticated)?;
        let (institution, membership) = institutions::open(tx, slug, session.account)
            .await?
            .ok_or(Failure::NotFound)?;
        record_institution(institution);
        store::enter(tx, institution).await?;
        let acting = memberships::acting(tx, institution, membership).await?;
        let permissions = PermissionSet::from_codes(&acting.permissions)
            .map_err(|_| Error::internal("a role has an unknown permission"))?;
        Ok(Actor {
            institution,
            membership,
            account: session.account,
            permissions,
            ip: caller.ip,
            language: caller.language,
        })
    }

    /// Checks again that the caller's session has not ended, for long-running requests.
    ///
    /// # Errors
    /// Returns `Unauthenticated` if it has. Returns `Unavailable` or `TooManyTries` if too many requests of the institution `slug` or
    /// the person wait.
    pub async fn is_signed_in(&self, caller: &Caller, slug: &str) -> Result<(), Failure> {
        boundary("is_signed_in", async {
            let session = caller.session.as_ref().ok_or(Failure::Unauthenticated)?;
            let turn = self.connections.view(slug, session.account).await?;
            let mut tx = LimitedTx::new(self.store.across().await?, turn);
            let living = store::sessions::living(&mut tx, &session.hash).await?;
            tx.commit().await?;
            match living {
                Some(living) if !living.must_change_password => Ok(()),
                _ => Err(Failure::Unauthenticated.into()),
            }
        })
        .await
    }

    /// Returns the caller's account.
    ///
    /// # Errors
    /// Returns `Unauthenticated` without a session.
    pub fn account(caller: &Caller) -> Result<AccountId, Error> {
        Ok(caller
            .session
            .as_ref()
            .ok_or(Failure::Unauthenticated)?
            .account)
    }

    /// Checks that the page of a form showed this account: another tab of the browser may have signed in to another one
    /// since. Only a program sends no reference, and it knows whose session it uses.
    ///
    /// # Errors
    /// Returns `OtherAccount` if the page showed another account.
    pub fn same_account(&self, account: AccountId, given: &str) -> Result<(), Error> {
        if given.is_empty() || given == self.keys.account_reference(account) {
            Ok(())
        } else {
            Err(Failure::OtherAccount.into())
        }
    }

    /// Creates a session and returns its cookie.
    ///
    /// # Errors
    /// Returns an error if a query fails.
    pub async fn begin_session(
        &self,
        tx: &mut Tx,
        account: AccountId,
        keep: bool,
    ) -> Result<String, Error> {
        let token = Token::random()?;
        let (idle, absolute) = if keep {
            (self.session.keep, self.session.keep)
        } else {
            (self.session.idle, self.session.absolute)
        };
        store::sessions::insert(tx, &token.hash(), account, idle, absolute).await?;
        Ok(self
            .cookies
            .session(&token, keep.then_some(self.session.keep)))
    }

    /// Returns the path of the institution that the person viewed last, or of the profile if there is none.
    ///
    /// # Errors
    /// Returns an error if a query fails.
    pub async fn home(&self, tx: &mut Tx, account: AccountId) -> Result<String, Error> {
        let choices = institutions::of_person(tx, account).await?;
        Ok(choices.first().map_or_else(
            || "/profile".to_owned(),
            |choice| format!("/i/{}", choice.slug),
        ))
    }

    /// Returns the URL of a path of this site. It uses the configured origin, never the request's headers.
    #[must_use]
    pub fn address(&self, path: &str) -> String {
        format!("{}{path}", self.origin.as_str())
    }
}

/// Records the institution in the span of the use case.
fn record_institution(institution: InstitutionId) {
    tracing::Span::current().record("institution", tracing::field::display(institution));
}

/// Returns an answer that redirects to `to` and sets cookies.
#[must_use]
pub fn going(to: impl Into<String>, cookies: Vec<String>) -> Answer<Go> {
    Answer {
        value: Go { to: to.into() },
        cookies,
    }
}
