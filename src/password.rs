//! The rules for passwords. Their strength is measured only on the server, by zxcvbn.

use std::{borrow::Cow, fmt};

use serde::{Deserialize, Serialize};

/// Minimum number of characters: 15, because there is no second factor (NIST SP 800-63B-4, 3.1.1.2).
pub const MIN_LENGTH: u32 = 15;
/// Maximum number of characters. It leaves room for any sentence and bounds the cost of one attempt.
pub const MAX_LENGTH: u32 = 256;

/// The reasons why a new password is rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum PasswordViolation {
    /// Has fewer than `minimum` characters.
    TooShort {
        /// The minimum length, in characters.
        minimum: u32,
    },
    /// Has more than `maximum` characters.
    TooLong {
        /// The maximum length, in characters.
        maximum: u32,
    },
    /// Is the person's own username or email address, ignoring case.
    IsIdentifier,
    /// Is the temporary password that has to be replaced. Only the server knows.
    Mailed,
    /// Is the current password.
    Unchanged,
}

impl PasswordViolation {
    /// Returns the stable code.
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

/// Returns the form in which a password is hashed and compared: NFC (RFC 8265, NIST SP 800-63B-4 3.1.1.2), because
/// keyboards encode the same letter differently. Nothing is trimmed.
#[must_use]
pub fn normalized(raw: &str) -> Cow<'_, str> {
    crate::unicode::nfc(raw)
}

/// Returns the normalized password, or `None` if it is too long.
pub(crate) fn bounded(raw: &str) -> Option<Cow<'_, str>> {
    // NFC composes only a few characters into one, so this factor bounds the work.
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

/// A valid new password. It never appears in output: `Debug` hides it, and it has no serde.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    /// Validates a password in its normalized form. `identifiers` are the person's known username and email.
    ///
    /// # Errors
    /// Returns a [`PasswordViolation`] if it is too short, too long or one of `identifiers`.
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

    /// Returns the password. Only for hashing.
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
        // The length is counted in visible characters.
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
