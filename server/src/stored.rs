//! Values that the database stores as text. A value that this version does not know is a bug or was written by another
//! version: it is logged, and a default is used where a person would otherwise get nothing.

use chrono_tz::Tz;
use muster::language::Language;

/// Returns the language with this code, or English if the code is unknown.
#[must_use]
pub fn language(code: &str) -> Language {
    code.parse().unwrap_or_else(|_| {
        tracing::warn!(
            code,
            "the database has an unknown language; English is used"
        );
        Language::En
    })
}

/// Returns the time zone with this name, or UTC if the name is unknown, which an old server's is after a change of the
/// time zone database.
#[must_use]
pub fn time_zone(name: &str) -> Tz {
    name.parse().unwrap_or_else(|_| {
        tracing::warn!(name, "the database has an unknown time zone; UTC is used");
        Tz::UTC
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_codes_have_defaults() {
        assert_eq!(language("de"), Language::De);
        assert_eq!(language("\"de\""), Language::En);
        assert_eq!(time_zone("Europe/Berlin"), Tz::Europe__Berlin);
        assert_eq!(time_zone("Europe/Nowhere"), Tz::UTC);
    }
}
