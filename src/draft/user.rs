//! The form of Create > User: a person's details and role, with an optional login name.

use serde::{Deserialize, Serialize};

use super::fields::{Problems, choice};
use crate::email::EmailAddress;
use crate::ids::RoleId;
use crate::person_name::PersonName;
use crate::phone::PhoneNumber;
use crate::problem::FieldProblem;
use crate::username::Username;

/// The form as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct UserDraft {
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
    /// Email address.
    pub email: String,
    /// Phone number; optional.
    pub phone: String,
    /// Login name; if empty, the person chooses one.
    pub username: String,
    /// The role's id.
    pub role: String,
}

/// A person to invite, with the details that the administrator knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewUser {
    /// First name.
    pub first_name: PersonName,
    /// Last name.
    pub last_name: PersonName,
    /// Email address.
    pub email: EmailAddress,
    /// Phone number, if given.
    pub phone: Option<PhoneNumber>,
    /// The username to reserve, if given.
    pub username: Option<Username>,
    /// The role to assign. The server checks that the caller may assign it.
    pub role: RoleId,
}

impl UserDraft {
    /// Parses the form.
    ///
    /// # Errors
    /// Returns every problem of every field.
    pub fn parse(&self) -> Result<NewUser, Vec<FieldProblem>> {
        let mut problems = Problems::default();
        let first_name = problems.take("first_name", PersonName::parse(&self.first_name));
        let last_name = problems.take("last_name", PersonName::parse(&self.last_name));
        let email = problems.take("email", EmailAddress::parse(&self.email));
        let phone = problems
            .take("phone", PhoneNumber::parse(&self.phone))
            .flatten();
        let username = if self.username.trim().is_empty() {
            None
        } else {
            problems.take_username(&self.username, &self.first_name, &self.last_name)
        };
        let role = problems.take("role", choice(&self.role));
        let built = || {
            Some(NewUser {
                first_name: first_name?,
                last_name: last_name?,
                email: email?,
                phone,
                username,
                role: role?,
            })
        };
        problems.finish(built())
    }
}
