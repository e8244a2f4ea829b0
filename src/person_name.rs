//! First and last names. The rules accept nearly everything, because people decide on their own names.

use serde::{Deserialize, Serialize};

use crate::{marks, printable::is_printable_line};

/// Maximum length of a name, in characters. It fits every known name and bounds lists and emails.
pub const MAX_LENGTH: u32 = 100;

/// The reasons why the name of a person or an institution is invalid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum NameViolation {
    /// Empty or only white space.
    Required,
    /// Has more than `maximum` characters.
    TooLong {
        /// The maximum length, in characters.
        maximum: u32,
    },
    /// Contains a control, bidirectional control or invisible character, or nothing visible.
    NotPrintable,
    /// A character has more combining marks than any script uses; they would cover other lines.
    TooManyMarks,
}

impl NameViolation {
    /// Returns the stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::TooLong { .. } => "too_long",
            Self::NotPrintable => "not_printable",
            Self::TooManyMarks => "too_many_marks",
        }
    }
}

/// Trims and validates one line of text: 1 to `maximum` printable characters.
pub(crate) fn parse_line(raw: &str, maximum: u32) -> Result<&str, NameViolation> {
    let trimmed = raw.trim();
    if trimmed.is_empty() {
        return Err(NameViolation::Required);
    }
    // A text never has more characters than bytes.
    if trimmed.len() > maximum as usize && trimmed.chars().nth(maximum as usize).is_some() {
        return Err(NameViolation::TooLong { maximum });
    }
    if !is_printable_line(trimmed) {
        return Err(NameViolation::NotPrintable);
    }
    if !marks::are_limited(trimmed) {
        return Err(NameViolation::TooManyMarks);
    }
    Ok(trimmed)
}

/// A first or last name: trimmed, 1 to 100 printable characters of any script.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PersonName(String);

impl PersonName {
    /// Trims and validates a name.
    ///
    /// # Errors
    /// Returns a [`NameViolation`] if it is empty, too long, not printable or has too many marks.
    pub fn parse(raw: &str) -> Result<Self, NameViolation> {
        parse_line(raw, MAX_LENGTH).map(|name| Self(name.to_owned()))
    }

    /// Returns the name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for PersonName {
    type Error = &'static str;

    fn try_from(raw: String) -> Result<Self, Self::Error> {
        Self::parse(&raw).map_err(NameViolation::code)
    }
}

impl From<PersonName> for String {
    fn from(name: PersonName) -> Self {
        name.0
    }
}

impl AsRef<str> for PersonName {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for PersonName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_every_script_are_accepted() {
        for name in [
            "Anne-Marie",
            "O'Neill",
            "太郎",
            "نور",
            "می\u{200C}خواهم",
            "Þór",
            "X Æ A-12",
            "d’Arc",
        ] {
            assert_eq!(
                PersonName::parse(name).map(String::from).as_deref(),
                Ok(name)
            );
        }
        assert_eq!(
            PersonName::parse("  Marty\u{A0}")
                .map(String::from)
                .as_deref(),
            Ok("Marty")
        );
    }

    #[test]
    fn a_name_that_could_forge_a_line_or_reorder_text_is_refused() {
        for name in [
            "Marty\r\nBcc: x@example.org",
            "Mar\u{202E}ty",
            "Mar\u{2066}ty",
            "Mar\u{0}ty",
            "\u{200B}",
            "\u{200D}",
            "a\u{2028}b",
            "a\u{FEFF}b",
        ] {
            assert_eq!(
                PersonName::parse(name),
                Err(NameViolation::NotPrintable),
                "{name:?}"
            );
        }
    }

    #[test]
    fn a_name_whose_marks_would_cover_other_lines_is_refused() {
        for mark in ['\u{301}', '\u{489}', '\u{E47}', '\u{64E}'] {
            let name = format!("Z{}oe", mark.to_string().repeat(40));
            assert_eq!(PersonName::parse(&name), Err(NameViolation::TooManyMarks));
        }
        for name in ["Nguye\u{302}\u{303}n", "שָׁלוֹם", "مُحَمَّدٌ", "น้ำผึ้ง", "श्रीमान्"]
        {
            assert!(PersonName::parse(name).is_ok(), "{name}");
        }
    }

    #[test]
    fn length_is_counted_in_characters() {
        assert!(PersonName::parse(&"é".repeat(100)).is_ok());
        assert_eq!(
            PersonName::parse(&"é".repeat(101)),
            Err(NameViolation::TooLong { maximum: 100 })
        );
        assert_eq!(PersonName::parse(" \t "), Err(NameViolation::Required));
    }
}
