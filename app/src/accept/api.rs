//! Server functions of the page that an invited person sees. All of them take a reference to the link that was opened:
//! its handle, or from a form what [`AcceptView::link`] says; none takes an id.

use leptos::prelude::*;
use muster::draft::AcceptDraft;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use crate::backend::{answer, backend, caller};
use crate::{failure::Refusal, json::Json, moment::Moment, session::api::Go};

/// An invitation as the invited person sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AcceptView {
    /// What the page's forms send along: it acts for the link, and says what the page showed.
    pub link: String,
    /// The link's public handle.
    pub handle: String,
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

/// The institution that the person behind the session has joined by the link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlreadyJoined {
    /// The institution's name.
    pub institution: String,
    /// Its Home: a path of this site.
    pub home: String,
}

/// The invitation; changes nothing.
///
/// # Errors
/// `LinkDead` for revoked, used and unknown links alike, `LinkMissing` if this browser does not have the link.
#[server(name = AcceptViewFn, prefix = "/api", endpoint = "accept_view", protocol = Json)]
pub async fn accept_view(#[server(default)] link: String) -> Result<AcceptView, Refusal> {
    answer(backend()?.accept_view(&caller()?, &link).await)
}

/// What the signed-in person has joined by this link before; none for everybody else. Changes nothing.
///
/// # Errors
/// None but a fault of the server.
#[server(name = AlreadyJoinedFn, prefix = "/api", endpoint = "already_joined", protocol = Json)]
pub async fn already_joined(
    #[server(default)] link: String,
) -> Result<Option<AlreadyJoined>, Refusal> {
    answer(backend()?.already_joined(&caller()?, &link).await)
}

/// Marks the invitation as viewed (called by the page's script).
///
/// # Errors
/// `LinkDead`, `LinkMissing`.
#[server(name = AcceptViewedFn, prefix = "/api", endpoint = "accept_viewed", protocol = Json)]
pub async fn accept_viewed(#[server(default)] link: String) -> Result<(), Refusal> {
    answer(backend()?.accept_viewed(&caller()?, &link).await)
}

/// Makes the account and the membership. `sign_out` ends the browser's session first.
///
/// # Errors
/// `Invalid`, `LinkDead`, `LinkMissing`, `PageOutdated`, `SeatsFull`, `WrongAddress` where the session is another's.
#[server(name = AcceptFn, prefix = "/api", endpoint = "accept", protocol = Json)]
pub async fn accept(
    #[server(default)] link: String,
    #[server(default)] sign_out: bool,
    draft: AcceptDraft,
) -> Result<Accepted, Refusal> {
    answer(backend()?.accept(&caller()?, &link, sign_out, &draft).await)
}

/// Accepts with the account that is signed in.
///
/// # Errors
/// `LinkDead`, `LinkMissing`, `PageOutdated`, `SeatsFull`, `SignedOut`, `WrongAddress`.
#[server(name = AcceptConfirmFn, prefix = "/api", endpoint = "accept_confirm", protocol = Json)]
pub async fn accept_confirm(#[server(default)] link: String) -> Result<Go, Refusal> {
    answer(backend()?.accept_confirm(&caller()?, &link).await)
}

/// Declines: name and phone are erased, address and state are kept for 30 days.
///
/// # Errors
/// `LinkDead`, `LinkMissing`.
#[server(name = DeclineFn, prefix = "/api", endpoint = "decline", protocol = Json)]
pub async fn decline(#[server(default)] link: String) -> Result<(), Refusal> {
    answer(backend()?.decline(&caller()?, &link).await)
}

/// Asks the administrators for a new link, where this one has expired.
///
/// # Errors
/// `LinkDead`, `LinkMissing`.
#[server(name = AskAgainFn, prefix = "/api", endpoint = "ask_again", protocol = Json)]
pub async fn ask_again(#[server(default)] link: String) -> Result<(), Refusal> {
    answer(backend()?.ask_again(&caller()?, &link).await)
}
