//! What a password must be before its strength is judged (zxcvbn, on the server alone).

use std::{borrow::Cow, fmt};

use serde::{Deserialize, Serialize};

/// Fewest characters: 15 where no second factor is set (NIST SP 800-63B-4, 3.1.1.2).
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
    /// It is the current one.
    Unchanged,
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
            Self::Unchanged => "unchanged",
        }
    }
}

/// A password as it is hashed and compared: in NFC (RFC 8265, NIST SP 800-63B-4 3.1.1.2), because keyboards write the
/// same letter in different ways. Nothing is trimmed.
#[must_use]
pub fn normalized(raw: &str) -> Cow<'_, str> {
    crate::unicode::nfc(raw)
}

/// The normalized password, unless it is too long.
pub(crate) fn bounded(raw: &str) -> Option<Cow<'_, str>> {
    // NFC makes one character of a few, never of so many: this bounds the work.
    const MOST_PER_CHARACTER: usize = 4;
    if raw
        .chars()
        .nth(MOST_PER_CHARACTER * MAX_LENGTH as usize)
        .is_some()
    {
        return None;
    }
    let password = normalized(raw);
    let too_long = password.chars().nth(MAX_LENGTH as usize).is_some();
    (!too_long).then_some(password)
}

/// A new password that may be hashed. It is never shown: not by `Debug`, and it has no serde.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    /// Checks a password as typed, in its normalized form. `identifiers` are the person's username and email, where known.
    ///
    /// # Errors
    /// [`PasswordViolation`], when it is too short, too long or one of `identifiers`.
    pub fn parse(raw: &str, identifiers: &[&str]) -> Result<Self, PasswordViolation> {
        let password = bounded(raw).ok_or(PasswordViolation::TooLong {
            maximum: MAX_LENGTH,
        })?;
        if password.chars().nth(MIN_LENGTH as usize - 1).is_none() {
            return Err(PasswordViolation::TooShort {
                minimum: MIN_LENGTH,
            });
        }
        let low = password.trim().to_lowercase();
        if identifiers
            .iter()
            .any(|identifier| identifier.trim().to_lowercase() == low)
        {
            return Err(PasswordViolation::IsIdentifier);
        }
        Ok(Self(password.into_owned()))
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
    fn a_password_is_the_same_in_nfc_and_in_nfd() {
        let composed = Password::parse("K\u{e4}sekuchen bei Zo\u{eb} 7", &[]).unwrap();
        let decomposed = Password::parse("Ka\u{308}sekuchen bei Zoe\u{308} 7", &[]).unwrap();
        assert_eq!(composed, decomposed);
        // Its length is that of what people see.
        assert!(Password::parse(&"u\u{308}".repeat(14), &[]).is_err());
        assert!(Password::parse(&"u\u{308}".repeat(256), &[]).is_ok());
        assert!(Password::parse(&"u\u{308}".repeat(257), &[]).is_err());
        assert!(Password::parse(&"u\u{308}".repeat(100_000), &[]).is_err());
    }

    #[test]
    fn debug_does_not_show_it() {
        let password = Password::parse("correct horse battery", &[]);
        assert!(!format!("{password:?}").contains("horse"));
    }
}
