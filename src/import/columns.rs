//! What a file's columns mean: guessed from their headers, put right by hand, remembered for an institution.
//! To add a column: a variant here, its headers in `synonyms`, its reading in `row`.

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
    /// What Muster knows of a person.
    pub enum Column {
        /// The name to sign in with.
        Username = "username",
        /// First name.
        FirstName = "first_name",
        /// Last name.
        LastName = "last_name",
        /// First and last name in one, to be split; read where a row has neither.
        FullName = "full_name",
        /// Email address.
        Email = "email",
        /// Phone number.
        Phone = "phone",
        /// The role, by its name.
        Role = "role",
        /// The language of screens and mails.
        Language = "language",
        /// Whether a new password is asked for at the next sign-in.
        ChangePassword = "change_password",
    }
}

impl Column {
    /// Whether a row is as good without this, whoever it is about and whatever is done with it.
    #[must_use]
    pub const fn may_be_empty(self) -> bool {
        matches!(self, Self::Phone | Self::Language | Self::ChangePassword)
    }
}

code_enum! {
    /// Which end of a full name is the last name, where no comma says so (`Last, First` always does).
    pub enum NameOrder {
        /// `Ana María López`: the last word is the last name.
        FirstLast = "first_last",
        /// `López Ana María`: the first word is the last name.
        LastFirst = "last_first",
    }
}

/// What becomes of one column of the file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// Nothing: it is left out.
    #[default]
    LeftOut,
    /// Kept as a further attribute, as text, under its header.
    Attribute,
    /// It is this.
    Column(Column),
}

/// What each column of a file becomes, by its place, and how full names and phone numbers are read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mapping {
    /// One for each field of the header.
    pub targets: Vec<Target>,
    /// How a full name is split.
    pub name_order: NameOrder,
    /// The country of phone numbers that are written without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calling_code: Option<CallingCode>,
}

impl Mapping {
    /// What the headers say. `examples` are the first few rows, because a header alone can lie: a column of
    /// login names full of addresses is one of addresses, and a `Name` beside a first name mostly is the last
    /// name. Of two headers for one column the better match has it, the other is kept as a further attribute;
    /// what nobody knows is left out.
    #[must_use]
    pub fn guess(headers: &[&str], examples: &[Vec<&str>]) -> Self {
        let mut targets = vec![Target::LeftOut; headers.len()];
        let mut best: Vec<(Column, usize, usize)> = Vec::new();
        for (index, header) in headers.iter().enumerate() {
            let Some((column, rank)) = known(header, || holds_addresses(index, examples)) else {
                continue;
            };
            // A column with nothing in it stands behind every other, however it is called.
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

    /// Under which key an institution's mapping of such a file is remembered: the headers without case,
    /// spacing, punctuation and accents, and without those that are written behind a file that goes back to be mended.
    #[must_use]
    pub fn key(headers: &[&str]) -> String {
        let others = headers.iter().filter(|header| !is_own(header));
        let plain: Vec<String> = others.map(|header| normalised(header)).collect();
        plain.join("|")
    }

    /// As it is remembered: without columns of our own that are left out.
    #[must_use]
    pub fn to_remember(mut self, headers: &[&str]) -> Self {
        let mut headers = headers.iter();
        self.targets.retain(|target| {
            let is_own = headers.next().is_some_and(|header| is_own(header));
            !is_own || *target != Target::LeftOut
        });
        self
    }

    /// What is remembered, for a file with these headers; nothing where it is for another.
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

    /// What can't be done with this mapping, for a file of so many columns: under `targets` that it is for
    /// another file, under a column's code that two columns of the file are it, or that none is and one must.
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

    /// The places of the columns, looked up once for all rows.
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

/// Where in a record each column is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    places: [Option<usize>; Column::ALL.len()],
    attributes: Vec<usize>,
    pub(super) name_order: NameOrder,
    pub(super) calling_code: Option<CallingCode>,
}

impl Layout {
    /// Whether the file has this column.
    #[must_use]
    pub const fn has(&self, column: Column) -> bool {
        self.places[column as usize].is_some()
    }

    /// Whether names are in one column alone.
    pub(super) const fn has_only_full_names(&self) -> bool {
        self.has(Column::FullName) && !self.has(Column::FirstName) && !self.has(Column::LastName)
    }

    /// What a record says in a column; nothing where the file has none.
    pub(super) fn cell<'a>(&self, fields: Fields<'a>, column: Column) -> &'a str {
        self.places[column as usize]
            .and_then(|index| fields.get(index))
            .unwrap_or_default()
    }

    /// The columns that are kept as further attributes, by their places in the header.
    #[must_use]
    pub fn attributes(&self) -> &[usize] {
        &self.attributes
    }
}

/// Whether a file must have this column to be imported at all. A role is needed where none is chosen for all. A username
/// that a row needs beyond that (see [`super::Person::lacks`]) can be proposed in the grid.
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

/// The column that a header names, and how well: 0 is best.
fn known(header: &str, holds_addresses: impl Fn() -> bool) -> Option<(Column, usize)> {
    // `Name [displayName] Required`: what stands in brackets is the field's own name, unless it is a remark
    // (`First Name [Required]`), and then what stands before them.
    let (before, bracketed) = match header.split_once('[') {
        Some((before, rest)) => (before, rest.split(']').next()),
        None => (header, None),
    };
    let (column, rank) = bracketed
        .and_then(named)
        .or_else(|| named(before))
        .or_else(|| named(header))?;
    if column == Column::Username && holds_addresses() {
        // Behind every real header for an address.
        return Some((Column::Email, synonyms(Column::Email).len() + rank));
    }
    Some((column, rank))
}

/// Beside one half of a name, `Name` alone is the other half, unless the rows have the first half in it as well.
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
    // With nothing in the column of the first half, the whole name may well be in the other.
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

/// Whether a column is one that Muster writes behind a file that it gives back.
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

/// A header's letters and digits, folded.
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
