//! Server functions of the list of users and of a user's page.

use leptos::prelude::*;
use muster::{
    account_state::AccountState,
    draft::{BulkAction, BulkDraft, EditUserDraft},
    failure::Failure,
    users_query::UsersQuery,
};
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use crate::backend::{answer, backend, caller};
use crate::{failure::Refusal, invitations::api::RoleChoice, json::Json, moment::Moment};

/// The state of a user with what the list says below it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StateView {
    /// The state.
    pub state: AccountState,
    /// For a pending or expired invitation: seconds until its end, negative after it.
    pub seconds_left: Option<i64>,
    /// The end itself.
    pub until: Option<Moment>,
    /// When an invitation that waits is sent by itself.
    pub sends_at: Option<Moment>,
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
    /// Whether the role carries the administrator flag.
    pub administrator: bool,
    /// Whether this is the institution's main contact.
    pub main_contact: bool,
    /// When the person last looked at the institution.
    pub seen: Option<Seen>,
    /// For an open invitation: who sent it and when.
    pub sent: Option<Sent>,
    /// Where the person stands.
    pub state: StateView,
}

/// When a person last looked at the institution.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// Seconds ago, by the database's clock.
    pub seconds_ago: u64,
    /// The time itself.
    pub at: Moment,
}

/// The last sending of an invitation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// The name of who sent it.
    pub by: String,
    /// When.
    pub at: Moment,
}

/// How many users there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Count {
    /// So many.
    Exact(i64),
    /// About so many, by the database's statistics.
    About(i64),
    /// More than so many.
    Over(i64),
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
    /// How many users the filter leaves.
    pub count: Count,
    /// The number of the page's first row in the whole list, counted from 1, where it is known.
    pub first: Option<i64>,
    /// The roles to filter by.
    pub roles: Vec<RoleFilter>,
    /// Since when no email is sent; none while it is.
    pub mail_paused: Option<Moment>,
    /// Whether the caller may invite, resend and revoke.
    pub may_invite: bool,
    /// Whether the caller may remove, deactivate and reactivate.
    pub may_remove: bool,
}

/// A role to filter by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleFilter {
    /// The role's id.
    pub id: String,
    /// Its name, in the reader's language.
    pub name: String,
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
    /// Login details were mailed.
    DetailsSent,
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
    /// The person became a member without an invitation.
    Joined,
    /// The person declined.
    Declined,
    /// An administrator took it back.
    Revoked,
}

/// A user's page.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each says of one action whether it is there"
)]
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
    /// What the institution keeps in further columns: their names, what they say.
    pub attributes: Vec<(String, String)>,
    /// When the person joined.
    pub joined: Option<Moment>,
    /// The invitation's life, oldest first.
    pub timeline: Vec<TimelineStep>,
    /// Whether an invitation is open (pending or expired): it can be resent, revoked, copied.
    pub open_invitation: bool,
    /// Whether its mail carries login details.
    pub login_details: bool,
    /// Whether the caller may resend, revoke and copy.
    pub may_invite: bool,
    /// Whether the account is locked and the caller may unlock it.
    pub may_unlock: bool,
    /// Whether the caller may change the details.
    pub may_edit: bool,
    /// The role's id.
    pub role: String,
    /// The version of the details, for [`edit_user`].
    pub version: i32,
    /// The roles that the caller may give; the person's own is among them.
    pub roles: Vec<RoleChoice>,
    /// Why the role can't be changed by the caller, where it can't.
    pub role_fixed: Option<Failure>,
    /// Why the caller can't remove, deactivate or reactivate the person, where that is so.
    pub ending_refused: Option<Failure>,
}

/// What came of a change of details.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Edited {
    /// They are kept.
    Saved,
    /// Somebody else changed them meanwhile, and nothing was overwritten.
    Conflict(Box<Conflict>),
}

/// What somebody else made of the details meanwhile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conflict {
    /// The name of who changed them last.
    pub by: String,
    /// When.
    pub at: Option<Moment>,
    /// The details as they are now, with the version to send where they are to be overwritten.
    pub now: EditUserDraft,
    /// The name of the role that they hold now.
    pub role: String,
}

/// What came of an action on several users.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum BulkReport {
    /// What is asked for can't be undone: the chosen by name, to be confirmed.
    Confirm {
        /// The action.
        action: BulkAction,
        /// The chosen.
        people: Vec<Chosen>,
    },
    /// What was done.
    Done {
        /// The action.
        action: BulkAction,
        /// To whom it was done.
        done: Vec<Chosen>,
        /// Who was left as they were, and why.
        left: Vec<(Chosen, Failure)>,
    },
}

/// One of several chosen users.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chosen {
    /// The membership's id.
    pub id: String,
    /// The name, or the address where nobody gave one.
    pub name: String,
}

/// A person that the search from anywhere found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// The membership's id.
    pub id: String,
    /// The name, or the address where nobody gave one.
    pub name: String,
    /// The address.
    pub email: String,
    /// Where the person stands.
    pub state: AccountState,
}

/// A page of the list: after a key, before a key, or the first.
///
/// # Errors
/// `SignedOut`, `NotFound`, `Forbidden`, `BadRequest` for a key or a filter that is none.
#[server(name = UsersFn, prefix = "/api", endpoint = "users", protocol = Json)]
pub async fn users(
    slug: String,
    #[server(default)] query: UsersQuery,
) -> Result<UsersPage, Refusal> {
    answer(backend()?.users(&caller()?, &slug, &query).await)
}

/// One user.
///
/// # Errors
/// `SignedOut`, `NotFound`, `Forbidden`.
#[server(name = UserFn, prefix = "/api", endpoint = "user", protocol = Json)]
pub async fn user(slug: String, id: String) -> Result<UserView, Refusal> {
    answer(backend()?.user(&caller()?, &slug, &id).await)
}

/// Ends the lock of a person's account; at most once an hour a person.
///
/// # Errors
/// `TooSoon`, `Changed`, `SignedOut`, `NotFound`, `Forbidden`.
#[server(name = UnlockUserFn, prefix = "/api", endpoint = "unlock_user", protocol = Json)]
pub async fn unlock_user(slug: String, id: String) -> Result<(), Refusal> {
    answer(backend()?.unlock_user(&caller()?, &slug, &id).await)
}

/// Changes the institution's own details of a user, the role among them.
///
/// # Errors
/// `Invalid`, `Guarded`, `SignedOut`, `NotFound`, `Forbidden`.
#[server(name = EditUserFn, prefix = "/api", endpoint = "edit_user", protocol = Json)]
pub async fn edit_user(slug: String, id: String, draft: EditUserDraft) -> Result<Edited, Refusal> {
    answer(backend()?.edit_user(&caller()?, &slug, &id, &draft).await)
}

/// Keeps a member out: from the next request on the institution is not there for them, and what
/// invitations they sent are dead. Can be undone by [`reactivate_user`].
///
/// # Errors
/// `Guarded`, `Changed` where the person is no active member, `SignedOut`, `NotFound`, `Forbidden`.
#[server(name = DeactivateUserFn, prefix = "/api", endpoint = "deactivate_user", protocol = Json)]
pub async fn deactivate_user(slug: String, id: String) -> Result<(), Refusal> {
    answer(backend()?.deactivate_user(&caller()?, &slug, &id).await)
}

/// Lets a deactivated member in again.
///
/// # Errors
/// `SeatsFull`, `Guarded`, `Changed` where the person is not deactivated, `SignedOut`, `NotFound`, `Forbidden`.
#[server(name = ReactivateUserFn, prefix = "/api", endpoint = "reactivate_user", protocol = Json)]
pub async fn reactivate_user(slug: String, id: String) -> Result<(), Refusal> {
    answer(backend()?.reactivate_user(&caller()?, &slug, &id).await)
}

/// Ends a membership, from the next request on; what invitations the person sent are dead. The account
/// stays the person's own.
///
/// # Errors
/// `Guarded`, `Changed` where the person is no member, `SignedOut`, `NotFound`, `Forbidden`.
#[server(name = RemoveUserFn, prefix = "/api", endpoint = "remove_user", protocol = Json)]
pub async fn remove_user(slug: String, id: String) -> Result<(), Refusal> {
    answer(backend()?.remove_user(&caller()?, &slug, &id).await)
}

/// One action on several users; each has an outcome of its own. What can't be undone is asked back first.
///
/// # Errors
/// `Invalid`, `SignedOut`, `NotFound`, `Forbidden`.
#[server(name = BulkUsersFn, prefix = "/api", endpoint = "bulk_users", protocol = Json)]
pub async fn bulk_users(slug: String, draft: BulkDraft) -> Result<BulkReport, Refusal> {
    answer(backend()?.bulk_users(&caller()?, &slug, &draft).await)
}

/// The first few people that a search finds, for the search from anywhere.
///
/// # Errors
/// `SignedOut`, `NotFound`, `Forbidden`.
#[server(name = FindUsersFn, prefix = "/api", endpoint = "find_users", protocol = Json)]
pub async fn find_users(slug: String, q: String) -> Result<Vec<Found>, Refusal> {
    answer(backend()?.find_users(&caller()?, &slug, &q).await)
}
