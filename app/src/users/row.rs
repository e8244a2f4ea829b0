//! One row of the list.

use leptos::prelude::*;

use super::{
    api::UserRow,
    state::{MailTrouble, MailWay, State},
};
use crate::{i18n::*, language::use_locale, shell::use_shell, ui::Person};

/// A person: who, by which username, as what, and in the right column how they stand.
#[component]
pub fn Row(row: UserRow) -> impl IntoView {
    let locale = use_locale();
    let href = use_shell().path(&format!("users/{}", row.id));
    let (name, detail) = if row.name.trim().is_empty() {
        (
            row.email.clone(),
            td_string!(locale, users.no_name).to_owned(),
        )
    } else {
        (row.name.clone(), email_words(locale, &row))
    };
    let username = match row.username {
        Some(username) => view! { <span class="mono">{username}</span> }.into_any(),
        None => view! { <span class="muted nowrap">{td_string!(locale, users.not_chosen)}</span> }
            .into_any(),
    };
    view! {
        <tr>
            <td><Person name=name.clone() detail=detail key=name href=href/></td>
            <td class="hide">{username}</td>
            <td class="hide">{row.role}</td>
            <td class="hide"><MailWay state=row.state.clone()/></td>
            <td>
                <State state=row.state.clone() main_contact=row.main_contact/>
                <MailTrouble state=row.state/>
            </td>
        </tr>
    }
}

/// The address, and where it is not proved (somebody came by a copied link), that it is not.
fn email_words(locale: Locale, row: &UserRow) -> String {
    let accepted = row.state.seconds_left.is_none();
    if accepted && !row.email_confirmed {
        td_string!(locale, users.email_unconfirmed, email = row.email.clone())
    } else {
        row.email.clone()
    }
}
