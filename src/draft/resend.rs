//! Sending an invitation again, to the same address or to a corrected one.

use serde::{Deserialize, Serialize};

use super::fields::Problems;
use crate::email::EmailAddress;
use crate::problem::FieldProblem;

/// The form as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ResendDraft {
    /// The corrected address; left out, it goes to the same one.
    pub email: String,
}

impl ResendDraft {
    /// Reads the form: the corrected address, where one was given.
    ///
    /// # Errors
    /// The problem of `email`.
    pub fn parse(&self) -> Result<Option<EmailAddress>, Vec<FieldProblem>> {
        if self.email.trim().is_empty() {
            return Ok(None);
        }
        let mut problems = Problems::default();
        let email = problems.take("email", EmailAddress::parse(&self.email));
        problems.finish(email.map(Some))
    }
}
