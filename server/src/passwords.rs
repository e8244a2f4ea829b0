//! Argon2id on a fixed number of dedicated threads, so that pages are served during many sign-ins, and sign-ins while
//! other work is slow.
//!
//! If the queue is full, requests are refused. Networks are served in turn, and within a network its accounts and
//! links: a request waits for at most one hash of each other network.

mod threads;

use std::{
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{self, PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use muster::password::normalized;

use self::threads::Threads;
use crate::{
    error::{Context as _, Error, chain},
    fair_queue::{FairQueue, QueueLimits, QueueUsage},
    store::limits::client_key,
};

/// The memory of one hash in KiB. With two passes and one lane this is the first choice of the OWASP cheat sheet.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// The number of waiting hashes for each thread: about two seconds of work.
const QUEUE_PER_THREAD: usize = 128;
/// The number of waiting hashes for one account or link.
const QUEUE_PER_SUBJECT: usize = 32;

/// The pool of hashing threads.
#[derive(Debug, Clone)]
pub struct Passwords {
    queue: FairQueue,
    threads: Threads,
    /// The hash that unknown identifiers are compared with, at the same cost.
    dummy: Arc<str>,
    computed: Arc<AtomicU64>,
    compared: Arc<AtomicU64>,
}

impl Passwords {
    /// Creates a pool of `threads`.
    ///
    /// # Errors
    /// Returns `Internal` if the parameters are invalid or a thread cannot be started.
    pub fn new(threads: usize) -> Result<Self, Error> {
        let threads = threads.max(1);
        let waiting = threads * QUEUE_PER_THREAD;
        let limits = QueueLimits {
            running: threads,
            running_per_group: threads,
            running_per_member: threads,
            waiting,
            // One network, however many people or attackers it has, leaves room for the others.
            waiting_per_group: waiting / 2,
            waiting_per_member: QUEUE_PER_SUBJECT,
        };
        Ok(Self {
            queue: FairQueue::new(limits),
            threads: Threads::new(threads)?,
            dummy: hash("no account has this password")?.into(),
            computed: Arc::default(),
            compared: Arc::default(),
        })
    }

    /// Hashes the normalized form of a password.
    ///
    /// # Errors
    /// Returns `Unavailable` if the queue is full and `TooManyTries` if the subject's share is.
    pub async fn hash(&self, share: &Share, password: &str) -> Result<String, Error> {
        let password = normalized(password).into_owned();
        self.run(share, move || hash(&password)).await?
    }

    /// Returns whether the normalized form of the password matches the hash. Without a hash it returns false at the
    /// same cost.
    ///
    /// # Errors
    /// Returns `Unavailable` if the queue is full and `TooManyTries` if the subject's share is.
    pub async fn verify(
        &self,
        share: &Share,
        password: &str,
        stored: Option<&str>,
    ) -> Result<bool, Error> {
        let known = stored.is_some();
        self.compared.fetch_add(known.into(), Ordering::Relaxed);
        let stored: Arc<str> = stored.map_or_else(|| Arc::clone(&self.dummy), Into::into);
        let password = normalized(password).into_owned();
        let dummy = Arc::clone(&self.dummy);
        let matches = self
            .run(share, move || {
                // An unreadable hash matches nothing, at the same cost. A reset replaces it.
                verify(&password, &stored).or_else(|error| {
                    tracing::error!(error = %chain(&error), "an account's password hash can't be read");
                    verify(&password, &dummy).map(|_| false)
                })
            })
            .await??;
        Ok(matches && known)
    }

    /// Returns the number of hashes computed so far. Tests check that every sign-in costs exactly one.
    #[must_use]
    pub fn computed(&self) -> u64 {
        self.computed.load(Ordering::Relaxed)
    }

    /// Returns how many hashes are computed at the moment and how many wait.
    #[must_use]
    pub fn usage(&self) -> QueueUsage {
        self.queue.usage()
    }

    /// Returns the number of passwords compared with an account's hash so far.
    #[must_use]
    pub fn compared(&self) -> u64 {
        self.compared.load(Ordering::Relaxed)
    }

    async fn run<T: Send + 'static>(
        &self,
        share: &Share,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Error> {
        let turn = self.queue.acquire(&share.client, &share.subject).await?;
        self.computed.fetch_add(1, Ordering::Relaxed);
        // The turn belongs to the work, which continues if the client disconnects.
        self.threads
            .run(move || {
                let _turn = turn;
                work()
            })
            .await
    }
}

/// The group and member of the fair queue.
#[derive(Debug, Clone)]
pub struct Share {
    client: String,
    subject: String,
}

impl Share {
    /// Returns the share of a network, and within it of the account, identifier or link that the password is for.
    #[must_use]
    pub fn of(ip: IpAddr, subject: impl ToString) -> Self {
        Self {
            client: client_key(ip),
            subject: subject.to_string(),
        }
    }

    /// Returns the share of the command line.
    #[must_use]
    pub const fn operator() -> Self {
        Self {
            client: String::new(),
            subject: String::new(),
        }
    }
}

fn argon2() -> Result<Argon2<'static>, Error> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None)
        .context("the parameters of password hashing are invalid")?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn hash(password: &str) -> Result<String, Error> {
    Ok(argon2()?
        .hash_password(password.as_bytes())
        .context("a password can't be hashed")?
        .to_string())
}

fn verify(password: &str, stored: &str) -> Result<bool, Error> {
    let stored = PasswordHash::new(stored).context("a password's hash can't be parsed")?;
    match argon2()?.verify_password(password.as_bytes(), &stored) {
        Ok(()) => Ok(true),
        Err(password_hash::Error::PasswordInvalid) => Ok(false),
        Err(error) => Err(error).context("a password can't be compared with its hash"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_verifies_against_its_own_hash_only() {
        let passwords = Passwords::new(1).unwrap();
        let share = Share::operator();
        let matches = async |typed: &str, stored: Option<&str>| {
            passwords.verify(&share, typed, stored).await.unwrap()
        };
        let stored = passwords.hash(&share, "a sentence is fine").await.unwrap();
        assert!(matches("a sentence is fine", Some(&stored)).await);
        assert!(!matches("a sentence is Fine", Some(&stored)).await);
        assert!(!matches("no account has this password", None).await);
    }

    #[tokio::test]
    async fn a_password_matches_however_its_letters_are_composed() {
        let passwords = Passwords::new(1).unwrap();
        let share = Share::operator();
        let forms = [
            "K\u{e4}sekuchen bei Zo\u{eb} 7",
            "Ka\u{308}sekuchen bei Zoe\u{308} 7",
        ];
        for hashed in forms {
            let stored = passwords.hash(&share, hashed).await.unwrap();
            for typed in forms {
                assert!(
                    passwords
                        .verify(&share, typed, Some(&stored))
                        .await
                        .unwrap()
                );
            }
        }
    }
}
