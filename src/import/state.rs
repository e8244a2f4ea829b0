//! The states of an import. The page, the database and the texts use their codes.

use serde::{Deserialize, Serialize};

use crate::code_enum::code_enum;

code_enum! {
    /// The state of an import.
    pub enum ImportState {
        /// Parts and corrections are being uploaded.
        Uploading = "uploading",
        /// A worker checks the file.
        Checking = "checking",
        /// The file can't be read, or it is not the announced one.
        Refused = "refused",
        /// Every row has its result, and nothing has been applied. Can be corrected and planned again.
        Planned = "planned",
        /// A worker applies the plan.
        Applying = "applying",
        /// Stopped by a person or automatically: [`StoppedBy`]. Can be resumed.
        Stopped = "stopped",
        /// An all-or-nothing import had rejected rows while it was applied, and nothing was written. The plan lists
        /// these rows. Can be corrected and planned again.
        Failed = "failed",
        /// Everything has been applied.
        Done = "done",
        /// A worker undoes the import.
        Undoing = "undoing",
        /// Everything that can be undone has been.
        Undone = "undone",
        /// Discarded before anything was applied.
        Discarded = "discarded",
    }
}

impl ImportState {
    /// Returns whether a worker is processing the import.
    #[must_use]
    pub const fn is_under_way(self) -> bool {
        matches!(self, Self::Checking | Self::Applying | Self::Undoing)
    }
}

/// Why the import was stopped automatically.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StoppedBy {
    /// The person who applied it is no longer allowed to import.
    Permission,
    /// It failed repeatedly; the log has the cause.
    Trouble,
}

/// Whether the planned rows have been written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// Not yet.
    Will,
    /// They have been written.
    Was,
    /// They were written and then undone.
    Undone,
}
