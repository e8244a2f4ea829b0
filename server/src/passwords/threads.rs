//! The threads that compute hashes. Nothing else runs on them, so no other work can delay a sign-in as it could on
//! tokio's blocking threads.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread,
};

use tokio::sync::oneshot;

use crate::error::{Context as _, Error};

type Job = Box<dyn FnOnce() + Send>;

/// A fixed number of threads. They end after the last clone is dropped.
#[derive(Debug, Clone)]
pub(super) struct Threads(mpsc::Sender<Job>);

impl Threads {
    /// Starts the threads.
    ///
    /// # Errors
    /// Returns `Internal` if the operating system refuses a thread.
    pub(super) fn new(count: usize) -> Result<Self, Error> {
        let (sender, receiver) = mpsc::channel();
        let jobs = Arc::new(Mutex::new(receiver));
        for number in 0..count {
            let jobs = Arc::clone(&jobs);
            thread::Builder::new()
                .name(format!("passwords-{number}"))
                .spawn(move || run(&jobs))
                .context("a thread for passwords could not be started")?;
        }
        Ok(Self(sender))
    }

    /// Runs the work and waits for its result. The work continues if the caller is gone.
    ///
    /// # Errors
    /// Returns `Internal` if the work panicked.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Error> {
        let (sender, receiver) = oneshot::channel();
        let job: Job = Box::new(move || drop(sender.send(work())));
        let panicked = || Error::internal("the hash of a password was not computed");
        self.0.send(job).map_err(|_| panicked())?;
        receiver.await.map_err(|_| panicked())
    }
}

fn run(jobs: &Mutex<mpsc::Receiver<Job>>) {
    loop {
        let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = job else { return };
        // The panic was logged, and the caller gets an error because the job's sender is dropped.
        drop(catch_unwind(AssertUnwindSafe(job)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_fails_its_own_work_only() {
        let threads = Threads::new(1).unwrap();
        let failed = threads.run(|| panic!("on purpose")).await;
        assert!(failed.is_err());
        assert_eq!(threads.run(|| 7).await.unwrap(), 7);
    }
}
