//! The messages between the page and its worker. They are sent as JSON; the file itself is passed by reference.

use muster::{
    ids::RoleId,
    import::{Column, Delimiter, Dialect, Encoding, Fault, Mapping, Options, RowProblem},
};
use rpc::imports::EditsDraft;
use serde::{Deserialize, Serialize};

/// Number of rows on a page of the grid.
pub(super) const ROWS_A_PAGE: usize = 25;

/// The file format that a person chose; the rest is detected.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// The encoding.
    pub encoding: Option<Encoding>,
    /// The delimiter.
    pub delimiter: Option<Delimiter>,
}

/// The preview: what the first bytes of a file show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Looked {
    /// The detected format.
    pub dialect: Dialect,
    /// The file's headers.
    pub headers: Vec<String>,
    /// For each header the first few distinct cells below it, shortened.
    pub examples: Vec<Vec<String>>,
    /// The detected mapping.
    pub mapping: Mapping,
    /// Why the file can't be read.
    pub fault: Option<Fault>,
}

/// The settings of a check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choices {
    /// The file's format.
    pub dialect: Dialect,
    /// The column mapping.
    pub mapping: Mapping,
    /// The import options.
    pub options: Options,
    /// The roles that its rows can name.
    pub roles: Vec<(RoleId, String)>,
}

/// A kind of problem, of a column or of the row as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Kind {
    /// The column; `None` if the row itself can't be read.
    pub column: Option<Column>,
    /// The stable code of the problem or fault.
    pub code: String,
}

/// The number of rows with a kind of problem.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KindCount {
    /// The kind.
    pub kind: Kind,
    /// The number of rows.
    pub rows: u32,
}

/// The number of rows in each state.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// All rows.
    pub rows: u32,
    /// Valid rows, including corrected ones.
    pub ready: u32,
    /// Invalid rows that are not skipped.
    pub wrong: u32,
    /// Invalid rows that are not kept and can't be shown.
    pub beyond: u32,
    /// Skipped rows.
    pub left_out: u32,
    /// Corrected rows: valid now, but invalid originally.
    pub mended: u32,
    /// Rows for which a username can be proposed.
    pub proposable: u32,
    /// The kinds of problems of the invalid rows, the most frequent first.
    pub kinds: Vec<KindCount>,
}

/// The progress of a check.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// Bytes read.
    pub bytes: u64,
    /// Milliseconds since the check began.
    pub milliseconds: u32,
    /// Whether reading has ended.
    pub done: bool,
    /// The fault that ended the reading early.
    pub stop: Option<Fault>,
    /// The counts so far.
    pub counts: Counts,
    /// The first invalid rows, after all rows have been checked.
    pub shown: Shown,
}

/// A filter of the kept rows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Filter {
    /// Invalid rows.
    #[default]
    Wrong,
    /// Rows with a problem of this kind.
    Of(Kind),
    /// Rows that were corrected here.
    Mended,
    /// Skipped rows.
    LeftOut,
}

/// The state of a kept row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum RowState {
    /// Invalid.
    Wrong,
    /// Corrected here.
    Mended,
    /// Skipped.
    LeftOut,
}

/// A row of the grid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GridRow {
    /// Its number, from 1.
    pub number: u32,
    /// The line at which it begins, counted from 1.
    pub line: u64,
    /// The person's name, if the row has one.
    pub name: String,
    /// The file's columns with the row's cells; also the username, if one was entered for which the file has no column.
    pub cells: Vec<(Column, String)>,
    /// Its problems.
    pub problems: Vec<RowProblem>,
    /// Why it can't be read.
    pub fault: Option<Fault>,
    /// A proposed valid username, if the row needs one.
    pub proposal: Option<String>,
    /// Its state.
    pub state: RowState,
}

/// The rows on the current page of the grid.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// The filter.
    pub filter: Filter,
    /// The number of matching rows before the page.
    pub from: u32,
    /// The number of matching rows when the page was requested.
    pub of: u32,
    /// Whether a row before the page matches now.
    pub more_before: bool,
    /// Whether a row after the page matches now.
    pub more_behind: bool,
    /// The rows.
    pub rows: Vec<GridRow>,
}

/// A request of the page about a checked file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ask {
    /// Show the first matching rows.
    Show(Filter),
    /// Show the rows that now match after the last one shown.
    Next,
    /// Show the rows that now match before the first one shown.
    Previous,
    /// Change a cell.
    Edit {
        /// The row's number, from 1.
        row: u32,
        /// The cell's column.
        column: Column,
        /// The new text.
        text: String,
    },
    /// Use the proposed username.
    Propose {
        /// The row's number.
        row: u32,
    },
    /// Use the proposed usernames in all rows with a username problem.
    ProposeAll,
    /// Skip a row or include it again.
    LeaveOut {
        /// The row's number.
        row: u32,
        /// Whether it is skipped.
        out: bool,
    },
    /// Skip all invalid rows.
    LeaveRestOut,
    /// Include all skipped rows again.
    TakeAllIn,
    /// Clear the cells with this problem, if their column may be empty.
    Empty(Kind),
    /// Return the corrections.
    Mended,
}

/// An [`Ask`] with its number, which lets the page recognize the latest answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// The number, counted by the page.
    pub number: u32,
    /// The request.
    pub ask: Ask,
}

/// The parts of a file to upload, and their destination.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parts {
    /// The URL, to which a part's number is appended.
    pub to: String,
    /// The size of a part, in bytes.
    pub bytes: u64,
    /// The numbers of the parts that the server already has.
    pub there: Vec<u32>,
}

/// A message of the worker.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Tell {
    /// The preview of the file.
    Looked(Looked),
    /// The progress of the check.
    Progress(Progress),
    /// The state after an [`Ask`].
    Shown {
        /// The request's number.
        number: u32,
        /// The counts of all rows.
        counts: Counts,
        /// The rows on the page.
        shown: Shown,
    },
    /// A file at this URL, available while the worker runs.
    Saved(String),
    /// The corrections to send with the file.
    Mended(EditsDraft),
    /// The upload's progress.
    Sent {
        /// The number of uploaded parts.
        parts: u32,
        /// The total number of parts.
        of: u32,
    },
    /// A part was rejected with this status; 0 if the server could not be reached after several attempts.
    NotSent(u16),
    /// The file can no longer be read: it was changed or removed.
    Gone,
    /// The worker cannot continue: it did not start, the browser lacks a feature, or it sent an unknown message.
    Broken,
}

impl Tell {
    /// Returns the message as JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Serialization cannot fail.
        serde_json::to_string(self).unwrap_or_default()
    }
}
