//! Phone numbers in the form of ITU-T E.164. Whether a country assigns such a number is not checked.

mod calling_code;

use serde::{Deserialize, Serialize};

pub use calling_code::CallingCode;

/// Number of digits after the plus. E.164 allows 15; no number with its country code has fewer than 7.
const DIGITS: std::ops::RangeInclusive<usize> = 7..=15;

/// Maximum number of digits that are parsed: an international prefix and the maximum number.
const LONGEST_DIALLED: usize = 3 + *DIGITS.end();

/// The reasons why a phone number is invalid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum PhoneViolation {
    /// Not a plus followed by 7 to 15 digits, country code included.
    NotANumber,
}

impl PhoneViolation {
    /// Returns the stable code.
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
    /// Parses a number and drops its separators. Returns `None` for an empty field.
    ///
    /// # Errors
    /// Returns [`PhoneViolation::NotANumber`] if the rest is not in E.164 form.
    pub fn parse(raw: &str) -> Result<Option<Self>, PhoneViolation> {
        Self::parse_within(raw, None)
    }

    /// Parses a number like [`PhoneNumber::parse`]; a number without a country code gets the given one.
    ///
    /// # Errors
    /// Returns [`PhoneViolation::NotANumber`] if the rest is not in E.164 form.
    pub fn parse_within(
        raw: &str,
        within: Option<CallingCode>,
    ) -> Result<Option<Self>, PhoneViolation> {
        if raw.trim().is_empty() {
            return Ok(None);
        }
        let mut number = dialled(raw)?;
        if let Some(code) = within {
            number = code.complete(&number);
        }
        let is_number = number.strip_prefix('+').is_some_and(|digits| {
            // No country code starts with a zero.
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

    /// Returns the number: `+` and digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Returns the number without its separators (ITU-T E.123). The zero in `+49 (0)30` is dialed only within the country
/// and is dropped; in Italy it is part of the number.
fn dialled(raw: &str) -> Result<String, PhoneViolation> {
    let is_plain = |byte: u8| byte.is_ascii_digit() || byte == b'+';
    if raw.len() <= LONGEST_DIALLED && raw.bytes().all(is_plain) {
        return Ok(raw.to_owned());
    }
    let mut number = String::with_capacity(1 + DIGITS.end());
    let mut characters = raw.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '(' if raw[at..].starts_with("(0)")
                && (number.starts_with('+') || number.starts_with("00"))
                && !matches!(&*number, "+39" | "0039") =>
            {
                characters.nth(1);
            }
            '-' | '\u{2010}' | '\u{2011}' | '(' | ')' | '/' | '.' => {}
            space if space.is_whitespace() => {}
            kept if number.len() < LONGEST_DIALLED => number.push(kept),
            _ => return Err(PhoneViolation::NotANumber),
        }
    }
    Ok(number)
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
    fn a_zero_in_parentheses_is_no_part_of_an_international_number() {
        for (raw, number) in [
            ("+49 (0)30 / 123.45-67", "+49301234567"),
            ("+44 (0) 20 7946 0958", "+442079460958"),
            ("+39 (0)6 1234 5678", "+390612345678"),
            ("+49 39 (0)1 234567", "+49391234567"),
        ] {
            let parsed = PhoneNumber::parse(raw).map(|it| it.map(String::from));
            assert_eq!(parsed, Ok(Some(number.to_owned())), "{raw}");
        }
    }

    #[test]
    fn a_number_of_the_country_is_completed() {
        let within = CallingCode::parse("49").unwrap();
        for (raw, number) in [
            ("(0)30 1234567", "+49301234567"),
            ("0049 (0)30 1234567", "+49301234567"),
            ("030/1234567", "+49301234567"),
            ("+44 20 7946 0958", "+442079460958"),
        ] {
            let parsed = PhoneNumber::parse_within(raw, within).map(|it| it.map(String::from));
            assert_eq!(parsed, Ok(Some(number.to_owned())), "{raw}");
        }
        for raw in ["0", "call me", "030 123456789012345"] {
            let refused = Err(PhoneViolation::NotANumber);
            assert_eq!(PhoneNumber::parse_within(raw, within), refused, "{raw}");
        }
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
