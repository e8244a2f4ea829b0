//! The interface between the app and the server: one trait per feature, all of them combined in [`Backend`].
//!
//! To add a server function: its method here, its `#[server]` wrapper in the feature's `api.rs`, its three test cases
//! (signed out, wrong role, other institution) in the server's list.

mod answer;
mod caller;

use std::sync::Arc;

use async_trait::async_trait;
use axum::http::request::Parts;
use leptos::prelude::*;
use muster::{
    draft::{
        AcceptDraft, BulkDraft, ChangePasswordDraft, EditUserDraft, ForgottenDraft, ImportDraft,
        InviteDraft, LanguageDraft, NewPasswordDraft, ResendDraft, SendTimeDraft, SetupDraft,
        SignInDraft, UserDraft,
    },
    failure::Failure,
    users_query::UsersQuery,
};

pub use answer::{Answer, Outcome, ShellAnswer, answer, set_status, status};
pub use caller::{Caller, LinkCookie, LinkCookies, Session, Theme};

use crate::{
    accept::api::{AcceptView, Accepted, AlreadyJoined},
    failure::Refusal,
    home::api::Attention,
    imports::api::{
        Begun, EditsDraft, ImportRoles, ImportRows, ImportSummary, ImportView, RememberedMapping,
        RowsKind,
    },
    invitations::api::{CopiedLink, InviteReport, Resent, RoleChoice},
    mailbox::api::MailRow,
    profile::api::ProfileView,
    session::api::{AccountLink, Go, LinkView, Visitor},
    setup::api::{SetupView, Strength},
    shell::view::ShellView,
    users::api::{BulkReport, Edited, Found, UserView, UsersPage},
};

/// The server as the app sees it. Every method authorizes its caller. Its effects and errors are documented at the
/// server function of the same name.
pub trait Backend:
    Setup
    + Sessions
    + LoginDetails
    + Acceptance
    + Invitations
    + Imports
    + Users
    + Members
    + Profile
    + Mailbox
    + Send
    + Sync
{
}

impl<T> Backend for T where
    T: Setup
        + Sessions
        + LoginDetails
        + Acceptance
        + Invitations
        + Imports
        + Users
        + Members
        + Profile
        + Mailbox
        + Send
        + Sync
{
}

/// The set-up of the first administrator, and the checks that forms share.
#[async_trait]
pub trait Setup {
    /// See the server function.
    async fn setup_view(&self, caller: &Caller, link: &str) -> Outcome<SetupView>;
    /// See the server function.
    async fn set_up(&self, caller: &Caller, link: &str, draft: &SetupDraft) -> Outcome<Go>;
    /// See the server function.
    async fn username_taken(&self, caller: &Caller, link: &str, username: &str) -> Outcome<bool>;
    /// See the server function.
    async fn password_strength(
        &self,
        caller: &Caller,
        link: &str,
        password: &str,
        hints: &[String],
    ) -> Outcome<Strength>;
}

/// Sign-in and sign-out, password reset, locked accounts.
#[async_trait]
pub trait Sessions {
    /// See the server function.
    async fn sign_in(&self, caller: &Caller, draft: &SignInDraft) -> Outcome<Go>;
    /// See the server function.
    async fn sign_out(&self, caller: &Caller) -> Outcome<Go>;
    /// See the server function.
    async fn visitor(&self, caller: &Caller) -> Outcome<Option<Visitor>>;
    /// See the server function.
    async fn ask_reset(&self, caller: &Caller, draft: &ForgottenDraft) -> Outcome<()>;
    /// See the server function.
    async fn reset_view(&self, caller: &Caller, link: &str) -> Outcome<LinkView>;
    /// See the server function.
    async fn reset_password(
        &self,
        caller: &Caller,
        link: &str,
        draft: &NewPasswordDraft,
    ) -> Outcome<Go>;
    /// See the server function.
    async fn unlock_view(&self, caller: &Caller, link: &str) -> Outcome<LinkView>;
    /// See the server function.
    async fn unlock(&self, caller: &Caller, link: &str) -> Outcome<Go>;
    /// See the server function.
    async fn confirm_view(&self, caller: &Caller, link: &str) -> Outcome<LinkView>;
    /// See the server function.
    async fn confirm(&self, caller: &Caller, link: &str, draft: &NewPasswordDraft) -> Outcome<Go>;
}

/// The first step after a sign-in with a temporary password.
#[async_trait]
pub trait LoginDetails {
    /// See [`crate::session::api::choose_view`].
    async fn choose_view(&self, caller: &Caller) -> Outcome<AccountLink>;
    /// See [`crate::session::api::choose_password`].
    async fn choose_password(
        &self,
        caller: &Caller,
        account: &str,
        draft: &NewPasswordDraft,
    ) -> Outcome<Go>;
}

/// The actions of an invited person.
#[async_trait]
pub trait Acceptance {
    /// See the server function.
    async fn accept_view(&self, caller: &Caller, link: &str) -> Outcome<AcceptView>;
    /// See the server function.
    async fn already_joined(&self, caller: &Caller, link: &str) -> Outcome<Option<AlreadyJoined>>;
    /// See the server function.
    async fn accept_viewed(&self, caller: &Caller, link: &str) -> Outcome<()>;
    /// See the server function.
    async fn accept(
        &self,
        caller: &Caller,
        link: &str,
        sign_out: bool,
        draft: &AcceptDraft,
    ) -> Outcome<Accepted>;
    /// See the server function.
    async fn accept_confirm(&self, caller: &Caller, link: &str) -> Outcome<Go>;
    /// See the server function.
    async fn decline(&self, caller: &Caller, link: &str) -> Outcome<()>;
    /// See the server function.
    async fn ask_again(&self, caller: &Caller, link: &str) -> Outcome<()>;
}

/// Inviting, and the actions on an open invitation.
#[async_trait]
pub trait Invitations {
    /// See the server function.
    async fn role_choices(&self, caller: &Caller, slug: &str) -> Outcome<Vec<RoleChoice>>;
    /// See the server function.
    async fn invite(
        &self,
        caller: &Caller,
        slug: &str,
        draft: &InviteDraft,
    ) -> Outcome<InviteReport>;
    /// See the server function.
    async fn create_user(&self, caller: &Caller, slug: &str, draft: &UserDraft) -> Outcome<Go>;
    /// See the server function.
    async fn resend(
        &self,
        caller: &Caller,
        slug: &str,
        id: &str,
        draft: &ResendDraft,
    ) -> Outcome<Resent>;
    /// See the server function.
    async fn revoke(&self, caller: &Caller, slug: &str, id: &str) -> Outcome<()>;
    /// See the server function.
    async fn copy_link(&self, caller: &Caller, slug: &str, id: &str) -> Outcome<CopiedLink>;
}

/// Imports.
#[async_trait]
pub trait Imports {
    /// See the server function.
    async fn imports(&self, caller: &Caller, slug: &str) -> Outcome<Vec<ImportSummary>>;
    /// See the server function.
    async fn import_roles(&self, caller: &Caller, slug: &str) -> Outcome<ImportRoles>;
    /// See the server function.
    async fn remembered_mapping(
        &self,
        caller: &Caller,
        slug: &str,
        headers: &[String],
    ) -> Outcome<RememberedMapping>;
    /// See the server function.
    async fn begin_import(
        &self,
        caller: &Caller,
        slug: &str,
        draft: &ImportDraft,
    ) -> Outcome<Begun>;
    /// See the server function.
    async fn edit_import(
        &self,
        caller: &Caller,
        slug: &str,
        id: &str,
        draft: &EditsDraft,
    ) -> Outcome<()>;
    /// See the server function.
    async fn plan_import(&self, caller: &Caller, slug: &str, id: &str) -> Outcome<()>;
    /// See the server function.
    async fn import_view(&self, caller: &Caller, slug: &str, id: &str) -> Outcome<ImportView>;
    /// See the server function.
    async fn import_rows(
        &self,
        caller: &Caller,
        slug: &str,
        id: &str,
        kind: RowsKind,
        after: u32,
    ) -> Outcome<ImportRows>;
    /// See the server function.
    async fn apply_import(&self, caller: &Caller, slug: &str, id: &str) -> Outcome<()>;
    /// See the server function.
    async fn stop_import(&self, caller: &Caller, slug: &str, id: &str) -> Outcome<()>;
    /// See the server function.
    async fn resume_import(&self, caller: &Caller, slug: &str, id: &str) -> Outcome<()>;
    /// See the server function.
    async fn undo_import(&self, caller: &Caller, slug: &str, id: &str) -> Outcome<()>;
    /// See the server function.
    async fn discard_import(&self, caller: &Caller, slug: &str, id: &str) -> Outcome<()>;
    /// See the server function.
    async fn leave_out_refused(&self, caller: &Caller, slug: &str, id: &str) -> Outcome<()>;
    /// See the server function.
    async fn send_import(&self, caller: &Caller, slug: &str, id: &str) -> Outcome<()>;
    /// See the server function.
    async fn schedule_import(
        &self,
        caller: &Caller,
        slug: &str,
        id: &str,
        draft: &SendTimeDraft,
    ) -> Outcome<()>;
    /// See the server function.
    async fn unschedule_import(&self, caller: &Caller, slug: &str, id: &str) -> Outcome<()>;
}

/// The list, a user's page, and the shell of an institution's pages.
#[async_trait]
pub trait Users {
    /// Returns the data of the institution's shell and makes it the most recently viewed institution. Fails with
    /// `Unauthenticated` or `NotFound`.
    async fn shell(&self, caller: &Caller, slug: &str) -> Outcome<ShellView>;
    /// See the server function.
    async fn users(&self, caller: &Caller, slug: &str, query: &UsersQuery) -> Outcome<UsersPage>;
    /// See the server function.
    async fn find_users(&self, caller: &Caller, slug: &str, q: &str) -> Outcome<Vec<Found>>;
    /// See the server function.
    async fn attention(&self, caller: &Caller, slug: &str) -> Outcome<Option<Attention>>;
    /// See the server function.
    async fn user(&self, caller: &Caller, slug: &str, id: &str) -> Outcome<UserView>;
    /// See the server function.
    async fn unlock_user(&self, caller: &Caller, slug: &str, id: &str) -> Outcome<()>;
}

/// Editing, deactivating, reactivating and removing members.
#[async_trait]
pub trait Members {
    /// See the server function.
    async fn edit_user(
        &self,
        caller: &Caller,
        slug: &str,
        id: &str,
        draft: &EditUserDraft,
    ) -> Outcome<Edited>;
    /// See the server function.
    async fn deactivate_user(&self, caller: &Caller, slug: &str, id: &str) -> Outcome<()>;
    /// See the server function.
    async fn reactivate_user(&self, caller: &Caller, slug: &str, id: &str) -> Outcome<()>;
    /// See the server function.
    async fn remove_user(&self, caller: &Caller, slug: &str, id: &str) -> Outcome<()>;
    /// See the server function.
    async fn bulk_users(
        &self,
        caller: &Caller,
        slug: &str,
        draft: &BulkDraft,
    ) -> Outcome<BulkReport>;
}

/// The caller's own account.
#[async_trait]
pub trait Profile {
    /// See the server function.
    async fn profile(&self, caller: &Caller) -> Outcome<ProfileView>;
    /// See the server function.
    async fn choose_language(
        &self,
        caller: &Caller,
        account: &str,
        draft: &LanguageDraft,
    ) -> Outcome<Go>;
    /// See the server function.
    async fn change_password(
        &self,
        caller: &Caller,
        account: &str,
        draft: &ChangePasswordDraft,
    ) -> Outcome<()>;
    /// See the server function.
    async fn confirm_address(&self, caller: &Caller, account: &str) -> Outcome<()>;
}

/// The built-in mailbox.
#[async_trait]
pub trait Mailbox {
    /// See the server function.
    async fn mailbox(&self, caller: &Caller) -> Outcome<Vec<MailRow>>;
    /// See the server function.
    async fn mail(&self, caller: &Caller, id: i64) -> Outcome<MailRow>;
}

/// Returns the caller of the current request.
///
/// # Errors
/// Returns `Internal` outside a request.
pub fn caller() -> Result<Caller, Refusal> {
    use_context::<Parts>()
        .and_then(|parts| parts.extensions.get::<Caller>().cloned())
        .ok_or_else(outside_a_request)
}

/// Returns the server of the current request.
///
/// # Errors
/// Returns `Internal` outside a request.
pub fn backend() -> Result<Arc<dyn Backend>, Refusal> {
    use_context::<Arc<dyn Backend>>().ok_or_else(outside_a_request)
}

fn outside_a_request() -> Refusal {
    Refusal(Failure::Internal {
        incident: String::new(),
    })
}
