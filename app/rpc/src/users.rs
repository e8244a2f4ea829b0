//! Server functions of the list of users and of a user's page. Their results are in `view`.

#[cfg(feature = "ssr")]
pub(crate) mod forms;
mod view;

use leptos::prelude::*;
use muster::{
    draft::{BulkDraft, EditUserDraft},
    users_query::UsersQuery,
};

#[cfg(feature = "ssr")]
use crate::{Caller, Outcome, answer, backend, caller, home::Attention, shell::ShellView};
use crate::{Refusal, json::Json};

pub use view::{
    BulkReport, Chosen, Conflict, Count, Edited, Found, MailState, RoleFilter, Seen, Sent,
    StateView, Step, TimelineStep, UserRow, UserView, UsersPage,
};

/// Returns a page of the list: after a key, before a key, or the first.
///
/// # Errors
/// Fails with `Unauthenticated`, `NotFound`, `Forbidden`, or `BadRequest` for an unknown key or filter.
#[server(name = UsersFn, prefix = "/rpc", endpoint = "users", protocol = Json)]
pub async fn users(
    slug: String,
    #[server(default)] query: UsersQuery,
) -> Result<UsersPage, Refusal> {
    answer(backend()?.users(&caller()?, &slug, &query).await)
}

/// Returns one user.
///
/// # Errors
/// Fails with `Unauthenticated`, `NotFound` or `Forbidden`.
#[server(name = UserFn, prefix = "/rpc", endpoint = "user", protocol = Json)]
pub async fn user(slug: String, id: String) -> Result<UserView, Refusal> {
    answer(backend()?.user(&caller()?, &slug, &id).await)
}

/// Unlocks a person's account, at most once an hour per person.
///
/// # Errors
/// Fails with `TooSoon`, `Conflict`, `Unauthenticated`, `NotFound` or `Forbidden`.
#[server(name = UnlockUserFn, prefix = "/rpc", endpoint = "unlock_user", protocol = Json)]
pub async fn unlock_user(slug: String, id: String) -> Result<(), Refusal> {
    answer(backend()?.unlock_user(&caller()?, &slug, &id).await)
}

/// Edits the institution's details of a user, including the role.
///
/// # Errors
/// Fails with `Invalid`, `Guarded`, `Unauthenticated`, `NotFound` or `Forbidden`.
#[server(name = EditUserFn, prefix = "/rpc", endpoint = "edit_user", protocol = Json)]
pub async fn edit_user(slug: String, id: String, draft: EditUserDraft) -> Result<Edited, Refusal> {
    answer(backend()?.edit_user(&caller()?, &slug, &id, &draft).await)
}

/// Deactivates a member. From the next request on they cannot access the institution, and the invitations that they
/// sent are expired. Can be undone by [`reactivate_user`].
///
/// # Errors
/// Fails with `Guarded`, `Conflict` if the person is not an active member, `Unauthenticated`, `NotFound` or
/// `Forbidden`.
#[server(name = DeactivateUserFn, prefix = "/rpc", endpoint = "deactivate_user", protocol = Json)]
pub async fn deactivate_user(slug: String, id: String) -> Result<(), Refusal> {
    answer(backend()?.deactivate_user(&caller()?, &slug, &id).await)
}

/// Reactivates a deactivated member.
///
/// # Errors
/// Fails with `SeatsFull`, `Guarded`, `Conflict` if the person is not deactivated, `Unauthenticated`, `NotFound` or
/// `Forbidden`.
#[server(name = ReactivateUserFn, prefix = "/rpc", endpoint = "reactivate_user", protocol = Json)]
pub async fn reactivate_user(slug: String, id: String) -> Result<(), Refusal> {
    answer(backend()?.reactivate_user(&caller()?, &slug, &id).await)
}

/// Removes a member. From the next request on they cannot access the institution, and the invitations that they sent
/// are expired. The person keeps the account.
///
/// # Errors
/// Fails with `Guarded`, `Conflict` if the person is not a member, `Unauthenticated`, `NotFound` or `Forbidden`.
#[server(name = RemoveUserFn, prefix = "/rpc", endpoint = "remove_user", protocol = Json)]
pub async fn remove_user(slug: String, id: String) -> Result<(), Refusal> {
    answer(backend()?.remove_user(&caller()?, &slug, &id).await)
}

/// Performs one action on several users, each with its own result. Irreversible actions must be confirmed first.
///
/// # Errors
/// Fails with `Invalid`, `Unauthenticated`, `NotFound` or `Forbidden`.
#[server(name = BulkUsersFn, prefix = "/rpc", endpoint = "bulk_users", protocol = Json)]
pub async fn bulk_users(slug: String, draft: BulkDraft) -> Result<BulkReport, Refusal> {
    answer(backend()?.bulk_users(&caller()?, &slug, &draft).await)
}

/// Returns the first few people that match, for the search palette.
///
/// # Errors
/// Fails with `Unauthenticated`, `NotFound` or `Forbidden`.
#[server(name = FindUsersFn, prefix = "/rpc", endpoint = "find_users", protocol = Json)]
pub async fn find_users(slug: String, q: String) -> Result<Vec<Found>, Refusal> {
    answer(backend()?.find_users(&caller()?, &slug, &q).await)
}

/// The list, a user's page, and the shell of an institution's pages.
///
/// Except for [`Users::shell`], each method implements the server function of the same name, which documents its
/// effects and its errors.
#[cfg(feature = "ssr")]
#[async_trait::async_trait]
pub trait Users {
    /// Returns the data of the institution's shell and makes it the most recently viewed institution. Fails with
    /// `Unauthenticated` or `NotFound`.
    async fn shell(&self, caller: &Caller, slug: &str) -> Outcome<ShellView>;
    async fn users(&self, caller: &Caller, slug: &str, query: &UsersQuery) -> Outcome<UsersPage>;
    async fn find_users(&self, caller: &Caller, slug: &str, q: &str) -> Outcome<Vec<Found>>;
    async fn attention(&self, caller: &Caller, slug: &str) -> Outcome<Option<Attention>>;
    async fn user(&self, caller: &Caller, slug: &str, id: &str) -> Outcome<UserView>;
    async fn unlock_user(&self, caller: &Caller, slug: &str, id: &str) -> Outcome<()>;
}

/// Editing, deactivating, reactivating and removing members.
///
/// Each method implements the server function of the same name, which documents its effects and its errors.
#[cfg(feature = "ssr")]
#[async_trait::async_trait]
pub trait Members {
    async fn edit_user(
        &self,
        caller: &Caller,
        slug: &str,
        id: &str,
        draft: &EditUserDraft,
    ) -> Outcome<Edited>;
    async fn deactivate_user(&self, caller: &Caller, slug: &str, id: &str) -> Outcome<()>;
    async fn reactivate_user(&self, caller: &Caller, slug: &str, id: &str) -> Outcome<()>;
    async fn remove_user(&self, caller: &Caller, slug: &str, id: &str) -> Outcome<()>;
    async fn bulk_users(
        &self,
        caller: &Caller,
        slug: &str,
        draft: &BulkDraft,
    ) -> Outcome<BulkReport>;
}
