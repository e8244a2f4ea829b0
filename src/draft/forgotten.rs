//! The form for requesting a password reset.

use serde::{Deserialize, Serialize};

use super::fields::Problems;
use super::sign_in::Identifier;
use crate::problem::FieldProblem;

/// The form as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ForgottenDraft {
    /// A username or an email address.
    pub identifier: String,
}

/// A request for a reset link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Forgotten {
    /// The account's identifier.
    pub identifier: Identifier,
}

impl ForgottenDraft {
    /// Parses the form.
    ///
    /// # Errors
    /// Returns the problem of `identifier`.
    pub fn parse(&self) -> Result<Forgotten, Vec<FieldProblem>> {
        let mut problems = Problems::default();
        let identifier = problems.take("identifier", Identifier::parse(&self.identifier));
        problems.finish(identifier.map(|identifier| Forgotten { identifier }))
    }
}
