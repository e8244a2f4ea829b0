//! Helpers that parse a draft's fields one by one and collect all problems.

use std::str::FromStr;

use crate::password::{MAX_LENGTH, bounded};
use crate::problem::{FieldProblem, Problem};
use crate::username::Username;

/// The problems found so far.
#[derive(Default)]
pub(crate) struct Problems(Vec<FieldProblem>);

impl Problems {
    /// Returns the value, or records its problem under the field's name.
    pub(crate) fn take<T, E: Into<Problem>>(
        &mut self,
        field: &str,
        parsed: Result<T, E>,
    ) -> Option<T> {
        parsed
            .map_err(|problem| self.0.push(FieldProblem::new(field, problem)))
            .ok()
    }

    /// Returns the username, or records all of its violations.
    pub(crate) fn take_username(
        &mut self,
        raw: &str,
        first_name: &str,
        last_name: &str,
    ) -> Option<Username> {
        if raw.is_empty() {
            self.0
                .push(FieldProblem::new("username", Problem::Required));
            return None;
        }
        match Username::parse(raw, first_name, last_name) {
            Ok(username) => Some(username),
            Err(violations) => {
                self.0.extend(
                    violations
                        .into_iter()
                        .map(|violation| FieldProblem::new("username", violation)),
                );
                None
            }
        }
    }

    /// Returns the built value, or the problems if there are any.
    pub(crate) fn finish<T>(self, built: Option<T>) -> Result<T, Vec<FieldProblem>> {
        match built {
            Some(built) if self.0.is_empty() => Ok(built),
            _ => Err(self.0),
        }
    }
}

/// Parses a choice from a list by its code or id.
pub(crate) fn choice<T: FromStr>(raw: &str) -> Result<T, Problem> {
    match raw.trim() {
        "" => Err(Problem::Required),
        code => code.parse().map_err(|_| Problem::Unknown),
    }
}

/// Returns what a draft's `Debug` shows for a password: only whether there is one.
pub(crate) fn hidden(password: &str) -> &'static str {
    if password.is_empty() { "" } else { "…" }
}

/// Normalizes a current password. It is compared later, not validated.
pub(crate) fn current_password(raw: &str) -> Result<String, Problem> {
    if raw.is_empty() {
        return Err(Problem::Required);
    }
    bounded(raw).map(Into::into).ok_or(Problem::TooLong {
        maximum: MAX_LENGTH,
    })
}
