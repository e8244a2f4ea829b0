//! Where an import stands, as it travels to its page.

use muster::import::{Access, Applying, Delimiter, Encoding, Fault, Mapping, Options};
use serde::{Deserialize, Serialize};

use crate::moment::Moment;

/// Where an import stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportState {
    /// Parts are coming; edits too.
    Uploading,
    /// A worker reads the file.
    Checking,
    /// The file can't be read as one: [`ImportView::fault`], or [`ImportView::mismatch`].
    Refused,
    /// Every row has its verdict; nothing has been done yet. Can be edited and planned again.
    Planned,
    /// A worker writes.
    Applying,
    /// Stopped on the way, by a person or by [`ImportView::stopped_by`]; can go on.
    Stopped,
    /// Everything was to be done or nothing, and rows were refused while it was applied: nothing was done, and the plan
    /// has these rows. Can be edited and planned again.
    Failed,
    /// Everything is written.
    Done,
    /// A worker undoes it.
    Undoing,
    /// Everything that could be undone is.
    Undone,
    /// Given up before anything was done.
    Discarded,
}

impl ImportState {
    /// Every state.
    pub const ALL: [Self; 11] = [
        Self::Uploading,
        Self::Checking,
        Self::Refused,
        Self::Planned,
        Self::Applying,
        Self::Stopped,
        Self::Failed,
        Self::Done,
        Self::Undoing,
        Self::Undone,
        Self::Discarded,
    ];

    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Uploading => "uploading",
            Self::Checking => "checking",
            Self::Refused => "refused",
            Self::Planned => "planned",
            Self::Applying => "applying",
            Self::Stopped => "stopped",
            Self::Failed => "failed",
            Self::Done => "done",
            Self::Undoing => "undoing",
            Self::Undone => "undone",
            Self::Discarded => "discarded",
        }
    }

    /// The state with this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }

    /// Whether a worker is at it.
    #[must_use]
    pub const fn is_under_way(self) -> bool {
        matches!(self, Self::Checking | Self::Applying | Self::Undoing)
    }
}

/// What has become of the rows that are to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// Nothing yet.
    Will,
    /// They are written.
    Was,
    /// They were, and were undone.
    Undone,
}

/// Rows by their verdict. Every row is in exactly one of these but `warnings`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Counts {
    /// Rows in all, blank lines aside.
    pub rows: u32,
    /// People to invite, or invited.
    pub invite: u32,
    /// Members to change, or changed.
    pub update: u32,
    /// Members there already, who stay as they are.
    pub unchanged: u32,
    /// Refused.
    pub refused: u32,
    /// Left out by hand.
    pub left_out: u32,
    /// Of those that are not refused: with something to know about.
    pub warnings: u32,
}

/// One past import in the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportSummary {
    /// Its id.
    pub id: String,
    /// The file's name.
    pub file_name: String,
    /// When it was begun.
    pub at: Moment,
    /// The name of who began it.
    pub by: String,
    /// Where it stands.
    pub state: ImportState,
    /// How its new people get in.
    pub access: Access,
    /// What came of its rows, or is going to.
    pub counts: Counts,
}

/// Why the work stopped by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StoppedBy {
    /// Who applied it may not import any more.
    Permission,
    /// Something went wrong several times; the log has it.
    Trouble,
}

/// Where an import stands.
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
    /// Its size, in bytes.
    pub size: u64,
    /// When it was begun.
    pub at: Moment,
    /// The name of who began it.
    pub by: String,
    /// Where it stands.
    pub state: ImportState,
    /// How the file is written.
    pub encoding: Encoding,
    /// What parts its fields.
    pub delimiter: Delimiter,
    /// The file's headers; none before it was planned.
    pub headers: Vec<String>,
    /// What its columns mean.
    pub mapping: Mapping,
    /// What is done with its people.
    pub options: Options,
    /// How many of its parts there are.
    pub parts: u32,
    /// How many there must be.
    pub parts_expected: u32,
    /// Rows that what is under way has gone through.
    pub progress: u32,
    /// Rows that it has to go through; while checking the file's size and the bytes so far make the share.
    pub of: u32,
    /// Bytes that the check has gone through.
    pub checked_bytes: u64,
    /// Rows a second, while something is under way.
    pub per_second: u32,
    /// Seconds that are left of it, once that can be told.
    pub seconds_left: Option<u32>,
    /// The plan, once there is one.
    pub plan: Option<Counts>,
    /// What came of it, as far as it was applied.
    pub done: Option<Counts>,
    /// What came of undoing it: how many rows were undone, and how many kept.
    pub undone: Option<(u32, u32)>,
    /// Seats that are free now; none where their number is not set.
    pub seats_left: Option<u32>,
    /// Why the file can't be read.
    pub fault: Option<Fault>,
    /// The file is another than the one that was announced (its size or its hash), or than its mapping is for.
    pub mismatch: bool,
    /// Why the work stopped by itself.
    pub stopped_by: Option<StoppedBy>,
    /// Until when it can be undone.
    pub undo_until: Option<Moment>,
    /// Invitations of it that nobody has been sent yet; not counted while something is under way.
    pub waiting: u32,
    /// When these are sent by themselves, or those that the plan invites.
    pub sends_at: Option<Moment>,
    /// The same time as a form's field has it; empty where there is none.
    pub send_at: String,
    /// Whether they are being sent.
    pub sending: bool,
    /// Hours that a link lives, or a generated password.
    pub life_hours: u32,
    /// Whether it can be applied now.
    pub may_apply: bool,
    /// Whether it can be stopped now.
    pub may_stop: bool,
    /// Whether it can go on now.
    pub may_resume: bool,
    /// Whether it can be undone now.
    pub may_undo: bool,
    /// Whether it can be discarded now.
    pub may_discard: bool,
    /// Whether all refused rows can be left out now.
    pub may_leave_out: bool,
    /// Whether what waits can be sent now.
    pub may_send: bool,
    /// Whether the time at which it is sent can be changed now.
    pub may_schedule: bool,
}

impl ImportView {
    /// Whether a worker is at it, so that it is otherwise soon.
    #[must_use]
    pub const fn is_under_way(&self) -> bool {
        self.state.is_under_way() || self.sending
    }

    /// What has become of its rows.
    #[must_use]
    pub const fn written(&self) -> Written {
        match self.state {
            ImportState::Undone => Written::Undone,
            _ if self.done.is_some() => Written::Was,
            _ => Written::Will,
        }
    }

    /// Everything is to be done or nothing, and rows are refused: as it is it can't be applied.
    #[must_use]
    pub fn is_held_up(&self) -> bool {
        let refused = self.plan.is_some_and(|plan| plan.refused > 0);
        self.state == ImportState::Planned && self.options.applying == Applying::Whole && refused
    }
}
