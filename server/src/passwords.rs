//! Argon2id on a bounded number of threads: however many sign in at once, pages go on being served,
//! and past a full queue people are told to try again.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use muster::failure::Failure;
use tokio::sync::Semaphore;

use crate::error::Error;

/// Memory of one hash in KiB; with two passes and one lane the OWASP cheat sheet's first choice.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// How many hashes may wait for each thread: about two seconds' worth.
const QUEUE_PER_THREAD: usize = 128;

/// The pool.
#[derive(Debug, Clone)]
pub struct Passwords {
    running: Arc<Semaphore>,
    admitted: Arc<Semaphore>,
    /// What unknown names are checked against, at the same cost.
    dummy: Arc<str>,
    computed: Arc<AtomicU64>,
}

impl Passwords {
    /// A pool of `threads`.
    ///
    /// # Errors
    /// `Broken` where the parameters are refused.
    pub fn new(threads: usize) -> Result<Self, Error> {
        let threads = threads.max(1);
        Ok(Self {
            running: Arc::new(Semaphore::new(threads)),
            admitted: Arc::new(Semaphore::new(threads * (QUEUE_PER_THREAD + 1))),
            dummy: hash("no account has this password")?.into(),
            computed: Arc::default(),
        })
    }

    /// The hash to store.
    ///
    /// # Errors
    /// `Busy` where the queue is full.
    pub async fn hash(&self, password: &str) -> Result<String, Error> {
        let password = password.to_owned();
        self.run(move || hash(&password)).await?
    }

    /// Whether the password is the one that was hashed. Without a hash it costs the same and is not.
    ///
    /// # Errors
    /// `Busy` where the queue is full.
    pub async fn verify(&self, password: &str, stored: Option<&str>) -> Result<bool, Error> {
        let known = stored.is_some();
        let stored: Arc<str> = stored.map_or_else(|| Arc::clone(&self.dummy), Into::into);
        let password = password.to_owned();
        let matches = self.run(move || verify(&password, &stored)).await??;
        Ok(matches && known)
    }

    /// How many hashes were computed so far. A sign-in costs exactly one, whatever it finds: a test looks here.
    #[must_use]
    pub fn computed(&self) -> u64 {
        self.computed.load(Ordering::Relaxed)
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Error> {
        let _admitted = self.admitted.try_acquire().map_err(|_| Failure::Busy)?;
        let turn = Arc::clone(&self.running)
            .acquire_owned()
            .await
            .map_err(|error| Error::Broken(error.to_string()))?;
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
        let stored = passwords.hash("a sentence is fine").await.unwrap();
        assert!(
            passwords
                .verify("a sentence is fine", Some(&stored))
                .await
                .unwrap()
        );
        assert!(
            !passwords
                .verify("a sentence is Fine", Some(&stored))
                .await
                .unwrap()
        );
        assert!(
            !passwords
                .verify("no account has this password", None)
                .await
                .unwrap()
        );
    }
}
