//! One row of the list.

use leptos::prelude::*;

use super::{
    api::UserRow,
    state::{MailTrouble, MailWay, State},
};
use crate::{i18n::*, shell::use_shell, ui::Person};

/// A person: who, by which username, as what, and in the right column how they stand.
#[component]
pub fn Row(row: UserRow) -> impl IntoView {
    let i18n = use_i18n();
    let href = use_shell().path(&format!("users/{}", row.id));
    let (name, detail) = if row.name.trim().is_empty() {
        (
            row.email.clone(),
            tu_string!(i18n, users.no_name).to_owned(),
        )
    } else {
        (row.name.clone(), email_words(i18n, &row))
    };
    let username = match row.username {
        Some(username) => view! { <span class="mono">{username}</span> }.into_any(),
        None => {
            view! { <span class="muted">{tu_string!(i18n, users.not_chosen)}</span> }.into_any()
        }
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
fn email_words(i18n: leptos_i18n::I18nContext<Locale>, row: &UserRow) -> String {
    let accepted = row.state.seconds_left.is_none();
    if accepted && !row.email_confirmed {
        tu_string!(i18n, users.email_unconfirmed, email = row.email.clone())
    } else {
        row.email.clone()
    }
}
