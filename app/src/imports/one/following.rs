//! The state of an import on its page, updated with the server's progress.

use std::{future::Future, time::Duration};

use gloo::events::EventListener;
use leptos::{prelude::*, task::spawn_local};
use muster::{draft::SendTimeDraft, failure::Failure, import::ImportState};
use rpc::{
    Refusal,
    imports::{ImportView, import_view},
};
use wasm_bindgen::JsCast;

use super::{actions::Action, send_time::SCHEDULE};
use crate::{browser_value::BrowserValue, form::Form, shell::use_shell, ui::focus_first_invalid};

/// Delay before reconnecting after the progress stream was rejected: the server is restarting, or the person has too
/// many pages open.
const AGAIN: Duration = Duration::from_secs(5);

struct Listening {
    source: web_sys::EventSource,
    _listeners: [EventListener; 2],
}

/// The current state of an import.
#[derive(Clone, Copy)]
pub struct Following {
    pub view: RwSignal<ImportView>,
    /// Why the last action failed.
    pub failure: RwSignal<Option<Failure>>,
    /// Whether an action is in progress.
    pub pending: RwSignal<bool>,
    /// The entered time at which waiting invitations are to be sent.
    pub send_at: RwSignal<String>,
    pub slug: StoredValue<String>,
    listening: BrowserValue<Listening>,
}

impl Following {
    pub fn new(view: ImportView) -> Self {
        let time = SendTimeDraft {
            send_at: view.send_at.clone(),
        };
        let time: Form<SendTimeDraft, ()> = Form::new(SCHEDULE, time);
        let refused = time.failure.get_untracked();
        let following = Self {
            view: RwSignal::new(view),
            failure: RwSignal::new(posted_failure().or(refused)),
            pending: RwSignal::new(false),
            send_at: RwSignal::new(time.initial.send_at),
            slug: StoredValue::new(use_shell().slug()),
            listening: BrowserValue::new(),
        };
        let under_way = Memo::new(move |_| following.view.with(ImportView::is_under_way));
        Effect::new(move |_| {
            if under_way.get() {
                following.listen();
            } else {
                following.stop();
            }
        });
        // A newly stored time, set here or elsewhere, replaces the entered one.
        let time = Memo::new(move |_| following.view.with(|view| view.send_at.clone()));
        Effect::new(move |before: Option<String>| {
            let now = time.get();
            if before.is_some_and(|before| before != now) {
                following.send_at.set(now.clone());
            }
            now
        });
        on_cleanup(move || following.stop());
        following
    }

    /// Returns the import's state.
    pub fn state(self) -> Memo<ImportState> {
        Memo::new(move |_| self.view.with(|view| view.state))
    }

    /// Returns the import's id.
    pub fn id(self) -> String {
        self.view.with_untracked(|view| view.id.clone())
    }

    /// Returns the path of the import's page, or of a page below it.
    pub fn path(self, below: &str) -> String {
        format!("/i/{}/imports/{}{below}", self.slug.get_value(), self.id())
    }

    /// Performs an action and then reloads the import.
    pub fn act<F>(self, act: F)
    where
        F: Future<Output = Result<(), Refusal>> + 'static,
    {
        if self.pending.get_untracked() {
            return;
        }
        self.pending.set(true);
        let (slug, id) = (self.slug.get_value(), self.id());
        spawn_local(async move {
            let outcome = act.await;
            let now = import_view(slug, id).await;
            // The page may have been closed.
            if self.pending.try_set(false).is_some() {
                return;
            }
            if let Ok(now) = now {
                self.view.set(now);
            }
            let refused = outcome.is_err();
            self.failure
                .set(outcome.err().map(|Refusal(failure)| failure));
            if refused {
                focus_first_invalid();
            }
        });
    }

    /// Subscribes to the progress. The browser reconnects after a lost connection, but not after a rejection.
    fn listen(self) {
        if self.listening.with(Option::is_some) == Some(true) {
            return;
        }
        let Ok(source) = web_sys::EventSource::new(&self.path("/progress")) else {
            return;
        };
        let progress = EventListener::new(&source, "message", move |event| {
            let view = event
                .dyn_ref::<web_sys::MessageEvent>()
                .and_then(|event| event.data().as_string())
                .and_then(|json| serde_json::from_str::<ImportView>(&json).ok());
            if let Some(view) = view {
                // The page may have been closed.
                drop(self.view.try_set(view));
            }
        });
        let refused = source.clone();
        let error = EventListener::new(&source, "error", move |_| {
            if refused.ready_state() == web_sys::EventSource::CLOSED {
                set_timeout(move || self.look_anew(), AGAIN);
            }
        });
        self.listening.set(Listening {
            source,
            _listeners: [progress, error],
        });
    }

    fn look_anew(self) {
        let is_under_way = move || self.view.try_with_untracked(ImportView::is_under_way);
        if is_under_way() != Some(true) {
            return;
        }
        let (slug, id) = (self.slug.get_value(), self.id());
        spawn_local(async move {
            let now = import_view(slug, id).await;
            // The page may have been closed.
            if is_under_way().is_none() {
                return;
            }
            self.stop();
            if let Ok(now) = now {
                self.view.set(now);
            }
            if is_under_way() == Some(true) {
                self.listen();
            }
        });
    }

    fn stop(self) {
        if let Some(listening) = self.listening.take() {
            listening.source.close();
        }
    }
}

/// Returns the failure of a form of this page that the browser posted.
fn posted_failure() -> Option<Failure> {
    let failures: Vec<Option<Failure>> = Action::ALL
        .iter()
        .map(|action| Form::<(), ()>::new(action.intent(), ()).failure)
        .map(|failure| failure.get_untracked())
        .collect();
    failures.into_iter().flatten().next()
}
