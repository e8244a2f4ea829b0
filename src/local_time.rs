//! A local date and time as entered, in the institution's time zone. Only the server can convert it to an instant.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::problem::Problem;

/// A valid date and time of day in the form of a browser's date-time field: `2026-11-23T09:00`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LocalTime(String);

/// The error for text that is not a date and time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotALocalTime;

impl LocalTime {
    /// Returns the text as entered.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for LocalTime {
    type Err = NotALocalTime;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let shaped = text.len() == 16
            && text.bytes().enumerate().all(|(place, byte)| match place {
                4 | 7 => byte == b'-',
                10 => byte == b'T',
                13 => byte == b':',
                _ => byte.is_ascii_digit(),
            });
        if !shaped {
            return Err(NotALocalTime);
        }
        let number = |from: usize, to: usize| text[from..to].parse::<u32>().unwrap_or(u32::MAX);
        let (year, month, day) = (number(0, 4), number(5, 7), number(8, 10));
        let there = (1970..=9999).contains(&year)
            && (1..=days_of(year, month)).contains(&day)
            && number(11, 13) < 24
            && number(14, 16) < 60;
        there.then(|| Self(text.to_owned())).ok_or(NotALocalTime)
    }
}

/// Returns the number of days in a month, or 0 if the month does not exist.
const fn days_of(year: u32, month: u32) -> u32 {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => {
            29
        }
        2 => 28,
        _ => 0,
    }
}

impl TryFrom<String> for LocalTime {
    type Error = NotALocalTime;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<LocalTime> for String {
    fn from(time: LocalTime) -> Self {
        time.0
    }
}

impl std::fmt::Display for NotALocalTime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("not a day with a time")
    }
}

impl std::error::Error for NotALocalTime {}

impl From<NotALocalTime> for Problem {
    fn from(_: NotALocalTime) -> Self {
        Self::Unknown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_day_that_the_calendar_has_is_one() {
        for day in ["2026-11-23T09:00", "2028-02-29T23:59", "2000-02-29T00:00"] {
            assert_eq!(
                day.parse::<LocalTime>().map(String::from),
                Ok(day.to_owned())
            );
        }
        for none in [
            "",
            "2026-11-23",
            "2026-11-23 09:00",
            "2026-02-29T09:00",
            "2100-02-29T09:00",
            "2026-04-31T09:00",
            "2026-13-01T09:00",
            "2026-00-01T09:00",
            "2026-11-00T09:00",
            "2026-11-23T24:00",
            "2026-11-23T09:60",
            "1969-11-23T09:00",
            "2026-11-23T09:0é",
            "+026-11-23T09:00",
        ] {
            assert_eq!(none.parse::<LocalTime>(), Err(NotALocalTime), "{none}");
        }
    }
}
