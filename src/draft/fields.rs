//! Reading a draft's fields one after the other while keeping everything that is wrong.

use std::str::FromStr;

use crate::password::{MAX_LENGTH, bounded};
use crate::problem::{FieldProblem, Problem};
use crate::username::Username;

/// What has been found wrong so far.
#[derive(Default)]
pub(crate) struct Problems(Vec<FieldProblem>);

impl Problems {
    /// The value, or its problem written down under the field's name.
    pub(crate) fn take<T, E: Into<Problem>>(
        &mut self,
        field: &str,
        parsed: Result<T, E>,
    ) -> Option<T> {
        parsed
            .map_err(|problem| self.0.push(FieldProblem::new(field, problem)))
            .ok()
    }

    /// The username, or all of its violations.
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

    /// What was built of the values, where none was missing.
    pub(crate) fn finish<T>(self, built: Option<T>) -> Result<T, Vec<FieldProblem>> {
        match built {
            Some(built) if self.0.is_empty() => Ok(built),
            _ => Err(self.0),
        }
    }
}

/// Something chosen from a list by its code or id.
pub(crate) fn choice<T: FromStr>(raw: &str) -> Result<T, Problem> {
    match raw.trim() {
        "" => Err(Problem::Required),
        code => code.parse().map_err(|_| Problem::Unknown),
    }
}

/// What a draft's `Debug` shows for a password: whether there is one.
pub(crate) fn hidden(password: &str) -> &'static str {
    if password.is_empty() { "" } else { "…" }
}

/// A current password in its normalized form: it is compared, not judged.
pub(crate) fn current_password(raw: &str) -> Result<String, Problem> {
    if raw.is_empty() {
        return Err(Problem::Required);
    }
    bounded(raw).map(Into::into).ok_or(Problem::TooLong {
        maximum: MAX_LENGTH,
    })
}
