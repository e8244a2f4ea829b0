//! What a person does to the rows that need attention. Whatever is changed is judged again at once, and so are
//! the rows that said the same as it did.

use muster::import::{Column, RowProblem, propose_for};

use super::{
    findings::Findings,
    kept::Kept,
    message::{Kind, RowState},
};
use crate::imports::api::{CellEdit, EditsDraft};

impl Findings {
    /// Changes a cell.
    pub fn edit(&mut self, row: u32, column: Column, text: &str) {
        self.change(row, |kept| {
            let at = column as usize;
            if kept.cells[at] != text {
                text.clone_into(&mut kept.cells[at]);
                kept.edited[at] = true;
            }
        });
    }

    /// Leaves a row out, or takes it in again.
    pub fn leave_out(&mut self, row: u32, out: bool) {
        self.change(row, |kept| {
            kept.left_out = out;
            kept.was_left_out = true;
        });
    }

    /// Leaves out all that need attention.
    pub fn leave_rest_out(&mut self) {
        for kept in &mut self.kept {
            if kept.state() == RowState::Wrong {
                kept.left_out = true;
                kept.was_left_out = true;
            }
        }
    }

    /// Takes in again all that were left out.
    pub fn take_all_in(&mut self) {
        let left_out = self.kept.iter().filter(|kept| kept.left_out);
        let rows: Vec<u32> = left_out.map(|kept| kept.number).collect();
        for row in rows {
            self.leave_out(row, false);
        }
    }

    /// Takes the proposed username.
    pub fn propose(&mut self, row: u32) {
        let Some(kept) = self.place(row).map(|place| &self.kept[place]) else {
            return;
        };
        let draft = kept.draft(&self.layout);
        if let Some(username) = propose_for(&draft, row, self.seed, &self.duplicates) {
            self.edit(row, Column::Username, username.as_str());
        }
    }

    /// Takes proposed usernames wherever the username is what is wrong.
    pub fn propose_all(&mut self) {
        let rows: Vec<u32> = self
            .kept
            .iter()
            .filter(|kept| self.wants_a_username(kept))
            .map(|kept| kept.number)
            .collect();
        for row in rows {
            // The one before may have mended it: of two that said the same, the second is then the only one.
            if self
                .place(row)
                .is_some_and(|place| self.wants_a_username(&self.kept[place]))
            {
                self.propose(row);
            }
        }
    }

    /// Empties the cells of which this is wrong, where their column need not say anything.
    pub fn empty(&mut self, kind: &Kind) {
        let Some(column) = kind.column.filter(|column| column.may_be_empty()) else {
            return;
        };
        let is_meant = |kept: &&Kept| kept.state() == RowState::Wrong && kept.is_of(kind);
        let rows: Vec<u32> = self
            .kept
            .iter()
            .filter(is_meant)
            .map(|it| it.number)
            .collect();
        for row in rows {
            self.edit(row, column, "");
        }
    }

    /// What goes along with the untouched file.
    pub fn mending(&self) -> EditsDraft {
        let mut mending = EditsDraft::default();
        for kept in &self.kept {
            if kept.left_out {
                mending.left_out.push(kept.number);
                continue;
            }
            if kept.was_left_out {
                mending.taken.push(kept.number);
            }
            for column in Column::ALL.iter().copied() {
                if kept.edited[column as usize] {
                    mending.edits.push(CellEdit {
                        row: kept.number,
                        column,
                        value: Some(kept.cells[column as usize].clone()),
                    });
                }
            }
        }
        mending
    }

    fn change(&mut self, row: u32, change: impl FnOnce(&mut Kept)) {
        let Some(place) = self.place(row) else { return };
        let had_names = self.kept[place].state() == RowState::Mended;
        if had_names && let Ok(person) = self.judged(&self.kept[place].draft(&self.layout)) {
            self.duplicates.release(row, &person);
        }
        change(&mut self.kept[place]);
        self.judge(place);
        if had_names {
            self.judge_those_like(row);
        }
    }

    /// Judges a kept row anew; without a problem it takes its names.
    fn judge(&mut self, place: usize) {
        let kept = &self.kept[place];
        if kept.fault.is_some() {
            return;
        }
        let problems = match self.judged(&kept.draft(&self.layout)) {
            Err(problems) => problems,
            // What is left out takes no name from the others.
            Ok(_) if kept.left_out => Vec::new(),
            Ok(person) => self.duplicates.add(kept.number, &person),
        };
        self.kept[place].problems = problems;
    }

    /// Judges the rows that said the same as one that gave its names free.
    fn judge_those_like(&mut self, row: u32) {
        for place in 0..self.kept.len() {
            let kept = &self.kept[place];
            let like = |problem: &RowProblem| problem.same_as == Some(row);
            if !kept.left_out && kept.problems.iter().any(like) {
                self.judge(place);
            }
        }
    }
}
