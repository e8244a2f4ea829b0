//! Decides when a problem is shown: after its field was left or sending was attempted, never during the first input.
//! The server's problems are shown until their field changes.

use std::{collections::BTreeSet, time::Duration};

use i18n::Say;
use leptos::{ev::FocusEvent, prelude::*};
use muster::{
    failure::Failure,
    problem::{FieldProblem, Problem},
};
use serde::de::DeserializeOwned;

use crate::{form::Form, ui::focus_first_invalid};

/// Delay before a problem appears: it moves the content below, and the click that ended the typing must hit its button.
const CLICK: Duration = Duration::from_millis(180);

/// The problems of a form's fields during input.
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
    /// Creates the state; `judge` returns the problems of the current draft.
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

    /// Returns the text of a field's problems that are to be shown now.
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

    /// Returns a field's problems that are to be shown now.
    #[must_use]
    pub fn shown(self, field: &'static str, value: RwSignal<String>) -> Signal<Vec<Problem>> {
        let refused = self.refused(field, value);
        Signal::derive(move || {
            // An empty field that was only passed is not yet a mistake.
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

    /// Returns the server's problems of a field while its value is unchanged.
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

    /// Returns whether the person has finished editing a field for now.
    #[must_use]
    pub fn is_settled(self, field: &'static str) -> Signal<bool> {
        Signal::derive(move || {
            self.came_back || self.tried.get() || self.left.with(|left| left.contains(field))
        })
    }

    /// Returns whether the page is the response to a rejected form POST. Such a page has no passwords.
    #[must_use]
    pub const fn came_back(self) -> bool {
        self.came_back
    }

    /// Returns the handler for a field's `on:focusout`.
    pub fn leaving(self, field: &'static str) -> impl Fn(FocusEvent) + Clone + 'static {
        move |_| {
            let left = self.left;
            set_timeout(
                move || {
                    // The page may have been closed.
                    let _ = left.try_update(|left| left.insert(field));
                },
                CLICK,
            );
        }
    }

    /// Returns whether the form can be sent. If not, shows all problems and focuses the first one.
    #[must_use]
    pub fn may_send(self) -> bool {
        self.tried.set(true);
        let fine = self.here.with_untracked(Vec::is_empty);
        if !fine {
            focus_first_invalid();
        }
        fine
    }

    /// Resets the state after the form was sent and emptied.
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
