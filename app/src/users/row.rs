//! The rows of the lists of users and of invitations.

use i18n::*;
use leptos::prelude::*;
use muster::account_state::AccountState;
use rpc::{FormattedTime, users::UserRow};

use super::{
    list::{box_id, name_of},
    state::{MailTrouble, MailWay, State, in_full},
};
use crate::{shell::use_shell, ui::Person};

/// A user: name, username, role, last activity, and the state in the right column.
#[component]
pub fn UserTableRow(row: UserRow) -> impl IntoView {
    let locale = use_locale();
    let username = match &row.username {
        Some(username) => view! { <span class="mono break">{username.clone()}</span> }.into_any(),
        None => view! { <span class="muted nowrap">{td_string!(locale, users.not_chosen)}</span> }
            .into_any(),
    };
    view! {
        <tr>
            <ChooseCell row=row.clone()/>
            <td><Who row=row.clone()/></td>
            <td class="hide username">{username}</td>
            <td class="hide">{row.role.clone()}</td>
            <td class="hide"><LastSeen row=row.clone()/></td>
            <StateCell row/>
        </tr>
    }
}

/// An open invitation: address, role, sender and time, and the delivery status of its email.
#[component]
pub fn InvitationRow(row: UserRow) -> impl IntoView {
    let locale = use_locale();
    let sent = match row.sent.clone() {
        Some(sent) => view! {
            <span class="sent">
                {sent.by}
                <small><Time at=sent.at.clone()>{sent.at.text.clone()}</Time></small>
            </span>
        }
        .into_any(),
        None => view! { <span class="muted">{td_string!(locale, users.none)}</span> }.into_any(),
    };
    view! {
        <tr>
            <ChooseCell row=row.clone()/>
            <td><Who row=row.clone()/></td>
            <td class="hide">{row.role.clone()}</td>
            <td class="hide">{sent}</td>
            <td class="hide mail"><MailWay state=row.state.clone()/></td>
            <StateCell row/>
        </tr>
    }
}

/// The check box that selects the row.
#[component]
fn ChooseCell(row: UserRow) -> impl IntoView {
    let locale = use_locale();
    view! {
        <td class="choose">
            <label>
                <input
                    type="checkbox"
                    id=box_id(&row.id)
                    name="ids[]"
                    value=row.id.clone()
                    aria-label=td_string!(locale, users.choose, name = name_of(&row))
                    autocomplete="off"
                />
            </label>
        </td>
    }
}

#[component]
fn Who(row: UserRow) -> impl IntoView {
    let locale = use_locale();
    let href = use_shell().path(&format!("users/{}", row.id));
    let name = name_of(&row);
    let detail = if row.name.trim().is_empty() {
        td_string!(locale, users.no_name).to_owned()
    } else {
        email_words(locale, &row)
    };
    view! { <Person name=name.clone() detail=detail key=name href=href/> }
}

#[component]
fn StateCell(row: UserRow) -> impl IntoView {
    view! {
        <td>
            <State state=row.state.clone() main_contact=row.main_contact/>
            <MailTrouble state=row.state/>
        </td>
    }
}

/// The user's last activity; none before they have joined.
#[component]
fn LastSeen(row: UserRow) -> impl IntoView {
    let locale = use_locale();
    let say = use_say();
    match row.seen {
        Some(seen) => {
            let ago = i64::try_from(seen.seconds_ago).unwrap_or(i64::MAX);
            view! {
                <span class="muted nowrap">
                    <Time at=seen.at>{say.of_time_left(-ago)}</Time>
                </span>
            }
            .into_any()
        }
        None if is_invited(row.state.state) => {
            view! { <span class="muted">{td_string!(locale, users.none)}</span> }.into_any()
        }
        None => view! { <span class="muted nowrap">{td_string!(locale, users.never_seen)}</span> }
            .into_any(),
    }
}

/// A relative time, with the exact time attached.
#[component]
fn Time(at: FormattedTime, children: Children) -> impl IntoView {
    view! { <time datetime=at.iso() title=in_full(&at)>{children()}</time> }
}

/// Returns whether the person has not accepted yet.
pub const fn is_invited(state: AccountState) -> bool {
    matches!(
        state,
        AccountState::NotNotified | AccountState::Pending | AccountState::InviteExpired
    )
}

/// Returns the address, marked if it is not confirmed because the person joined by a copied link.
fn email_words(locale: Locale, row: &UserRow) -> String {
    let accepted = !is_invited(row.state.state);
    if accepted && !row.email_confirmed {
        td_string!(locale, users.email_unconfirmed, email = row.email.clone())
    } else {
        row.email.clone()
    }
}
