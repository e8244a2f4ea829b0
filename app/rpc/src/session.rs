//! Server functions of sign-in and sign-out, password reset and locked accounts.

#[cfg(feature = "ssr")]
pub(crate) mod forms;

use leptos::prelude::*;
use muster::draft::{ForgottenDraft, NewPasswordDraft, SignInDraft};
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use crate::{Caller, Outcome, answer, backend, caller};
use crate::{Refusal, json::Json};

/// A redirect to a path of this site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Go {
    /// The path. Always begins with exactly one `/`.
    pub to: String,
}

/// The account that a temporary password signed in to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountLink {
    /// The account's username, for password managers; shown only to holders of a valid password.
    pub username: String,
    /// The account's reference, which the page's form sends.
    pub account: String,
}

/// The data of a page opened by an emailed link (reset, unlock, confirm).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkView {
    /// The account's username, for password managers; shown only to holders of a valid link.
    pub username: String,
    /// The ticket of the link, which the page's form sends.
    pub link: String,
    /// The link's public handle.
    pub handle: String,
    /// Whether this browser has a session of the account.
    pub own_session: bool,
}

/// The signed-in account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visitor {
    /// The sign-in address or, if it is not confirmed, the username.
    pub identifier: String,
}

/// Signs in by username (exact case) or email (any case).
///
/// # Errors
/// Fails with `SignInFailed` regardless of the cause, `TooManyTries`, `Locked` or `Unavailable`.
#[server(name = SignInFn, prefix = "/rpc", endpoint = "sign_in", protocol = Json)]
pub async fn sign_in(draft: SignInDraft) -> Result<Go, Refusal> {
    answer(backend()?.sign_in(&caller()?, &draft).await)
}

/// Ends this session on the server.
///
/// # Errors
/// Fails only with `Internal`.
#[server(name = SignOutFn, prefix = "/rpc", endpoint = "sign_out", protocol = Json)]
pub async fn sign_out() -> Result<Go, Refusal> {
    answer(backend()?.sign_out(&caller()?).await)
}

/// Returns the signed-in account, for pages outside an institution.
///
/// # Errors
/// Fails only with `Internal`.
#[server(name = VisitorFn, prefix = "/rpc", endpoint = "visitor", protocol = Json)]
pub async fn visitor() -> Result<Option<Visitor>, Refusal> {
    answer(backend()?.visitor(&caller()?).await)
}

/// Emails a reset link if the identifier has an account with a confirmed address. The answer is the same in every case.
///
/// # Errors
/// Fails with `Invalid` if the field is empty, or with `TooManyTries`.
#[server(name = AskResetFn, prefix = "/rpc", endpoint = "ask_reset", protocol = Json)]
pub async fn ask_reset(draft: ForgottenDraft) -> Result<(), Refusal> {
    answer(backend()?.ask_reset(&caller()?, &draft).await)
}

/// Returns the account of the reset link that this browser has opened, if the link is valid.
///
/// # Errors
/// Fails with `InvalidLink` or `LinkMissing`.
#[server(name = ResetViewFn, prefix = "/rpc", endpoint = "reset_view", protocol = Json)]
pub async fn reset_view(#[server(default)] link: String) -> Result<LinkView, Refusal> {
    answer(backend()?.reset_view(&caller()?, &link).await)
}

/// Sets a new password by the opened reset link, once, and ends all other sessions.
///
/// # Errors
/// Fails with `Invalid`, `InvalidLink` or `LinkMissing`.
#[server(name = ResetPasswordFn, prefix = "/rpc", endpoint = "reset_password", protocol = Json)]
pub async fn reset_password(
    #[server(default)] link: String,
    draft: NewPasswordDraft,
) -> Result<Go, Refusal> {
    answer(backend()?.reset_password(&caller()?, &link, &draft).await)
}

/// Returns the account of the unlock link that this browser has opened, if the link is valid.
///
/// # Errors
/// Fails with `InvalidLink` or `LinkMissing`.
#[server(name = UnlockViewFn, prefix = "/rpc", endpoint = "unlock_view", protocol = Json)]
pub async fn unlock_view(#[server(default)] link: String) -> Result<LinkView, Refusal> {
    answer(backend()?.unlock_view(&caller()?, &link).await)
}

/// Unlocks the account by the opened link.
///
/// # Errors
/// Fails with `InvalidLink` or `LinkMissing`.
#[server(name = UnlockFn, prefix = "/rpc", endpoint = "unlock", protocol = Json)]
pub async fn unlock(#[server(default)] link: String) -> Result<Go, Refusal> {
    answer(backend()?.unlock(&caller()?, &link).await)
}

/// Returns the account of the confirmation link that this browser has opened, if the link is valid.
///
/// # Errors
/// Fails with `InvalidLink` or `LinkMissing`.
#[server(name = ConfirmViewFn, prefix = "/rpc", endpoint = "confirm_view", protocol = Json)]
pub async fn confirm_view(#[server(default)] link: String) -> Result<LinkView, Refusal> {
    answer(backend()?.confirm_view(&caller()?, &link).await)
}

/// Confirms the address by the opened link. Without a session of the account, it also sets the new password in `draft`
/// and ends all sessions of the account, because someone else may have created it.
///
/// # Errors
/// Fails with `Invalid`, `InvalidLink`, `LinkMissing`, or `Conflict` if another account has confirmed the address
/// first.
#[server(name = ConfirmFn, prefix = "/rpc", endpoint = "confirm", protocol = Json)]
pub async fn confirm(
    #[server(default)] link: String,
    #[server(default)] draft: NewPasswordDraft,
) -> Result<Go, Refusal> {
    answer(backend()?.confirm(&caller()?, &link, &draft).await)
}

/// Returns the account whose temporary password must be replaced. Until then nothing else is possible.
///
/// # Errors
/// Fails with `Unauthenticated` if no password has to be chosen.
#[server(name = ChooseViewFn, prefix = "/rpc", endpoint = "choose_view", protocol = Json)]
pub async fn choose_view() -> Result<AccountLink, Refusal> {
    answer(backend()?.choose_view(&caller()?).await)
}

/// Replaces the temporary password and notifies the person by email.
///
/// # Errors
/// Fails with `Invalid` (`Mailed` on `password` for the temporary password), `Unauthenticated` if no password has to be
/// chosen, `OtherAccount` if `account` is the reference of another one, or `Unavailable`.
#[server(name = ChoosePasswordFn, prefix = "/rpc", endpoint = "choose_password", protocol = Json)]
pub async fn choose_password(
    #[server(default)] account: String,
    draft: NewPasswordDraft,
) -> Result<Go, Refusal> {
    answer(
        backend()?
            .choose_password(&caller()?, &account, &draft)
            .await,
    )
}

/// Sign-in and sign-out, password reset, locked accounts.
///
/// Each method implements the server function of the same name, which documents its effects and its errors.
#[cfg(feature = "ssr")]
#[async_trait::async_trait]
pub trait Sessions {
    async fn sign_in(&self, caller: &Caller, draft: &SignInDraft) -> Outcome<Go>;
    async fn sign_out(&self, caller: &Caller) -> Outcome<Go>;
    async fn visitor(&self, caller: &Caller) -> Outcome<Option<Visitor>>;
    async fn ask_reset(&self, caller: &Caller, draft: &ForgottenDraft) -> Outcome<()>;
    async fn reset_view(&self, caller: &Caller, link: &str) -> Outcome<LinkView>;
    async fn reset_password(
        &self,
        caller: &Caller,
        link: &str,
        draft: &NewPasswordDraft,
    ) -> Outcome<Go>;
    async fn unlock_view(&self, caller: &Caller, link: &str) -> Outcome<LinkView>;
    async fn unlock(&self, caller: &Caller, link: &str) -> Outcome<Go>;
    async fn confirm_view(&self, caller: &Caller, link: &str) -> Outcome<LinkView>;
    async fn confirm(&self, caller: &Caller, link: &str, draft: &NewPasswordDraft) -> Outcome<Go>;
}

/// The first step after a sign-in with a temporary password.
///
/// Each method implements the server function of the same name, which documents its effects and its errors.
#[cfg(feature = "ssr")]
#[async_trait::async_trait]
pub trait LoginDetails {
    async fn choose_view(&self, caller: &Caller) -> Outcome<AccountLink>;
    async fn choose_password(
        &self,
        caller: &Caller,
        account: &str,
        draft: &NewPasswordDraft,
    ) -> Outcome<Go>;
}
