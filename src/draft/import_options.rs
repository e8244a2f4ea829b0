//! What is to be done with an imported file's people.

use serde::{Deserialize, Serialize};

use super::fields::{Problems, choice};
use crate::import::{Access, Applying, MatchBy, Mode, Options, Send};
use crate::person_name::parse_line;
use crate::problem::{FieldProblem, Problem};

/// Longest marker that clears a field, in characters: `<empty>`, `-`, `NULL`.
const MAX_MARKER_LENGTH: u32 = 20;

/// The form as chosen: a code each, the role's id, and the marker as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ImportOptionsDraft {
    /// [`Mode`]'s code.
    pub mode: String,
    /// [`MatchBy`]'s code.
    pub match_by: String,
    /// The cell that clears a field; may be left out.
    pub clear: String,
    /// [`Access`]'s code.
    pub access: String,
    /// [`Send`]'s code.
    pub send: String,
    /// When a job sends, as [`LocalTime`](crate::local_time::LocalTime); looked at for a job alone.
    pub send_at: String,
    /// [`Applying`]'s code.
    pub applying: String,
    /// The id of the role for rows that name none; may be left out.
    pub role: String,
}

impl ImportOptionsDraft {
    /// Reads the form.
    ///
    /// # Errors
    /// Every problem of every field.
    pub fn parse(&self) -> Result<Options, Vec<FieldProblem>> {
        let mut problems = Problems::default();
        let mode = problems.take("mode", choice::<Mode>(&self.mode));
        let match_by = problems.take("match_by", choice::<MatchBy>(&self.match_by));
        let clear = problems.take("clear", left_out(&self.clear, marker));
        let access = problems.take("access", choice::<Access>(&self.access));
        let send = problems.take("send", choice::<Send>(&self.send));
        let send_at = match send {
            Some(Send::Job) => problems.take("send_at", choice(&self.send_at)).map(Some),
            _ => Some(None),
        };
        let applying = problems.take("applying", choice::<Applying>(&self.applying));
        let role = problems.take("role", left_out(&self.role, choice));
        let built = || {
            Some(Options {
                mode: mode?,
                match_by: match_by?,
                clear: clear?,
                access: access?,
                send: send?,
                send_at: send_at?,
                applying: applying?,
                role: role?,
            })
        };
        problems.finish(built())
    }
}

fn left_out<T>(raw: &str, read: impl Fn(&str) -> Result<T, Problem>) -> Result<Option<T>, Problem> {
    if raw.trim().is_empty() {
        Ok(None)
    } else {
        read(raw).map(Some)
    }
}

fn marker(raw: &str) -> Result<String, Problem> {
    Ok(parse_line(raw, MAX_MARKER_LENGTH)?.to_owned())
}
