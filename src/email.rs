//! Email addresses in their canonical form, which is stored, compared and mailed to (`docs/RULES.md`, email addresses).

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::unicode::domain_to_ascii;

/// Maximum length of the canonical address, in bytes: the path limit of 256 in RFC 5321, less the angle brackets.
pub const MAX_LENGTH: usize = 254;
/// Maximum length of the local part, in bytes (RFC 5321, 4.5.3.1.1).
pub const MAX_LOCAL_LENGTH: usize = 64;
/// Maximum length of a domain label, in bytes (RFC 1035, 2.3.4).
const MAX_LABEL_LENGTH: usize = 63;
/// Maximum length of the input that is parsed, in bytes. It is far above any input with a valid canonical form and
/// bounds the cost of oversized input.
const MAX_INPUT_LENGTH: usize = 2048;

/// The reasons why an email address is invalid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum EmailViolation {
    /// Empty or only white space.
    Required,
    /// The local part exceeds 64 bytes or the address 254 bytes.
    TooLong,
    /// Not a dot-atom, an `@` and a domain with a dot.
    NotAnAddress,
    /// The local part has characters outside ASCII.
    LocalNotAscii,
}

impl EmailViolation {
    /// Returns the stable code, as in `tests/vectors/emails.csv`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::TooLong => "too_long",
            Self::NotAnAddress => "not_an_address",
            Self::LocalNotAscii => "local_not_ascii",
        }
    }
}

/// An email address in canonical form: trimmed, local part in lowercase ASCII, domain as lowercase A-labels. Plus tags
/// and dots are kept. Two addresses are the same mailbox if they are equal.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EmailAddress(String);

impl EmailAddress {
    /// Parses an address and converts it to its canonical form.
    ///
    /// # Errors
    /// Returns the one [`EmailViolation`] that helps most with the correction.
    pub fn parse(raw: &str) -> Result<Self, EmailViolation> {
        let trimmed = raw.trim();
        if trimmed.is_empty() {
            return Err(EmailViolation::Required);
        }
        if trimmed.len() > MAX_INPUT_LENGTH {
            return Err(EmailViolation::TooLong);
        }
        let (local, domain) = trimmed
            .split_once('@')
            .ok_or(EmailViolation::NotAnAddress)?;
        if !has_local_shape(local) || domain.contains('@') {
            return Err(EmailViolation::NotAnAddress);
        }
        let is_plain = is_plain_domain(domain);
        let domain = if is_plain {
            Cow::Borrowed(domain)
        } else {
            Cow::Owned(canonical_domain(domain).ok_or(EmailViolation::NotAnAddress)?)
        };
        if !local.is_ascii() {
            return Err(EmailViolation::LocalNotAscii);
        }
        let mut canonical = String::with_capacity(local.len() + 1 + domain.len());
        canonical.push_str(local);
        canonical.push('@');
        canonical.push_str(&domain);
        canonical.make_ascii_lowercase();
        if local.len() > MAX_LOCAL_LENGTH || canonical.len() > MAX_LENGTH {
            return Err(EmailViolation::TooLong);
        }
        // The mail library uses the same crate, so it accepts every address that passes here.
        if domain.len() > MAX_LABEL_LENGTH
            && domain
                .split('.')
                .any(|label| label.len() > MAX_LABEL_LENGTH)
            || !is_plain && !email_address::EmailAddress::is_valid(&canonical)
        {
            return Err(EmailViolation::NotAnAddress);
        }
        Ok(Self(canonical))
    }

    /// Returns the canonical form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Returns whether the text is a dot-atom (RFC 5322, 3.2.3). Letters outside ASCII are accepted here because they have
/// their own code.
fn has_local_shape(local: &str) -> bool {
    let is_of_atom = |byte: u8| {
        byte.is_ascii_alphanumeric() || !byte.is_ascii() || b"!#$%&'*+/=?^_`{|}~-".contains(&byte)
    };
    // A period must not be first, last or next to another period.
    let mut after_period = true;
    for byte in local.bytes() {
        if byte == b'.' && !after_period {
            after_period = true;
        } else if is_of_atom(byte) {
            after_period = false;
        } else {
            return false;
        }
    }
    !after_period
}

/// Returns whether a domain consists of labels of ASCII letters, digits and inner hyphens, as nearly all do. Its
/// lowercase form is then the result of [`canonical_domain`], without the slower checks.
fn is_plain_domain(domain: &str) -> bool {
    let mut labels = 0_u32;
    let mut last_is_number = false;
    let is_plain = domain.as_bytes().split(|byte| *byte == b'.').all(|label| {
        labels += 1;
        last_is_number = label.iter().all(u8::is_ascii_digit);
        let ends = [label.first(), label.last()];
        ends.iter().all(|end| end.is_some_and(u8::is_ascii_alphanumeric))
            && label.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-')
            // Punycode labels need the full check.
            && label.get(2..4) != Some(b"--")
    });
    is_plain && labels > 1 && !last_is_number
}

/// Returns the domain as lowercase A-labels, or `None` if mail cannot reach it. The length is checked later because it
/// has its own code.
fn canonical_domain(domain: &str) -> Option<String> {
    let ascii = domain_to_ascii(domain)?;
    // A last label of only digits is an IP address without brackets, not a top-level domain.
    let last = ascii.rsplit('.').next()?;
    let is_domain = ascii.contains('.')
        && ascii.split('.').all(|label| !label.is_empty())
        && !last.bytes().all(|byte| byte.is_ascii_digit());
    is_domain.then_some(ascii)
}

impl TryFrom<String> for EmailAddress {
    type Error = &'static str;

    fn try_from(raw: String) -> Result<Self, Self::Error> {
        Self::parse(&raw).map_err(EmailViolation::code)
    }
}

impl From<EmailAddress> for String {
    fn from(address: EmailAddress) -> Self {
        address.0
    }
}

impl AsRef<str> for EmailAddress {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_domain_is_what_the_whole_judgement_makes_of_it() {
        let alphabet = ['x', 'N', '7', '-', '.'];
        let mut domains = vec![String::new()];
        let mut plain = 0;
        for _ in 0..6 {
            domains = domains
                .iter()
                .flat_map(|it| alphabet.iter().map(move |next| format!("{it}{next}")))
                .collect();
            for domain in domains.iter().filter(|it| is_plain_domain(it)) {
                let canonical = domain.to_ascii_lowercase();
                assert_eq!(canonical_domain(domain).as_deref(), Some(&*canonical));
                let address = format!("a@{canonical}");
                assert!(email_address::EmailAddress::is_valid(&address), "{address}");
                plain += 1;
            }
        }
        assert!(plain > 1000, "{plain}");
    }
}
