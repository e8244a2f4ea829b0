//! The form that sets a new password, opened by an emailed link.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::fields::{Problems, hidden};
use crate::password::Password;
use crate::problem::FieldProblem;

/// The form as typed.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct NewPasswordDraft {
    /// The new password.
    pub password: String,
}

impl NewPasswordDraft {
    /// Parses the form in a page, which does not know whose link it is.
    ///
    /// # Errors
    /// Returns the problem of `password`.
    pub fn parse(&self) -> Result<Password, Vec<FieldProblem>> {
        self.parse_for(&[])
    }

    /// Parses the form for a person with these identifiers (username, email).
    ///
    /// # Errors
    /// Returns the problem of `password`.
    pub fn parse_for(&self, identifiers: &[&str]) -> Result<Password, Vec<FieldProblem>> {
        let mut problems = Problems::default();
        let password = problems.take("password", Password::parse(&self.password, identifiers));
        problems.finish(password)
    }
}

impl fmt::Debug for NewPasswordDraft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewPasswordDraft")
            .field("password", &hidden(&self.password))
            .finish()
    }
}
