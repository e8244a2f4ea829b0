//! A form that works twice: sent by the browser itself where there is no script, and by a server
//! function where the page is alive. Either way what was typed stays and each problem stands at its
//! field.

use std::{future::Future, pin::Pin};

use leptos::{ev::SubmitEvent, prelude::*, task::spawn_local};
use muster::{failure::Failure, problem::FieldProblem};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{failure::Refusal, words::Say};

/// A form as the browser itself sent it, with what came of it; the page is rendered again with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PostedForm {
    /// Which form of the page it was.
    pub intent: String,
    /// The reference to the mailed link that its page is about, or empty.
    pub link: String,
    /// What was typed (passwords left out), as JSON.
    pub draft: String,
    /// What came of it: the answer as JSON, or the failure.
    pub answer: Result<String, Failure>,
}

/// A form's state, shared by its fields.
pub struct Form<D: 'static, T: 'static> {
    /// The draft that the page begins with: as posted, else as given.
    pub initial: D,
    /// What the server answered last.
    pub answer: RwSignal<Option<T>>,
    /// What the server refused last.
    pub failure: RwSignal<Option<Failure>>,
    /// Whether an answer is awaited.
    pub pending: RwSignal<bool>,
}

impl<D: Clone, T> Clone for Form<D, T> {
    fn clone(&self) -> Self {
        Self {
            initial: self.initial.clone(),
            answer: self.answer,
            failure: self.failure,
            pending: self.pending,
        }
    }
}

impl<D, T> Form<D, T>
where
    D: Clone + DeserializeOwned + 'static,
    T: Clone + DeserializeOwned + Send + Sync + 'static,
{
    /// The form `intent` of this page, beginning with `initial` where it was not posted just now.
    #[must_use]
    pub fn new(intent: &str, initial: D) -> Self {
        let posted = posted(intent);
        let (initial, answer, failure) = match posted {
            None => (initial, None, None),
            Some(form) => {
                let typed = serde_json::from_str(&form.draft).unwrap_or(initial);
                match form.answer {
                    Ok(json) => (typed, serde_json::from_str(&json).ok(), None),
                    Err(failure) => (typed, None, Some(failure)),
                }
            }
        };
        Self {
            initial,
            answer: RwSignal::new(answer),
            failure: RwSignal::new(failure),
            pending: RwSignal::new(false),
        }
    }

    /// Sends what `send` sends, instead of the browser, and keeps what comes of it. `then` is called
    /// with an answer.
    pub fn submit<F>(&self, event: &SubmitEvent, send: F, then: impl Fn(T) + 'static)
    where
        F: Future<Output = Result<T, Refusal>> + 'static,
    {
        event.prevent_default();
        self.send(send, then);
    }

    /// See [`Form::submit`]; for sending by other ways than a submit.
    pub fn send<F>(&self, send: F, then: impl Fn(T) + 'static)
    where
        F: Future<Output = Result<T, Refusal>> + 'static,
    {
        if self.pending.get_untracked() {
            return;
        }
        self.pending.set(true);
        spawn_local(outcome(
            Box::pin(send),
            Box::new(then),
            self.answer,
            self.failure,
            self.pending,
        ));
    }

    /// The words of the problem that the server found at a field, until the next answer.
    #[must_use]
    pub fn problem(&self, field: &'static str, say: Say) -> Signal<Option<String>> {
        let failure = self.failure;
        Signal::derive(move || match failure.get() {
            Some(Failure::Invalid(problems)) => say.of_field(&problems, field),
            _ => None,
        })
    }

    /// The words of a failure that belongs to no field.
    #[must_use]
    pub fn general(&self, say: Say) -> Signal<Option<String>> {
        let failure = self.failure;
        Signal::derive(move || match failure.get()? {
            Failure::Invalid(_) => None,
            other => Some(say.of_failure(&other)),
        })
    }

    /// The problems that the server found.
    #[must_use]
    pub fn problems(&self) -> Signal<Vec<FieldProblem>> {
        let failure = self.failure;
        Signal::derive(move || match failure.get() {
            Some(Failure::Invalid(problems)) => problems,
            _ => Vec::new(),
        })
    }
}

/// Waits for what comes of a form and keeps it. It knows neither the form nor the function, so that there are few of it.
async fn outcome<T: Clone + Send + Sync + 'static>(
    sent: Pin<Box<dyn Future<Output = Result<T, Refusal>>>>,
    then: Box<dyn Fn(T)>,
    answer: RwSignal<Option<T>>,
    failure: RwSignal<Option<Failure>>,
    pending: RwSignal<bool>,
) {
    let outcome = sent.await;
    pending.set(false);
    match outcome {
        Ok(value) => {
            failure.set(None);
            answer.set(Some(value.clone()));
            then(value);
        }
        Err(Refusal(refused)) => {
            answer.set(None);
            failure.set(Some(refused));
            crate::ui::focus_first_invalid();
        }
    }
}

/// The form `intent`, where this page is the answer to its being posted. The value travels with the
/// page, so that both renderings are the same.
fn posted(intent: &str) -> Option<PostedForm> {
    let form = SharedValue::new(|| {
        #[cfg(feature = "ssr")]
        {
            use_context::<PostedForm>()
        }
        #[cfg(not(feature = "ssr"))]
        {
            None::<PostedForm>
        }
    })
    .into_inner();
    form.filter(|form| form.intent == intent)
}

/// Loads another page of this site from the server: after what changes who is signed in, nothing of
/// the old page may stay.
pub fn go(to: &str) {
    #[cfg(not(feature = "ssr"))]
    if let Some(window) = web_sys::window() {
        drop(window.location().assign(to));
    }
    #[cfg(feature = "ssr")]
    let _ = to;
}
