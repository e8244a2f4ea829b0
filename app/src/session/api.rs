//! Server functions of signing in and out, of forgotten passwords and of locked accounts.

use leptos::prelude::*;
use muster::draft::{ForgottenDraft, NewPasswordDraft, SignInDraft};
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use crate::backend::{answer, backend, caller};
use crate::{failure::Refusal, json::Json};

/// Where the browser goes next: a path of this site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Go {
    /// Always begins with one `/`.
    pub to: String,
}

/// Whose account it is that a mailed password leads to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountLink {
    /// The account's username, for password managers; only who holds a valid password sees it.
    pub username: String,
}

/// What a mailed link (reset, unlock, confirm) leads to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkView {
    /// The account's username, for password managers; only who holds a valid link sees it.
    pub username: String,
    /// What the page's form sends along: it acts for the link.
    pub link: String,
    /// The link's public handle.
    pub handle: String,
    /// Whether this browser has a session of the account.
    pub own_session: bool,
}

/// Who is signed in, if anybody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visitor {
    /// The sign-in address, or where none is confirmed, the username.
    pub identifier: String,
}

/// Signs in by username (exact case) or email (any case).
///
/// # Errors
/// `SignInFailed` whatever was wrong, `TooManyTries`, `Locked`, `Busy`.
#[server(name = SignInFn, prefix = "/api", endpoint = "sign_in", protocol = Json)]
pub async fn sign_in(draft: SignInDraft) -> Result<Go, Refusal> {
    answer(backend()?.sign_in(&caller()?, &draft).await)
}

/// Ends this session on the server.
///
/// # Errors
/// None but a fault of the server.
#[server(name = SignOutFn, prefix = "/api", endpoint = "sign_out", protocol = Json)]
pub async fn sign_out() -> Result<Go, Refusal> {
    answer(backend()?.sign_out(&caller()?).await)
}

/// Who is signed in, for pages that stand outside an institution.
///
/// # Errors
/// None but a fault of the server.
#[server(name = VisitorFn, prefix = "/api", endpoint = "visitor", protocol = Json)]
pub async fn visitor() -> Result<Option<Visitor>, Refusal> {
    answer(backend()?.visitor(&caller()?).await)
}

/// Mails a link that sets a new password, where the identifier has an account with a confirmed
/// address; answers the same in every case.
///
/// # Errors
/// `Invalid` where the field is empty, `TooManyTries`.
#[server(name = AskResetFn, prefix = "/api", endpoint = "ask_reset", protocol = Json)]
pub async fn ask_reset(draft: ForgottenDraft) -> Result<(), Refusal> {
    answer(backend()?.ask_reset(&caller()?, &draft).await)
}

/// Whether the reset link that this browser has opened still works.
///
/// # Errors
/// `LinkDead`, `LinkMissing`.
#[server(name = ResetViewFn, prefix = "/api", endpoint = "reset_view", protocol = Json)]
pub async fn reset_view(#[server(default)] link: String) -> Result<LinkView, Refusal> {
    answer(backend()?.reset_view(&caller()?, &link).await)
}

/// Sets a new password by the link that this browser has opened, once, and ends every other session.
///
/// # Errors
/// `Invalid`, `LinkDead`, `LinkMissing`.
#[server(name = ResetPasswordFn, prefix = "/api", endpoint = "reset_password", protocol = Json)]
pub async fn reset_password(
    #[server(default)] link: String,
    draft: NewPasswordDraft,
) -> Result<Go, Refusal> {
    answer(backend()?.reset_password(&caller()?, &link, &draft).await)
}

/// Whether the unlock link that this browser has opened still works.
///
/// # Errors
/// `LinkDead`, `LinkMissing`.
#[server(name = UnlockViewFn, prefix = "/api", endpoint = "unlock_view", protocol = Json)]
pub async fn unlock_view(#[server(default)] link: String) -> Result<LinkView, Refusal> {
    answer(backend()?.unlock_view(&caller()?, &link).await)
}

/// Unlocks the account by the link that this browser has opened.
///
/// # Errors
/// `LinkDead`, `LinkMissing`.
#[server(name = UnlockFn, prefix = "/api", endpoint = "unlock", protocol = Json)]
pub async fn unlock(#[server(default)] link: String) -> Result<Go, Refusal> {
    answer(backend()?.unlock(&caller()?, &link).await)
}

/// Whether the link that proves an address, by which this browser came, still works.
///
/// # Errors
/// `LinkDead`, `LinkMissing`.
#[server(name = ConfirmViewFn, prefix = "/api", endpoint = "confirm_view", protocol = Json)]
pub async fn confirm_view(#[server(default)] link: String) -> Result<LinkView, Refusal> {
    answer(backend()?.confirm_view(&caller()?, &link).await)
}

/// Confirms the address by the link. Without a session of the account, it sets the new password in `draft` and ends all
/// the account's sessions: the account may have been made by someone else.
///
/// # Errors
/// `Invalid`, `LinkDead`, `LinkMissing`, `Changed` where another account has confirmed the address first.
#[server(name = ConfirmFn, prefix = "/api", endpoint = "confirm", protocol = Json)]
pub async fn confirm(
    #[server(default)] link: String,
    #[server(default)] draft: NewPasswordDraft,
) -> Result<Go, Refusal> {
    answer(backend()?.confirm(&caller()?, &link, &draft).await)
}

/// Whose password is to be chosen, where a mailed one was signed in with: nothing else is possible until then.
///
/// # Errors
/// `SignedOut` where nobody has to choose one.
#[server(name = ChooseViewFn, prefix = "/api", endpoint = "choose_view", protocol = Json)]
pub async fn choose_view() -> Result<AccountLink, Refusal> {
    answer(backend()?.choose_view(&caller()?).await)
}

/// Chooses the password in place of the mailed one and tells the person by mail.
///
/// # Errors
/// `Invalid` (`Mailed` on `password` where it is the mailed one), `SignedOut` where nobody has to choose one, `Busy`.
#[server(name = ChoosePasswordFn, prefix = "/api", endpoint = "choose_password", protocol = Json)]
pub async fn choose_password(draft: NewPasswordDraft) -> Result<Go, Refusal> {
    answer(backend()?.choose_password(&caller()?, &draft).await)
}
