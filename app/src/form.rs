//! Forms that work with and without scripts: the browser posts them, or the hydrated page calls a server function. In
//! both cases the input is kept and each problem is shown at its field.

use std::{future::Future, pin::Pin};

use i18n::Say;
use leptos::{ev::SubmitEvent, prelude::*, task::spawn_local};
use muster::{failure::Failure, problem::FieldProblem};
use rpc::{PostedForm, Refusal};
use serde::de::DeserializeOwned;

/// A form's state, shared by its fields.
pub struct Form<D: 'static, T: 'static> {
    /// The initial draft: the posted one, otherwise the given one.
    pub initial: D,
    /// The last answer of the server.
    pub answer: RwSignal<Option<T>>,
    /// The last failure of the server.
    pub failure: RwSignal<Option<Failure>>,
    /// Whether a request is in progress.
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
    /// Creates the state of the form `intent`, with `initial` unless the form was just posted.
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

    /// Calls `send` instead of submitting the form in the browser, and stores the result. Passes an answer to `then`.
    pub fn submit<F>(&self, event: &SubmitEvent, send: F, then: impl Fn(T) + 'static)
    where
        F: Future<Output = Result<T, Refusal>> + 'static,
    {
        event.prevent_default();
        self.send(send, then);
    }

    /// Works like [`Form::submit`], without a submit event.
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

    /// Returns the text of the server's problem at a field, until the next answer.
    #[must_use]
    pub fn problem(&self, field: &'static str, say: Say) -> Signal<Option<String>> {
        let failure = self.failure;
        Signal::derive(move || match failure.get() {
            Some(Failure::Invalid(problems)) => say.of_field(&problems, field),
            _ => None,
        })
    }

    /// Returns the text of a failure that belongs to no field.
    #[must_use]
    pub fn general(&self, say: Say) -> Signal<Option<String>> {
        let failure = self.failure;
        Signal::derive(move || match failure.get()? {
            Failure::Invalid(_) => None,
            other => Some(say.of_failure(&other)),
        })
    }

    /// Returns the server's problems.
    #[must_use]
    pub fn problems(&self) -> Signal<Vec<FieldProblem>> {
        let failure = self.failure;
        Signal::derive(move || match failure.get() {
            Some(Failure::Invalid(problems)) => problems,
            _ => Vec::new(),
        })
    }
}

/// Awaits a form's result and stores it. It is independent of the form and the function, which keeps the code small.
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

/// Returns the posted form `intent` if this page is the response to its POST. The value is delivered with the page, so
/// both renderings are equal.
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

/// Loads a page of this site from the server, for example after a change of the signed-in account.
pub fn go(to: &str) {
    #[cfg(not(feature = "ssr"))]
    if let Some(window) = web_sys::window() {
        drop(window.location().assign(to));
    }
    #[cfg(feature = "ssr")]
    let _ = to;
}
