//! Server functions of invitations: inviting several people, creating one user, and the actions on an open invitation.

#[cfg(feature = "ssr")]
pub(crate) mod forms;

use leptos::prelude::*;
use muster::draft::{InviteDraft, ResendDraft, UserDraft};
use muster::problem::FieldProblem;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use crate::{Caller, Outcome, answer, backend, caller};
use crate::{FormattedTime, Refusal, json::Json, session::Go};

/// The outcome of one row of the invitation form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum RowOutcome {
    /// The email is in the outbox.
    Invited,
    /// The address belongs to a member; the path of their page.
    AlreadyMember(Go),
    /// The address has an open invitation.
    AlreadyInvited {
        /// The membership's id, for [`resend`].
        id: String,
        /// Whether that invitation has expired.
        expired: bool,
    },
    /// The row's problems.
    Invalid(Vec<FieldProblem>),
    /// No seat is available for it.
    SeatsFull,
}

/// The outcome of each row in the order of the draft, without empty rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InviteReport {
    /// The row's number in the draft, and its outcome.
    pub rows: Vec<(usize, RowOutcome)>,
}

impl InviteReport {
    /// Returns the number of emails that were put in the outbox.
    pub fn invited(&self) -> usize {
        self.rows
            .iter()
            .filter(|(_, outcome)| matches!(outcome, RowOutcome::Invited))
            .count()
    }
}

/// A role that the caller may assign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleChoice {
    /// The role's id.
    pub id: String,
    /// Its name; predefined roles are named in the reader's language.
    pub name: String,
    /// Whether it is the default.
    pub usual: bool,
}

/// The result of a resend.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Resent {
    /// A new link was sent and is valid until this time; older links no longer work.
    Sent(FormattedTime),
    /// The last email was sent less than five minutes ago; nothing was changed.
    TooSoon {
        /// Seconds until the next resend is possible.
        seconds: u64,
    },
}

/// A link to share if email is not available; shown once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CopiedLink {
    /// The complete URL.
    pub url: String,
}

/// Returns the roles that the caller may assign in the institution.
///
/// # Errors
/// Fails with `Unauthenticated`, `NotFound` or `Forbidden`.
#[server(name = RoleChoicesFn, prefix = "/rpc", endpoint = "role_choices", protocol = Json)]
pub async fn role_choices(slug: String) -> Result<Vec<RoleChoice>, Refusal> {
    answer(backend()?.role_choices(&caller()?, &slug).await)
}

/// Invites every row; each has its own outcome.
///
/// # Errors
/// Fails with `Invalid` for the note or the number of rows, `Unauthenticated`, `NotFound` or `Forbidden`.
#[server(name = InviteFn, prefix = "/rpc", endpoint = "invite", protocol = Json)]
pub async fn invite(slug: String, draft: InviteDraft) -> Result<InviteReport, Refusal> {
    answer(backend()?.invite(&caller()?, &slug, &draft).await)
}

/// Creates one user and sends the invitation.
///
/// # Errors
/// Fails with `Invalid`, `SeatsFull`, `Unauthenticated`, `NotFound` or `Forbidden`.
#[server(name = CreateUserFn, prefix = "/rpc", endpoint = "create_user", protocol = Json)]
pub async fn create_user(slug: String, draft: UserDraft) -> Result<Go, Refusal> {
    answer(backend()?.create_user(&caller()?, &slug, &draft).await)
}

/// Sends a new link to the same or a corrected address; older links stop working.
///
/// # Errors
/// Fails with `Invalid` if the corrected address is invalid or is already used in the institution, `Conflict` if the
/// invitation is no longer open, `SeatsFull`, `Unauthenticated`, `NotFound` or `Forbidden`.
#[server(name = ResendFn, prefix = "/rpc", endpoint = "resend", protocol = Json)]
pub async fn resend(
    slug: String,
    id: String,
    #[server(default)] draft: ResendDraft,
) -> Result<Resent, Refusal> {
    answer(backend()?.resend(&caller()?, &slug, &id, &draft).await)
}

/// Revokes the invitation; its links stop working.
///
/// # Errors
/// Fails with `Conflict`, `Unauthenticated`, `NotFound` or `Forbidden`.
#[server(name = RevokeFn, prefix = "/rpc", endpoint = "revoke", protocol = Json)]
pub async fn revoke(slug: String, id: String) -> Result<(), Refusal> {
    answer(backend()?.revoke(&caller()?, &slug, &id).await)
}

/// Creates a copied link. It does not prove the mailbox.
///
/// # Errors
/// Fails with `Conflict`, `Unauthenticated`, `NotFound` or `Forbidden`.
#[server(name = CopyLinkFn, prefix = "/rpc", endpoint = "copy_link", protocol = Json)]
pub async fn copy_link(slug: String, id: String) -> Result<CopiedLink, Refusal> {
    answer(backend()?.copy_link(&caller()?, &slug, &id).await)
}

/// Inviting, and the actions on an open invitation.
///
/// Each method implements the server function of the same name, which documents its effects and its errors.
#[cfg(feature = "ssr")]
#[async_trait::async_trait]
pub trait Invitations {
    async fn role_choices(&self, caller: &Caller, slug: &str) -> Outcome<Vec<RoleChoice>>;
    async fn invite(
        &self,
        caller: &Caller,
        slug: &str,
        draft: &InviteDraft,
    ) -> Outcome<InviteReport>;
    async fn create_user(&self, caller: &Caller, slug: &str, draft: &UserDraft) -> Outcome<Go>;
    async fn resend(
        &self,
        caller: &Caller,
        slug: &str,
        id: &str,
        draft: &ResendDraft,
    ) -> Outcome<Resent>;
    async fn revoke(&self, caller: &Caller, slug: &str, id: &str) -> Outcome<()>;
    async fn copy_link(&self, caller: &Caller, slug: &str, id: &str) -> Outcome<CopiedLink>;
}
