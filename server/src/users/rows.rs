//! Conversion of database rows to those of the crate `rpc`.

use i18n::role_name;
use muster::{account_state::AccountState, marks};
use rpc::users::{MailState, Seen, Sent, StateView, UserRow};

use crate::{
    service::Actor,
    store::{institutions::Institution, listing::Row},
    time_format::{date_time, dated, zone},
};

/// Returns the displayed name, or an empty string without one. Names are checked when they are written, but older ones
/// may have stacks of marks that would cover other lines.
pub fn full_name(first: &str, last: &str) -> String {
    marks::limited(format!("{first} {last}").trim()).into_owned()
}

/// Returns a row for its reader.
pub fn user_row(row: Row, actor: &Actor, institution: &Institution) -> UserRow {
    let zone = zone(&institution.time_zone);
    let state = state_of(&row);
    let open = row.status == "invited";
    let mail = match row
        .mail_state
        .as_deref()
        .filter(|_| open && row.sent_at.is_some())
    {
        None => MailState::None,
        Some("delayed") => MailState::Delayed,
        Some("sent") => MailState::Sent,
        Some("refused") => MailState::Refused,
        Some(_) => MailState::Queued,
    };
    UserRow {
        id: row.id.to_string(),
        name: full_name(&row.first_name, &row.last_name),
        username: row.username,
        email: row.email,
        // The address is only relevant after acceptance.
        email_confirmed: open || row.email_confirmed,
        role: role_name(actor.language, row.role_code.as_deref(), &row.role_name),
        administrator: row.administrator,
        main_contact: row.id == institution.main_contact,
        seen: row.seen_at.zip(row.seen_seconds).map(|(at, seconds)| Seen {
            seconds_ago: u64::try_from(seconds).unwrap_or(0),
            at: date_time(at, zone, actor.language),
        }),
        sent: row.sent_at.filter(|_| open).map(|at| Sent {
            by: row.sender.unwrap_or_default(),
            at: date_time(at, zone, actor.language),
        }),
        state: StateView {
            state,
            seconds_left: row.seconds_left.filter(|_| open),
            until: row
                .expires_at
                .filter(|_| open)
                .map(|at| date_time(at, zone, actor.language)),
            sends_at: row
                .send_at
                .filter(|_| open)
                .map(|at| dated(at, zone, actor.language)),
            asked_again: open && row.asked_again_at.is_some(),
            mail,
        },
    }
}

/// Returns the state of a user.
pub fn state_of(row: &Row) -> AccountState {
    match (row.status.as_str(), row.seconds_left) {
        ("invited", None) => AccountState::NotNotified,
        ("invited", Some(left)) if left > 0 => AccountState::Pending,
        ("invited", _) => AccountState::InviteExpired,
        ("deactivated", _) => AccountState::Deactivated,
        _ if row.locked => AccountState::Locked,
        _ => AccountState::Active,
    }
}

/// Returns the name, or the address if there is none.
pub fn name_or_address(row: &Row) -> String {
    let name = full_name(&row.first_name, &row.last_name);
    if name.is_empty() {
        row.email.clone()
    } else {
        name
    }
}
