//! The options of an import, chosen before the check. `draft::ImportOptionsDraft` parses them from a form. To add an
//! option: its enum, its field here and in the draft.

use serde::{Deserialize, Serialize};

use crate::code_enum::code_enum;
use crate::ids::RoleId;
use crate::local_time::LocalTime;

code_enum! {
    /// Whether rows add new members or update existing ones.
    pub enum Mode {
        /// Add new members; a row of an existing member is left unchanged.
        Add = "add",
        /// Update existing members; a row of anyone else is rejected.
        Update = "update",
        /// Add and update.
        Both = "both",
    }
}

code_enum! {
    /// The value that identifies an existing member.
    pub enum MatchBy {
        /// The username, ignoring case.
        Username = "username",
        /// The canonical email address.
        Email = "email",
    }
}

code_enum! {
    /// How new people get access.
    pub enum Access {
        /// An invitation, with which they choose a password and, if the file has none, a username.
        Invite = "invite",
        /// Login details with a temporary password that is generated when they are sent.
        Passwords = "passwords",
    }
}

code_enum! {
    /// When invitations are sent.
    pub enum Send {
        /// Immediately, as the rows are written.
        Now = "now",
        /// Manually, by an administrator.
        Later = "later",
        /// At a scheduled time, by a job.
        Job = "job",
    }
}

code_enum! {
    /// The effect of a rejected row on the other rows.
    pub enum Applying {
        /// None: every row is applied on its own.
        RowByRow = "row_by_row",
        /// It stops the import: all or nothing.
        Whole = "whole",
    }
}

/// The options of one import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Options {
    /// Whether the import adds, updates, or both.
    pub mode: Mode,
    /// The value that identifies an existing member.
    pub match_by: MatchBy,
    /// The clear marker, if any; an empty cell leaves its field unchanged.
    pub clear: Option<String>,
    /// How new people get access.
    pub access: Access,
    /// When invitations are sent.
    pub send: Send,
    /// The scheduled time in the institution's time zone, if a job sends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub send_at: Option<LocalTime>,
    /// All or nothing, or row by row.
    pub applying: Applying,
    /// The role for new members whose row names none.
    pub role: Option<RoleId>,
}

impl Options {
    /// Returns whether the cell is the clear marker.
    #[must_use]
    pub fn clears(&self, cell: &str) -> bool {
        let clears = self.clear.as_deref();
        clears.is_some_and(|marker| marker == cell.trim())
    }
}
