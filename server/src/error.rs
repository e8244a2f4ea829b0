//! Errors inside the server, and the one place where they become what a person may see.

use std::future::Future;

use muster::{failure::Failure, problem::FieldProblem};
use uuid::Uuid;

/// What a service can fail with.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// What the person may know.
    #[error("{0}")]
    Refused(#[from] Failure),
    /// The database, or the way to it.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    /// A thing that should not happen.
    #[error("{0}")]
    Broken(String),
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

/// Runs a service and turns what it failed with into what a person may see: anything internal goes
/// to the log, once, and only its incident number goes out.
///
/// # Errors
/// The service's.
pub async fn boundary<T>(service: impl Future<Output = Result<T, Error>>) -> Result<T, Failure> {
    match service.await {
        Ok(value) => Ok(value),
        Err(Error::Refused(failure)) => Err(failure),
        Err(error) => {
            let incident = Uuid::now_v7().simple().to_string();
            tracing::error!(incident, error = %error, "a request failed");
            let busy = matches!(&error, Error::Database(sqlx::Error::PoolTimedOut));
            Err(if busy {
                Failure::Busy
            } else {
                Failure::Internal { incident }
            })
        }
    }
}

/// The name of the constraint that a write would have broken.
#[must_use]
pub fn constraint(error: &sqlx::Error) -> Option<&str> {
    error
        .as_database_error()
        .and_then(sqlx::error::DatabaseError::constraint)
}
