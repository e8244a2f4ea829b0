//! What the page and its worker say to each other. It travels as JSON; the file itself beside it, by reference.

use muster::{
    ids::RoleId,
    import::{Column, Delimiter, Dialect, Encoding, Fault, Mapping, Options, RowProblem},
};
use serde::{Deserialize, Serialize};

use crate::imports::api::EditsDraft;

/// Rows that are shown at a time.
pub(super) const ROWS_A_PAGE: usize = 25;

/// What a person has chosen by hand about how a file is written; what is not chosen is guessed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// The encoding.
    pub encoding: Option<Encoding>,
    /// The delimiter.
    pub delimiter: Option<Delimiter>,
}

/// What the first bytes of a file say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Looked {
    /// How it is written.
    pub dialect: Dialect,
    /// Its headers.
    pub headers: Vec<String>,
    /// For each header the first few different cells below it, shortened.
    pub examples: Vec<Vec<String>>,
    /// What its columns mean, as guessed.
    pub mapping: Mapping,
    /// Why it can't be read.
    pub fault: Option<Fault>,
}

/// With what a file is checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choices {
    /// How it is written.
    pub dialect: Dialect,
    /// What its columns mean.
    pub mapping: Mapping,
    /// What is to be done with its people.
    pub options: Options,
    /// The roles that its rows can name.
    pub roles: Vec<(RoleId, String)>,
}

/// A kind of problem: a column's, or of the row as such.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Kind {
    /// Nothing where the row itself can't be read.
    pub column: Option<Column>,
    /// The problem's stable code, or the fault's.
    pub code: String,
}

/// How many rows have a problem of a kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KindCount {
    /// Which.
    pub kind: Kind,
    /// How many rows.
    pub rows: u32,
}

/// How many rows stand how.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// All of them.
    pub rows: u32,
    /// Without a problem, mended ones included.
    pub ready: u32,
    /// With a problem, and not left out.
    pub wrong: u32,
    /// Of these, so many are not kept: they can't be shown.
    pub beyond: u32,
    /// Left out by hand.
    pub left_out: u32,
    /// Mended here: ready ones that were not from the beginning.
    pub mended: u32,
    /// With a username that can be proposed.
    pub proposable: u32,
    /// The wrong ones by what is wrong, the most frequent first.
    pub kinds: Vec<KindCount>,
}

/// How far the check is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// Bytes read.
    pub bytes: u64,
    /// Since the check began.
    pub milliseconds: u32,
    /// Nothing more will be read.
    pub done: bool,
    /// Why it ended before the end.
    pub stop: Option<Fault>,
    /// The rows so far.
    pub counts: Counts,
    /// The first rows that need attention, once all are known.
    pub shown: Shown,
}

/// Which of the kept rows are shown.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Filter {
    /// Those with a problem.
    #[default]
    Wrong,
    /// Those with a problem of this kind.
    Of(Kind),
    /// Those that were mended here.
    Mended,
    /// Those left out.
    LeftOut,
}

/// How a kept row stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum RowState {
    /// It needs attention.
    Wrong,
    /// It was mended here.
    Mended,
    /// It is left out.
    LeftOut,
}

/// A row of the grid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GridRow {
    /// From 1.
    pub number: u32,
    /// The line it begins at, from 1, as an editor counts.
    pub line: u64,
    /// Whose row it is, as far as it says.
    pub name: String,
    /// The columns that the file has, with what the row says there; and its username, where one is put in that the file
    /// has no column for.
    pub cells: Vec<(Column, String)>,
    /// What is wrong with it.
    pub problems: Vec<RowProblem>,
    /// Why it can't be read.
    pub fault: Option<Fault>,
    /// A username that keeps the rules, where one is wanted.
    pub proposal: Option<String>,
    /// How it stands.
    pub state: RowState,
}

/// The rows that are shown.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// Which.
    pub filter: Filter,
    /// How many come before.
    pub from: u32,
    /// How many there were of them when they were asked for.
    pub of: u32,
    /// Whether any fits now that comes before those shown.
    pub more_before: bool,
    /// Whether any fits now that comes behind those shown.
    pub more_behind: bool,
    /// Themselves.
    pub rows: Vec<GridRow>,
}

/// Something that the page asks about a checked file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ask {
    /// Show the first such rows.
    Show(Filter),
    /// Show those behind the last one shown, as things stand now.
    Next,
    /// Show those before the first one shown, as things stand now.
    Previous,
    /// Change a cell.
    Edit {
        /// From 1.
        row: u32,
        /// Which cell.
        column: Column,
        /// What it says now.
        text: String,
    },
    /// Take the proposed username.
    Propose {
        /// For this row.
        row: u32,
    },
    /// Take proposed usernames wherever the username is what is wrong.
    ProposeAll,
    /// Leave a row out, or take it in again.
    LeaveOut {
        /// Which.
        row: u32,
        /// Whether it is left out.
        out: bool,
    },
    /// Leave out all that need attention.
    LeaveRestOut,
    /// Take in again all that were left out.
    TakeAllIn,
    /// Empty the cells of which this is wrong, of a column that need not say anything.
    Empty(Kind),
    /// Give what was changed.
    Mended,
}

/// An [`Ask`] with its number, so that the page knows the last answer from those before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// Counted by the page.
    pub number: u32,
    /// What.
    pub ask: Ask,
}

/// Which parts of a file are to be sent, and where to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parts {
    /// The address, to which a part's number is added.
    pub to: String,
    /// The size of a part, in bytes.
    pub bytes: u64,
    /// The numbers of those that are there already.
    pub there: Vec<u32>,
}

/// What the worker says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Tell {
    /// How the file looks.
    Looked(Looked),
    /// How far the check is.
    Progress(Progress),
    /// How things stand after an [`Ask`].
    Shown {
        /// The ask's.
        number: u32,
        /// All rows.
        counts: Counts,
        /// The rows that are shown.
        shown: Shown,
    },
    /// A file that can be fetched at this address, as long as the worker lives.
    Saved(String),
    /// What goes along with the file.
    Mended(EditsDraft),
    /// So many parts are there.
    Sent {
        /// How many.
        parts: u32,
        /// How many there must be.
        of: u32,
    },
    /// A part was not taken, by this status; 0 where the server could not be reached, several times over.
    NotSent(u16),
    /// The file can't be read any more: it was changed or taken away.
    Gone,
    /// It can't go on: it did not start, lacks what this browser does not have, or said what the page does not know.
    Broken,
}

impl Tell {
    /// As it travels.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Nothing in it can't be written.
        serde_json::to_string(self).unwrap_or_default()
    }
}
