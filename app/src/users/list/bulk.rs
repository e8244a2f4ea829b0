//! What is done to the chosen: the bar of actions, the question before what can't be undone, and
//! sending it. Without script the bar's buttons send the form that the table stands in.

use leptos::{ev::MouseEvent, prelude::*, task::spawn_local};
use muster::{
    account_state::AccountState,
    draft::{BulkAction, BulkDraft},
    guard::Guard,
};

use super::{
    super::{
        api::{self, BulkReport, Chosen, UserRow},
        row::is_invited,
    },
    address::Kind,
    choice::{Choosing, focus_table},
    living::{List, name_of},
    report::{Names, done_words, question, remove_text, remove_word},
};
use crate::{
    failure::Refusal,
    form::Form,
    i18n::*,
    language::use_locale,
    ui::{
        Button, ButtonKind, Dialog, DialogCloser, IconName, Toast, ToastKind, Toasts, use_toasts,
    },
    words::{Say, use_say},
};

/// The dialog's id.
const REMOVE: &str = "remove-chosen";

/// The actions on the chosen, and what came of the last.
#[derive(Clone, Copy)]
pub struct Bulk {
    list: List,
    choosing: Choosing,
    form: StoredValue<Form<BulkDraft, BulkReport>>,
    /// What the server answered last: all of it where the browser sent the form by itself; of what the
    /// living page sent only what no toast says.
    pub answer: RwSignal<Option<BulkReport>>,
    /// The action that is under way.
    sent: RwSignal<Option<BulkAction>>,
    /// Whether the dialog asks, and by which names: they stay while it closes.
    asking: RwSignal<bool>,
    asked: RwSignal<Vec<String>>,
    toasts: Toasts,
    locale: Locale,
    say: Say,
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
            locale: use_locale(),
            say: use_say(),
        };
        // What went wrong stands on the page, which the dialog would cover.
        let failure = bulk.failure();
        Effect::new(move |_| {
            if failure.get().is_some() {
                bulk.asking.set(false);
            }
        });
        bulk
    }

    /// Why nothing was done.
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

    fn pending(self, action: BulkAction) -> bool {
        self.form.with_value(|form| form.pending.get()) && self.sent.get() == Some(action)
    }

    /// What `take` makes of each of the chosen that the action makes sense for.
    fn fitting<T>(self, action: BulkAction, take: impl Fn(&UserRow) -> T) -> Vec<T> {
        let fits = |row: &UserRow| self.choosing.has(&row.id) && fits(action, row);
        self.list.rows(fits, take)
    }

    /// Does it to them.
    fn act(self, action: BulkAction) {
        let ids = untrack(|| self.fitting(action, |row| row.id.clone()));
        let Some(slug) = self.list.slug() else { return };
        self.sent.set(Some(action));
        let draft = draft(action, ids);
        self.form.with_value(|form| {
            form.send(api::bulk_users(slug, draft), move |report| {
                self.asking.set(false);
                self.finish(report);
            });
        });
    }

    /// Says what was done, offers the way back where there is one, and shows the list as it is now.
    fn finish(self, report: BulkReport) {
        let BulkReport::Done { action, done, left } = report else {
            // It is asked back on the page, as without script.
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
        // The list may be gone by now: an undo comes from a toast.
        let _ = self.answer.try_set(rest);
        self.choosing.clear();
        self.list.load();
        focus_table();
    }

    fn undo(self, back: BulkAction, done: &[Chosen]) {
        let ids = done.iter().map(|person| person.id.clone()).collect();
        // The toast outlives the list; then there is nothing to show anew, but still to do.
        let slug = self.list.slug().or_else(slug_of_page);
        let Some(slug) = slug else { return };
        spawn_local(async move {
            match api::bulk_users(slug, draft(back, ids)).await {
                Ok(report) => self.finish(report),
                Err(Refusal(failure)) => self.toasts.bad(self.say.of_failure(&failure)),
            }
        });
    }
}

/// The institution that the page is in, where nothing else knows it any more.
fn slug_of_page() -> Option<String> {
    let path = window().location().pathname().ok()?;
    path.strip_prefix("/i/")?
        .split('/')
        .next()
        .map(str::to_owned)
}

fn draft(action: BulkAction, ids: Vec<String>) -> BulkDraft {
    BulkDraft {
        action: action.code().to_owned(),
        ids,
        // The living page asks before it sends.
        confirmed: "1".to_owned(),
    }
}

/// What takes an action back.
const fn reverse(action: BulkAction) -> Option<BulkAction> {
    match action {
        BulkAction::Deactivate => Some(BulkAction::Reactivate),
        BulkAction::Reactivate => Some(BulkAction::Deactivate),
        BulkAction::Resend | BulkAction::Remove => None,
    }
}

/// The actions of a list's bar.
const fn actions(kind: Kind) -> &'static [BulkAction] {
    match kind {
        Kind::Users => &BulkAction::ALL,
        Kind::Invitations => &[BulkAction::Resend, BulkAction::Remove],
    }
}

/// Whether the action makes sense for a row. Rules that only the server knows are not asked here.
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

/// Why the action can't be done to the chosen; nothing where it can be done to some.
fn stopped(bulk: Bulk, action: BulkAction) -> Option<String> {
    let locale = bulk.locale;
    let (may_invite, may_remove) = bulk
        .list
        .read(|page| (page.may_invite, page.may_remove))
        .unwrap_or_default();
    let forbidden = match action {
        BulkAction::Resend => !may_invite,
        BulkAction::Deactivate | BulkAction::Reactivate | BulkAction::Remove => !may_remove,
    };
    if forbidden {
        return Some(
            match action {
                BulkAction::Resend => td_string!(locale, users.may_not_invite),
                _ => td_string!(locale, users.may_not_remove),
            }
            .to_owned(),
        );
    }
    if bulk.choosing.count() == 0 || !bulk.fitting(action, |_| ()).is_empty() {
        return None;
    }
    let main_contact = bulk
        .list
        .rows(|row| bulk.choosing.has(&row.id), |row| row.main_contact)
        .contains(&true);
    Some(match action {
        BulkAction::Resend => td_string!(locale, users.none_invited).to_owned(),
        BulkAction::Reactivate => td_string!(locale, users.none_deactivated).to_owned(),
        BulkAction::Deactivate if !main_contact => td_string!(locale, users.none_active).to_owned(),
        BulkAction::Deactivate | BulkAction::Remove => bulk.say.of_guard(Guard::MainContact),
    })
}

/// The bar. A stylesheet shows it as soon as a box is ticked, so it needs no script.
#[component]
pub fn BulkBar(list: List, choosing: Choosing, bulk: Bulk) -> impl IntoView {
    let locale = use_locale();
    let words = move || match choosing.count() {
        0 => td_string!(locale, users.the_chosen).to_owned(),
        n => td_string!(locale, users.chosen, count = n),
    };
    let buttons = actions(list.kind)
        .iter()
        .map(|action| view! { <ActionButton bulk action=*action/> })
        .collect_view();
    view! {
        <p class="visually-hidden" role="status">
            {move || (choosing.count() > 0).then(words)}
        </p>
        <div class="bulk" role="group" aria-label=td_string!(locale, users.bulk_actions)>
            <strong>{words}</strong>
            <div class="do">{buttons}</div>
            <span class="clear" hidden=move || !list.alive.get()>
                <Button
                    kind=ButtonKind::Ghost
                    icon=IconName::X
                    label=td_string!(locale, users.clear_choice)
                    on_click=Callback::new(move |_: MouseEvent| {
                        choosing.clear();
                        focus_table();
                    })
                />
            </span>
        </div>
    }
}

#[component]
fn ActionButton(bulk: Bulk, action: BulkAction) -> impl IntoView {
    let locale = use_locale();
    let (icon, kind) = match action {
        BulkAction::Resend => (IconName::Send, ButtonKind::Plain),
        BulkAction::Deactivate => (IconName::CirclePause, ButtonKind::Plain),
        BulkAction::Reactivate => (IconName::UserCheck, ButtonKind::Plain),
        BulkAction::Remove => (IconName::Trash2, ButtonKind::Danger),
    };
    let word = match action {
        BulkAction::Resend => td_string!(locale, users.resend),
        BulkAction::Deactivate => td_string!(locale, users.deactivate),
        BulkAction::Reactivate => td_string!(locale, users.reactivate),
        BulkAction::Remove if bulk.list.kind == Kind::Invitations => {
            td_string!(locale, users.revoke)
        }
        BulkAction::Remove => td_string!(locale, users.remove),
    };
    let why = Memo::new(move |_| stopped(bulk, action));
    view! {
        <Button
            submit=true
            kind=kind
            icon=icon
            name="action"
            value=action.code()
            pending=Signal::derive(move || bulk.pending(action))
            disabled=Signal::derive(move || why.with(Option::is_some))
            why=why
            on_click=Callback::new(move |event: MouseEvent| {
                event.prevent_default();
                if action == BulkAction::Remove {
                    bulk.asked.set(untrack(|| bulk.fitting(action, name_of)));
                    bulk.asking.set(true);
                } else {
                    bulk.act(action);
                }
            })
        >
            <span>{move || format!("{word}{}", to_some(bulk, action))}</span>
        </Button>
    }
}

/// To how many of the chosen, where not to all.
fn to_some(bulk: Bulk, action: BulkAction) -> String {
    let fitting = bulk.fitting(action, |_| ()).len();
    if fitting == 0 || fitting == bulk.choosing.count() {
        String::new()
    } else {
        format!(" ({fitting})")
    }
}

/// Asks before people are removed, and names them.
#[component]
pub fn RemoveDialog(bulk: Bulk) -> impl IntoView {
    let locale = use_locale();
    let kind = bulk.list.kind;
    let names = bulk.asked;
    let title = move || names.with(|names| question(locale, kind, names));
    let text = move || Some(names.with(|names| remove_text(locale, kind, names)));
    view! {
        <Dialog
            id=REMOVE
            title=title
            text=text
            close_word=td_string!(locale, common.close)
            open=bulk.asking
        >
            {move || {
                let names = names.get();
                (names.len() > 1).then(|| view! { <Names names/> })
            }}
            <div class="actions">
                <DialogCloser dialog=REMOVE>{td!(locale, common.cancel)}</DialogCloser>
                <Button
                    kind=ButtonKind::Destroy
                    icon=IconName::Trash2
                    pending=Signal::derive(move || bulk.pending(BulkAction::Remove))
                    on_click=Callback::new(move |_: MouseEvent| bulk.act(BulkAction::Remove))
                >
                    {remove_word(locale, kind)}
                </Button>
            </div>
        </Dialog>
    }
}
