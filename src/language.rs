//! The languages of the UI and of emails. To add one: a variant, its codes here, and its arm and its folder in
//! `app/i18n`.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A language of the UI and of emails.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// English.
    #[default]
    En,
    /// German.
    De,
}

/// The error for a code that is not in [`Language::ALL`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownLanguage;

impl Language {
    /// All languages, in the order of the menus.
    pub const ALL: [Self; 2] = [Self::En, Self::De];

    /// Returns the code (ISO 639-1), as in `<html lang>` and in the database.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::De => "de",
        }
    }

    /// Returns the language's own name.
    #[must_use]
    pub const fn native_name(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::De => "Deutsch",
        }
    }

    /// Returns the supported language with the highest weight in an `Accept-Language` header (RFC 9110, 12.5.4), or
    /// `None`. Regions are ignored (`de-CH` is German), and `*` matches no language.
    #[must_use]
    pub fn best_match(accept_language: &str) -> Option<Self> {
        let mut best: Option<(Self, f32)> = None;
        for range in accept_language.split(',') {
            let mut parts = range.split(';').map(str::trim);
            let tag = parts.next().unwrap_or_default();
            let primary = tag.split('-').next().unwrap_or_default();
            let Some(language) = Self::ALL
                .into_iter()
                .find(|language| language.code().eq_ignore_ascii_case(primary))
            else {
                continue;
            };
            let weight = parts
                .find_map(|parameter| {
                    parameter
                        .strip_prefix("q=")
                        .or_else(|| parameter.strip_prefix("Q="))
                })
                .map_or(1.0, |q| q.parse().unwrap_or(0.0));
            // The first of equal weights wins; a weight of 0 means "not acceptable".
            if weight > best.map_or(0.0, |(_, weight)| weight) {
                best = Some((language, weight));
            }
        }
        best.map(|(language, _)| language)
    }
}

impl FromStr for Language {
    type Err = UnknownLanguage;

    fn from_str(code: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|language| language.code() == code)
            .ok_or(UnknownLanguage)
    }
}

impl std::fmt::Display for Language {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}

impl std::fmt::Display for UnknownLanguage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("unknown")
    }
}

impl std::error::Error for UnknownLanguage {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_browsers_wish_is_followed_by_weight_then_order() {
        for (header, language) in [
            ("de-CH,de;q=0.9,en;q=0.8", Some(Language::De)),
            ("fr, en;q=0.3, de;q=0.7", Some(Language::De)),
            ("en-GB,de", Some(Language::En)),
            ("de;q=0, en;q=0.1", Some(Language::En)),
            ("DE", Some(Language::De)),
            ("fr,*;q=0.5", None),
            ("den", None),
            ("", None),
            ("de;q=abc", None),
        ] {
            assert_eq!(Language::best_match(header), language, "{header}");
        }
    }

    #[test]
    fn a_code_reads_back() {
        for language in Language::ALL {
            assert_eq!(language.code().parse(), Ok(language));
        }
        assert_eq!("EN".parse::<Language>(), Err(UnknownLanguage));
    }
}
