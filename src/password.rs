//! What a password must be before its strength is judged (zxcvbn, on the server alone).

use std::fmt;

use serde::{Deserialize, Serialize};

/// Fewest characters: 15 where no second factor is set (NIST SP 800-63B-4, 3.1.1.2; `decisions.md`).
pub const MIN_LENGTH: u32 = 15;
/// Most characters: room for any sentence, and a bound on what one try can make the server read.
pub const MAX_LENGTH: u32 = 256;

/// What is wrong with a new password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum PasswordViolation {
    /// Under `minimum` characters.
    TooShort {
        /// The shortest that is accepted, in characters.
        minimum: u32,
    },
    /// Over `maximum` characters.
    TooLong {
        /// The longest that is accepted, in characters.
        maximum: u32,
    },
    /// It is the person's own username or email address, in whatever case.
    IsIdentifier,
    /// It is the one that was mailed, which was to be replaced. Only the server knows.
    Mailed,
}

impl PasswordViolation {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::TooShort { .. } => "too_short",
            Self::TooLong { .. } => "too_long",
            Self::IsIdentifier => "is_identifier",
            Self::Mailed => "mailed",
        }
    }
}

/// A new password that may be hashed. It is never shown: not by `Debug`, and it has no serde.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    /// Checks a password as typed, byte for byte: nothing is trimmed or normalised, because sign-in
    /// compares what is typed then. `identifiers` are the person's username and email, where known.
    ///
    /// # Errors
    /// [`PasswordViolation`], when it is too short, too long or one of `identifiers`.
    pub fn parse(raw: &str, identifiers: &[&str]) -> Result<Self, PasswordViolation> {
        if raw.chars().nth(MAX_LENGTH as usize).is_some() {
            return Err(PasswordViolation::TooLong {
                maximum: MAX_LENGTH,
            });
        }
        if raw.chars().nth(MIN_LENGTH as usize - 1).is_none() {
            return Err(PasswordViolation::TooShort {
                minimum: MIN_LENGTH,
            });
        }
        let low = raw.trim().to_lowercase();
        if identifiers
            .iter()
            .any(|identifier| identifier.trim().to_lowercase() == low)
        {
            return Err(PasswordViolation::IsIdentifier);
        }
        Ok(Self(raw.to_owned()))
    }

    /// The password, for the hash alone.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_is_counted_in_characters() {
        assert!(Password::parse(&"ü".repeat(15), &[]).is_ok());
        assert_eq!(
            Password::parse(&"ü".repeat(14), &[]),
            Err(PasswordViolation::TooShort { minimum: 15 })
        );
        assert!(Password::parse(&"ü".repeat(256), &[]).is_ok());
        assert_eq!(
            Password::parse(&"ü".repeat(257), &[]),
            Err(PasswordViolation::TooLong { maximum: 256 })
        );
    }

    #[test]
    fn a_persons_own_identifiers_are_no_password() {
        let identifiers = ["kestrel.harbor88", "marty@example.org", ""];
        assert_eq!(
            Password::parse("Kestrel.Harbor88", &identifiers),
            Err(PasswordViolation::IsIdentifier)
        );
        assert_eq!(
            Password::parse("MARTY@example.org", &identifiers),
            Err(PasswordViolation::IsIdentifier)
        );
        assert!(Password::parse("marty@example.org is me", &identifiers).is_ok());
    }

    #[test]
    fn debug_does_not_show_it() {
        let password = Password::parse("correct horse battery", &[]);
        assert!(!format!("{password:?}").contains("horse"));
    }
}
