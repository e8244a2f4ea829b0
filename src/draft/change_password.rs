//! The form in the profile that changes the password.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::fields::{Problems, current_password, hidden};
use crate::password::{Password, PasswordViolation, normalized};
use crate::problem::FieldProblem;

/// The form as typed.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ChangePasswordDraft {
    /// The current password.
    pub current: String,
    /// The new password.
    pub password: String,
}

/// A password change to attempt.
#[derive(Clone, PartialEq, Eq)]
pub struct ChangePassword {
    /// The current password, normalized for comparison.
    pub current: String,
    /// The new password.
    pub password: Password,
}

impl ChangePasswordDraft {
    /// Parses the form without the person's identifiers.
    ///
    /// # Errors
    /// Returns every problem of `current` and `password`.
    pub fn parse(&self) -> Result<ChangePassword, Vec<FieldProblem>> {
        self.parse_for(&[])
    }

    /// Parses the form for a person with these identifiers (username, email).
    ///
    /// # Errors
    /// Returns every problem of `current` and `password`.
    pub fn parse_for(&self, identifiers: &[&str]) -> Result<ChangePassword, Vec<FieldProblem>> {
        let mut problems = Problems::default();
        let current = problems.take("current", current_password(&self.current));
        let password = problems.take(
            "password",
            Password::parse(&self.password, identifiers).and_then(|password| {
                if password.as_str() == normalized(&self.current) {
                    Err(PasswordViolation::Unchanged)
                } else {
                    Ok(password)
                }
            }),
        );
        problems.finish(
            current
                .zip(password)
                .map(|(current, password)| ChangePassword { current, password }),
        )
    }
}

impl fmt::Debug for ChangePasswordDraft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChangePasswordDraft")
            .field("current", &hidden(&self.current))
            .field("password", &hidden(&self.password))
            .finish()
    }
}

impl fmt::Debug for ChangePassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChangePassword")
            .field("current", &hidden(&self.current))
            .field("password", &self.password)
            .finish()
    }
}
