//! Server functions of the built-in mailbox. It exists only in embedded mode, and only for browsers that opened the
//! link printed at the start.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use crate::{Caller, Outcome, answer, backend, caller};
use crate::{FormattedTime, Refusal, json::Json};

/// An email in the built-in mailbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailRow {
    /// Its number.
    pub id: i64,
    /// Recipient's address.
    pub to: String,
    /// Subject.
    pub subject: String,
    /// When it was delivered.
    pub at: FormattedTime,
    /// The text part; empty in the list.
    pub text: String,
}

/// Returns the newest hundred emails, newest first.
///
/// # Errors
/// Fails with `NotFound` if the caller has no access to such a mailbox.
#[server(name = MailboxFn, prefix = "/rpc", endpoint = "mailbox", protocol = Json)]
pub async fn mailbox() -> Result<Vec<MailRow>, Refusal> {
    answer(backend()?.mailbox(&caller()?).await)
}

/// Returns one email. Its HTML part is served at `/dev/mailbox/{id}/html`.
///
/// # Errors
/// Fails with `NotFound`.
#[server(name = MailFn, prefix = "/rpc", endpoint = "mail", protocol = Json)]
pub async fn mail(id: i64) -> Result<MailRow, Refusal> {
    answer(backend()?.mail(&caller()?, id).await)
}

/// The built-in mailbox.
///
/// Each method implements the server function of the same name, which documents its effects and its errors.
#[cfg(feature = "ssr")]
#[async_trait::async_trait]
pub trait Mailbox {
    async fn mailbox(&self, caller: &Caller) -> Outcome<Vec<MailRow>>;
    async fn mail(&self, caller: &Caller, id: i64) -> Outcome<MailRow>;
}
