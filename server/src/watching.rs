//! The news of imports for those who watch them: one listening connection a process, however many watch, and none while
//! nobody does.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::sync::broadcast::{Receiver, Sender, WeakSender, channel};
use uuid::Uuid;

use crate::{news::News, store::Store};

/// Steps that a watcher can be behind; whoever is further behind looks anew.
const BEHIND: usize = 64;
/// Where nobody could listen this is tried again; watchers look now and then anyway.
const AGAIN: Duration = Duration::from_secs(5);

/// Tells which imports have gone a step further.
#[derive(Debug)]
pub struct Watching {
    store: Store,
    news: Mutex<WeakSender<Uuid>>,
}

impl Watching {
    /// Nobody watches yet.
    #[must_use]
    pub fn new(store: Store) -> Self {
        Self {
            store,
            news: Mutex::new(channel(BEHIND).0.downgrade()),
        }
    }

    /// Begins to watch; it ends when this is dropped.
    #[must_use]
    pub fn watch(&self) -> Watcher {
        let mut news = self.news.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sender) = news.upgrade() {
            return Watcher(sender.subscribe());
        }
        let (sender, receiver) = channel(BEHIND);
        *news = sender.downgrade();
        tokio::spawn(listen(self.store.clone(), sender));
        Watcher(receiver)
    }
}

async fn listen(store: Store, sender: Sender<Uuid>) {
    let mut news = News::of(store, "muster_import_steps");
    loop {
        news.listen().await;
        tokio::select! {
            told = news.next() => {
                if let Some(import) = told.and_then(|told| told.parse().ok()) {
                    // Nobody may be left to hear it.
                    drop(sender.send(import));
                }
            }
            () = sender.closed() => return,
            () = tokio::time::sleep(AGAIN) => {}
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
