//! The column mapping of a file: detected from the headers, corrected by hand, remembered per institution. To add a
//! column: a variant here, its headers in `synonyms`, its parsing in `row`.

mod synonyms;

use serde::{Deserialize, Serialize};

use super::row::beside;
use super::{Fields, MatchBy, Mode, Options};
use crate::code_enum::code_enum;
use crate::folding::fold;
use crate::phone::CallingCode;
use crate::problem::{FieldProblem, Problem};
use synonyms::{HALF_A_NAME, OWN, synonyms};

code_enum! {
    /// A column with a value of a person that Muster knows.
    pub enum Column {
        /// Username.
        Username = "username",
        /// First name.
        FirstName = "first_name",
        /// Last name.
        LastName = "last_name",
        /// First and last name in one cell. It is split for rows that have neither.
        FullName = "full_name",
        /// Email address.
        Email = "email",
        /// Phone number.
        Phone = "phone",
        /// The role, by its name.
        Role = "role",
        /// The language of the UI and of emails.
        Language = "language",
        /// Whether the person must choose a new password at the next sign-in.
        ChangePassword = "change_password",
    }
}

impl Column {
    /// Returns whether a row may always leave this column empty.
    #[must_use]
    pub const fn may_be_empty(self) -> bool {
        matches!(self, Self::Phone | Self::Language | Self::ChangePassword)
    }
}

code_enum! {
    /// The order of a full name without a comma (`Last, First` is always recognized).
    pub enum NameOrder {
        /// `Ana María López`: the last word is the last name.
        FirstLast = "first_last",
        /// `López Ana María`: the first word is the last name.
        LastFirst = "last_first",
    }
}

/// The target of one column of the file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// The column is ignored.
    #[default]
    LeftOut,
    /// A further column: kept as text under its header.
    Attribute,
    /// One of the known columns.
    Column(Column),
}

/// The target of each column of a file by its index, and how full names and phone numbers are parsed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mapping {
    /// One target for each field of the header.
    pub targets: Vec<Target>,
    /// The order of full names.
    pub name_order: NameOrder,
    /// The calling code for phone numbers without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calling_code: Option<CallingCode>,
}

impl Mapping {
    /// Detects the mapping from the headers. `examples` are the first few rows, because a header alone can mislead: a
    /// column of login names may hold addresses, and a `Name` next to a first name usually is the last name.
    ///
    /// If two headers match one column, the better match gets it and the other becomes a further column. Unknown
    /// headers are ignored.
    #[must_use]
    pub fn guess(headers: &[&str], examples: &[Vec<&str>]) -> Self {
        let mut targets = vec![Target::LeftOut; headers.len()];
        let mut best: Vec<(Column, usize, usize)> = Vec::new();
        for (index, header) in headers.iter().enumerate() {
            let Some((column, rank)) = known(header, || holds_addresses(index, examples)) else {
                continue;
            };
            // An empty column ranks after all others, regardless of its header.
            let rank = if is_empty(index, examples) {
                usize::MAX
            } else {
                rank
            };
            targets[index] = Target::Attribute;
            match best.iter_mut().find(|(taken, ..)| *taken == column) {
                None => best.push((column, rank, index)),
                Some(held) if rank < held.1 => *held = (column, rank, index),
                Some(_) => {}
            }
        }
        for (column, _, index) in best {
            targets[index] = Target::Column(column);
        }
        complete_half_a_name(&mut targets, headers, examples);
        Self {
            targets,
            name_order: NameOrder::FirstLast,
            calling_code: None,
        }
    }

    /// Returns the key under which an institution remembers the mapping of such a file: the headers without case,
    /// spacing, punctuation and accents, and without the columns that Muster appends to reports.
    #[must_use]
    pub fn key(headers: &[&str]) -> String {
        let others = headers.iter().filter(|header| !is_own(header));
        let plain: Vec<String> = others.map(|header| normalised(header)).collect();
        plain.join("|")
    }

    /// Returns the mapping in the form to remember: without ignored columns of Muster's own.
    #[must_use]
    pub fn to_remember(mut self, headers: &[&str]) -> Self {
        let mut headers = headers.iter();
        self.targets.retain(|target| {
            let is_own = headers.next().is_some_and(|header| is_own(header));
            !is_own || *target != Target::LeftOut
        });
        self
    }

    /// Restores a remembered mapping for a file with these headers; `None` if it belongs to other headers.
    #[must_use]
    pub fn recalled(mut self, headers: &[&str]) -> Option<Self> {
        if self.targets.len() != headers.len() {
            let mut targets = self.targets.into_iter();
            let fitted = headers.iter().map(|header| {
                if is_own(header) {
                    Some(Target::LeftOut)
                } else {
                    targets.next()
                }
            });
            let fitted: Option<Vec<Target>> = fitted.collect();
            self.targets = fitted.filter(|_| targets.next().is_none())?;
        }
        Some(self)
    }

    /// Returns the problems of this mapping for a file with `width` columns: under `targets` if it belongs to another
    /// file, under a column's code if two columns have that target or if none has and one is required.
    #[must_use]
    pub fn problems(&self, width: usize, options: &Options) -> Vec<FieldProblem> {
        let mut problems = Vec::new();
        if self.targets.len() != width {
            problems.push(FieldProblem::new("targets", Problem::Unknown));
        }
        let count = |column| {
            let is_it = |target: &&Target| **target == Target::Column(column);
            self.targets.iter().filter(is_it).count()
        };
        for column in Column::ALL.iter().copied() {
            match count(column) {
                0 if is_needed(column, options) => {
                    let has_full_name = count(Column::FullName) > 0;
                    let is_name = matches!(column, Column::FirstName | Column::LastName);
                    if !(is_name && has_full_name) {
                        problems.push(FieldProblem::new(column.code(), Problem::Required));
                    }
                }
                0 | 1 => {}
                _ => problems.push(FieldProblem::new(column.code(), Problem::Duplicate)),
            }
        }
        problems
    }

    /// Returns the index of each column, looked up once for all rows.
    #[must_use]
    pub fn layout(&self) -> Layout {
        let place = |column: &Column| {
            let is_it = |target: &Target| *target == Target::Column(*column);
            self.targets.iter().position(is_it)
        };
        let mut places = [None; Column::ALL.len()];
        for (at, column) in places.iter_mut().zip(Column::ALL) {
            *at = place(column);
        }
        let is_attribute =
            |(index, target): (usize, &Target)| (*target == Target::Attribute).then_some(index);
        Layout {
            places,
            attributes: self
                .targets
                .iter()
                .enumerate()
                .filter_map(is_attribute)
                .collect(),
            name_order: self.name_order,
            calling_code: self.calling_code,
        }
    }
}

/// The index of each column in a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    places: [Option<usize>; Column::ALL.len()],
    attributes: Vec<usize>,
    pub(super) name_order: NameOrder,
    pub(super) calling_code: Option<CallingCode>,
}

impl Layout {
    /// Returns whether the file has this column.
    #[must_use]
    pub const fn has(&self, column: Column) -> bool {
        self.places[column as usize].is_some()
    }

    /// Returns whether the only name column is that of full names.
    pub(super) const fn has_only_full_names(&self) -> bool {
        self.has(Column::FullName) && !self.has(Column::FirstName) && !self.has(Column::LastName)
    }

    /// Returns the record's cell in a column, or an empty text if the file has no such column.
    pub(super) fn cell<'a>(&self, fields: Fields<'a>, column: Column) -> &'a str {
        self.places[column as usize]
            .and_then(|index| fields.get(index))
            .unwrap_or_default()
    }

    /// Returns the indexes of the further columns in the header.
    #[must_use]
    pub fn attributes(&self) -> &[usize] {
        &self.attributes
    }
}

/// Returns whether a file must have this column to be imported. A role is required if none is chosen for all rows.
/// Missing usernames of single rows (see [`super::Person::lacks`]) can be proposed in the grid.
fn is_needed(column: Column, options: &Options) -> bool {
    let adds_only = options.mode == Mode::Add;
    match column {
        Column::Username => !adds_only && options.match_by == MatchBy::Username,
        Column::Email => adds_only || options.match_by == MatchBy::Email,
        Column::FirstName | Column::LastName => adds_only,
        Column::Role => adds_only && options.role.is_none(),
        Column::FullName | Column::Phone | Column::Language | Column::ChangePassword => false,
    }
}

/// Returns the column that a header names and the rank of the match; 0 is best.
fn known(header: &str, holds_addresses: impl Fn() -> bool) -> Option<(Column, usize)> {
    // In `Name [displayName] Required` the brackets hold the field's name. In `First Name [Required]` they hold a
    // remark, and the name is before them.
    let (before, bracketed) = match header.split_once('[') {
        Some((before, rest)) => (before, rest.split(']').next()),
        None => (header, None),
    };
    let (column, rank) = bracketed
        .and_then(named)
        .or_else(|| named(before))
        .or_else(|| named(header))?;
    if column == Column::Username && holds_addresses() {
        // Ranks after every real header for an address.
        return Some((Column::Email, synonyms(Column::Email).len() + rank));
    }
    Some((column, rank))
}

/// Maps `Name` to the other half if one half of the name has a column, unless it repeats that half.
fn complete_half_a_name(targets: &mut [Target], headers: &[&str], examples: &[Vec<&str>]) {
    let place = |column| {
        let is_it = |target: &Target| *target == Target::Column(column);
        targets.iter().position(is_it)
    };
    let Some(full) = place(Column::FullName).filter(|index| is_half_a_name(headers[*index])) else {
        return;
    };
    let (half, other) = match (place(Column::FirstName), place(Column::LastName)) {
        (Some(first), None) => (first, Column::LastName),
        (None, Some(last)) => (last, Column::FirstName),
        _ => return,
    };
    // If the column of the first half is empty, `Name` may hold full names.
    if is_empty(half, examples) {
        return;
    }
    let names = examples.iter().filter_map(|row| {
        let (full, half) = (row.get(full)?.trim(), row.get(half)?.trim());
        (!full.is_empty() && !half.is_empty()).then(|| beside(full, half).is_some())
    });
    let (mut filled, mut whole) = (0, 0);
    for has_both in names {
        filled += 1;
        whole += usize::from(has_both);
    }
    if whole * 2 <= filled {
        targets[full] = Target::Column(other);
    }
}

fn is_half_a_name(header: &str) -> bool {
    let plain = normalised(header.split('[').next().unwrap_or_default());
    HALF_A_NAME.iter().any(|name| normalised(name) == plain)
}

fn named(header: &str) -> Option<(Column, usize)> {
    let plain = normalised(header);
    let is_it = |synonym: &&str| normalised(synonym) == plain;
    if plain.is_empty() || is_own(header) {
        return None;
    }
    Column::ALL.iter().find_map(|column| {
        let rank = synonyms(*column).iter().position(is_it)?;
        Some((*column, rank))
    })
}

/// Returns whether Muster appends a column with this header to reports.
fn is_own(header: &str) -> bool {
    let plain = normalised(header);
    OWN.iter().any(|own| normalised(own) == plain)
}

fn is_empty(index: usize, examples: &[Vec<&str>]) -> bool {
    let mut cells = examples.iter().filter_map(|row| row.get(index));
    !examples.is_empty() && cells.all(|cell| cell.trim().is_empty())
}

fn holds_addresses(index: usize, examples: &[Vec<&str>]) -> bool {
    let cells = examples.iter().filter_map(|row| row.get(index));
    let (mut filled, mut addresses) = (0, 0);
    for cell in cells.filter(|cell| !cell.trim().is_empty()) {
        filled += 1;
        addresses += usize::from(cell.contains('@'));
    }
    addresses * 2 > filled
}

/// Returns the header's letters and digits, folded.
fn normalised(header: &str) -> String {
    let mut plain = String::with_capacity(header.len());
    fold(header, |character| {
        if character.is_alphanumeric() {
            plain.push(character);
        }
    });
    plain
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    #[test]
    fn no_header_means_two_columns() {
        let mut seen = HashMap::new();
        for column in Column::ALL.iter().copied() {
            for synonym in synonyms(column) {
                let before = seen.insert(normalised(synonym), column);
                assert!(before.is_none(), "{synonym}: {before:?} and {column:?}");
            }
        }
    }

    #[test]
    fn a_header_is_known_whatever_its_case_spacing_punctuation_and_accents() {
        for (header, column) in [
            ("E-MAIL", Column::Email),
            ("  e_mail address * ", Column::Email),
            ("PRÉNOM", Column::FirstName),
            ("prenom", Column::FirstName),
            ("Correo-Electronico", Column::Email),
            ("الإسم الأول", Column::FirstName),
            ("Name [displayName] Required", Column::FullName),
            ("First Name [Required]", Column::FirstName),
        ] {
            assert_eq!(
                known(header, || false).map(|(column, _)| column),
                Some(column),
                "{header}"
            );
        }
        for header in [
            "",
            "[Required]",
            "Result",
            "Recovery Email",
            "Parent's email",
            "Password",
        ] {
            assert_eq!(known(header, || false), None, "{header}");
        }
    }
}
