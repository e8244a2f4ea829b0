//! The server behind the app's functions: what they all share. Each feature's file implements its trait
//! of `app::backend` on [`Service`].

use std::net::IpAddr;

use app::{
    backend::{Answer, Caller},
    session::api::Go,
};
use muster::{
    audit::AuditAction,
    failure::Failure,
    ids::{AccountId, InstitutionId, MembershipId},
    language::Language,
    permission::{Permission, PermissionSet},
};

use crate::{
    at_once::AtOnce,
    config::{Config, Origin, Session as SessionConfig},
    connection_limits::{ConnectionLimits, LimitedTx},
    cookies::Cookies,
    error::{Error, boundary},
    keys::{Keys, Token},
    passwords::Passwords,
    store::{
        self, Store, Tx, audit,
        institutions::{self, Institution},
        memberships,
    },
    watching::Watching,
};

/// The server.
#[derive(Debug)]
pub struct Service {
    /// The database, as the app.
    pub store: Store,
    /// The server's keys.
    pub keys: Keys,
    /// The hashing threads.
    pub passwords: Passwords,
    /// Where links lead.
    pub origin: Origin,
    /// Makes and reads cookies.
    pub cookies: Cookies,
    /// How long sessions live.
    pub session: SessionConfig,
    /// Whether mail goes to the built-in mailbox.
    pub dev_mailbox: bool,
    /// Who may hold a connection.
    pub connections: ConnectionLimits,
    /// Those who watch imports.
    pub watching: Watching,
    /// Parts of files on their way in.
    pub parts: AtOnce,
    /// Reports of imports on their way out.
    pub reports: AtOnce,
    /// Streams of an import's progress.
    pub streams: AtOnce,
}

/// The page sends a few parts at once; each takes its size in memory, and once more unpacked.
const PARTS_AT_ONCE: usize = 8;
/// Each has a thread.
const REPORTS_AT_ONCE: usize = 4;
/// One a page, and people have many pages open; a page that gets none asks now and then.
const STREAMS_AT_ONCE: usize = 20;

/// Who acts, in which institution, and what their role allows there.
#[derive(Debug, Clone)]
pub struct Actor {
    /// Where.
    pub institution: InstitutionId,
    /// As which member.
    pub membership: MembershipId,
    /// Who.
    pub account: AccountId,
    /// What the role allows.
    pub permissions: PermissionSet,
    /// From where.
    pub ip: IpAddr,
    /// The language of the answers.
    pub language: Language,
}

impl Actor {
    /// An entry of the audit log of what this member does.
    #[must_use]
    pub fn entry(&self, action: AuditAction) -> audit::Entry {
        audit::Entry::new(self.institution, action)
            .by(Some(self.membership))
            .from_ip(self.ip)
    }

    /// # Errors
    /// `Forbidden` where the role does not allow it.
    pub fn needs(&self, permission: Permission) -> Result<(), Error> {
        if self.permissions.contains(permission) {
            Ok(())
        } else {
            Err(Failure::Forbidden.into())
        }
    }
}

impl Service {
    /// A service over a connected database.
    ///
    /// # Errors
    /// `Broken` where the secret or the hashing parameters are refused.
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
            reports: AtOnce::new(REPORTS_AT_ONCE),
            streams: AtOnce::new(STREAMS_AT_ONCE),
        })
    }

    /// The caller as a member of the institution behind `slug`, and a transaction that sees its rows.
    ///
    /// # Errors
    /// `SignedOut`; `NotFound` where there is no such institution or the person is no active member of
    /// it: from outside the two are alike. `Busy` or `TooManyTries` if too many of the institution's or the person's
    /// requests wait.
    pub async fn actor(&self, caller: &Caller, slug: &str) -> Result<(Actor, LimitedTx), Error> {
        let turn = self.connections.view(slug, Self::account(caller)?).await?;
        let mut tx = LimitedTx::new(self.store.across().await?, turn);
        let actor = Self::open(&mut tx, caller, slug).await?;
        Ok((actor, tx))
    }

    /// As [`Service::actor`], with the institution's seats locked until the transaction ends. What the
    /// caller may do is found out under the lock: whoever was removed or demoted meanwhile does nothing.
    ///
    /// # Errors
    /// As [`Service::actor`]; `Forbidden` where the role does not allow it; `Busy` where somebody else holds the seats.
    /// No connection is held by those who wait for their turn.
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

    /// A transaction of the institution that is going to wait for its lock or for that of one of its imports. `who` is
    /// an account or an invitation that belongs to the institution.
    ///
    /// # Errors
    /// `Busy` or `TooManyTries` if too many wait.
    pub async fn changing(
        &self,
        institution: InstitutionId,
        who: impl ToString + Send,
    ) -> Result<LimitedTx, Error> {
        let turn = self.connections.change(institution, who).await?;
        Ok(LimitedTx::new(self.store.tenant(institution).await?, turn))
    }

    pub(crate) async fn open(tx: &mut Tx, caller: &Caller, slug: &str) -> Result<Actor, Error> {
        let session = caller.session.as_ref().ok_or(Failure::SignedOut)?;
        let (institution, membership) = institutions::open(tx, slug, session.account)
            .await?
            .ok_or(Failure::NotFound)?;
        store::enter(tx, institution).await?;
        let acting = memberships::acting(tx, institution, membership).await?;
        let permissions = PermissionSet::from_codes(&acting.permissions)
            .map_err(|_| Error::Broken("a role holds an unknown permission".to_owned()))?;
        Ok(Actor {
            institution,
            membership,
            account: session.account,
            permissions,
            ip: caller.ip,
            language: caller.language,
        })
    }

    /// Checks again that the caller's session has not ended, for what takes longer than a request should.
    ///
    /// # Errors
    /// `SignedOut`.
    pub async fn is_signed_in(&self, caller: &Caller) -> Result<(), Failure> {
        boundary(async {
            let session = caller.session.as_ref().ok_or(Failure::SignedOut)?;
            let mut tx = self.store.across().await?;
            let living = store::sessions::living(&mut tx, &session.hash).await?;
            tx.commit().await?;
            match living {
                Some(living) if !living.must_change_password => Ok(()),
                _ => Err(Failure::SignedOut.into()),
            }
        })
        .await
    }

    /// The caller's own account.
    ///
    /// # Errors
    /// `SignedOut`.
    pub fn account(caller: &Caller) -> Result<AccountId, Error> {
        Ok(caller.session.as_ref().ok_or(Failure::SignedOut)?.account)
    }

    /// Begins a session and gives its cookie.
    ///
    /// # Errors
    /// What the database says.
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

    /// Home of the institution that the person viewed last; one's profile where there is none.
    ///
    /// # Errors
    /// What the database says.
    pub async fn home(&self, tx: &mut Tx, account: AccountId) -> Result<String, Error> {
        let choices = institutions::of_person(tx, account).await?;
        Ok(choices.first().map_or_else(
            || "/profile".to_owned(),
            |choice| format!("/i/{}", choice.slug),
        ))
    }

    /// A whole address of this site: by the configured origin, whatever the request's headers say.
    #[must_use]
    pub fn address(&self, path: &str) -> String {
        format!("{}{path}", self.origin.as_str())
    }
}

/// An answer that goes to `to` with cookies.
#[must_use]
pub fn going(to: impl Into<String>, cookies: Vec<String>) -> Answer<Go> {
    Answer {
        value: Go { to: to.into() },
        cookies,
    }
}
