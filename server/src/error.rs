//! The errors inside the server, and their only conversion into failures that a person may see.

use std::future::Future;

use muster::{failure::Failure, problem::FieldProblem};
use uuid::Uuid;

/// An error of a service.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A failure that is shown to the person.
    #[error("{0}")]
    Refused(#[from] Failure),
    /// An error of the database or of the connection to it.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    /// An unexpected error.
    #[error("{0}")]
    Broken(String),
}

impl Error {
    /// Returns whether the error is transient: the database is unreachable, starting, stopping, or out of resources
    /// (SQLSTATE classes 08 and 53, and 57P01 to 57P03), or another transaction holds a lock (55P03, 40P01). The
    /// request may be repeated.
    #[must_use]
    pub fn passes(&self) -> bool {
        let Self::Database(error) = self else {
            return false;
        };
        match error {
            sqlx::Error::PoolTimedOut | sqlx::Error::Io(_) => true,
            sqlx::Error::Database(error) => error.code().is_some_and(|code| is_transient(&code)),
            _ => false,
        }
    }
}

/// Returns whether a statement that failed with this SQLSTATE may succeed if it is repeated.
fn is_transient(code: &str) -> bool {
    let is_of_class = code.starts_with("08") || code.starts_with("53");
    is_of_class || matches!(code, "57P01" | "57P02" | "57P03" | "55P03" | "40P01")
}

impl Error {
    /// Returns whether a text contained U+0000, which Postgres stores neither as text (22021) nor in JSON (22P05).
    /// Drafts reject it at its field; this covers all other texts of a request.
    fn is_unstorable_text(&self) -> bool {
        let Self::Database(sqlx::Error::Database(error)) = self else {
            return false;
        };
        matches!(error.code().as_deref(), Some("22021" | "22P05"))
    }
}

impl From<Vec<FieldProblem>> for Error {
    fn from(problems: Vec<FieldProblem>) -> Self {
        Self::Refused(Failure::Invalid(problems))
    }
}

impl From<FieldProblem> for Error {
    fn from(problem: FieldProblem) -> Self {
        vec![problem].into()
    }
}

/// Runs a service and converts its error into a failure that a person may see. An internal error is logged once, and
/// only its incident number is returned.
///
/// # Errors
/// Returns the failure of the service.
pub async fn boundary<T>(service: impl Future<Output = Result<T, Error>>) -> Result<T, Failure> {
    match service.await {
        Ok(value) => Ok(value),
        Err(Error::Refused(failure)) => Err(failure),
        Err(error) => {
            if error.is_unstorable_text() {
                tracing::info!(error = %error, "a request held text that Postgres cannot store");
                return Err(Failure::BadRequest);
            }
            let incident = Uuid::now_v7().simple().to_string();
            tracing::error!(incident, error = %error, "a request failed");
            // Recorded in the request's log line too.
            tracing::Span::current().record("incident", &incident);
            Err(if error.passes() {
                Failure::Unavailable
            } else {
                Failure::Internal { incident }
            })
        }
    }
}

/// Returns the name of the violated constraint.
#[must_use]
pub fn constraint(error: &sqlx::Error) -> Option<&str> {
    error
        .as_database_error()
        .and_then(sqlx::error::DatabaseError::constraint)
}

#[cfg(test)]
mod tests {
    use super::is_transient;

    #[test]
    fn only_what_may_succeed_later_is_transient() {
        for code in [
            "08006", "53100", "53300", "57P01", "57P02", "57P03", "55P03", "40P01",
        ] {
            assert!(is_transient(code), "{code}");
        }
        // A canceled statement, a dropped database, a session that was idle too long, a violated constraint, a syntax
        // error.
        for code in [
            "57014", "57P04", "57P05", "23505", "42601", "22021", "40001",
        ] {
            assert!(!is_transient(code), "{code}");
        }
    }
}
