//! The form that resends an invitation, to the same or a corrected address.

use serde::{Deserialize, Serialize};

use super::fields::Problems;
use crate::email::EmailAddress;
use crate::problem::FieldProblem;

/// The form as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ResendDraft {
    /// The corrected address; empty for the same one.
    pub email: String,
}

impl ResendDraft {
    /// Parses the form and returns the corrected address, if given.
    ///
    /// # Errors
    /// Returns the problem of `email`.
    pub fn parse(&self) -> Result<Option<EmailAddress>, Vec<FieldProblem>> {
        if self.email.trim().is_empty() {
            return Ok(None);
        }
        let mut problems = Problems::default();
        let email = problems.take("email", EmailAddress::parse(&self.email));
        problems.finish(email.map(Some))
    }
}
