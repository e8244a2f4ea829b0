//! Restarts Postgres after it has ended.
//!
//! It ends if it can't write any more: without disk space for its write-ahead log it can't even start. No other service
//! manager restarts it, so Muster retries until it runs.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::{EmbeddedPostgres, Error};

/// The interval of checks and of restarts.
const LOOK: Duration = Duration::from_secs(2);

/// A Postgres that is restarted whenever it ends, until this value is dropped.
#[derive(Debug)]
pub struct Kept {
    /// Closed to end the thread.
    stop: mpsc::Sender<()>,
    keeper: JoinHandle<EmbeddedPostgres>,
}

impl EmbeddedPostgres {
    /// Starts the thread that restarts Postgres.
    #[must_use]
    pub fn kept(mut self) -> Kept {
        let (stop, stopped) = mpsc::channel();
        let keeper = thread::spawn(move || {
            while stopped.recv_timeout(LOOK) == Err(RecvTimeoutError::Timeout) {
                if let Err(error) = self.start_if_it_ended() {
                    tracing::error!(%error, "Postgres could not be started again");
                }
            }
            self
        });
        Kept { stop, keeper }
    }

    fn start_if_it_ended(&mut self) -> Result<(), Error> {
        if let Some(reason) = self.supervisor.died()? {
            tracing::error!(reason, "Postgres has ended and is started again");
            self.supervisor = self.beginning.begin(&self.socket_dir)?;
        }
        Ok(())
    }
}

impl Kept {
    /// Stops Postgres cleanly and waits until it has ended.
    ///
    /// # Errors
    ///
    /// Returns an error if it did not end within a minute or not cleanly.
    pub async fn stop(self) -> Result<(), Error> {
        let Self { stop, keeper } = self;
        let postgres = tokio::task::spawn_blocking(move || {
            drop(stop);
            keeper.join()
        });
        match postgres.await {
            Ok(Ok(postgres)) => postgres.stop().await,
            _ => Err(Error::Interrupted),
        }
    }
}
