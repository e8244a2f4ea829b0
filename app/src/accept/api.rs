//! Server functions of the page that an invited person sees. All of them work on the invitation
//! whose token this browser holds in its short-lived cookie; none takes an id.

use leptos::prelude::*;
use muster::draft::AcceptDraft;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use crate::backend::{answer, backend, caller};
use crate::{failure::Refusal, json::Json, moment::Moment, session::api::Go};

/// An invitation as the invited person sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AcceptView {
    /// The institution's name.
    pub institution: String,
    /// Who invites: first and last name.
    pub inviter: String,
    /// The role's name.
    pub role: String,
    /// The invited address, canonical.
    pub email: String,
    /// The end of the invitation.
    pub until: Moment,
    /// Seconds until the end; zero or less where it has expired.
    pub seconds_left: i64,
    /// Whether the person has asked for a new link since it expired.
    pub asked_again: bool,
    /// Names as the inviter typed them, or empty.
    pub first_name: String,
    /// See `first_name`.
    pub last_name: String,
    /// A username that keeps the rules and is free.
    pub proposal: String,
    /// Code of the language that the form begins with.
    pub language: String,
    /// The personal note, or empty.
    pub note: String,
    /// The sign-in address of the session in this browser, where there is one.
    pub signed_in_as: Option<String>,
    /// Whether that session's address is the invited one, so that a click confirms.
    pub may_confirm: bool,
}

/// What came of accepting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Accepted {
    /// The person is a member; the browser goes to the institution's Home.
    Joined(Go),
    /// The address has an account: its owner signs in, then confirms.
    SignInFirst(Go),
}

/// The invitation; changes nothing.
///
/// # Errors
/// `LinkDead` for revoked, used and unknown links alike.
#[server(name = AcceptViewFn, prefix = "/api", endpoint = "accept_view", protocol = Json)]
pub async fn accept_view() -> Result<AcceptView, Refusal> {
    answer(backend()?.accept_view(&caller()?).await)
}

/// Marks the invitation as viewed (called by the page's script).
///
/// # Errors
/// `LinkDead`.
#[server(name = AcceptViewedFn, prefix = "/api", endpoint = "accept_viewed", protocol = Json)]
pub async fn accept_viewed() -> Result<(), Refusal> {
    answer(backend()?.accept_viewed(&caller()?).await)
}

/// Makes the account and the membership.
///
/// # Errors
/// `Invalid`, `LinkDead`, `SeatsFull`, `WrongAddress` where the session is another's.
#[server(name = AcceptFn, prefix = "/api", endpoint = "accept", protocol = Json)]
pub async fn accept(draft: AcceptDraft) -> Result<Accepted, Refusal> {
    answer(backend()?.accept(&caller()?, &draft).await)
}

/// Accepts with the account that is signed in.
///
/// # Errors
/// `LinkDead`, `SeatsFull`, `SignedOut`, `WrongAddress`.
#[server(name = AcceptConfirmFn, prefix = "/api", endpoint = "accept_confirm", protocol = Json)]
pub async fn accept_confirm() -> Result<Go, Refusal> {
    answer(backend()?.accept_confirm(&caller()?).await)
}

/// Declines: name and phone are erased, address and state are kept for 30 days.
///
/// # Errors
/// `LinkDead`.
#[server(name = DeclineFn, prefix = "/api", endpoint = "decline", protocol = Json)]
pub async fn decline() -> Result<(), Refusal> {
    answer(backend()?.decline(&caller()?).await)
}

/// Asks the administrators for a new link, where this one has expired.
///
/// # Errors
/// `LinkDead`.
#[server(name = AskAgainFn, prefix = "/api", endpoint = "ask_again", protocol = Json)]
pub async fn ask_again() -> Result<(), Refusal> {
    answer(backend()?.ask_again(&caller()?).await)
}
