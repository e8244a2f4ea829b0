//! The username rules (`docs/RULES.md`): every violation at once, each as a stable code. Here are the type
//! and its codes; `rules` judges, `propose` offers one that keeps the rules.
//! To add a rule: a variant and its code here in the table's order, its judgement in `rules`, its cases
//! in `tests/vectors/usernames.csv`, its words in the locales.

mod propose;
mod rules;

use serde::{Deserialize, Serialize};

pub use propose::propose;
pub use rules::violations;

/// Fewest characters of a username.
pub const MIN_LENGTH: u32 = 6;
/// Most characters of a username.
pub const MAX_LENGTH: u32 = 64;

/// A rule that a username breaks. Each rule is named once at most, by the first thing that breaks it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum UsernameViolation {
    /// Under [`MIN_LENGTH`] characters.
    TooShort,
    /// Over [`MAX_LENGTH`] characters.
    TooLong,
    /// It has an `@`.
    EmailAddress,
    /// Something but A–Z, a–z, 0–9 and the period.
    InvalidCharacter {
        /// The first such character.
        character: char,
        /// Its place, in characters, counted from 1 as people count.
        position: u32,
    },
    /// Begins or ends with a period, or has two in a row.
    PeriodPlacement,
    /// The person's first or last name, or a part of it, is in it.
    ContainsName {
        /// The name that was found, folded: lowercase, without marks.
        found: String,
    },
    /// A segment says what many accounts could be called.
    GenericTerm {
        /// The term, without digits behind it.
        term: String,
    },
    /// A segment makes it look like an internet domain.
    Extension {
        /// The ending, without its period.
        ending: String,
    },
    /// Another person has it, whatever the case. Only the database knows.
    Taken,
}

impl UsernameViolation {
    /// The stable code, as in `docs/RULES.md` and `tests/vectors/usernames.csv`.
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

/// A username that keeps the rules, in the case it was typed in: sign-in compares that, uniqueness
/// compares [`Username::lower`].
///
/// Reading one back by serde checks every rule but those about the person's name, which is not at hand.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Username(String);

impl Username {
    /// Takes a username that keeps every rule for a person of this name. It is never normalised: not even
    /// outer spaces are trimmed.
    ///
    /// # Errors
    /// All [`violations`], in the table's order.
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

    /// The username in its own case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The username in lowercase, as it is compared for uniqueness.
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
