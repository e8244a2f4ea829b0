//! The options of an import.

use serde::{Deserialize, Serialize};

use super::fields::{Problems, choice};
use crate::import::{Access, Applying, MatchBy, Mode, Options, Send};
use crate::person_name::parse_line;
use crate::problem::{FieldProblem, Problem};

/// Maximum length of the clear marker, in characters: `<empty>`, `-`, `NULL`.
const MAX_MARKER_LENGTH: u32 = 20;

/// The form as submitted: codes, the role's id, and the marker as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ImportOptionsDraft {
    /// The code of a [`Mode`].
    pub mode: String,
    /// The code of a [`MatchBy`].
    pub match_by: String,
    /// The cell text that clears a field; optional.
    pub clear: String,
    /// The code of an [`Access`].
    pub access: String,
    /// The code of a [`Send`].
    pub send: String,
    /// The scheduled time, as a [`LocalTime`](crate::local_time::LocalTime); read only if a job sends.
    pub send_at: String,
    /// The code of an [`Applying`].
    pub applying: String,
    /// The id of the role for rows without one; optional.
    pub role: String,
}

impl ImportOptionsDraft {
    /// Parses the form.
    ///
    /// # Errors
    /// Returns every problem of every field.
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
