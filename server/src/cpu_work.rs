//! Work of requests that occupies a processor for milliseconds: decompressing, reading a part, rating a password. It
//! runs on tokio's blocking threads, at most one piece for each processor, so that requests neither hold all of these
//! threads nor take the processors from the hashing of passwords.

use std::{
    sync::{Arc, LazyLock},
    thread,
};

use tokio::sync::Semaphore;

use crate::error::{Context as _, Error};

static PROCESSORS: LazyLock<Arc<Semaphore>> = LazyLock::new(|| {
    let count = thread::available_parallelism().map_or(1, Into::into);
    Arc::new(Semaphore::new(count))
});

/// Waits for a free processor, runs the work and returns its result. The work must not wait for anything.
///
/// # Errors
/// Returns `Internal` if the work panicked.
pub async fn run<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
    // The permit belongs to the work, which continues if the client disconnects.
    let permit = Arc::clone(&PROCESSORS).acquire_owned().await;
    tokio::task::spawn_blocking(move || {
        let _permit = permit;
        work()
    })
    .await
    .context("a thread that worked for a request ended")
}
