//! The state of an import, as sent to its page.

use muster::import::{
    Access, Applying, Delimiter, Encoding, Fault, ImportState, Mapping, Options, StoppedBy, Written,
};
use serde::{Deserialize, Serialize};

use crate::FormattedTime;

/// The number of rows by result. Every row is counted exactly once, except in `warnings`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Counts {
    /// All rows, without blank lines.
    pub rows: u32,
    /// People who are to be invited or were invited.
    pub invite: u32,
    /// Members who are to be updated or were updated.
    pub update: u32,
    /// Existing members who stay unchanged.
    pub unchanged: u32,
    /// Rejected rows.
    pub refused: u32,
    /// Skipped rows.
    pub left_out: u32,
    /// Rows with a warning that are not rejected.
    pub warnings: u32,
}

/// One import in the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportSummary {
    /// Its id.
    pub id: String,
    /// The file's name.
    pub file_name: String,
    /// When it was begun.
    pub at: FormattedTime,
    /// The name of the person who began it.
    pub by: String,
    /// Its state.
    pub state: ImportState,
    /// How its new people get access.
    pub access: Access,
    /// The counts of the result, or of the plan.
    pub counts: Counts,
}

/// An import on its page.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each says of one action whether it is there"
)]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportView {
    /// Its id.
    pub id: String,
    /// The file's name.
    pub file_name: String,
    /// The file's size, in bytes.
    pub size: u64,
    /// When it was begun.
    pub at: FormattedTime,
    /// The name of the person who began it.
    pub by: String,
    /// Its state.
    pub state: ImportState,
    /// The file's encoding.
    pub encoding: Encoding,
    /// The file's field separator.
    pub delimiter: Delimiter,
    /// The file's headers; empty before it was planned.
    pub headers: Vec<String>,
    /// The column mapping.
    pub mapping: Mapping,
    /// The import options.
    pub options: Options,
    /// The number of uploaded parts.
    pub parts: u32,
    /// The total number of parts.
    pub parts_expected: u32,
    /// Number of rows that the current step has processed.
    pub progress: u32,
    /// Number of rows that the current step has to process. During the check the share follows from the file's size and
    /// `checked_bytes`.
    pub of: u32,
    /// Number of bytes that have been checked.
    pub checked_bytes: u64,
    /// Rows per second during the current step.
    pub per_second: u32,
    /// The estimated remaining seconds of the current step, if available.
    pub seconds_left: Option<u32>,
    /// The counts of the plan, if there is one.
    pub plan: Option<Counts>,
    /// The counts of what has been applied.
    pub done: Option<Counts>,
    /// The result of the undo: the number of rows that were undone, and of those kept.
    pub undone: Option<(u32, u32)>,
    /// The number of available seats; `None` without a seat limit.
    pub seats_left: Option<u32>,
    /// Why the file can't be read.
    pub fault: Option<Fault>,
    /// The file differs in size or hash from the announced one, or does not fit its mapping.
    pub mismatch: bool,
    /// Why the import was stopped automatically.
    pub stopped_by: Option<StoppedBy>,
    /// The time until which it can be undone.
    pub undo_until: Option<FormattedTime>,
    /// Number of its invitations that are waiting to be sent; not counted during a step.
    pub waiting: u32,
    /// The scheduled time for these, or for those of the plan.
    pub sends_at: Option<FormattedTime>,
    /// The same time as the value of a form field; empty if there is none.
    pub send_at: String,
    /// Whether they are being sent.
    pub sending: bool,
    /// The lifetime of a link or a temporary password, in hours.
    pub life_hours: u32,
    /// Whether it can be applied now.
    pub may_apply: bool,
    /// Whether it can be stopped now.
    pub may_stop: bool,
    /// Whether it can be resumed now.
    pub may_resume: bool,
    /// Whether it can be undone now.
    pub may_undo: bool,
    /// Whether it can be discarded now.
    pub may_discard: bool,
    /// Whether all rejected rows can be skipped now.
    pub may_leave_out: bool,
    /// Whether waiting invitations can be sent now.
    pub may_send: bool,
    /// Whether their sending can be scheduled now.
    pub may_schedule: bool,
}

impl ImportView {
    /// Returns whether a worker is processing the import, so that its state changes soon.
    #[must_use]
    pub const fn is_under_way(&self) -> bool {
        self.state.is_under_way() || self.sending
    }

    /// Returns whether its rows have been written.
    #[must_use]
    pub const fn written(&self) -> Written {
        match self.state {
            ImportState::Undone => Written::Undone,
            _ if self.done.is_some() => Written::Was,
            _ => Written::Will,
        }
    }

    /// Returns whether rejected rows block an all-or-nothing import.
    #[must_use]
    pub fn is_held_up(&self) -> bool {
        let refused = self.plan.is_some_and(|plan| plan.refused > 0);
        self.state == ImportState::Planned && self.options.applying == Applying::Whole && refused
    }
}
