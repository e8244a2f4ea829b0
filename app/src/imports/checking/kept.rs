//! The invalid rows, and the counts of their problems.

use muster::import::{
    Column, Fault, Layout, MatchBy, Mode, Options, PersonDraft, Record, RowProblem,
};

use super::message::{Kind, KindCount, RowState};

/// A row that is kept for correction.
#[derive(Debug, Clone)]
pub struct Kept {
    pub number: u32,
    pub line: u64,
    /// Its raw text, for the download of invalid rows.
    pub raw: String,
    pub cells: [String; Column::ALL.len()],
    /// Which cells were edited here.
    pub edited: [bool; Column::ALL.len()],
    pub fault: Option<Fault>,
    pub problems: Vec<RowProblem>,
    pub left_out: bool,
    /// Whether it was ever skipped: a restarted upload then reports that it no longer is.
    pub was_left_out: bool,
}

impl Kept {
    pub fn new(record: &Record<'_>, draft: &PersonDraft<'_>, problems: Vec<RowProblem>) -> Self {
        Self {
            number: record.number,
            line: record.line,
            raw: record.raw.to_owned(),
            cells: std::array::from_fn(|at| draft.cell(Column::ALL[at]).to_owned()),
            edited: [false; Column::ALL.len()],
            fault: record.fault,
            problems,
            left_out: false,
            was_left_out: false,
        }
    }

    pub fn bytes(&self) -> usize {
        let cells: usize = self.cells.iter().map(String::len).sum();
        self.raw.len() + cells + size_of::<Self>()
    }

    pub fn draft(&self, layout: &Layout) -> PersonDraft<'_> {
        PersonDraft::of_cells(std::array::from_fn(|at| self.cells[at].as_str()), layout)
    }

    pub const fn state(&self) -> RowState {
        if self.left_out {
            RowState::LeftOut
        } else if self.fault.is_none() && self.problems.is_empty() {
            RowState::Mended
        } else {
            RowState::Wrong
        }
    }

    /// Returns whether the username is missing, wrong, or was entered here.
    pub fn is_about_a_username(&self) -> bool {
        let of_username = |problem: &RowProblem| problem.column == Column::Username;
        self.edited[Column::Username as usize] || self.problems.iter().any(of_username)
    }

    /// Returns whether a proposed username could correct the row. One that identifies a member can't be proposed.
    pub fn wants_a_username(&self, options: &Options) -> bool {
        let is_username = |problem: &RowProblem| problem.column == Column::Username;
        let is_new = match options.mode {
            Mode::Add => true,
            Mode::Update => false,
            // Existing members already have a username.
            Mode::Both => {
                options.match_by != MatchBy::Username
                    || self.cells[Column::Username as usize].trim().is_empty()
            }
        };
        is_new
            && self.state() == RowState::Wrong
            && self.fault.is_none()
            && self.problems.iter().any(is_username)
    }

    pub fn is_of(&self, kind: &Kind) -> bool {
        self.kinds()
            .any(|(column, code)| column == kind.column && code == kind.code)
    }

    pub fn kinds(&self) -> impl Iterator<Item = (Option<Column>, &'static str)> {
        kinds(self.fault, &self.problems)
    }
}

/// Returns the kinds of its problems by their codes.
pub fn kinds(
    fault: Option<Fault>,
    problems: &[RowProblem],
) -> impl Iterator<Item = (Option<Column>, &'static str)> {
    let of_row = fault.map(|fault| (None, fault.kind.code()));
    let of_cells = problems
        .iter()
        .map(|it| (Some(it.column), it.problem.code()));
    of_row.into_iter().chain(of_cells)
}

/// The number of rows with each problem. With about forty kinds a list is fast enough.
#[derive(Debug, Clone, Default)]
pub struct Kinds(Vec<((Option<Column>, &'static str), u32)>);

impl Kinds {
    pub fn add(&mut self, kinds: impl Iterator<Item = (Option<Column>, &'static str)>) {
        for kind in kinds {
            match self.0.iter_mut().find(|(known, _)| *known == kind) {
                Some((_, rows)) => *rows += 1,
                None => self.0.push((kind, 1)),
            }
        }
    }

    /// Returns the counts, the most frequent first.
    pub fn counts(mut self) -> Vec<KindCount> {
        self.0
            .sort_by_key(|((column, code), rows)| (std::cmp::Reverse(*rows), *column, *code));
        let count = |((column, code), rows): ((Option<Column>, &str), u32)| KindCount {
            kind: Kind {
                column,
                code: code.to_owned(),
            },
            rows,
        };
        self.0.into_iter().map(count).collect()
    }
}
