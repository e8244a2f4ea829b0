//! The news of imports for those who watch them: one listening connection a process, however many watch, and none where
//! nobody has for a while.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::sync::broadcast::{Receiver, Sender, channel};
use uuid::Uuid;

use crate::{news::News, store::Store};

/// Steps that a watcher can be behind; whoever is further behind looks anew.
const BEHIND: usize = 64;
/// Where nobody could listen this is tried again; watchers look now and then anyway. And nobody listens any more where nobody
/// has watched for so long: not at once, because the phases of an import are watched one after the other, and to listen anew
/// takes as long as a small one.
const AGAIN: Duration = Duration::from_secs(5);

/// Tells which imports have gone a step further.
#[derive(Debug)]
pub struct Watching {
    store: Store,
    news: Outlet,
}

/// Where the news come from, as long as somebody listens for them.
#[derive(Debug, Clone, Default)]
struct Outlet(Arc<Mutex<Option<Sender<Uuid>>>>);

impl Outlet {
    fn lock(&self) -> MutexGuard<'_, Option<Sender<Uuid>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Closes it, unless somebody watches.
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
    /// Nobody watches yet.
    #[must_use]
    pub fn new(store: Store) -> Self {
        Self {
            store,
            news: Outlet::default(),
        }
    }

    /// Begins to watch; it ends when this is dropped.
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
                if let Some(import) = told.and_then(|told| told.parse().ok()) {
                    // Nobody may be left to hear it.
                    drop(sender.send(import));
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

/// Whoever watches imports.
#[derive(Debug)]
pub struct Watcher(Receiver<Uuid>);

impl Watcher {
    /// Waits until this import has gone a step further, or may have.
    pub async fn step_of(&mut self, import: Uuid) {
        while self.0.recv().await.is_ok_and(|told| told != import) {}
    }
}
