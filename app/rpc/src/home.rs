//! The server function of what needs an administrator's attention.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{FormattedTime, Refusal, json::Json, users::UserRow};
#[cfg(feature = "ssr")]
use crate::{answer, backend, caller};

/// What needs attention: of each kind the first rows, and the total counted up to [`COUNTED`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attention {
    /// Invitations that expire within six hours, the next one first.
    pub expiring: Waiting,
    /// Expired invitations, the latest first.
    pub expired: Waiting,
    /// Invitations that are waiting to be sent.
    pub unsent: Waiting,
    /// People who requested a new link.
    pub asked: Waiting,
    /// People whose email a mail server rejected.
    pub refused: Waiting,
    /// Accounts that are locked.
    pub locked: Waiting,
    /// Since when email is paused; `None` if it is not.
    pub mail_paused: Option<FormattedTime>,
    /// Taken seats and all seats; `None` without a seat limit.
    pub seats: Option<(i64, i64)>,
    /// The number of active members, counted up to [`COUNTED`].
    pub active: i64,
}

/// Maximum count on Home.
pub const COUNTED: i64 = 1000;

/// The users of one kind.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// The total, counted up to [`COUNTED`].
    pub count: i64,
    /// The first three.
    pub rows: Vec<UserRow>,
}

/// Returns what needs attention, or `None` if the caller may not see users.
///
/// # Errors
/// Fails with `Unauthenticated` or `NotFound`.
#[server(name = AttentionFn, prefix = "/rpc", endpoint = "attention", protocol = Json)]
pub async fn attention(slug: String) -> Result<Option<Attention>, Refusal> {
    answer(backend()?.attention(&caller()?, &slug).await)
}
