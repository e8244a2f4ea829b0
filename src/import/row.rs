//! A record read as a person: raw cells first, then the verdict, by the functions that judge a form's fields.
//! To add a column: its cell in the draft, its value in the person, its reading in `check`.

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

/// A person as the file has them. Borrowed from the record; an edit of the grid takes a cell's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PersonDraft<'a> {
    cells: [&'a str; Column::ALL.len()],
    name_order: NameOrder,
    calling_code: Option<CallingCode>,
    /// The file has full names and no others.
    only_full_names: bool,
}

/// A field of a member already there: kept, emptied or set. For someone new the first two are the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change<T> {
    /// The cell is empty, or the file has no such column.
    Leave,
    /// The cell holds the marker.
    Clear,
    /// The cell says this.
    Set(T),
}

/// A person of a row without a problem. What is nothing here is left as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The username to have, or to be found by.
    pub username: Option<Username>,
    /// First name.
    pub first_name: Option<PersonName>,
    /// Last name.
    pub last_name: Option<PersonName>,
    /// The address to be invited at, or to be found by.
    pub email: Option<EmailAddress>,
    /// Phone number.
    pub phone: Change<PhoneNumber>,
    /// The role that the row names; where it names none, someone new gets [`Options::role`].
    pub role: Option<RoleId>,
    /// Language of screens and mails.
    pub language: Change<Language>,
    /// Whether a new password is asked for at the next sign-in.
    pub change_password: Option<bool>,
}

/// What is wrong with a cell.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RowProblem {
    /// Which column's cell.
    pub column: Column,
    /// What is wrong, with its code and its figures.
    pub problem: Problem,
    /// The row that has the same, where that is what is wrong.
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

    /// The cell says the same as another row's.
    pub(super) const fn same_as(column: Column, row: u32) -> Self {
        Self {
            column,
            problem: Problem::Duplicate,
            same_as: Some(row),
        }
    }
}

impl<'a> PersonDraft<'a> {
    /// The cells of a record.
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

    /// Cells that were kept from a record, one for each of [`Column::ALL`].
    #[must_use]
    pub fn of_cells(cells: [&'a str; Column::ALL.len()], layout: &Layout) -> Self {
        Self {
            cells,
            name_order: layout.name_order,
            calling_code: layout.calling_code,
            only_full_names: layout.has_only_full_names(),
        }
    }

    /// What a cell says.
    #[must_use]
    pub const fn cell(&self, column: Column) -> &'a str {
        self.cells[column as usize]
    }

    /// Puts something else into a cell: an edit, a proposed username.
    pub const fn set(&mut self, column: Column, text: &'a str) {
        self.cells[column as usize] = text;
    }

    /// First and last name: their own cells. Where both are empty, the full name split; where one is, what the full name
    /// has beside the other.
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

    /// Judges every cell. What only the database knows (taken, seats, who is already there) comes later, and so
    /// does what depends on that: see [`Person::lacks`].
    ///
    /// # Errors
    /// Every problem of every column.
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
            // A cell that has a problem of its own is not missing as well.
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

    /// The column of the file that says what this one should.
    fn told_at(&self, column: Column) -> Column {
        match column {
            Column::FirstName | Column::LastName if self.is_split() => Column::FullName,
            own => own,
        }
    }
}

impl Person {
    /// What a row must say and does not: by what its person is found again and, for someone new, what an
    /// account and an invitation need. In [`Mode::Both`] only the server knows who is new, and asks once more.
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

/// Reads cell after cell while keeping everything that is wrong.
struct Take<'a, 'b> {
    draft: &'b PersonDraft<'a>,
    is_split: bool,
    names: (&'a str, &'a str),
    options: &'b Options,
    problems: Vec<RowProblem>,
}

impl<'a> Take<'a, '_> {
    /// A field that can be emptied.
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

    /// A field that nobody can be without: the marker does not clear it.
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
        // One of the two may be missing in a full name that is there.
        self.parsed(Column::FullName, PersonName::parse(name))
    }

    /// The username, judged where it is chosen. Where it only says who is meant, the names of the row don't
    /// count: people marry.
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
