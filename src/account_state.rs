//! The states of an account as an administrator sees them (`docs/RULES.md`, states of a member). The mail's own way is shown
//! beside the state and is never mixed into it.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The state in the list's right column. Removed is no state: the row is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum AccountState {
    /// Waits for a job to tell the person.
    #[serde(rename = "NOT NOTIFIED")]
    NotNotified,
    /// Invited; the link still works.
    #[serde(rename = "PENDING")]
    Pending,
    /// Invited; the link's time is over.
    #[serde(rename = "INVITE EXPIRED")]
    InviteExpired,
    /// Has accepted.
    #[serde(rename = "ACTIVE")]
    Active,
    /// Kept out by an administrator.
    #[serde(rename = "DEACTIVATED")]
    Deactivated,
    /// Kept out after too many failed sign-ins.
    #[serde(rename = "LOCKED")]
    Locked,
}

/// No state has this code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownState;

impl AccountState {
    /// Every state, in the order of the filters.
    pub const ALL: [Self; 6] = [
        Self::NotNotified,
        Self::Pending,
        Self::InviteExpired,
        Self::Active,
        Self::Deactivated,
        Self::Locked,
    ];

    /// The stable code, as in `docs/RULES.md`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotNotified => "NOT NOTIFIED",
            Self::Pending => "PENDING",
            Self::InviteExpired => "INVITE EXPIRED",
            Self::Active => "ACTIVE",
            Self::Deactivated => "DEACTIVATED",
            Self::Locked => "LOCKED",
        }
    }
}

impl FromStr for AccountState {
    type Err = UnknownState;

    fn from_str(code: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|state| state.code() == code)
            .ok_or(UnknownState)
    }
}

impl std::fmt::Display for AccountState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}

impl std::fmt::Display for UnknownState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("unknown")
    }
}

impl std::error::Error for UnknownState {}
