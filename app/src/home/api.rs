//! Server function of what Home asks an administrator to look at.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use crate::backend::{answer, backend, caller};
use crate::{failure::Refusal, json::Json, moment::Moment, users::api::UserRow};

/// What needs attention. Of each kind there are a few rows, and how many there are in all, counted up
/// to [`COUNTED`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attention {
    /// Invitations that end within six hours, the next first.
    pub expiring: Waiting,
    /// Invitations that have expired, the last first.
    pub expired: Waiting,
    /// Invitations that nobody has been sent yet.
    pub unsent: Waiting,
    /// People who asked for a new link.
    pub asked: Waiting,
    /// Mails that a mail server refused.
    pub refused: Waiting,
    /// Accounts that are locked.
    pub locked: Waiting,
    /// Since when no email is sent; none while it is.
    pub mail_paused: Option<Moment>,
    /// Seats held, and seats in all; none where their number is not set.
    pub seats: Option<(i64, i64)>,
    /// How many members there are who can act, counted up to [`COUNTED`].
    pub active: i64,
}

/// How far Home counts.
pub const COUNTED: i64 = 1000;

/// Some users who wait for the same thing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// How many, counted up to [`COUNTED`].
    pub count: i64,
    /// The first three.
    pub rows: Vec<UserRow>,
}

/// What needs attention, for who may see users; none for others.
///
/// # Errors
/// `SignedOut`, `NotFound`.
#[server(name = AttentionFn, prefix = "/api", endpoint = "attention", protocol = Json)]
pub async fn attention(slug: String) -> Result<Option<Attention>, Refusal> {
    answer(backend()?.attention(&caller()?, &slug).await)
}
