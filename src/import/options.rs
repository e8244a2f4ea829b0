//! What is to be done with a file's people, chosen before they are checked. `draft::ImportOptionsDraft`
//! reads it from a form. To add a choice: its enum, its field here and in the draft.

use serde::{Deserialize, Serialize};

use crate::code_enum::code_enum;
use crate::ids::RoleId;
use crate::local_time::LocalTime;

code_enum! {
    /// Whether rows make new members or change those there are.
    pub enum Mode {
        /// New members; a row of someone already there is left alone.
        Add = "add",
        /// Members already there; a row of anyone else is refused.
        Update = "update",
        /// Whichever it turns out to be.
        Both = "both",
    }
}

code_enum! {
    /// By what a member already there is known again.
    pub enum MatchBy {
        /// The username, in whatever case.
        Username = "username",
        /// The canonical email address.
        Email = "email",
    }
}

code_enum! {
    /// How new people get in.
    pub enum Access {
        /// By an invitation, in which they choose their own username (where the file gives none) and password.
        Invite = "invite",
        /// By a password that Muster makes when it is mailed.
        Passwords = "passwords",
    }
}

code_enum! {
    /// When mail goes out.
    pub enum Send {
        /// As the rows are written.
        Now = "now",
        /// When an administrator says so.
        Later = "later",
        /// By a notification job.
        Job = "job",
    }
}

code_enum! {
    /// What one refused row does to the others.
    pub enum Applying {
        /// Nothing: each row stands alone.
        RowByRow = "row_by_row",
        /// It stops them all.
        Whole = "whole",
    }
}

/// The choices of one import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Options {
    /// New members, members already there, or both.
    pub mode: Mode,
    /// By what these are known again.
    pub match_by: MatchBy,
    /// The cell that clears a field, where there is one; an empty cell always leaves it as it is.
    pub clear: Option<String>,
    /// How new people get in.
    pub access: Access,
    /// When mail goes out.
    pub send: Send,
    /// At what time of the institution, where a job sends it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub send_at: Option<LocalTime>,
    /// Whole or row by row.
    pub applying: Applying,
    /// The role of a new member whose row names none.
    pub role: Option<RoleId>,
}

impl Options {
    /// Whether a cell says that its field is to be emptied.
    #[must_use]
    pub fn clears(&self, cell: &str) -> bool {
        let clears = self.clear.as_deref();
        clears.is_some_and(|marker| marker == cell.trim())
    }
}
