//! Server functions of the list of users and of a user's page.

use leptos::{prelude::*, server_fn::codec::Json};
use muster::account_state::AccountState;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use crate::backend::{answer, backend, caller};
use crate::{failure::Refusal, moment::Moment};

/// The state of a user with what the list says below it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StateView {
    /// The state.
    pub state: AccountState,
    /// For a pending or expired invitation: seconds until its end, negative after it.
    pub seconds_left: Option<i64>,
    /// The end itself.
    pub until: Option<Moment>,
    /// Whether the person asked for a new link.
    pub asked_again: bool,
    /// The way of the last mail.
    pub mail: MailState,
}

/// The way of the invitation's mail, shown beside the state and never mixed into it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum MailState {
    /// No mail is under way (accepted already, or none was ever sent).
    #[default]
    None,
    /// In the outbox.
    Queued,
    /// A try failed; it is tried again.
    Delayed,
    /// The mail server took it.
    Sent,
    /// The mail server refused it for good.
    Refused,
}

/// One row of the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserRow {
    /// The membership's id.
    pub id: String,
    /// First and last name, or empty where nobody gave one yet.
    pub name: String,
    /// The username, once chosen or reserved.
    pub username: Option<String>,
    /// The address.
    pub email: String,
    /// Whether the address was proved.
    pub email_confirmed: bool,
    /// The role's name.
    pub role: String,
    /// Whether this is the institution's main contact.
    pub main_contact: bool,
    /// Where the person stands.
    pub state: StateView,
}

/// A page of the list, 50 rows at most.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsersPage {
    /// The rows, by name.
    pub rows: Vec<UserRow>,
    /// The key of the page after this one.
    pub next: Option<String>,
    /// The key of the page before this one.
    pub previous: Option<String>,
    /// How many users there are in all.
    pub total: i64,
    /// The number of the page's first row in the whole list, counted from 1, where it is known.
    pub first: i64,
    /// Whether the caller may invite.
    pub may_invite: bool,
}

/// One step in the life of an invitation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimelineStep {
    /// What happened.
    pub step: Step,
    /// When.
    pub at: Moment,
    /// Who did it, or what the mail server said; may be empty.
    pub detail: String,
}

/// What can happen to an invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Step {
    /// An administrator invited the person.
    Invited,
    /// An administrator sent it again.
    Resent,
    /// The mail server accepted the mail.
    MailAccepted,
    /// The mail server refused the mail.
    MailRefused,
    /// A link was copied to be handed over.
    LinkCopied,
    /// The page was opened.
    Viewed,
    /// The person asked for a new link.
    AskedAgain,
    /// It expired.
    Expired,
    /// The person accepted.
    Accepted,
    /// The person declined.
    Declined,
    /// An administrator took it back.
    Revoked,
}

/// A user's page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserView {
    /// The row of the list.
    pub row: UserRow,
    /// First name, or empty.
    pub first_name: String,
    /// Last name, or empty.
    pub last_name: String,
    /// Phone in E.164, or empty.
    pub phone: String,
    /// When the person joined.
    pub joined: Option<Moment>,
    /// The invitation's life, oldest first.
    pub timeline: Vec<TimelineStep>,
    /// Whether an invitation is open (pending or expired): it can be resent, revoked, copied.
    pub open_invitation: bool,
    /// Whether the caller may resend, revoke and copy.
    pub may_invite: bool,
    /// Whether the account is locked and the caller may unlock it.
    pub may_unlock: bool,
}

/// A page of the list: after a key, before a key, or the first.
///
/// # Errors
/// `SignedOut`, `NotFound`, `Forbidden`, `BadRequest` for a key that is none.
#[server(name = UsersFn, prefix = "/api", endpoint = "users", input = Json)]
pub async fn users(
    slug: String,
    after: Option<String>,
    before: Option<String>,
) -> Result<UsersPage, Refusal> {
    answer(
        backend()?
            .users(&caller()?, &slug, after.as_deref(), before.as_deref())
            .await,
    )
}

/// One user.
///
/// # Errors
/// `SignedOut`, `NotFound`, `Forbidden`.
#[server(name = UserFn, prefix = "/api", endpoint = "user", input = Json)]
pub async fn user(slug: String, id: String) -> Result<UserView, Refusal> {
    answer(backend()?.user(&caller()?, &slug, &id).await)
}

/// Ends the lock of a person's account; at most once an hour a person.
///
/// # Errors
/// `TooSoon`, `Changed`, `SignedOut`, `NotFound`, `Forbidden`.
#[server(name = UnlockUserFn, prefix = "/api", endpoint = "unlock_user", input = Json)]
pub async fn unlock_user(slug: String, id: String) -> Result<(), Refusal> {
    answer(backend()?.unlock_user(&caller()?, &slug, &id).await)
}
