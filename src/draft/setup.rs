//! The form that sets up the first institution and its main contact.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::fields::{Problems, choice, hidden};
use crate::email::EmailAddress;
use crate::institution::{InstitutionName, TimeZone};
use crate::language::Language;
use crate::password::Password;
use crate::person_name::PersonName;
use crate::problem::{FieldProblem, Problem};
use crate::username::Username;

/// The form as typed.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SetupDraft {
    /// The institution's name.
    pub institution_name: String,
    /// The IANA name of its time zone.
    pub time_zone: String,
    /// The language's code.
    pub language: String,
    /// The main contact's first name.
    pub first_name: String,
    /// Their last name.
    pub last_name: String,
    /// Their email address.
    pub email: String,
    /// Their username.
    pub username: String,
    /// Their password.
    pub password: String,
}

/// An institution and its main contact to create.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setup {
    /// The institution's name.
    pub institution_name: InstitutionName,
    /// Its time zone, valid in form.
    pub time_zone: TimeZone,
    /// The language of the institution and of the main contact.
    pub language: Language,
    /// The main contact's first name.
    pub first_name: PersonName,
    /// Their last name.
    pub last_name: PersonName,
    /// Their email address.
    pub email: EmailAddress,
    /// Their username.
    pub username: Username,
    /// Their password.
    pub password: Password,
}

impl SetupDraft {
    /// Parses the form.
    ///
    /// # Errors
    /// Returns every problem of every field.
    pub fn parse(&self) -> Result<Setup, Vec<FieldProblem>> {
        let mut problems = Problems::default();
        let institution_name = problems.take(
            "institution_name",
            InstitutionName::parse(&self.institution_name),
        );
        let time_zone = problems.take("time_zone", read_time_zone(&self.time_zone));
        let language = problems.take("language", choice(&self.language));
        let first_name = problems.take("first_name", PersonName::parse(&self.first_name));
        let last_name = problems.take("last_name", PersonName::parse(&self.last_name));
        let email = problems.take("email", EmailAddress::parse(&self.email));
        let username = problems.take_username(&self.username, &self.first_name, &self.last_name);
        let canonical = email
            .as_ref()
            .map_or(self.email.as_str(), EmailAddress::as_str);
        let password = problems.take(
            "password",
            Password::parse(&self.password, &[&self.username, &self.email, canonical]),
        );
        let built = || {
            Some(Setup {
                institution_name: institution_name?,
                time_zone: time_zone?,
                language: language?,
                first_name: first_name?,
                last_name: last_name?,
                email: email?,
                username: username?,
                password: password?,
            })
        };
        problems.finish(built())
    }
}

fn read_time_zone(raw: &str) -> Result<TimeZone, Problem> {
    if raw.trim().is_empty() {
        Err(Problem::Required)
    } else {
        TimeZone::parse(raw).map_err(Problem::from)
    }
}

impl fmt::Debug for SetupDraft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SetupDraft")
            .field("institution_name", &self.institution_name)
            .field("time_zone", &self.time_zone)
            .field("language", &self.language)
            .field("first_name", &self.first_name)
            .field("last_name", &self.last_name)
            .field("email", &self.email)
            .field("username", &self.username)
            .field("password", &hidden(&self.password))
            .finish()
    }
}
