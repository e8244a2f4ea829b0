//! The form with which a new person accepts an invitation and creates an account.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::fields::{Problems, choice, hidden};
use crate::language::Language;
use crate::password::Password;
use crate::person_name::PersonName;
use crate::problem::FieldProblem;
use crate::username::Username;

/// The form as typed.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AcceptDraft {
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
    /// Username.
    pub username: String,
    /// Password.
    pub password: String,
    /// The language's code.
    pub language: String,
}

/// An account to create for the invited address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAccount {
    /// First name.
    pub first_name: PersonName,
    /// Last name.
    pub last_name: PersonName,
    /// Username.
    pub username: Username,
    /// Password.
    pub password: Password,
    /// The language of the UI and of emails.
    pub language: Language,
}

impl AcceptDraft {
    /// Parses the form without the invited address. The password is only compared with the username.
    ///
    /// # Errors
    /// Returns every problem of every field.
    pub fn parse(&self) -> Result<NewAccount, Vec<FieldProblem>> {
        self.parse_for("")
    }

    /// Parses the form for the invited address, which the password must not equal either.
    ///
    /// # Errors
    /// Returns every problem of every field.
    pub fn parse_for(&self, email: &str) -> Result<NewAccount, Vec<FieldProblem>> {
        let mut problems = Problems::default();
        let first_name = problems.take("first_name", PersonName::parse(&self.first_name));
        let last_name = problems.take("last_name", PersonName::parse(&self.last_name));
        let username = problems.take_username(&self.username, &self.first_name, &self.last_name);
        let password = problems.take(
            "password",
            Password::parse(&self.password, &[&self.username, email]),
        );
        let language = problems.take("language", choice(&self.language));
        let built = || {
            Some(NewAccount {
                first_name: first_name?,
                last_name: last_name?,
                username: username?,
                password: password?,
                language: language?,
            })
        };
        problems.finish(built())
    }
}

impl fmt::Debug for AcceptDraft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AcceptDraft")
            .field("first_name", &self.first_name)
            .field("last_name", &self.last_name)
            .field("username", &self.username)
            .field("password", &hidden(&self.password))
            .field("language", &self.language)
            .finish()
    }
}
