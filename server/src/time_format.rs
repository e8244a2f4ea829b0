//! Points in time, formatted for a reader.

use chrono::{DateTime, Locale, Utc};
use chrono_tz::Tz;
use muster::language::Language;
use rpc::FormattedTime;

pub use crate::stored::time_zone as zone;

/// Formats as `Mon 23 Nov, 14:05` with the zone's abbreviation.
#[must_use]
pub fn date_time(at: DateTime<Utc>, zone: Tz, language: Language) -> FormattedTime {
    let (locale, pattern) = match language {
        Language::En => (Locale::en_GB, "%a %-d %b, %H:%M"),
        Language::De => (Locale::de_DE, "%a, %-d. %b, %H:%M"),
    };
    format(at, zone, locale, pattern)
}

/// Formats as `Mon 23 Nov 2026, 14:05`, for dates that may be far away.
#[must_use]
pub fn dated(at: DateTime<Utc>, zone: Tz, language: Language) -> FormattedTime {
    let (locale, pattern) = match language {
        Language::En => (Locale::en_GB, "%a %-d %b %Y, %H:%M"),
        Language::De => (Locale::de_DE, "%a, %-d. %b %Y, %H:%M"),
    };
    format(at, zone, locale, pattern)
}

/// Formats as `23 November 2026`, for dates long ago.
#[must_use]
pub fn day(at: DateTime<Utc>, zone: Tz, language: Language) -> FormattedTime {
    let (locale, pattern) = match language {
        Language::En => (Locale::en_GB, "%-d %B %Y"),
        Language::De => (Locale::de_DE, "%-d. %B %Y"),
    };
    format(at, zone, locale, pattern)
}

/// Formats as `2026-11-23T14:05`, the value of a form field.
#[must_use]
pub fn typed(at: DateTime<Utc>, zone: Tz) -> String {
    at.with_timezone(&zone).format("%Y-%m-%dT%H:%M").to_string()
}

/// Formats as `Monday 23 November 2026, 14:05 CET`, for emails, which may be read anywhere and later.
#[must_use]
pub fn in_full(at: DateTime<Utc>, zone: Tz, language: Language) -> String {
    let (locale, pattern) = match language {
        Language::En => (Locale::en_GB, "%A %-d %B %Y, %H:%M %Z"),
        Language::De => (Locale::de_DE, "%A, %-d. %B %Y, %H:%M Uhr %Z"),
    };
    at.with_timezone(&zone)
        .format_localized(pattern, locale)
        .to_string()
}

fn format(at: DateTime<Utc>, zone: Tz, locale: Locale, pattern: &str) -> FormattedTime {
    let local = at.with_timezone(&zone);
    FormattedTime {
        at: at.timestamp(),
        text: local.format_localized(pattern, locale).to_string(),
        zone: local.format("%Z").to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_zone_and_the_language_are_the_readers() {
        let at = DateTime::from_timestamp(1_795_439_100, 0).unwrap();
        let berlin = date_time(at, zone("Europe/Berlin"), Language::De);
        assert_eq!(
            (berlin.text.as_str(), berlin.zone.as_str()),
            ("Mo, 23. Nov, 14:05", "CET")
        );
        let set = dated(at, zone("Europe/Berlin"), Language::En);
        assert_eq!(set.text, "Mon 23 Nov 2026, 14:05");
        assert_eq!(typed(at, zone("Europe/Berlin")), "2026-11-23T14:05");
        let london = date_time(at, zone("Europe/London"), Language::En);
        assert_eq!(
            (london.text.as_str(), london.zone.as_str()),
            ("Mon 23 Nov, 13:05", "GMT")
        );
        assert_eq!(
            in_full(at, zone("Europe/Berlin"), Language::En),
            "Monday 23 November 2026, 14:05 CET"
        );
    }
}
