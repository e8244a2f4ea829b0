//! The rows of the invitation form during input: the values and outcome of each, and the people already invited. Each
//! row has a constant key.

use leptos::prelude::*;
use muster::{
    draft::{InviteDraft, InviteRow, MAX_ROWS},
    problem::FieldProblem,
};
use rpc::invitations::{InviteReport, RoleChoice, RowOutcome};

/// A row. Its signals live as long as the row, not as long as the page.
#[derive(Clone)]
pub struct Row {
    pub key: u32,
    pub email: ArcRwSignal<String>,
    pub role: ArcRwSignal<String>,
    /// Whether the email field was left after input: its problems may be shown then.
    pub left: ArcRwSignal<bool>,
    /// The server's outcome, until the row is changed.
    pub outcome: ArcRwSignal<Option<RowOutcome>>,
}

impl Row {
    /// Returns the id of its email field.
    pub fn field(&self) -> String {
        format!("row-{}-email", self.key)
    }
}

/// An invited person: a line above the rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    pub key: u32,
    pub email: String,
    pub role: String,
    /// Whether an open invitation was resent.
    pub again: bool,
}

/// All rows.
#[derive(Clone, Copy)]
pub struct Rows {
    pub list: RwSignal<Vec<Row>>,
    pub done: RwSignal<Vec<Done>>,
    /// Whether sending was attempted: every problem is shown then.
    pub tried: RwSignal<bool>,
    roles: StoredValue<Vec<RoleChoice>>,
    next_key: StoredValue<u32>,
}

impl Rows {
    /// Creates the rows of a draft with their outcomes, at least one.
    pub fn new(draft: &InviteDraft, report: Option<&InviteReport>, roles: Vec<RoleChoice>) -> Self {
        let rows = Self {
            list: RwSignal::new(Vec::new()),
            done: RwSignal::new(Vec::new()),
            tried: RwSignal::new(false),
            roles: StoredValue::new(roles),
            next_key: StoredValue::new(0),
        };
        let list: Vec<Row> = draft
            .rows
            .iter()
            .take(MAX_ROWS)
            .map(|row| rows.row(&row.email, Some(&row.role)))
            .collect();
        let keys: Vec<u32> = list.iter().map(|row| row.key).collect();
        rows.list.set(list);
        if let Some(report) = report {
            rows.apply(report, &keys);
        }
        if rows.list.with_untracked(Vec::is_empty) {
            rows.list.set(vec![rows.row("", None)]);
        }
        rows
    }

    fn row(self, email: &str, role: Option<&String>) -> Row {
        let key = self.next_key.get_value();
        self.next_key.set_value(key + 1);
        let role = role
            .filter(|role| !role.is_empty())
            .cloned()
            .unwrap_or_else(|| self.usual());
        Row {
            key,
            email: ArcRwSignal::new(email.to_owned()),
            role: ArcRwSignal::new(role),
            left: ArcRwSignal::new(false),
            outcome: ArcRwSignal::new(None),
        }
    }

    /// Returns the initial role of a new row.
    fn usual(self) -> String {
        self.roles
            .with_value(|roles| {
                roles
                    .iter()
                    .find(|role| role.usual)
                    .or(roles.first())
                    .map(|role| role.id.clone())
            })
            .unwrap_or_default()
    }

    pub fn roles(self) -> Vec<RoleChoice> {
        self.roles.get_value()
    }

    /// Returns the current draft.
    pub fn draft(self, note: String) -> InviteDraft {
        let rows = self.list.with(|list| {
            list.iter()
                .map(|row| InviteRow {
                    email: row.email.get(),
                    role: row.role.get(),
                })
                .collect()
        });
        InviteDraft { rows, note }
    }

    /// Returns the rows' keys in the order of the draft.
    pub fn keys(self) -> Vec<u32> {
        self.list
            .with_untracked(|list| list.iter().map(|row| row.key).collect())
    }

    /// Returns a row's current position.
    pub fn position(self, key: u32) -> Option<usize> {
        self.list
            .with(|list| list.iter().position(|row| row.key == key))
    }

    pub fn is_full(self) -> bool {
        self.list.with(|list| list.len() >= MAX_ROWS)
    }

    /// Adds a row with the role of the last one and returns the id of its email field.
    pub fn add(self) -> Option<String> {
        if untrack(|| self.is_full()) {
            return None;
        }
        let role = self
            .list
            .with_untracked(|list| list.last().map(|row| row.role.get_untracked()));
        let row = self.row("", role.as_ref());
        let field = row.field();
        self.list.update(|list| list.push(row));
        Some(field)
    }

    /// Removes a row and returns the id of the nearest email field.
    pub fn remove(self, key: u32) -> Option<String> {
        let place = self
            .list
            .with_untracked(|list| list.iter().position(|row| row.key == key))?;
        self.list.update(|list| {
            list.remove(place);
            if list.is_empty() {
                list.push(self.row("", None));
            }
        });
        self.list
            .with_untracked(|list| list.get(place).or(list.last()).map(Row::field))
    }

    /// Distributes pasted addresses over rows, starting with this one if it is empty. Returns the number of addresses
    /// for which there was no row.
    pub fn spread(self, key: u32, mut addresses: Vec<String>) -> usize {
        let Some(here) = self
            .list
            .with_untracked(|list| list.iter().find(|row| row.key == key).cloned())
        else {
            return 0;
        };
        if here.email.with_untracked(|email| email.trim().is_empty()) && !addresses.is_empty() {
            here.email.set(addresses.remove(0));
            here.left.set(true);
        }
        let role = here.role.get_untracked();
        let mut left_out = 0;
        self.list.update(|list| {
            list.retain(|row| {
                row.key == key || !row.email.with_untracked(|email| email.trim().is_empty())
            });
            let after = list
                .iter()
                .position(|row| row.key == key)
                .map_or(list.len(), |place| place + 1);
            let room = MAX_ROWS.saturating_sub(list.len());
            left_out = addresses.len().saturating_sub(room);
            let more: Vec<Row> = addresses
                .iter()
                .take(room)
                .map(|address| {
                    let row = self.row(address, Some(&role));
                    row.left.set(true);
                    row
                })
                .collect();
            list.splice(after..after, more);
        });
        left_out
    }

    /// Stores the outcome of each row: invited people leave the form, other rows stay in place. `keys` are the rows in
    /// the order in which they were sent.
    pub fn apply(self, report: &InviteReport, keys: &[u32]) {
        for (index, outcome) in &report.rows {
            let Some(key) = keys.get(*index) else {
                continue;
            };
            if matches!(outcome, RowOutcome::Invited) {
                self.finish(*key, false);
            } else {
                self.list.with_untracked(|list| {
                    if let Some(row) = list.iter().find(|row| row.key == *key) {
                        row.outcome.set(Some(outcome.clone()));
                    }
                });
            }
        }
        // Rows that were left empty are no longer needed.
        if report.invited() > 0 {
            self.list.update(|list| {
                list.retain(|row| !row.email.with_untracked(|email| email.trim().is_empty()));
            });
            self.tried.set(false);
        }
        if self.list.with_untracked(Vec::is_empty) {
            let row = self.row("", None);
            self.list.set(vec![row]);
        }
    }

    /// Turns a row into the line of an invited person.
    pub fn finish(self, key: u32, again: bool) {
        let Some(row) = self
            .list
            .with_untracked(|list| list.iter().find(|row| row.key == key).cloned())
        else {
            return;
        };
        let role = row.role.get_untracked();
        let role = self
            .roles
            .with_value(|roles| {
                roles
                    .iter()
                    .find(|choice| choice.id == role)
                    .map(|choice| choice.name.clone())
            })
            .unwrap_or_default();
        let email = row.email.get_untracked().trim().to_owned();
        self.done.update(|done| {
            done.push(Done {
                key,
                email,
                role,
                again,
            });
        });
        self.list.update(|list| list.retain(|row| row.key != key));
        if again && self.list.with_untracked(Vec::is_empty) {
            let row = self.row("", None);
            self.list.set(vec![row]);
            self.tried.set(false);
        }
    }

    /// Returns the number of rows with a problem found by the server.
    pub fn in_trouble(self) -> usize {
        self.list.with_untracked(|list| {
            list.iter()
                .filter(|row| row.outcome.with_untracked(Option::is_some))
                .count()
        })
    }

    /// Returns the problems of one row's field from those of the whole draft.
    pub fn of_row(problems: &[FieldProblem], position: usize, field: &str) -> Vec<FieldProblem> {
        let name = format!("rows.{position}.{field}");
        problems
            .iter()
            .filter(|problem| problem.field == name)
            .cloned()
            .collect()
    }
}
