//! The institution's details of a user, as administrators edit them.

use serde::{Deserialize, Serialize};

use super::fields::{Problems, choice};
use crate::ids::RoleId;
use crate::person_name::PersonName;
use crate::phone::PhoneNumber;
use crate::problem::FieldProblem;

/// The form as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct EditUserDraft {
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
    /// Phone number; optional.
    pub phone: String,
    /// The role's id.
    pub role: String,
    /// The version of the details when the form was loaded. If it has changed since, the edit is a conflict.
    pub version: String,
}

/// The edited details.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EditUser {
    /// First name.
    pub first_name: PersonName,
    /// Last name.
    pub last_name: PersonName,
    /// Phone number, if given.
    pub phone: Option<PhoneNumber>,
    /// The role. The server checks that the caller may assign it.
    pub role: RoleId,
    /// The version that was edited.
    pub version: i32,
}

impl EditUserDraft {
    /// Parses the form.
    ///
    /// # Errors
    /// Returns every problem of every field.
    pub fn parse(&self) -> Result<EditUser, Vec<FieldProblem>> {
        let mut problems = Problems::default();
        let first_name = problems.take("first_name", PersonName::parse(&self.first_name));
        let last_name = problems.take("last_name", PersonName::parse(&self.last_name));
        let phone = problems
            .take("phone", PhoneNumber::parse(&self.phone))
            .flatten();
        let role = problems.take("role", choice(&self.role));
        let version = problems.take("version", choice(&self.version));
        let built = || {
            Some(EditUser {
                first_name: first_name?,
                last_name: last_name?,
                phone,
                role: role?,
                version: version?,
            })
        };
        problems.finish(built())
    }
}
