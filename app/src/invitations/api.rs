//! Server functions of inviting: many at once, one with the fuller form, and what an administrator
//! does with an open invitation.

use leptos::prelude::*;
use muster::draft::{InviteDraft, ResendDraft, UserDraft};
use muster::problem::FieldProblem;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use crate::backend::{answer, backend, caller};
use crate::{failure::Refusal, json::Json, moment::Moment, session::api::Go};

/// What came of one row of the invite form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum RowOutcome {
    /// The mail is in the outbox.
    Invited,
    /// The address is a member's; the path of their page.
    AlreadyMember(Go),
    /// An invitation is open; the id to resend it by, and whether it has expired.
    AlreadyInvited {
        /// The membership's id, for [`resend`].
        id: String,
        /// Whether the open invitation has expired.
        expired: bool,
    },
    /// What is wrong with the row.
    Invalid(Vec<FieldProblem>),
    /// No seat was left for it.
    SeatsFull,
}

/// What came of each row, in the draft's order; rows with nothing in them are left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InviteReport {
    /// The draft's row number and its outcome.
    pub rows: Vec<(usize, RowOutcome)>,
}

impl InviteReport {
    /// How many mails were put in the outbox.
    pub fn invited(&self) -> usize {
        self.rows
            .iter()
            .filter(|(_, outcome)| matches!(outcome, RowOutcome::Invited))
            .count()
    }
}

/// A role that the signed-in administrator may give.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleChoice {
    /// The role's id.
    pub id: String,
    /// Its name: predefined roles are named in the reader's language.
    pub name: String,
    /// Whether it is the one to begin with.
    pub usual: bool,
}

/// What came of a resend.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Resent {
    /// A new link is on its way, open until then; older links are dead.
    Sent(Moment),
    /// The last mail is less than five minutes old: nothing was changed.
    TooSoon {
        /// Seconds until the next resend is possible.
        seconds: u64,
    },
}

/// A link to hand over where mail is not to be had; shown once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CopiedLink {
    /// The whole address.
    pub url: String,
}

/// Roles that the caller may give in the institution.
///
/// # Errors
/// `SignedOut`, `NotFound`, `Forbidden`.
#[server(name = RoleChoicesFn, prefix = "/api", endpoint = "role_choices", protocol = Json)]
pub async fn role_choices(slug: String) -> Result<Vec<RoleChoice>, Refusal> {
    answer(backend()?.role_choices(&caller()?, &slug).await)
}

/// Invites every row; each has an outcome of its own.
///
/// # Errors
/// `Invalid` for the note or the number of rows, `SignedOut`, `NotFound`, `Forbidden`.
#[server(name = InviteFn, prefix = "/api", endpoint = "invite", protocol = Json)]
pub async fn invite(slug: String, draft: InviteDraft) -> Result<InviteReport, Refusal> {
    answer(backend()?.invite(&caller()?, &slug, &draft).await)
}

/// Creates one user with the fuller form and sends the invitation.
///
/// # Errors
/// `Invalid`, `SeatsFull`, `SignedOut`, `NotFound`, `Forbidden`.
#[server(name = CreateUserFn, prefix = "/api", endpoint = "create_user", protocol = Json)]
pub async fn create_user(slug: String, draft: UserDraft) -> Result<Go, Refusal> {
    answer(backend()?.create_user(&caller()?, &slug, &draft).await)
}

/// Sends a new link, to the same address or to a corrected one; every older link is dead.
///
/// # Errors
/// `Invalid` where the corrected address is none or has a place here already, `Changed` where the invitation is no longer open, `SeatsFull`, `SignedOut`, `NotFound`, `Forbidden`.
#[server(name = ResendFn, prefix = "/api", endpoint = "resend", protocol = Json)]
pub async fn resend(
    slug: String,
    id: String,
    #[server(default)] draft: ResendDraft,
) -> Result<Resent, Refusal> {
    answer(backend()?.resend(&caller()?, &slug, &id, &draft).await)
}

/// Takes the invitation back; its links are dead.
///
/// # Errors
/// `Changed`, `SignedOut`, `NotFound`, `Forbidden`.
#[server(name = RevokeFn, prefix = "/api", endpoint = "revoke", protocol = Json)]
pub async fn revoke(slug: String, id: String) -> Result<(), Refusal> {
    answer(backend()?.revoke(&caller()?, &slug, &id).await)
}

/// Makes a link that can be handed over. It proves no mailbox.
///
/// # Errors
/// `Changed`, `SignedOut`, `NotFound`, `Forbidden`.
#[server(name = CopyLinkFn, prefix = "/api", endpoint = "copy_link", protocol = Json)]
pub async fn copy_link(slug: String, id: String) -> Result<CopiedLink, Refusal> {
    answer(backend()?.copy_link(&caller()?, &slug, &id).await)
}
