//! Argon2id on a bounded number of threads: however many sign in at once, pages go on being served,
//! and past a full queue people are told to try again. Networks have their hashes in turn, and within a network the
//! accounts and links: nobody waits for more than one hash of each other network.

use std::{
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use muster::password::normalized;

use crate::{
    error::Error,
    fair_queue::{FairQueue, QueueLimits},
    store::limits::client_key,
};

/// Memory of one hash in KiB; with two passes and one lane the OWASP cheat sheet's first choice.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// How many hashes may wait for each thread: about two seconds' worth.
const QUEUE_PER_THREAD: usize = 128;
/// How many may wait that concern one account or one link.
const QUEUE_PER_SUBJECT: usize = 32;

/// The pool.
#[derive(Debug, Clone)]
pub struct Passwords {
    queue: FairQueue,
    /// What unknown names are checked against, at the same cost.
    dummy: Arc<str>,
    computed: Arc<AtomicU64>,
    compared: Arc<AtomicU64>,
}

impl Passwords {
    /// A pool of `threads`.
    ///
    /// # Errors
    /// `Broken` where the parameters are refused.
    pub fn new(threads: usize) -> Result<Self, Error> {
        let threads = threads.max(1);
        let waiting = threads * QUEUE_PER_THREAD;
        let limits = QueueLimits {
            running: threads,
            running_per_group: threads,
            running_per_member: threads,
            waiting,
            // One network, however many people or attackers are behind it, leaves room for the others.
            waiting_per_group: waiting / 2,
            waiting_per_member: QUEUE_PER_SUBJECT,
        };
        Ok(Self {
            queue: FairQueue::new(limits),
            dummy: hash("no account has this password")?.into(),
            computed: Arc::default(),
            compared: Arc::default(),
        })
    }

    /// The hash to store, of the password's normalized form.
    ///
    /// # Errors
    /// `Busy` where the queue is full, `TooManyTries` where the share is used up.
    pub async fn hash(&self, share: &Share, password: &str) -> Result<String, Error> {
        let password = normalized(password).into_owned();
        self.run(share, move || hash(&password)).await?
    }

    /// Whether the password, in its normalized form, is the one that was hashed. Without a hash it costs the same and is
    /// not.
    ///
    /// # Errors
    /// `Busy` where the queue is full, `TooManyTries` where the share is used up.
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
                // A hash that can't be read matches nothing, at the same cost; a reset replaces it.
                verify(&password, &stored).or_else(|error| {
                    tracing::error!(%error, "an account's password hash can't be read");
                    verify(&password, &dummy).map(|_| false)
                })
            })
            .await??;
        Ok(matches && known)
    }

    /// How many hashes were computed so far. A sign-in costs exactly one, whatever it finds: a test looks here.
    #[must_use]
    pub fn computed(&self) -> u64 {
        self.computed.load(Ordering::Relaxed)
    }

    /// How many passwords were compared with an account's so far.
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
        // The turn goes with the work: it is not over because the person went away.
        tokio::task::spawn_blocking(move || {
            let _turn = turn;
            work()
        })
        .await
        .map_err(|error| Error::Broken(error.to_string()))
    }
}

/// Who is served in turn with the others.
#[derive(Debug, Clone)]
pub struct Share {
    client: String,
    subject: String,
}

impl Share {
    /// The share of a network, and within it of what the password is for: an account, an identifier or a link.
    #[must_use]
    pub fn of(ip: IpAddr, subject: impl ToString) -> Self {
        Self {
            client: client_key(ip),
            subject: subject.to_string(),
        }
    }

    /// The operator's, on the command line.
    #[must_use]
    pub const fn operator() -> Self {
        Self {
            client: String::new(),
            subject: String::new(),
        }
    }
}

fn argon2() -> Result<Argon2<'static>, Error> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(broken)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn hash(password: &str) -> Result<String, Error> {
    Ok(argon2()?
        .hash_password(password.as_bytes())
        .map_err(broken)?
        .to_string())
}

fn verify(password: &str, stored: &str) -> Result<bool, Error> {
    let stored = PasswordHash::new(stored).map_err(broken)?;
    Ok(argon2()?
        .verify_password(password.as_bytes(), &stored)
        .is_ok())
}

fn broken(error: impl std::fmt::Display) -> Error {
    Error::Broken(error.to_string())
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
