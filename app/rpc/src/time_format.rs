//! Formatted times. The server formats them, because it knows the time zone and the language and does not trust the
//! browser's clock. Both renderings of a page are therefore equal.

use serde::{Deserialize, Serialize};

/// A time, formatted for its reader.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct FormattedTime {
    /// Seconds since 1970-01-01 00:00 UTC.
    pub at: i64,
    /// Date and time in the reader's language and the institution's time zone, such as `Mon 23 Nov, 14:05`.
    pub text: String,
    /// The abbreviation of the time zone at that time, such as `CET`.
    pub zone: String,
}

impl FormattedTime {
    /// Returns the time for `<time datetime>`: `2026-11-23T13:05:00Z`.
    #[must_use]
    pub fn iso(&self) -> String {
        const DAY: i64 = 86_400;
        // The civil calendar in eras of 400 years, counted from March 1 of the year 0.
        let days = self.at.div_euclid(DAY) + 719_468;
        let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
        let years = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * years + years / 4 - years / 100);
        let from_march = (5 * of_year + 2) / 153;
        let day = of_year - (153 * from_march + 2) / 5 + 1;
        let month = if from_march < 10 {
            from_march + 3
        } else {
            from_march - 9
        };
        let year = years + era * 400 + i64::from(month <= 2);
        let seconds = self.at.rem_euclid(DAY);
        let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_written_as_programs_read_it() {
        for (at, written) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_827_696, "2000-02-29T12:34:56Z"),
            (1_767_225_599, "2025-12-31T23:59:59Z"),
            (-1, "1969-12-31T23:59:59Z"),
        ] {
            let moment = FormattedTime {
                at,
                ..FormattedTime::default()
            };
            assert_eq!(moment.iso(), written);
        }
    }
}
