//! The rows of the invite form while it is filled in: what is typed in each, what came of each, and
//! who is done with. Rows are known by a key that stays theirs, whatever is added or removed.

use leptos::prelude::*;
use muster::{
    draft::{InviteDraft, InviteRow, MAX_ROWS},
    problem::FieldProblem,
};

use super::api::{InviteReport, RoleChoice, RowOutcome};

/// One row. Its signals live as long as the row itself, not as long as the page.
#[derive(Clone)]
pub struct Row {
    pub key: u32,
    pub email: ArcRwSignal<String>,
    pub role: ArcRwSignal<String>,
    /// Whether the email was left after something was typed: then its problems may be shown.
    pub left: ArcRwSignal<bool>,
    /// What the server said of it, until it is changed.
    pub outcome: ArcRwSignal<Option<RowOutcome>>,
}

impl Row {
    /// The id of its email field.
    pub fn field(&self) -> String {
        format!("row-{}-email", self.key)
    }
}

/// A person who is invited: a line above the rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    pub key: u32,
    pub email: String,
    pub role: String,
    /// Whether an open invitation was sent again.
    pub again: bool,
}

/// All rows.
#[derive(Clone, Copy)]
pub struct Rows {
    pub list: RwSignal<Vec<Row>>,
    pub done: RwSignal<Vec<Done>>,
    /// Whether sending was tried: then every problem shows.
    pub tried: RwSignal<bool>,
    roles: StoredValue<Vec<RoleChoice>>,
    next_key: StoredValue<u32>,
}

impl Rows {
    /// The rows of a draft with what came of them, one at least.
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

    /// The role that a new row begins with.
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

    /// The draft as it stands.
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

    /// The rows' keys in the order of the draft.
    pub fn keys(self) -> Vec<u32> {
        self.list
            .with_untracked(|list| list.iter().map(|row| row.key).collect())
    }

    /// Where a row stands now.
    pub fn position(self, key: u32) -> Option<usize> {
        self.list
            .with(|list| list.iter().position(|row| row.key == key))
    }

    pub fn is_full(self) -> bool {
        self.list.with(|list| list.len() >= MAX_ROWS)
    }

    /// One more row, with the role of the last; its email field.
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

    /// Takes a row away; the email field that is nearest then.
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

    /// Spreads pasted addresses over rows from this one on: it takes the first where it is empty. Gives
    /// how many found no room.
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

    /// Writes down what came of each row: who is invited leaves the form, the others stay in place.
    /// `keys` are the rows as they were sent.
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
        // Rows that were left empty have done their duty.
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

    /// Turns a row into a line of who is done with.
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

    /// The rows that the server found something about.
    pub fn in_trouble(self) -> usize {
        self.list.with_untracked(|list| {
            list.iter()
                .filter(|row| row.outcome.with_untracked(Option::is_some))
                .count()
        })
    }

    /// The problems of one row's field, out of those of the whole draft.
    pub fn of_row(problems: &[FieldProblem], position: usize, field: &str) -> Vec<FieldProblem> {
        let name = format!("rows.{position}.{field}");
        problems
            .iter()
            .filter(|problem| problem.field == name)
            .cloned()
            .collect()
    }
}
