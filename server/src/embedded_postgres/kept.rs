//! Postgres ends by itself where it can write nothing any more: on a disk without room for its write-ahead log it can't even
//! begin anew. Nobody else is there to start it again, so we do, until it runs.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::{EmbeddedPostgres, Error};

/// How often it is looked at, and how long is waited before it is started again.
const LOOK: Duration = Duration::from_secs(2);

/// A Postgres that is started again whenever it has ended by itself, until this value goes away.
#[derive(Debug)]
pub struct Kept {
    /// Closed when it is to end.
    stop: mpsc::Sender<()>,
    keeper: JoinHandle<EmbeddedPostgres>,
}

impl EmbeddedPostgres {
    /// Sees to it that it runs.
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
    /// Stops Postgres in order, and returns when it has ended.
    ///
    /// # Errors
    ///
    /// It did not end within a minute, or not in order.
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
