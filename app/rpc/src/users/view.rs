//! Users as the list and a user's page show them.

use muster::{
    account_state::AccountState,
    draft::{BulkAction, EditUserDraft},
    failure::Failure,
};
use serde::{Deserialize, Serialize};

use crate::{FormattedTime, invitations::RoleChoice};

/// The state of a user with its details in the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StateView {
    /// The state.
    pub state: AccountState,
    /// For a pending or expired invitation: seconds until it expires, negative afterwards.
    pub seconds_left: Option<i64>,
    /// The time of its expiry.
    pub until: Option<FormattedTime>,
    /// The scheduled time of a waiting invitation.
    pub sends_at: Option<FormattedTime>,
    /// Whether the person requested a new link.
    pub asked_again: bool,
    /// The delivery status of the last email.
    pub mail: MailState,
}

/// The delivery status of the invitation's email, shown beside the state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum MailState {
    /// No email is being delivered: accepted already, or none was sent.
    #[default]
    None,
    /// In the outbox.
    Queued,
    /// An attempt failed and will be repeated.
    Delayed,
    /// The mail server accepted it.
    Sent,
    /// The mail server rejected it permanently.
    Refused,
}

/// One row of the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserRow {
    /// The membership's id.
    pub id: String,
    /// First and last name, or empty if there is none yet.
    pub name: String,
    /// The username, if chosen or reserved.
    pub username: Option<String>,
    /// The address.
    pub email: String,
    /// Whether the address is confirmed.
    pub email_confirmed: bool,
    /// The role's name.
    pub role: String,
    /// Whether the role carries the administrator flag.
    pub administrator: bool,
    /// Whether this is the institution's main contact.
    pub main_contact: bool,
    /// When the person was last active in the institution.
    pub seen: Option<Seen>,
    /// For an open invitation: the sender and the time.
    pub sent: Option<Sent>,
    /// The user's state.
    pub state: StateView,
}

/// When a person was last active in the institution.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// Seconds ago, by the database clock.
    pub seconds_ago: u64,
    /// The time itself.
    pub at: FormattedTime,
}

/// The last sending of an invitation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// The sender's name.
    pub by: String,
    /// When.
    pub at: FormattedTime,
}

/// How many users there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Count {
    /// The exact number.
    Exact(i64),
    /// An estimate from the database's statistics.
    About(i64),
    /// A lower bound.
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
    /// The number of users that match the filter.
    pub count: Count,
    /// The position of the page's first row in the whole list, counted from 1, if known.
    pub first: Option<i64>,
    /// The roles to filter by.
    pub roles: Vec<RoleFilter>,
    /// Since when email is paused; `None` if it is not.
    pub mail_paused: Option<FormattedTime>,
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

/// One step in the timeline of an invitation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimelineStep {
    /// What happened.
    pub step: Step,
    /// When.
    pub at: FormattedTime,
    /// Who did it, or the mail server's answer; may be empty.
    pub detail: String,
}

/// A kind of step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Step {
    /// An administrator invited the person.
    Invited,
    /// An administrator resent the invitation.
    Resent,
    /// Login details were sent.
    DetailsSent,
    /// The mail server accepted the email.
    MailAccepted,
    /// The mail server rejected the email.
    MailRefused,
    /// A link was copied.
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
    /// An administrator revoked it.
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
    /// The further columns, each with its name and value.
    pub attributes: Vec<(String, String)>,
    /// When the person joined.
    pub joined: Option<FormattedTime>,
    /// The invitation's timeline, oldest first.
    pub timeline: Vec<TimelineStep>,
    /// Whether an invitation is open (pending or expired) and can be resent, revoked or copied.
    pub open_invitation: bool,
    /// Whether its email has login details.
    pub login_details: bool,
    /// Whether the caller may resend, revoke and copy.
    pub may_invite: bool,
    /// Whether the account is locked and the caller may unlock it.
    pub may_unlock: bool,
    /// Whether the caller may edit the details.
    pub may_edit: bool,
    /// The role's id.
    pub role: String,
    /// The version of the details, for [`edit_user`](super::edit_user).
    pub version: i32,
    /// The roles that the caller may assign, and the user's own.
    pub roles: Vec<RoleChoice>,
    /// Why the caller can't change the role, if so.
    pub role_fixed: Option<Failure>,
    /// Why the caller can't remove, deactivate or reactivate the user, if so.
    pub ending_refused: Option<Failure>,
}

/// The result of an edit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Edited {
    /// The details were saved.
    Saved,
    /// Someone else changed them; nothing was overwritten.
    Conflict(Box<Conflict>),
}

/// The details after someone else's change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conflict {
    /// The name of the person who changed them last.
    pub by: String,
    /// When.
    pub at: Option<FormattedTime>,
    /// The current details, with the version to send to overwrite them.
    pub now: EditUserDraft,
    /// The name of the current role.
    pub role: String,
}

/// The result of a bulk action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum BulkReport {
    /// The action is irreversible and must be confirmed for these users.
    Confirm {
        /// The action.
        action: BulkAction,
        /// The selected users.
        people: Vec<Chosen>,
    },
    /// The action was performed.
    Done {
        /// The action.
        action: BulkAction,
        /// The users that it was performed on.
        done: Vec<Chosen>,
        /// The users that were not changed, and why.
        left: Vec<(Chosen, Failure)>,
    },
}

/// One of the selected users.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chosen {
    /// The membership's id.
    pub id: String,
    /// The name, or the address if there is none.
    pub name: String,
}

/// A person found by the search palette.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// The membership's id.
    pub id: String,
    /// The name, or the address if there is none.
    pub name: String,
    /// The address.
    pub email: String,
    /// The person's state.
    pub state: AccountState,
}
