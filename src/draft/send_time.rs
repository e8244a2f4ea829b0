//! When a job sends what waits of an import.

use serde::{Deserialize, Serialize};

use super::fields::{Problems, choice};
use crate::local_time::LocalTime;
use crate::problem::FieldProblem;

/// The form as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SendTimeDraft {
    /// A [`LocalTime`] of the institution.
    pub send_at: String,
}

impl SendTimeDraft {
    /// Reads the form.
    ///
    /// # Errors
    /// The problem of `send_at`.
    pub fn parse(&self) -> Result<LocalTime, Vec<FieldProblem>> {
        let mut problems = Problems::default();
        let send_at = problems.take("send_at", choice(&self.send_at));
        problems.finish(send_at)
    }
}
