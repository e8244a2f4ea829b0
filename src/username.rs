//! The username rules (`docs/RULES.md`). All violations are returned at once, each with a stable code. This file has
//! the type and the codes; `rules` validates, `propose` generates a valid username. To add a rule: a variant and its
//! code here in the order of the table, its check in `rules`, its cases in `tests/vectors/usernames.csv`, its text.

mod propose;
mod rules;

use serde::{Deserialize, Serialize};

pub use propose::propose;
pub use rules::violations;

/// Minimum length of a username, in characters.
pub const MIN_LENGTH: u32 = 6;
/// Maximum length of a username, in characters.
pub const MAX_LENGTH: u32 = 64;

/// A violated username rule. Each rule is reported at most once, with the first match.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum UsernameViolation {
    /// Has fewer than [`MIN_LENGTH`] characters.
    TooShort,
    /// Has more than [`MAX_LENGTH`] characters.
    TooLong,
    /// Contains an `@`.
    EmailAddress,
    /// Contains a character other than A–Z, a–z, 0–9 and the period.
    InvalidCharacter {
        /// The first such character.
        character: char,
        /// Its position in characters, counted from 1.
        position: u32,
    },
    /// Begins or ends with a period, or has two in a row.
    PeriodPlacement,
    /// Contains the person's first or last name, or a part of it.
    ContainsName {
        /// The name that was found, folded: lowercase, without marks.
        found: String,
    },
    /// A segment is a generic term.
    GenericTerm {
        /// The term, without trailing digits.
        term: String,
    },
    /// A segment is an internet domain ending.
    Extension {
        /// The ending, without its period.
        ending: String,
    },
    /// Another account has it, ignoring case. Only the database knows.
    Taken,
}

impl UsernameViolation {
    /// Returns the stable code, as in `docs/RULES.md` and `tests/vectors/usernames.csv`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooShort => "too_short",
            Self::TooLong => "too_long",
            Self::EmailAddress => "email_address",
            Self::InvalidCharacter { .. } => "invalid_character",
            Self::PeriodPlacement => "period_placement",
            Self::ContainsName { .. } => "contains_name",
            Self::GenericTerm { .. } => "generic_term",
            Self::Extension { .. } => "extension",
            Self::Taken => "taken",
        }
    }
}

/// A valid username in its original case. Sign-in compares it exactly; uniqueness compares [`Username::lower`].
///
/// Deserialization checks every rule except those about the person's name, which is not available there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Username(String);

impl Username {
    /// Validates a username for a person with this name. It is never normalized, not even trimmed.
    ///
    /// # Errors
    /// Returns all [`violations`], in the order of the table.
    pub fn parse(
        raw: &str,
        first_name: &str,
        last_name: &str,
    ) -> Result<Self, Vec<UsernameViolation>> {
        let violations = violations(raw, first_name, last_name);
        if violations.is_empty() {
            Ok(Self(raw.to_owned()))
        } else {
            Err(violations)
        }
    }

    /// Returns the username in its original case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the username in lowercase, which uniqueness compares.
    #[must_use]
    pub fn lower(&self) -> String {
        self.0.to_ascii_lowercase()
    }
}

impl TryFrom<String> for Username {
    type Error = &'static str;

    fn try_from(raw: String) -> Result<Self, Self::Error> {
        match violations(&raw, "", "").first() {
            None => Ok(Self(raw)),
            Some(violation) => Err(violation.code()),
        }
    }
}

impl From<Username> for String {
    fn from(username: Username) -> Self {
        username.0
    }
}

impl AsRef<str> for Username {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for Username {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
