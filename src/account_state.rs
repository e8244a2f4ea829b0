//! The states of a member as administrators see them (`docs/RULES.md`, states of a member). The delivery status of an
//! email is shown beside the state and is not part of it.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The state shown in the right column of the list. Removed members have no state: they are not listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum AccountState {
    /// Not notified: the invitation is waiting to be sent.
    #[serde(rename = "NOT NOTIFIED")]
    NotNotified,
    /// Invited, and the invitation has not expired.
    #[serde(rename = "PENDING")]
    Pending,
    /// Invited, but the invitation has expired.
    #[serde(rename = "INVITE EXPIRED")]
    InviteExpired,
    /// Has joined and has access.
    #[serde(rename = "ACTIVE")]
    Active,
    /// Deactivated by an administrator.
    #[serde(rename = "DEACTIVATED")]
    Deactivated,
    /// Locked after too many failed sign-ins.
    #[serde(rename = "LOCKED")]
    Locked,
}

/// The error for a code that no state has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownState;

impl AccountState {
    /// All states, in the order of the filters.
    pub const ALL: [Self; 6] = [
        Self::NotNotified,
        Self::Pending,
        Self::InviteExpired,
        Self::Active,
        Self::Deactivated,
        Self::Locked,
    ];

    /// Returns the stable code, as in `docs/RULES.md`.
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
