//! An institution's name, slug and time zone.

use serde::{Deserialize, Serialize};

use crate::folding::fold;
use crate::person_name::{NameViolation, parse_line};

/// Maximum length of an institution's name, in characters.
pub const MAX_NAME_LENGTH: u32 = 120;
/// Maximum length of a slug, in characters.
pub const MAX_SLUG_LENGTH: usize = 60;
/// Maximum length of a time zone name, in characters; the longest name in the IANA database has 32.
const MAX_TIME_ZONE_LENGTH: usize = 64;

/// An institution's name: trimmed, 1 to 120 printable characters of any script.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct InstitutionName(String);

impl InstitutionName {
    /// Trims and validates a name.
    ///
    /// # Errors
    /// Returns a [`NameViolation`] if it is empty, too long, not printable or has too many marks.
    pub fn parse(raw: &str) -> Result<Self, NameViolation> {
        parse_line(raw, MAX_NAME_LENGTH).map(|name| Self(name.to_owned()))
    }

    /// Returns the name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An institution's part of the URL (`/i/{slug}`): 1 to 60 of a–z, 0–9 and single inner hyphens.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Slug(String);

/// The error for text that is not a slug.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotASlug;

impl Slug {
    /// Derives a slug from a name: folded to ASCII, with hyphens for everything else. A name without Latin letters or
    /// digits gives `institution`. Only the database knows whether the slug is free.
    #[must_use]
    pub fn from_name(name: &str) -> Self {
        let mut slug = String::new();
        let mut gap = false;
        fold(name, |character| {
            if !character.is_ascii_alphanumeric() {
                // An apostrophe does not separate words: O'Neill's becomes oneills.
                gap |= !matches!(character, '\'' | '’');
            } else if slug.len() + usize::from(gap && !slug.is_empty()) < MAX_SLUG_LENGTH {
                if gap && !slug.is_empty() {
                    slug.push('-');
                }
                gap = false;
                slug.push(character);
            }
        });
        if slug.is_empty() {
            slug.push_str("institution");
        }
        Self(slug)
    }

    /// Returns the slug with a number appended, for a slug that is taken: `northgate-2`.
    #[must_use]
    pub fn with_number(&self, number: u32) -> Self {
        let ending = format!("-{number}");
        let kept = self.0.len().min(MAX_SLUG_LENGTH - ending.len());
        Self(format!("{}{ending}", self.0[..kept].trim_end_matches('-')))
    }

    /// Parses a slug from a URL.
    ///
    /// # Errors
    /// Returns [`NotASlug`] if it has another form.
    pub fn parse(raw: &str) -> Result<Self, NotASlug> {
        let is_slug = raw.len() <= MAX_SLUG_LENGTH
            && raw.split('-').all(|word| {
                !word.is_empty()
                    && word
                        .bytes()
                        .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
            });
        if is_slug {
            Ok(Self(raw.to_owned()))
        } else {
            Err(NotASlug)
        }
    }

    /// Returns the slug.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The IANA name of a time zone, valid in form. The server has the database and checks that the zone exists.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TimeZone(String);

/// The error for text that is not a time zone name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotATimeZone;

impl TimeZone {
    /// Parses a name such as `Europe/Berlin`, `UTC` or `America/Port-au-Prince`.
    ///
    /// # Errors
    /// Returns [`NotATimeZone`] if it is empty or has another form.
    pub fn parse(raw: &str) -> Result<Self, NotATimeZone> {
        let trimmed = raw.trim();
        let is_zone = trimmed.len() <= MAX_TIME_ZONE_LENGTH
            && trimmed.split('/').all(|part| {
                part.starts_with(|first: char| first.is_ascii_alphabetic())
                    && part
                        .bytes()
                        .all(|byte| byte.is_ascii_alphanumeric() || b"_+-".contains(&byte))
            });
        if is_zone {
            Ok(Self(trimmed.to_owned()))
        } else {
            Err(NotATimeZone)
        }
    }

    /// Returns the zone's name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

macro_rules! texts {
    ($($name:ident: $error:expr;)+) => {$(
        impl TryFrom<String> for $name {
            type Error = &'static str;

            fn try_from(raw: String) -> Result<Self, Self::Error> {
                Self::parse(&raw).map_err($error)
            }
        }

        impl From<$name> for String {
            fn from(text: $name) -> Self {
                text.0
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    )+};
}

texts! {
    InstitutionName: NameViolation::code;
    Slug: |NotASlug| "unknown";
    TimeZone: |NotATimeZone| "unknown";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_reads_like_the_name() {
        for (name, slug) in [
            ("Northgate Clinic", "northgate-clinic"),
            (
                "  Zürich — Universitätsspital (USZ) ",
                "zurich-universitatsspital-usz",
            ),
            ("O'Neill's Lab", "oneills-lab"),
            ("北京医院", "institution"),
            ("", "institution"),
            ("---", "institution"),
        ] {
            assert_eq!(Slug::from_name(name).as_str(), slug);
        }
    }

    #[test]
    fn a_numbered_slug_stays_a_slug() {
        let long = Slug::from_name(&"ab ".repeat(50));
        for slug in [
            long.with_number(u32::MAX),
            long.with_number(2),
            Slug::from_name("x").with_number(2),
        ] {
            assert_eq!(Slug::parse(slug.as_str()), Ok(slug));
        }
    }

    #[test]
    fn only_slugs_are_slugs() {
        for raw in ["", "-a", "a-", "a--b", "A", "a/b", "ä", &"a".repeat(61)] {
            assert_eq!(Slug::parse(raw), Err(NotASlug), "{raw}");
        }
    }

    #[test]
    fn a_time_zone_has_the_shape_of_one() {
        for raw in [
            "UTC",
            "Europe/Berlin",
            "America/Argentina/Buenos_Aires",
            "Etc/GMT+12",
            "America/Port-au-Prince",
            "EST5EDT",
        ] {
            assert_eq!(TimeZone::parse(raw).map(String::from).as_deref(), Ok(raw));
        }
        for raw in [
            "",
            "/",
            "Europe/",
            "../etc/passwd",
            "Europe/Ber lin",
            "+02:00",
            "Europe//Berlin",
        ] {
            assert_eq!(TimeZone::parse(raw), Err(NotATimeZone), "{raw}");
        }
    }
}
