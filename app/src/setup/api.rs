//! Server functions of the first administrator's page, and the checks that every form with a
//! username or a password shares.

use leptos::prelude::*;
use muster::draft::SetupDraft;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use crate::backend::{answer, backend, caller};
use crate::{failure::Refusal, json::Json, session::api::Go};

/// What the set-up page begins with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetupView {
    /// What the page's form sends along: it acts for the link.
    pub link: String,
    /// Names of the time zones to choose from.
    pub time_zones: Vec<String>,
    /// A username that keeps the rules.
    pub proposal: String,
}

/// How hard a password is to guess.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Strength {
    /// 0 (guessed at once) to 4 (very hard).
    pub score: u8,
}

/// Whether the set-up link that this browser has opened still works.
///
/// # Errors
/// `LinkDead` where it was used or is unknown, `LinkMissing` if this browser does not have it.
#[server(name = SetupViewFn, prefix = "/api", endpoint = "setup_view", protocol = Json)]
pub async fn setup_view(#[server(default)] link: String) -> Result<SetupView, Refusal> {
    answer(backend()?.setup_view(&caller()?, &link).await)
}

/// Creates the first institution with its main contact and signs the person in.
///
/// # Errors
/// `Invalid`, `LinkDead`, `LinkMissing`.
#[server(name = SetUpFn, prefix = "/api", endpoint = "set_up", protocol = Json)]
pub async fn set_up(#[server(default)] link: String, draft: SetupDraft) -> Result<Go, Refusal> {
    answer(backend()?.set_up(&caller()?, &link, &draft).await)
}

/// Whether another user has the name, whatever the case. Only who holds a living link may ask, and
/// only so often: that a username is taken is the one thing Muster tells of other accounts.
///
/// # Errors
/// `LinkDead`, `TooManyTries`.
#[server(name = UsernameTakenFn, prefix = "/api", endpoint = "username_taken", protocol = Json)]
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

/// How hard a password is to guess; `hints` are names that a guesser would try first.
///
/// # Errors
/// `LinkDead` where the browser holds neither a living link nor a session, `TooManyTries`.
#[server(name = PasswordStrengthFn, prefix = "/api", endpoint = "password_strength", protocol = Json)]
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
