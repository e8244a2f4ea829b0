//! The choice of the language of the UI and of emails.

use serde::{Deserialize, Serialize};

use super::fields::{Problems, choice};
use crate::language::Language;
use crate::problem::FieldProblem;

/// The submitted form.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LanguageDraft {
    /// A language's code.
    pub language: String,
}

impl LanguageDraft {
    /// Parses the form.
    ///
    /// # Errors
    /// Returns the problem of `language`.
    pub fn parse(&self) -> Result<Language, Vec<FieldProblem>> {
        let mut problems = Problems::default();
        let language = problems.take("language", choice(&self.language));
        problems.finish(language)
    }
}
