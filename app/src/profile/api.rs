//! Server functions of one's own profile.

use leptos::prelude::*;
use muster::draft::{ChangePasswordDraft, LanguageDraft};
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use crate::backend::{answer, backend, caller};
use crate::{failure::Refusal, json::Json, session::api::Go};

/// One's own account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProfileView {
    /// The username.
    pub username: String,
    /// The address.
    pub email: String,
    /// Whether the address was proved; only then it signs in.
    pub email_confirmed: bool,
    /// The chosen language's code; empty where none was chosen.
    pub language: String,
    /// Home of the most recently viewed institution, where there is one.
    pub home: Option<Go>,
}

/// One's own account.
///
/// # Errors
/// `SignedOut`.
#[server(name = ProfileFn, prefix = "/api", endpoint = "profile", protocol = Json)]
pub async fn profile() -> Result<ProfileView, Refusal> {
    answer(backend()?.profile(&caller()?).await)
}

/// Chooses the language of one's screens and mails.
///
/// # Errors
/// `Invalid`, `SignedOut`.
#[server(name = ChooseLanguageFn, prefix = "/api", endpoint = "choose_language", protocol = Json)]
pub async fn choose_language(draft: LanguageDraft) -> Result<Go, Refusal> {
    answer(backend()?.choose_language(&caller()?, &draft).await)
}

/// Changes the password, ends every other session and tells the person by mail.
///
/// # Errors
/// `Invalid` (`WrongPassword` on `current`), `SignedOut`, `TooManyTries`, `Busy`.
#[server(name = ChangePasswordFn, prefix = "/api", endpoint = "change_password", protocol = Json)]
pub async fn change_password(draft: ChangePasswordDraft) -> Result<(), Refusal> {
    answer(backend()?.change_password(&caller()?, &draft).await)
}

/// Mails a link that proves the address, where it was not proved yet.
///
/// # Errors
/// `TooSoon`, `SignedOut`.
#[server(name = ConfirmAddressFn, prefix = "/api", endpoint = "confirm_address", protocol = Json)]
pub async fn confirm_address() -> Result<(), Refusal> {
    answer(backend()?.confirm_address(&caller()?).await)
}
