//! Server functions of the set-up page, and the checks for forms with a username or password.

#[cfg(feature = "ssr")]
pub(crate) mod forms;

use leptos::prelude::*;
use muster::draft::SetupDraft;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use crate::{Caller, Outcome, answer, backend, caller};
use crate::{Refusal, json::Json, session::Go};

/// The initial data of the set-up page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetupView {
    /// The ticket of the link, which the page's form sends.
    pub link: String,
    /// The names of the available time zones.
    pub time_zones: Vec<String>,
    /// A valid username.
    pub proposal: String,
}

/// The strength of a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Strength {
    /// From 0 (trivial to guess) to 4 (very hard to guess).
    pub score: u8,
}

/// Returns the page's data if the set-up link that this browser has opened is valid.
///
/// # Errors
/// Fails with `InvalidLink` if it was used or is unknown, or with `LinkMissing` if this browser does not have it.
#[server(name = SetupViewFn, prefix = "/rpc", endpoint = "setup_view", protocol = Json)]
pub async fn setup_view(#[server(default)] link: String) -> Result<SetupView, Refusal> {
    answer(backend()?.setup_view(&caller()?, &link).await)
}

/// Creates the first institution with its main contact and signs the person in.
///
/// # Errors
/// Fails with `Invalid`, `InvalidLink` or `LinkMissing`.
#[server(name = SetUpFn, prefix = "/rpc", endpoint = "set_up", protocol = Json)]
pub async fn set_up(#[server(default)] link: String, draft: SetupDraft) -> Result<Go, Refusal> {
    answer(backend()?.set_up(&caller()?, &link, &draft).await)
}

/// Returns whether another account has the username, ignoring case. Requires a valid link and is rate limited, because
/// this is the only thing that Muster reveals about other accounts.
///
/// # Errors
/// Fails with `InvalidLink` or `TooManyTries`.
#[server(name = UsernameTakenFn, prefix = "/rpc", endpoint = "username_taken", protocol = Json)]
pub async fn username_taken(
    #[server(default)] link: String,
    username: String,
) -> Result<bool, Refusal> {
    answer(
        backend()?
            .username_taken(&caller()?, &link, &username)
            .await,
    )
}

/// Returns the strength of a password; `hints` are easy guesses such as names.
///
/// # Errors
/// Fails with `InvalidLink` if the browser has neither a valid link nor a session, or with `TooManyTries`.
#[server(name = PasswordStrengthFn, prefix = "/rpc", endpoint = "password_strength", protocol = Json)]
pub async fn password_strength(
    #[server(default)] link: String,
    password: String,
    hints: Vec<String>,
) -> Result<Strength, Refusal> {
    answer(
        backend()?
            .password_strength(&caller()?, &link, &password, &hints)
            .await,
    )
}

/// The set-up of the first administrator, and the checks that forms share.
///
/// Each method implements the server function of the same name, which documents its effects and its errors.
#[cfg(feature = "ssr")]
#[async_trait::async_trait]
pub trait Setup {
    async fn setup_view(&self, caller: &Caller, link: &str) -> Outcome<SetupView>;
    async fn set_up(&self, caller: &Caller, link: &str, draft: &SetupDraft) -> Outcome<Go>;
    async fn username_taken(&self, caller: &Caller, link: &str, username: &str) -> Outcome<bool>;
    async fn password_strength(
        &self,
        caller: &Caller,
        link: &str,
        password: &str,
        hints: &[String],
    ) -> Outcome<Strength>;
}
