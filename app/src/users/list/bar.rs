//! The bar of actions on the selected users, and the confirmation of irreversible ones. Without scripts its buttons
//! submit the form around the table.

use i18n::*;
use leptos::{ev::MouseEvent, prelude::*};
use muster::{account_state::AccountState, draft::BulkAction, guard::Guard};

use super::{
    address::Kind,
    bulk::Bulk,
    choice::{Choosing, focus_table},
    living::{List, name_of},
    report::{Names, question, remove_text, remove_word},
};
use crate::ui::{Button, ButtonKind, Dialog, DialogCloser, IconName};

/// The dialog's id.
const REMOVE: &str = "remove-chosen";

/// Returns the actions of a list's bar.
const fn actions(kind: Kind) -> &'static [BulkAction] {
    match kind {
        Kind::Users => &BulkAction::ALL,
        Kind::Invitations => &[BulkAction::Resend, BulkAction::Remove],
    }
}

/// Returns why the action is possible for none of the selected users, or `None` if it is possible for some.
fn stopped(bulk: Bulk, action: BulkAction) -> Option<String> {
    let locale = bulk.locale;
    let (may_invite, may_remove) = bulk
        .list
        .read(|page| (page.may_invite, page.may_remove))
        .unwrap_or_default();
    // In Invitations the selected invitations are revoked.
    let invites = action == BulkAction::Resend
        || (action == BulkAction::Remove && bulk.list.kind == Kind::Invitations);
    if invites && !may_invite {
        return Some(td_string!(locale, users.may_not_invite).to_owned());
    }
    if !invites && !may_remove {
        return Some(td_string!(locale, users.may_not_remove).to_owned());
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

/// The bar. The style sheet shows it as soon as a box is checked, so it works without scripts.
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
    let word = move || match action {
        BulkAction::Resend if only_unsent(bulk) => td_string!(locale, users.send_now),
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
            <span>{move || format!("{}{}", word(), to_some(bulk, action))}</span>
        </Button>
    }
}

/// Returns whether none of the selected invitations has been sent, so that none can be resent.
fn only_unsent(bulk: Bulk) -> bool {
    let unsent = bulk.fitting(BulkAction::Resend, |row| {
        row.state.state == AccountState::NotNotified
    });
    !unsent.is_empty() && unsent.into_iter().all(|it| it)
}

/// Returns the number of selected users that the action applies to, unless it applies to all.
fn to_some(bulk: Bulk, action: BulkAction) -> String {
    let fitting = bulk.fitting(action, |_| ()).len();
    if fitting == 0 || fitting == bulk.choosing.count() {
        String::new()
    } else {
        format!(" ({fitting})")
    }
}

/// Asks for confirmation before people are removed, with their names.
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
