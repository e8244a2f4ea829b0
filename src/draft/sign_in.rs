//! The sign-in form.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::fields::{Problems, current_password, hidden};
use crate::email::EmailAddress;
use crate::problem::{FieldProblem, Problem};

/// Maximum length of a username that is looked up, in characters.
const MAX_USERNAME: u32 = crate::username::MAX_LENGTH;

/// The sign-in form as typed.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SignInDraft {
    /// A username in its exact case, or an email address in any case.
    pub identifier: String,
    /// The password.
    pub password: String,
    /// Whether to stay signed in.
    pub keep: bool,
    /// The page to open after sign-in.
    pub to: String,
}

/// The identifier of the account to sign in to.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Identifier {
    /// A username in its exact case. No username contains an `@`.
    Username(String),
    /// An email address.
    Email(EmailAddress),
}

impl Identifier {
    /// Parses a username or an email address. Outer spaces are trimmed, because phone keyboards add them.
    ///
    /// # Errors
    /// Returns a [`Problem`] if it is empty or can be neither.
    pub fn parse(raw: &str) -> Result<Self, Problem> {
        let trimmed = raw.trim();
        if trimmed.is_empty() {
            return Err(Problem::Required);
        }
        if trimmed.contains('@') {
            return EmailAddress::parse(trimmed)
                .map(Self::Email)
                .map_err(Problem::from);
        }
        if trimmed.chars().nth(MAX_USERNAME as usize).is_some() {
            return Err(Problem::TooLong {
                maximum: MAX_USERNAME,
            });
        }
        // The database stores no NUL, so no account matches.
        if trimmed.contains('\0') {
            return Err(Problem::Unknown);
        }
        Ok(Self::Username(trimmed.to_owned()))
    }

    /// Returns the text to look up: the username as typed or the canonical address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Username(username) => username,
            Self::Email(address) => address.as_str(),
        }
    }
}

/// A sign-in to attempt.
#[derive(Clone, PartialEq, Eq)]
pub struct SignIn {
    /// The account's identifier.
    pub identifier: Identifier,
    /// The password, normalized for comparison.
    pub password: String,
    /// Whether to stay signed in.
    pub keep: bool,
    /// The page of Muster to open after sign-in, if requested.
    pub to: Option<String>,
}

impl SignInDraft {
    /// Parses the form.
    ///
    /// # Errors
    /// Returns every problem of `identifier` and `password`. A `to` that leads to another site is dropped, because it
    /// is not the person's mistake.
    pub fn parse(&self) -> Result<SignIn, Vec<FieldProblem>> {
        let mut problems = Problems::default();
        let identifier = problems.take("identifier", Identifier::parse(&self.identifier));
        let password = problems.take("password", current_password(&self.password));
        let (keep, to) = (self.keep, own_page(&self.to));
        problems.finish(
            identifier
                .zip(password)
                .map(|(identifier, password)| SignIn {
                    identifier,
                    password,
                    keep,
                    to,
                }),
        )
    }
}

/// Returns the URL if it is a path of this site. Browsers read `//host` and `/\host` as other sites and drop tabs and
/// line ends before parsing.
#[must_use]
pub fn own_page(to: &str) -> Option<String> {
    let is_own = to.starts_with('/')
        && !to[1..].starts_with('/')
        && to.len() <= 2000
        && !to
            .chars()
            .any(|character| character == '\\' || character.is_control());
    is_own.then(|| to.to_owned())
}

impl fmt::Debug for SignInDraft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignInDraft")
            .field("identifier", &self.identifier)
            .field("password", &hidden(&self.password))
            .field("keep", &self.keep)
            .field("to", &self.to)
            .finish()
    }
}

impl fmt::Debug for SignIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignIn")
            .field("identifier", &self.identifier)
            .field("password", &hidden(&self.password))
            .field("keep", &self.keep)
            .field("to", &self.to)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_field_takes_a_username_in_its_case_or_an_address_in_any() {
        assert_eq!(
            Identifier::parse(" Kestrel88 "),
            Ok(Identifier::Username("Kestrel88".to_owned()))
        );
        assert_eq!(
            Identifier::parse("Marty@Example.ORG")
                .map(|who| who.as_str().to_owned())
                .as_deref(),
            Ok("marty@example.org")
        );
        assert_eq!(Identifier::parse(""), Err(Problem::Required));
        assert!(Identifier::parse("marty@").is_err());
    }

    #[test]
    fn nobody_is_sent_to_another_site_after_signing_in() {
        let asked = |to: &str| own_page(to).is_some();
        assert!(asked("/i/northgate/users?state=PENDING") && asked("/"));
        for to in [
            "",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "/\t/evil.example",
            "javascript:alert(1)",
            "i/x",
        ] {
            assert!(!asked(to), "{to}");
        }
    }
}
