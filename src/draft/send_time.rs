//! The form that schedules the sending of an import's waiting invitations.

use serde::{Deserialize, Serialize};

use super::fields::{Problems, choice};
use crate::local_time::LocalTime;
use crate::problem::FieldProblem;

/// The form as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SendTimeDraft {
    /// A [`LocalTime`] in the institution's time zone.
    pub send_at: String,
}

impl SendTimeDraft {
    /// Parses the form.
    ///
    /// # Errors
    /// Returns the problem of `send_at`.
    pub fn parse(&self) -> Result<LocalTime, Vec<FieldProblem>> {
        let mut problems = Problems::default();
        let send_at = problems.take("send_at", choice(&self.send_at));
        problems.finish(send_at)
    }
}
