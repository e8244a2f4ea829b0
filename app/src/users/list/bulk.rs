//! The bulk actions: sending, reporting and undoing them.

use i18n::*;
use leptos::{prelude::*, task::spawn_local};
use muster::{
    account_state::AccountState,
    draft::{BulkAction, BulkDraft},
};
use rpc::{
    Refusal,
    users::{BulkReport, Chosen, UserRow},
};

use super::{
    super::row::is_invited,
    choice::{Choosing, focus_table},
    living::List,
    report::done_words,
};
use crate::{
    form::Form,
    shell::{ShellContext, use_shell},
    ui::{Toast, ToastKind, Toasts, use_toasts},
};

/// The bulk actions and the result of the last one.
#[derive(Clone, Copy)]
pub struct Bulk {
    pub list: List,
    pub choosing: Choosing,
    form: StoredValue<Form<BulkDraft, BulkReport>>,
    /// The last answer of the server: all of it if the browser posted the form; otherwise only what no toast shows.
    pub answer: RwSignal<Option<BulkReport>>,
    /// The action in progress.
    sent: RwSignal<Option<BulkAction>>,
    /// Whether the dialog is open, and its names, which stay while it closes.
    pub asking: RwSignal<bool>,
    pub asked: RwSignal<Vec<String>>,
    toasts: Toasts,
    shell: ShellContext,
    pub locale: Locale,
    pub say: Say,
}

impl Bulk {
    pub fn new(list: List, choosing: Choosing, form: Form<BulkDraft, BulkReport>) -> Self {
        let bulk = Self {
            list,
            choosing,
            answer: form.answer,
            form: StoredValue::new(form),
            sent: RwSignal::new(None),
            asking: RwSignal::new(false),
            asked: RwSignal::new(Vec::new()),
            toasts: use_toasts(),
            shell: use_shell(),
            locale: use_locale(),
            say: use_say(),
        };
        // The failure is shown on the page, which the dialog would cover.
        let failure = bulk.failure();
        Effect::new(move |_| {
            if failure.get().is_some() {
                bulk.asking.set(false);
            }
        });
        bulk
    }

    /// Returns the text of the last failure.
    pub fn failure(self) -> Signal<Option<String>> {
        let failure = self.form.with_value(|form| form.failure);
        Signal::derive(move || {
            failure.get().map(|failure| match failure {
                muster::failure::Failure::Invalid(_) => {
                    td_string!(self.locale, users.nobody_chosen).to_owned()
                }
                other => self.say.of_failure(&other),
            })
        })
    }

    /// Returns whether the action is in progress.
    pub fn pending(self, action: BulkAction) -> bool {
        self.form.with_value(|form| form.pending.get()) && self.sent.get() == Some(action)
    }

    /// Applies `take` to each selected row that the action fits.
    pub fn fitting<T>(self, action: BulkAction, take: impl Fn(&UserRow) -> T) -> Vec<T> {
        let fits = |row: &UserRow| self.choosing.has(&row.id) && fits(action, row);
        self.list.rows(fits, take)
    }

    /// Performs the action on the selected rows.
    pub fn act(self, action: BulkAction) {
        let ids = untrack(|| self.fitting(action, |row| row.id.clone()));
        let Some(slug) = self.list.slug() else { return };
        self.sent.set(Some(action));
        let draft = draft(action, ids);
        self.form.with_value(|form| {
            form.send(rpc::users::bulk_users(slug, draft), move |report| {
                self.asking.set(false);
                self.finish(report);
            });
        });
    }

    /// Reports what was done, offers to undo it if possible, and reloads the list.
    fn finish(self, report: BulkReport) {
        let BulkReport::Done { action, done, left } = report else {
            // The page asks for confirmation, as without scripts.
            return;
        };
        if !done.is_empty() {
            let words = done_words(self.locale, self.list.kind, action, &done);
            let toast = Toast::new(ToastKind::Ok, words);
            self.toasts.show(match reverse(action) {
                None => toast,
                Some(back) => toast.action(
                    td_string!(self.locale, users.undo),
                    Callback::new(move |()| self.undo(back, &done)),
                ),
            });
        }
        let rest = (!left.is_empty()).then_some(BulkReport::Done {
            action,
            done: Vec::new(),
            left,
        });
        // The list may no longer exist: an undo comes from a toast.
        let _ = self.answer.try_set(rest);
        self.choosing.clear();
        self.list.load();
        focus_table();
    }

    fn undo(self, back: BulkAction, done: &[Chosen]) {
        let ids = done.iter().map(|person| person.id.clone()).collect();
        let sent = rpc::users::bulk_users(self.shell.slug(), draft(back, ids));
        spawn_local(async move {
            match sent.await {
                Ok(report) => {
                    self.finish(report);
                    self.shell.tell_undone();
                }
                Err(Refusal(failure)) => self.toasts.bad(self.say.of_failure(&failure)),
            }
        });
    }
}

fn draft(action: BulkAction, ids: Vec<String>) -> BulkDraft {
    BulkDraft {
        action: action.code().to_owned(),
        ids,
        // The hydrated page has already asked for confirmation.
        confirmed: "1".to_owned(),
    }
}

/// Returns the action that undoes another.
const fn reverse(action: BulkAction) -> Option<BulkAction> {
    match action {
        BulkAction::Deactivate => Some(BulkAction::Reactivate),
        BulkAction::Reactivate => Some(BulkAction::Deactivate),
        BulkAction::Resend | BulkAction::Remove => None,
    }
}

/// Returns whether the action fits a row. Rules that only the server knows are not checked.
const fn fits(action: BulkAction, row: &UserRow) -> bool {
    let state = row.state.state;
    match action {
        BulkAction::Resend => is_invited(state),
        BulkAction::Deactivate => {
            matches!(state, AccountState::Active | AccountState::Locked) && !row.main_contact
        }
        BulkAction::Reactivate => matches!(state, AccountState::Deactivated),
        BulkAction::Remove => !row.main_contact,
    }
}
