//! Server functions of the profile page.

#[cfg(feature = "ssr")]
pub(crate) mod forms;

use leptos::prelude::*;
use muster::draft::{ChangePasswordDraft, LanguageDraft};
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use crate::{Caller, Outcome, answer, backend, caller};
use crate::{Refusal, json::Json, session::Go};

/// The caller's account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProfileView {
    /// The account's reference, which the page's forms send.
    pub account: String,
    /// The username.
    pub username: String,
    /// The address.
    pub email: String,
    /// Whether the address is confirmed; otherwise it can't be used to sign in.
    pub email_confirmed: bool,
    /// The chosen language's code, or empty.
    pub language: String,
    /// Home of the most recently viewed institution, if any.
    pub home: Option<Go>,
}

/// Returns the caller's account.
///
/// # Errors
/// Fails with `Unauthenticated`.
#[server(name = ProfileFn, prefix = "/rpc", endpoint = "profile", protocol = Json)]
pub async fn profile() -> Result<ProfileView, Refusal> {
    answer(backend()?.profile(&caller()?).await)
}

/// Sets the caller's language for the UI and emails.
///
/// # Errors
/// Fails with `Invalid`, `OtherAccount` or `Unauthenticated`.
#[server(name = ChooseLanguageFn, prefix = "/rpc", endpoint = "choose_language", protocol = Json)]
pub async fn choose_language(
    #[server(default)] account: String,
    draft: LanguageDraft,
) -> Result<Go, Refusal> {
    answer(
        backend()?
            .choose_language(&caller()?, &account, &draft)
            .await,
    )
}

/// Changes the password, ends all other sessions and notifies the person by email.
///
/// # Errors
/// Fails with `Invalid` (`WrongPassword` on `current`), `OtherAccount`, `Unauthenticated`, `TooManyTries` or `Unavailable`.
#[server(name = ChangePasswordFn, prefix = "/rpc", endpoint = "change_password", protocol = Json)]
pub async fn change_password(
    #[server(default)] account: String,
    draft: ChangePasswordDraft,
) -> Result<(), Refusal> {
    answer(
        backend()?
            .change_password(&caller()?, &account, &draft)
            .await,
    )
}

/// Emails a link that confirms the address, unless it is confirmed.
///
/// # Errors
/// Fails with `OtherAccount`, `TooSoon` or `Unauthenticated`.
#[server(name = ConfirmAddressFn, prefix = "/rpc", endpoint = "confirm_address", protocol = Json)]
pub async fn confirm_address(#[server(default)] account: String) -> Result<(), Refusal> {
    answer(backend()?.confirm_address(&caller()?, &account).await)
}

/// The caller's own account.
///
/// Each method implements the server function of the same name, which documents its effects and its errors.
#[cfg(feature = "ssr")]
#[async_trait::async_trait]
pub trait Profile {
    async fn profile(&self, caller: &Caller) -> Outcome<ProfileView>;
    async fn choose_language(
        &self,
        caller: &Caller,
        account: &str,
        draft: &LanguageDraft,
    ) -> Outcome<Go>;
    async fn change_password(
        &self,
        caller: &Caller,
        account: &str,
        draft: &ChangePasswordDraft,
    ) -> Outcome<()>;
    async fn confirm_address(&self, caller: &Caller, account: &str) -> Outcome<()>;
}
