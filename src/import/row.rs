//! Parses a record as a person: first the raw cells, then the validation, with the functions that validate forms. To
//! add a column: its cell in the draft, its value in the person, its parsing in `check`.

mod cells;

use serde::{Deserialize, Serialize};

use super::{Access, Column, Fields, Layout, MatchBy, Mode, NameOrder, Options, Roles, inert};
use crate::email::EmailAddress;
use crate::ids::RoleId;
use crate::language::Language;
use crate::person_name::PersonName;
use crate::phone::{CallingCode, PhoneNumber};
use crate::problem::Problem;
use crate::username::Username;

pub(super) use cells::beside;

/// A person as in the file. Cells are borrowed from the record; an edit in the grid replaces a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PersonDraft<'a> {
    cells: [&'a str; Column::ALL.len()],
    name_order: NameOrder,
    calling_code: Option<CallingCode>,
    /// Whether the file has full names only.
    only_full_names: bool,
}

/// The change of a field of an existing member: kept, cleared or set. For a new member the first two are the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change<T> {
    /// The cell is empty, or the file has no such column.
    Leave,
    /// The cell is the clear marker.
    Clear,
    /// The cell has this value.
    Set(T),
}

/// The person of a valid row. Fields that are `None` are left unchanged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The username to get or to be matched by.
    pub username: Option<Username>,
    /// First name.
    pub first_name: Option<PersonName>,
    /// Last name.
    pub last_name: Option<PersonName>,
    /// The address to invite or to match by.
    pub email: Option<EmailAddress>,
    /// Phone number.
    pub phone: Change<PhoneNumber>,
    /// The role that the row names. Without one, a new member gets [`Options::role`].
    pub role: Option<RoleId>,
    /// The language of the UI and of emails.
    pub language: Change<Language>,
    /// Whether the person must choose a new password at the next sign-in.
    pub change_password: Option<bool>,
}

/// A problem of a cell.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RowProblem {
    /// The cell's column.
    pub column: Column,
    /// The problem, with its code and its numbers.
    pub problem: Problem,
    /// The row with the same value, for a duplicate.
    pub same_as: Option<u32>,
}

impl RowProblem {
    fn new(column: Column, problem: impl Into<Problem>) -> Self {
        Self {
            column,
            problem: problem.into(),
            same_as: None,
        }
    }

    /// Creates the problem of a cell that repeats another row's value.
    pub(super) const fn same_as(column: Column, row: u32) -> Self {
        Self {
            column,
            problem: Problem::Duplicate,
            same_as: Some(row),
        }
    }
}

impl<'a> PersonDraft<'a> {
    /// Returns the cells of a record.
    #[must_use]
    pub fn new(fields: Fields<'a>, layout: &Layout) -> Self {
        let mut cells = [""; Column::ALL.len()];
        for (cell, column) in cells.iter_mut().zip(Column::ALL) {
            *cell = inert::unescape(layout.cell(fields, *column));
        }
        Self {
            cells,
            name_order: layout.name_order,
            calling_code: layout.calling_code,
            only_full_names: layout.has_only_full_names(),
        }
    }

    /// Creates a draft from stored cells, one for each of [`Column::ALL`].
    #[must_use]
    pub fn of_cells(cells: [&'a str; Column::ALL.len()], layout: &Layout) -> Self {
        Self {
            cells,
            name_order: layout.name_order,
            calling_code: layout.calling_code,
            only_full_names: layout.has_only_full_names(),
        }
    }

    /// Returns the cell of a column.
    #[must_use]
    pub const fn cell(&self, column: Column) -> &'a str {
        self.cells[column as usize]
    }

    /// Replaces a cell: an edit or a proposed username.
    pub const fn set(&mut self, column: Column, text: &'a str) {
        self.cells[column as usize] = text;
    }

    /// Returns first and last name from their own cells. If both are empty, the full name is split; if one is, it is
    /// the rest of the full name.
    #[must_use]
    pub fn names(&self) -> (&'a str, &'a str) {
        let full = self.cell(Column::FullName);
        let (first, last) = (self.cell(Column::FirstName), self.cell(Column::LastName));
        if self.is_split() {
            cells::split_name(full, self.name_order)
        } else if is_blank(full) {
            (first, last)
        } else if is_blank(first) {
            (cells::beside(full, last).unwrap_or(first), last)
        } else if is_blank(last) {
            (first, cells::beside(full, first).unwrap_or(last))
        } else {
            (first, last)
        }
    }

    fn is_split(&self) -> bool {
        is_blank(self.cell(Column::FirstName))
            && is_blank(self.cell(Column::LastName))
            && (self.only_full_names || !is_blank(self.cell(Column::FullName)))
    }

    /// Validates every cell. What depends on the database (taken usernames, seats, existing members) is checked later:
    /// see [`Person::lacks`].
    ///
    /// # Errors
    /// Returns every problem of every column.
    pub fn check(&self, options: &Options, roles: &Roles) -> Result<Person, Vec<RowProblem>> {
        let mut take = Take {
            draft: self,
            is_split: self.is_split(),
            names: self.names(),
            options,
            problems: Vec::new(),
        };
        let person = Person {
            username: take.username(),
            first_name: take.name(Column::FirstName),
            last_name: take.name(Column::LastName),
            email: take.kept(Column::Email, EmailAddress::parse),
            phone: take.changed(Column::Phone, |cell| cells::phone(cell, self.calling_code)),
            role: take.kept(Column::Role, |cell| {
                roles.find(cell).ok_or(Problem::Unknown)
            }),
            language: take.changed(Column::Language, cells::language),
            change_password: take.kept(Column::ChangePassword, cells::yes_or_no),
        };
        let mut problems = take.problems;
        for lacking in person.lacks(options, options.mode == Mode::Add) {
            // A cell with a problem of its own is not also missing.
            let column = self.told_at(lacking.column);
            if !problems.iter().any(|problem| problem.column == column) {
                problems.push(RowProblem { column, ..lacking });
            }
        }
        if problems.is_empty() {
            Ok(person)
        } else {
            problems.sort_by_key(|problem| problem.column);
            Err(problems)
        }
    }

    /// Returns the column of the file under which a missing value is reported.
    fn told_at(&self, column: Column) -> Column {
        match column {
            Column::FirstName | Column::LastName if self.is_split() => Column::FullName,
            own => own,
        }
    }
}

impl Person {
    /// Returns the required values that a row lacks: those that identify its person and, for a new member, those that
    /// an account and an invitation need. In [`Mode::Both`] only the server knows who is new and checks again.
    #[must_use]
    pub fn lacks(&self, options: &Options, is_new: bool) -> Vec<RowProblem> {
        let is_key = |column| !is_new && options.match_by == column;
        let needed = [
            (
                Column::Username,
                self.username.is_none(),
                is_key(MatchBy::Username) || is_new && options.access == Access::Passwords,
            ),
            (Column::FirstName, self.first_name.is_none(), is_new),
            (Column::LastName, self.last_name.is_none(), is_new),
            (
                Column::Email,
                self.email.is_none(),
                is_key(MatchBy::Email) || is_new,
            ),
            (Column::Role, self.role.or(options.role).is_none(), is_new),
        ];
        needed
            .into_iter()
            .filter(|(_, is_missing, is_needed)| *is_missing && *is_needed)
            .map(|(column, ..)| RowProblem::new(column, Problem::Required))
            .collect()
    }
}

fn is_blank(cell: &str) -> bool {
    cell.chars().all(char::is_whitespace)
}

/// The state of parsing a row: cell after cell, collecting all problems.
struct Take<'a, 'b> {
    draft: &'b PersonDraft<'a>,
    is_split: bool,
    names: (&'a str, &'a str),
    options: &'b Options,
    problems: Vec<RowProblem>,
}

impl<'a> Take<'a, '_> {
    /// Parses a field that can be cleared.
    fn changed<T, E: Into<Problem>>(
        &mut self,
        column: Column,
        parse: impl FnOnce(&'a str) -> Result<T, E>,
    ) -> Change<T> {
        match self.given(column) {
            Change::Leave => Change::Leave,
            Change::Clear => Change::Clear,
            Change::Set(cell) => self
                .parsed(column, parse(cell))
                .map_or(Change::Leave, Change::Set),
        }
    }

    /// Parses a required field, which the marker does not clear.
    fn kept<T, E: Into<Problem>>(
        &mut self,
        column: Column,
        parse: impl FnOnce(&'a str) -> Result<T, E>,
    ) -> Option<T> {
        match self.given(column) {
            Change::Leave => None,
            Change::Clear => self.parsed(column, Err(Problem::Required)),
            Change::Set(cell) => self.parsed(column, parse(cell)),
        }
    }

    fn name(&mut self, column: Column) -> Option<PersonName> {
        let (first, last) = self.names;
        let name = if column == Column::FirstName {
            first
        } else {
            last
        };
        let is_own = name == self.draft.cell(column);
        if !self.is_split && is_own {
            return self.kept(column, PersonName::parse);
        }
        if name.is_empty() && is_blank(self.draft.cell(Column::FullName)) {
            return None;
        }
        // A full name may lack one of the two.
        self.parsed(Column::FullName, PersonName::parse(name))
    }

    /// Parses the username. It is validated against the row's names only if it is being chosen. If it only identifies a
    /// member, the names are ignored: names change, for example by marriage.
    fn username(&mut self) -> Option<Username> {
        let (first, last) = match self.options.mode {
            Mode::Update => ("", ""),
            Mode::Add | Mode::Both => self.names,
        };
        match self.given(Column::Username) {
            Change::Leave => None,
            Change::Clear => self.parsed(Column::Username, Err(Problem::Required)),
            Change::Set(cell) => match Username::parse(cell, first, last) {
                Ok(username) => Some(username),
                Err(violations) => {
                    let found = violations.into_iter();
                    self.problems.extend(
                        found.map(|violation| RowProblem::new(Column::Username, violation)),
                    );
                    None
                }
            },
        }
    }

    fn given(&self, column: Column) -> Change<&'a str> {
        let cell = self.draft.cell(column);
        if is_blank(cell) {
            Change::Leave
        } else if self.options.clears(cell) {
            Change::Clear
        } else {
            Change::Set(cell)
        }
    }

    fn parsed<T, E: Into<Problem>>(&mut self, column: Column, parsed: Result<T, E>) -> Option<T> {
        parsed
            .map_err(|problem| self.problems.push(RowProblem::new(column, problem)))
            .ok()
    }
}
