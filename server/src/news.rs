//! What the database tells those who work for it: that something waits for them.

use std::time::Duration;

use sqlx::postgres::PgListener;

use crate::store::Store;

/// After a connection broke: the database may be about to come back.
const PAUSE: Duration = Duration::from_secs(1);

/// One channel's news. Missing some does no harm: whoever listens looks now and then anyway.
#[derive(Debug)]
pub struct News {
    store: Store,
    channel: &'static str,
    listener: Option<PgListener>,
}

impl News {
    /// Of a channel that nobody listens to yet.
    #[must_use]
    pub const fn of(store: Store, channel: &'static str) -> Self {
        Self {
            store,
            channel,
            listener: None,
        }
    }

    /// Listens from here on, where that is possible now.
    pub async fn listen(&mut self) {
        if self.listener.is_some() {
            return;
        }
        if let Ok(mut listener) = PgListener::connect_with(self.store.pool()).await
            && listener.listen(self.channel).await.is_ok()
        {
            self.listener = Some(listener);
        }
    }

    /// Waits for the next news and gives what it says, or nothing where the connection broke; for ever where nobody
    /// listens.
    pub async fn next(&mut self) -> Option<String> {
        let Some(listener) = &mut self.listener else {
            return std::future::pending().await;
        };
        if let Ok(told) = listener.recv().await {
            return Some(told.payload().to_owned());
        }
        self.listener = None;
        tokio::time::sleep(PAUSE).await;
        None
    }
}
