//! Calling codes of countries, which complete numbers in national format. To add a country with other dialing rules:
//! its line in [`CallingCode::trunk_prefix`].

use serde::{Deserialize, Serialize};

use super::PhoneViolation;

/// A country calling code: one to three digits (ITU-T E.164, 6.2.1), the first not zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub struct CallingCode(u16);

impl CallingCode {
    /// Parses a code written as `49`, `+49` or `0049`. Returns `None` for an empty field.
    ///
    /// # Errors
    /// Returns [`PhoneViolation::NotANumber`] if it is not one to three digits.
    pub fn parse(raw: &str) -> Result<Option<Self>, PhoneViolation> {
        let raw = raw.trim();
        if raw.is_empty() {
            return Ok(None);
        }
        let digits = raw.strip_prefix('+').or_else(|| raw.strip_prefix("00"));
        let digits = digits.unwrap_or(raw);
        // The integer parser would also accept a sign.
        let is_code = (1..=3).contains(&digits.len())
            && digits.bytes().all(|byte| byte.is_ascii_digit())
            && !digits.starts_with('0');
        let code = digits.parse().ok().filter(|_| is_code).map(Self);
        code.map(Some).ok_or(PhoneViolation::NotANumber)
    }

    /// Returns the international form of a number without separators.
    pub(super) fn complete(self, number: &str) -> String {
        if number.starts_with('+') {
            return number.to_owned();
        }
        if let Some(abroad) = number.strip_prefix(self.international_prefix()) {
            return ["+", abroad].concat();
        }
        let national = number.strip_prefix(self.trunk_prefix()).unwrap_or(number);
        format!("+{}{national}", self.0)
    }

    /// Returns the prefix for international calls (ITU Operational Bulletin, dialing procedures).
    const fn international_prefix(self) -> &'static str {
        match self.0 {
            1 => "011",
            7 => "810",
            _ => "00",
        }
    }

    /// Returns the trunk prefix, which is dialed within the country and is not part of the number (same source). It is
    /// zero, except in countries that have another one or whose numbers start with zero.
    const fn trunk_prefix(self) -> &'static str {
        match self.0 {
            1 => "1",
            7 | 993 => "8",
            36 => "06",
            39 | 225 | 241 | 242 | 378 => "",
            _ => "0",
        }
    }
}

impl TryFrom<u16> for CallingCode {
    type Error = &'static str;

    fn try_from(code: u16) -> Result<Self, Self::Error> {
        if (1..=999).contains(&code) {
            Ok(Self(code))
        } else {
            Err(PhoneViolation::NotANumber.code())
        }
    }
}

impl From<CallingCode> for u16 {
    fn from(code: CallingCode) -> Self {
        code.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_as_people_write_it() {
        for raw in ["49", "+49", "0049", " +49 "] {
            assert_eq!(CallingCode::parse(raw), Ok(Some(CallingCode(49))), "{raw}");
        }
        assert_eq!(CallingCode::parse(" "), Ok(None));
        for raw in ["0", "+", "4 9", "1234", "-49", "++49", "DE", "٤٩", "00"] {
            let refused = Err(PhoneViolation::NotANumber);
            assert_eq!(CallingCode::parse(raw), refused, "{raw}");
        }
    }

    #[test]
    fn a_number_as_one_dials_it_in_its_country_is_completed() {
        for (code, dialled, number) in [
            (49, "0301234567", "+49301234567"),
            (49, "301234567", "+49301234567"),
            (49, "00441234567", "+441234567"),
            (49, "+441234567", "+441234567"),
            (1, "12125550123", "+12125550123"),
            (1, "2125550123", "+12125550123"),
            (1, "01149301234567", "+49301234567"),
            (7, "84951234567", "+74951234567"),
            (36, "0612345678", "+3612345678"),
            (39, "0612345678", "+390612345678"),
        ] {
            assert_eq!(
                CallingCode(code).complete(dialled),
                number,
                "{code} {dialled}"
            );
        }
    }
}
