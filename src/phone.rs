//! Phone numbers by their shape (ITU-T E.164). Whether a country gives out such a number is for the
//! server to say, which carries the tables.

use serde::{Deserialize, Serialize};

/// Fewest and most digits after the plus. E.164 allows 15; no number with its country code has fewer than 7.
const DIGITS: std::ops::RangeInclusive<usize> = 7..=15;

/// What is wrong with a phone number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum PhoneViolation {
    /// Not a plus, the country code and the number, 7 to 15 digits in all.
    NotANumber,
}

impl PhoneViolation {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotANumber => "not_a_number",
        }
    }
}

/// A phone number with its country code: `+` and 7 to 15 digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PhoneNumber(String);

impl PhoneNumber {
    /// Checks a number as typed; spaces, hyphens and parentheses are dropped. Nothing typed is no number.
    ///
    /// # Errors
    /// [`PhoneViolation::NotANumber`], when what is left is not of E.164's shape.
    pub fn parse(raw: &str) -> Result<Option<Self>, PhoneViolation> {
        if raw.trim().is_empty() {
            return Ok(None);
        }
        let mut number = String::with_capacity(1 + DIGITS.end());
        for character in raw.chars() {
            match character {
                '-' | '\u{2010}' | '\u{2011}' | '(' | ')' => {}
                space if space.is_whitespace() => {}
                kept if number.len() <= *DIGITS.end() => number.push(kept),
                _ => return Err(PhoneViolation::NotANumber),
            }
        }
        let is_number = number.strip_prefix('+').is_some_and(|digits| {
            // No country code begins with a zero.
            DIGITS.contains(&digits.len())
                && digits.bytes().all(|byte| byte.is_ascii_digit())
                && !digits.starts_with('0')
        });
        if is_number {
            Ok(Some(Self(number)))
        } else {
            Err(PhoneViolation::NotANumber)
        }
    }

    /// The number, `+` and digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for PhoneNumber {
    type Error = &'static str;

    fn try_from(raw: String) -> Result<Self, Self::Error> {
        Self::parse(&raw)
            .ok()
            .flatten()
            .ok_or(PhoneViolation::NotANumber.code())
    }
}

impl From<PhoneNumber> for String {
    fn from(number: PhoneNumber) -> Self {
        number.0
    }
}

impl AsRef<str> for PhoneNumber {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for PhoneNumber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_kept_without_what_people_write_between() {
        let parsed = PhoneNumber::parse(" +44 (20) 7946-0958 ");
        assert_eq!(
            parsed.map(|number| number.map(String::from)),
            Ok(Some("+442079460958".to_owned()))
        );
        assert_eq!(PhoneNumber::parse("  "), Ok(None));
    }

    #[test]
    fn what_has_no_country_code_or_no_number_is_refused() {
        for raw in [
            "02079460958",
            "+0207946095",
            "+123456",
            "+1234567890123456",
            "+44 call me",
            "+",
            "++442079460958",
            "()",
            "+٤٤٢٠٧٩٤٦٠٩",
        ] {
            assert_eq!(
                PhoneNumber::parse(raw),
                Err(PhoneViolation::NotANumber),
                "{raw}"
            );
        }
    }
}
