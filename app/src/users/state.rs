//! Displays states and their details. The delivery status of an email is shown separately.

use i18n::*;
use leptos::prelude::*;
use muster::account_state::AccountState;
use rpc::{
    FormattedTime,
    users::{MailState, StateView},
};

use crate::ui::{ChipKind, Icon, IconName, StateChip};

/// Returns the kind of chip for a state.
pub const fn chip(state: AccountState) -> ChipKind {
    match state {
        AccountState::NotNotified => ChipKind::Waiting,
        AccountState::Pending => ChipKind::Pending,
        AccountState::InviteExpired => ChipKind::Expired,
        AccountState::Active => ChipKind::Active,
        AccountState::Deactivated => ChipKind::Off,
        AccountState::Locked => ChipKind::Locked,
    }
}

/// Formats a time with its time zone.
pub fn in_full(time: &FormattedTime) -> String {
    if time.zone.is_empty() {
        time.text.clone()
    } else {
        format!("{} {}", time.text, time.zone)
    }
}

/// A state with its remaining time or the time since it ended.
#[component]
pub fn State(state: StateView, main_contact: bool) -> impl IntoView {
    let locale = use_locale();
    let say = use_say();
    let note = note(locale, say, &state)
        .or_else(|| main_contact.then(|| td_string!(locale, users.main_contact).to_owned()));
    view! { <StateChip kind=chip(state.state) word=say.of_state(state.state) note=note/> }
}

/// The remaining time of an invitation, or the time since it ended, without the state.
#[component]
pub fn StateTime(state: StateView) -> impl IntoView {
    note(use_locale(), use_say(), &state)
        .map(|note| view! { <small class="state-time">{note}</small> })
}

fn note(locale: Locale, say: Say, state: &StateView) -> Option<String> {
    match state.state {
        AccountState::NotNotified => Some(match &state.sends_at {
            Some(at) => td_string!(locale, users.sends_at, at = at.text.clone()),
            None => td_string!(locale, users.not_sent_yet).to_owned(),
        }),
        AccountState::Pending | AccountState::InviteExpired => {
            state.seconds_left.map(|left| say.of_time_left(left))
        }
        _ => None,
    }
}

/// The delivery status of the last email, and whether the person requested a new link, for a column.
#[component]
pub fn MailWay(state: StateView) -> impl IntoView {
    let locale = use_locale();
    let mail = match state.mail {
        MailState::None => None,
        MailState::Queued => Some(("", IconName::Clock, td_string!(locale, users.mail_queued))),
        MailState::Delayed => Some((
            "wait",
            IconName::Hourglass,
            td_string!(locale, users.mail_delayed),
        )),
        MailState::Sent => Some(("", IconName::MailCheck, td_string!(locale, users.mail_sent))),
        MailState::Refused => Some((
            "bad",
            IconName::MailX,
            td_string!(locale, users.mail_refused),
        )),
    };
    let nothing = mail.is_none() && !state.asked_again;
    view! {
        {mail.map(|(kind, icon, word)| view! { <Way kind icon word/> })}
        {state.asked_again.then(|| view! { <Asked/> })}
        {nothing.then(|| view! { <span class="muted">{td_string!(locale, users.none)}</span> })}
    }
}

/// Delivery problems and requests for a new link, if there is no column for them.
#[component]
pub fn MailTrouble(state: StateView) -> impl IntoView {
    let locale = use_locale();
    let trouble = trouble(locale, state.mail);
    view! {
        <div class="mail-compact">
            {trouble.map(|(kind, icon, word)| view! { <Way kind icon word/> })}
            {state.asked_again.then(|| view! { <Asked/> })}
        </div>
    }
}

fn trouble(locale: Locale, mail: MailState) -> Option<(&'static str, IconName, &'static str)> {
    match mail {
        MailState::None | MailState::Sent => None,
        MailState::Queued => Some((
            "",
            IconName::Clock,
            td_string!(locale, users.compact_queued),
        )),
        MailState::Delayed => Some((
            "wait",
            IconName::Hourglass,
            td_string!(locale, users.compact_delayed),
        )),
        MailState::Refused => Some((
            "bad",
            IconName::MailX,
            td_string!(locale, users.compact_refused),
        )),
    }
}

#[component]
fn Way(kind: &'static str, icon: IconName, word: &'static str) -> impl IntoView {
    view! { <span class=format!("mail-way {kind}")><Icon name=icon/>{word}</span> }
}

#[component]
fn Asked() -> impl IntoView {
    let locale = use_locale();
    view! { <Way kind="wait" icon=IconName::Bell word=td_string!(locale, users.asked_again)/> }
}
