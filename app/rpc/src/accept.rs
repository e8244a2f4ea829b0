//! Server functions of the invitation's page. They take no id but a reference to the opened link: its handle, or in
//! forms [`AcceptView::link`].

#[cfg(feature = "ssr")]
pub(crate) mod forms;

use leptos::prelude::*;
use muster::draft::AcceptDraft;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use crate::{Caller, Outcome, answer, backend, caller};
use crate::{FormattedTime, Refusal, json::Json, session::Go};

/// An invitation as the invited person sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AcceptView {
    /// The value that the page's forms send: the ticket of the link, and what the page showed.
    pub link: String,
    /// The link's public handle.
    pub handle: String,
    /// The institution's name.
    pub institution: String,
    /// The inviter's first and last name.
    pub inviter: String,
    /// The role's name.
    pub role: String,
    /// The invited address, canonical.
    pub email: String,
    /// The time of expiry.
    pub until: FormattedTime,
    /// Seconds until it expires; zero or less afterwards.
    pub seconds_left: i64,
    /// Whether the person has requested a new link since then.
    pub asked_again: bool,
    /// First name as the inviter entered it, or empty.
    pub first_name: String,
    /// Last name as the inviter entered it, or empty.
    pub last_name: String,
    /// A valid and available username.
    pub proposal: String,
    /// The code of the form's initial language.
    pub language: String,
    /// The personal note, or empty.
    pub note: String,
    /// The sign-in address of this browser's session, if there is one.
    pub signed_in_as: Option<String>,
    /// Whether that address is the invited one, so that one click accepts.
    pub may_confirm: bool,
}

/// The result of accepting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Accepted {
    /// The person is a member and is redirected to the institution's Home.
    Joined(Go),
    /// The address has an account: its owner must sign in and then confirm.
    SignInFirst(Go),
}

/// The institution that the signed-in person has joined by the link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlreadyJoined {
    /// The institution's name.
    pub institution: String,
    /// The path of its Home.
    pub home: String,
}

/// Returns the invitation and changes nothing.
///
/// # Errors
/// Fails with `InvalidLink` for revoked, used and unknown links alike, or with `LinkMissing` if this browser does not
/// have the link.
#[server(name = AcceptViewFn, prefix = "/rpc", endpoint = "accept_view", protocol = Json)]
pub async fn accept_view(#[server(default)] link: String) -> Result<AcceptView, Refusal> {
    answer(backend()?.accept_view(&caller()?, &link).await)
}

/// Returns the institution that the signed-in person has joined by this link, if any. Changes nothing.
///
/// # Errors
/// Fails only with `Internal`.
#[server(name = AlreadyJoinedFn, prefix = "/rpc", endpoint = "already_joined", protocol = Json)]
pub async fn already_joined(
    #[server(default)] link: String,
) -> Result<Option<AlreadyJoined>, Refusal> {
    answer(backend()?.already_joined(&caller()?, &link).await)
}

/// Marks the invitation as viewed; called by the page's script.
///
/// # Errors
/// Fails with `InvalidLink` or `LinkMissing`.
#[server(name = AcceptViewedFn, prefix = "/rpc", endpoint = "accept_viewed", protocol = Json)]
pub async fn accept_viewed(#[server(default)] link: String) -> Result<(), Refusal> {
    answer(backend()?.accept_viewed(&caller()?, &link).await)
}

/// Creates the account and the membership. With `sign_out`, first ends the browser's session.
///
/// # Errors
/// Fails with `Invalid`, `InvalidLink`, `LinkMissing`, `PageOutdated`, `SeatsFull`, or `WrongAddress` for a session of
/// another account.
#[server(name = AcceptFn, prefix = "/rpc", endpoint = "accept", protocol = Json)]
pub async fn accept(
    #[server(default)] link: String,
    #[server(default)] sign_out: bool,
    draft: AcceptDraft,
) -> Result<Accepted, Refusal> {
    answer(backend()?.accept(&caller()?, &link, sign_out, &draft).await)
}

/// Accepts with the signed-in account.
///
/// # Errors
/// Fails with `InvalidLink`, `LinkMissing`, `PageOutdated`, `SeatsFull`, `Unauthenticated` or `WrongAddress`.
#[server(name = AcceptConfirmFn, prefix = "/rpc", endpoint = "accept_confirm", protocol = Json)]
pub async fn accept_confirm(#[server(default)] link: String) -> Result<Go, Refusal> {
    answer(backend()?.accept_confirm(&caller()?, &link).await)
}

/// Declines. The name and phone number are erased; the address and state are kept for 30 days.
///
/// # Errors
/// Fails with `InvalidLink` or `LinkMissing`.
#[server(name = DeclineFn, prefix = "/rpc", endpoint = "decline", protocol = Json)]
pub async fn decline(#[server(default)] link: String) -> Result<(), Refusal> {
    answer(backend()?.decline(&caller()?, &link).await)
}

/// Requests a new link from the administrators after this one has expired.
///
/// # Errors
/// Fails with `InvalidLink` or `LinkMissing`.
#[server(name = AskAgainFn, prefix = "/rpc", endpoint = "ask_again", protocol = Json)]
pub async fn ask_again(#[server(default)] link: String) -> Result<(), Refusal> {
    answer(backend()?.ask_again(&caller()?, &link).await)
}

/// The actions of an invited person.
///
/// Each method implements the server function of the same name, which documents its effects and its errors.
#[cfg(feature = "ssr")]
#[async_trait::async_trait]
pub trait Acceptance {
    async fn accept_view(&self, caller: &Caller, link: &str) -> Outcome<AcceptView>;
    async fn already_joined(&self, caller: &Caller, link: &str) -> Outcome<Option<AlreadyJoined>>;
    async fn accept_viewed(&self, caller: &Caller, link: &str) -> Outcome<()>;
    async fn accept(
        &self,
        caller: &Caller,
        link: &str,
        sign_out: bool,
        draft: &AcceptDraft,
    ) -> Outcome<Accepted>;
    async fn accept_confirm(&self, caller: &Caller, link: &str) -> Outcome<Go>;
    async fn decline(&self, caller: &Caller, link: &str) -> Outcome<()>;
    async fn ask_again(&self, caller: &Caller, link: &str) -> Outcome<()>;
}
