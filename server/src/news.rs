//! Notifications of the database (`LISTEN`).

use std::time::Duration;

use sqlx::postgres::PgListener;

use crate::{error::chain, store::Store};

/// The pause after a lost connection, while the database may be restarting.
const PAUSE: Duration = Duration::from_secs(1);

/// A listener on one channel. Lost notifications do no harm, because listeners poll too.
#[derive(Debug)]
pub struct News {
    store: Store,
    channel: &'static str,
    listener: Option<PgListener>,
}

impl News {
    /// Creates a listener that is not connected.
    #[must_use]
    pub const fn of(store: Store, channel: &'static str) -> Self {
        Self {
            store,
            channel,
            listener: None,
        }
    }

    /// Connects and listens, if that is possible now.
    pub async fn listen(&mut self) {
        if self.listener.is_some() {
            return;
        }
        let listener = async {
            let mut listener = PgListener::connect_with(self.store.pool()).await?;
            listener.listen(self.channel).await?;
            Ok::<_, sqlx::Error>(listener)
        };
        match listener.await {
            Ok(listener) => self.listener = Some(listener),
            Err(error) => {
                let (channel, error) = (self.channel, chain(&error));
                tracing::warn!(channel, %error, "notifications can't be received; the database is polled");
            }
        }
    }

    /// Waits for the next notification and returns its payload, or `None` if the connection was lost. Waits forever if
    /// it is not connected.
    pub async fn next(&mut self) -> Option<String> {
        let Some(listener) = &mut self.listener else {
            return std::future::pending().await;
        };
        match listener.recv().await {
            Ok(told) => return Some(told.payload().to_owned()),
            Err(error) => {
                let (channel, error) = (self.channel, chain(&error));
                tracing::warn!(channel, %error, "notifications are no longer received; the connection is renewed");
            }
        }
        self.listener = None;
        tokio::time::sleep(PAUSE).await;
        None
    }
}
