//! Notifications of import progress. A process has one listening connection for all subscribers, and none if there have
//! been no subscribers for a while.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::sync::broadcast::{Receiver, Sender, channel};
use uuid::Uuid;

use crate::{news::News, store::Store};

/// The number of notifications that a subscriber can fall behind. After that it reads the state again.
const BEHIND: usize = 64;
/// The interval of reconnection attempts (subscribers poll too) and of the check for subscribers. Listening ends after
/// two checks without any. It does not end immediately, because the phases of an import are watched one after another
/// and a new connection takes as long as a small phase.
const AGAIN: Duration = Duration::from_secs(5);

/// Publishes which imports have progressed.
#[derive(Debug)]
pub struct Watching {
    store: Store,
    news: Outlet,
}

/// The sender of notifications, while there is a listener.
#[derive(Debug, Clone, Default)]
struct Outlet(Arc<Mutex<Option<Sender<Uuid>>>>);

impl Outlet {
    fn lock(&self) -> MutexGuard<'_, Option<Sender<Uuid>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Removes the sender unless there are subscribers. Returns whether it did.
    fn close(&self) -> bool {
        let mut news = self.lock();
        let watched = news.as_ref().is_some_and(|it| it.receiver_count() > 0);
        if !watched {
            *news = None;
        }
        !watched
    }
}

impl Watching {
    /// Creates it without subscribers.
    #[must_use]
    pub fn new(store: Store) -> Self {
        Self {
            store,
            news: Outlet::default(),
        }
    }

    /// Subscribes. The subscription ends when the returned value is dropped.
    #[must_use]
    pub fn watch(&self) -> Watcher {
        let mut news = self.news.lock();
        let sender = news.get_or_insert_with(|| {
            let sender = channel(BEHIND).0;
            tokio::spawn(listen(
                self.store.clone(),
                sender.clone(),
                self.news.clone(),
            ));
            sender
        });
        Watcher(sender.subscribe())
    }
}

async fn listen(store: Store, sender: Sender<Uuid>, outlet: Outlet) {
    let mut news = News::of(store, "muster_import_steps");
    let mut again = tokio::time::interval(AGAIN);
    let mut watched = true;
    loop {
        news.listen().await;
        tokio::select! {
            told = news.next() => {
                match told.as_deref().map(Uuid::parse_str) {
                    // All subscribers may be gone.
                    Some(Ok(import)) => drop(sender.send(import)),
                    Some(Err(error)) => {
                        tracing::warn!(%error, "a notification of an import's progress can't be read");
                    }
                    // The connection was lost.
                    None => {}
                }
            }
            _ = again.tick() => {
                let before = std::mem::replace(&mut watched, sender.receiver_count() > 0);
                if !before && !watched && outlet.close() {
                    return;
                }
            }
        }
    }
}

/// A subscription to import progress.
#[derive(Debug)]
pub struct Watcher(Receiver<Uuid>);

impl Watcher {
    /// Waits until this import has progressed, or may have.
    pub async fn step_of(&mut self, import: Uuid) {
        while self.0.recv().await.is_ok_and(|told| told != import) {}
    }
}
