//! Corrections of invalid rows. A changed row is validated again, together with the rows that duplicated it.

use muster::import::{Column, RowProblem, propose_for};
use rpc::imports::{CellEdit, EditsDraft};

use super::{
    findings::Findings,
    kept::Kept,
    message::{Kind, RowState},
};

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

    /// Skips a row or includes it again.
    pub fn leave_out(&mut self, row: u32, out: bool) {
        self.change(row, |kept| {
            kept.left_out = out;
            kept.was_left_out = true;
        });
    }

    /// Skips all invalid rows.
    pub fn leave_rest_out(&mut self) {
        for kept in &mut self.kept {
            if kept.state() == RowState::Wrong {
                kept.left_out = true;
                kept.was_left_out = true;
            }
        }
    }

    /// Includes all skipped rows again.
    pub fn take_all_in(&mut self) {
        let left_out = self.kept.iter().filter(|kept| kept.left_out);
        let rows: Vec<u32> = left_out.map(|kept| kept.number).collect();
        for row in rows {
            self.leave_out(row, false);
        }
    }

    /// Uses the proposed username.
    pub fn propose(&mut self, row: u32) {
        let Some(kept) = self.place(row).map(|place| &self.kept[place]) else {
            return;
        };
        let draft = kept.draft(&self.layout);
        if let Some(username) = propose_for(&draft, row, self.seed, &self.duplicates) {
            self.edit(row, Column::Username, username.as_str());
        }
    }

    /// Uses the proposed usernames in all rows with a username problem.
    pub fn propose_all(&mut self) {
        let rows: Vec<u32> = self
            .kept
            .iter()
            .filter(|kept| self.wants_a_username(kept))
            .map(|kept| kept.number)
            .collect();
        for row in rows {
            // The previous proposal may have corrected this row too: of two duplicates, the second is then unique.
            if self
                .place(row)
                .is_some_and(|place| self.wants_a_username(&self.kept[place]))
            {
                self.propose(row);
            }
        }
    }

    /// Clears the cells with this problem, if their column may be empty.
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

    /// Returns the corrections to send with the unchanged file.
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

    /// Validates a kept row again. If it is valid, its username and address are recorded.
    fn judge(&mut self, place: usize) {
        let kept = &self.kept[place];
        if kept.fault.is_some() {
            return;
        }
        let problems = match self.judged(&kept.draft(&self.layout)) {
            Err(problems) => problems,
            // A skipped row does not take its values from other rows.
            Ok(_) if kept.left_out => Vec::new(),
            Ok(person) => self.duplicates.add(kept.number, &person),
        };
        self.kept[place].problems = problems;
    }

    /// Validates the rows that duplicated a row whose values were released.
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
