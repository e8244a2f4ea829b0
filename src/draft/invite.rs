//! The invitation form: rows of email and role, and a note. Each row has its own outcome, so one invalid row does not
//! block the others.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::fields::{Problems, choice};
use crate::email::EmailAddress;
use crate::ids::RoleId;
use crate::person_name::NameViolation;
use crate::problem::{FieldProblem, Problem};
use crate::{marks, printable::is_unprintable};

/// Maximum number of rows in one form; imports invite more people.
pub const MAX_ROWS: usize = 50;
/// Maximum length of a note, in characters.
pub const MAX_NOTE_LENGTH: u32 = 1000;

/// One row as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct InviteRow {
    /// Email address.
    pub email: String,
    /// The role's id.
    pub role: String,
}

/// The outcome of one row: the invitation to create, or the row's problems.
pub type RowOutcome = Result<(EmailAddress, RoleId), Vec<FieldProblem>>;

/// The form as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct InviteDraft {
    /// The rows, in the order of the page. Rows without an email are ignored.
    pub rows: Vec<InviteRow>,
    /// A personal note for the email; optional.
    pub note: String,
}

/// A personal note: 1 to 1,000 printable characters in lines separated by `\n`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Note(String);

impl Note {
    /// Trims and validates a note. Returns `None` for an empty one.
    ///
    /// # Errors
    /// Returns [`Problem::TooLong`], or a name violation: `not_printable` for control and bidirectional characters,
    /// `too_many_marks` for stacked marks.
    pub fn parse(raw: &str) -> Result<Option<Self>, Problem> {
        // A form POST sends line ends as CR LF (HTML, 4.10.21.4), the script as LF.
        let text = raw.trim().replace("\r\n", "\n");
        if text.is_empty() {
            return Ok(None);
        }
        if text.chars().nth(MAX_NOTE_LENGTH as usize).is_some() {
            return Err(Problem::TooLong {
                maximum: MAX_NOTE_LENGTH,
            });
        }
        if text
            .chars()
            .any(|character| character != '\n' && is_unprintable(character))
        {
            return Err(NameViolation::NotPrintable.into());
        }
        if !marks::are_limited(&text) {
            return Err(NameViolation::TooManyMarks.into());
        }
        Ok(Some(Self(text)))
    }

    /// Returns the note.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Note {
    type Error = &'static str;

    fn try_from(raw: String) -> Result<Self, Self::Error> {
        match Self::parse(&raw) {
            Ok(note) => note.ok_or("required"),
            Err(problem) => Err(problem.code()),
        }
    }
}

impl From<Note> for String {
    fn from(note: Note) -> Self {
        note.0
    }
}

impl InviteDraft {
    /// Parses each row that has an email, with its index in `rows` from 0. Problems are named `rows.N.email` and
    /// `rows.N.role`.
    ///
    /// A row that repeats an earlier address is a [`Problem::Duplicate`], so that no address is offered two roles. The
    /// number of rows is not limited here: see [`InviteDraft::form_problems`].
    #[must_use]
    pub fn parse_rows(&self) -> Vec<(usize, RowOutcome)> {
        let mut seen = HashSet::new();
        let filled = self
            .rows
            .iter()
            .enumerate()
            .filter(|(_, row)| !row.email.trim().is_empty());
        filled
            .map(|(index, row)| {
                let mut problems = Problems::default();
                let address = EmailAddress::parse(&row.email)
                    .map_err(Problem::from)
                    .and_then(|address| {
                        if seen.insert(address.clone()) {
                            Ok(address)
                        } else {
                            Err(Problem::Duplicate)
                        }
                    });
                let email = problems.take(&format!("rows.{index}.email"), address);
                let role = problems.take(&format!("rows.{index}.role"), choice(&row.role));
                (index, problems.finish(email.zip(role)))
            })
            .collect()
    }

    /// Returns the note, if there is one.
    ///
    /// # Errors
    /// Returns the problem of `note`.
    pub fn parse_note(&self) -> Result<Option<Note>, FieldProblem> {
        Note::parse(&self.note).map_err(|problem| FieldProblem::new("note", problem))
    }

    /// Returns the problems of the form as a whole: no rows (`rows` required), more than [`MAX_ROWS`] (`rows` too
    /// many), or the note.
    #[must_use]
    pub fn form_problems(&self) -> Vec<FieldProblem> {
        let filled = self
            .rows
            .iter()
            .filter(|row| !row.email.trim().is_empty())
            .count();
        let mut problems = Vec::new();
        if filled == 0 {
            problems.push(FieldProblem::new("rows", Problem::Required));
        }
        if filled > MAX_ROWS {
            problems.push(FieldProblem::new(
                "rows",
                Problem::TooMany {
                    maximum: u32::try_from(MAX_ROWS).unwrap_or(u32::MAX),
                },
            ));
        }
        problems.extend(self.parse_note().err());
        problems
    }

    /// Returns all problems for the live page: those of the form, then those of each row.
    #[must_use]
    pub fn check(&self) -> Vec<FieldProblem> {
        let mut problems = self.form_problems();
        problems.extend(
            self.parse_rows()
                .into_iter()
                .filter_map(|(_, row)| row.err())
                .flatten(),
        );
        problems
    }
}
