//! Server functions of the built-in mailbox: there in embedded mode only, for who opened it by the link printed at the start.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use crate::backend::{answer, backend, caller};
use crate::{failure::Refusal, json::Json, moment::Moment};

/// A mail in the built-in mailbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailRow {
    /// Its number.
    pub id: i64,
    /// Recipient's address.
    pub to: String,
    /// Subject.
    pub subject: String,
    /// When it was delivered.
    pub at: Moment,
    /// The text part; empty in the list.
    pub text: String,
}

/// The newest hundred mails, newest first.
///
/// # Errors
/// `NotFound` where there is no such mailbox for the caller.
#[server(name = MailboxFn, prefix = "/api", endpoint = "mailbox", protocol = Json)]
pub async fn mailbox() -> Result<Vec<MailRow>, Refusal> {
    answer(backend()?.mailbox(&caller()?).await)
}

/// One mail. Its HTML part is served at `/dev/mailbox/{id}/html`.
///
/// # Errors
/// `NotFound`.
#[server(name = MailFn, prefix = "/api", endpoint = "mail", protocol = Json)]
pub async fn mail(id: i64) -> Result<MailRow, Refusal> {
    answer(backend()?.mail(&caller()?, id).await)
}
