//! When a problem is shown: once its field was left or sending was tried, never while somebody types
//! into it for the first time; and what the server found, until the field is changed.

use std::{collections::BTreeSet, time::Duration};

use leptos::{ev::FocusEvent, prelude::*};
use muster::{
    failure::Failure,
    problem::{FieldProblem, Problem},
};
use serde::de::DeserializeOwned;

use crate::{form::Form, ui::focus_first_invalid, words::Say};

/// A problem that appears moves what is below it. It waits until a click that ended the typing has
/// reached its button.
const CLICK: Duration = Duration::from_millis(180);

/// The problems of a form's fields while it is filled in.
#[derive(Clone, Copy)]
pub struct Live {
    left: RwSignal<BTreeSet<&'static str>>,
    tried: RwSignal<bool>,
    here: Memo<Vec<FieldProblem>>,
    failure: RwSignal<Option<Failure>>,
    came_back: bool,
    say: Say,
}

impl Live {
    /// `judge` reads the draft as it stands and gives what is wrong with it.
    #[must_use]
    pub fn new<D, T>(
        form: &Form<D, T>,
        say: Say,
        judge: impl Fn() -> Vec<FieldProblem> + Send + Sync + 'static,
    ) -> Self
    where
        D: Clone + DeserializeOwned + 'static,
        T: Clone + DeserializeOwned + Send + Sync + 'static,
    {
        Self {
            left: RwSignal::new(BTreeSet::new()),
            tried: RwSignal::new(false),
            here: Memo::new(move |_| judge()),
            failure: form.failure,
            came_back: form.failure.with_untracked(Option::is_some),
            say,
        }
    }

    /// The words for a field's problems, where they are to be shown now.
    #[must_use]
    pub fn error(self, field: &'static str, value: RwSignal<String>) -> Signal<Option<String>> {
        let shown = self.shown(field, value);
        Signal::derive(move || {
            let sentences: Vec<String> = shown
                .get()
                .iter()
                .map(|problem| self.say.of_problem(problem))
                .collect();
            (!sentences.is_empty()).then(|| sentences.join(" "))
        })
    }

    /// A field's problems, where they are to be shown now.
    #[must_use]
    pub fn shown(self, field: &'static str, value: RwSignal<String>) -> Signal<Vec<Problem>> {
        let refused = self.refused(field, value);
        Signal::derive(move || {
            // An empty field that was merely passed is no mistake yet.
            let due = self.tried.get()
                || (self.left.with(|left| left.contains(field)) && !value.with(String::is_empty));
            let mut problems = if due {
                self.here.with(|found| of(found, field))
            } else {
                Vec::new()
            };
            for problem in refused.get() {
                if !problems.contains(&problem) {
                    problems.push(problem);
                }
            }
            problems
        })
    }

    /// What the server found at a field, for as long as the field holds what it was found in.
    #[must_use]
    pub fn refused(self, field: &'static str, value: RwSignal<String>) -> Signal<Vec<Problem>> {
        let failure = self.failure;
        let sent = Memo::new(move |_| {
            failure.track();
            value.get_untracked()
        });
        Signal::derive(move || {
            if sent.get() != value.get() {
                return Vec::new();
            }
            failure.with(|failure| match failure {
                Some(Failure::Invalid(problems)) => of(problems, field),
                _ => Vec::new(),
            })
        })
    }

    /// Whether the person is done with a field for now.
    #[must_use]
    pub fn is_settled(self, field: &'static str) -> Signal<bool> {
        Signal::derive(move || {
            self.came_back || self.tried.get() || self.left.with(|left| left.contains(field))
        })
    }

    /// Whether the page is the answer to a form that the browser itself sent and the server refused.
    /// The passwords are gone from it.
    #[must_use]
    pub const fn came_back(self) -> bool {
        self.came_back
    }

    /// For a field's `on:focusout`.
    pub fn leaving(self, field: &'static str) -> impl Fn(FocusEvent) + Clone + 'static {
        move |_| {
            let left = self.left;
            set_timeout(
                move || {
                    // The page may be gone by then.
                    let _ = left.try_update(|left| left.insert(field));
                },
                CLICK,
            );
        }
    }

    /// Whether the form can be sent. Where it can't, every problem shows and the first has the focus.
    #[must_use]
    pub fn may_send(self) -> bool {
        self.tried.set(true);
        let fine = self.here.with_untracked(Vec::is_empty);
        if !fine {
            focus_first_invalid();
        }
        fine
    }

    /// Begins anew, after the form was sent and emptied.
    pub fn forget(self) {
        self.tried.set(false);
        self.left.update(BTreeSet::clear);
    }
}

fn of(problems: &[FieldProblem], field: &str) -> Vec<Problem> {
    problems
        .iter()
        .filter(|found| found.field == field)
        .map(|found| found.problem.clone())
        .collect()
}
