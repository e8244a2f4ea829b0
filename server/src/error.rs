//! The errors inside the server, and their only conversion into failures that a person may see.

mod chain;

use std::{borrow::Cow, error::Error as StdError, future::Future, panic::AssertUnwindSafe};

use futures::FutureExt as _;
use muster::{failure::Failure, problem::FieldProblem};
use tracing::{Instrument as _, Span, field};
use uuid::Uuid;

use crate::metrics::UseCase;

pub use chain::chain;

/// The cause of an internal error.
pub type Source = Box<dyn StdError + Send + Sync>;

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
    #[error("{context}")]
    Internal {
        /// What failed. It contains no personal data and no secrets.
        context: Cow<'static, str>,
        /// The cause, if another error is the cause.
        #[source]
        source: Option<Source>,
    },
}

impl Error {
    /// Creates an internal error that no other error caused.
    #[must_use]
    pub fn internal(context: impl Into<Cow<'static, str>>) -> Self {
        Self::Internal {
            context: context.into(),
            source: None,
        }
    }

    /// Returns whether the error is transient: the database is unreachable, starting, stopping, or out of resources
    /// (SQLSTATE classes 08 and 53, and 57P01 to 57P03), or another transaction holds a lock (55P03, 40P01). The
    /// request may be repeated.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self.database() {
            Some(sqlx::Error::PoolTimedOut | sqlx::Error::Io(_)) => true,
            Some(sqlx::Error::Database(error)) => {
                error.code().is_some_and(|code| is_transient_code(&code))
            }
            _ => false,
        }
    }

    /// Returns whether a text contained U+0000, which Postgres stores neither as text (22021) nor in JSON (22P05).
    /// Drafts reject it at its field; this covers all other texts of a request.
    fn is_unstorable_text(&self) -> bool {
        let Some(sqlx::Error::Database(error)) = self.database() else {
            return false;
        };
        matches!(error.code().as_deref(), Some("22021" | "22P05"))
    }

    /// Returns the error of the database that this is or was caused by.
    fn database(&self) -> Option<&sqlx::Error> {
        match self {
            Self::Refused(_) => None,
            Self::Database(error) => Some(error),
            Self::Internal { source, .. } => {
                let source: &(dyn StdError + 'static) = source.as_deref()?;
                chain::causes(source).find_map(|cause| cause.downcast_ref())
            }
        }
    }
}

/// Returns whether a statement that failed with this SQLSTATE may succeed if it is repeated.
fn is_transient_code(code: &str) -> bool {
    let is_of_class = code.starts_with("08") || code.starts_with("53");
    is_of_class || matches!(code, "57P01" | "57P02" | "57P03" | "55P03" | "40P01")
}

/// Converts unexpected errors of other libraries into internal errors.
pub trait Context<T> {
    /// Adds what failed, and keeps the error as the source.
    ///
    /// # Errors
    /// Returns `Internal` for every error.
    fn context(self, context: impl Into<Cow<'static, str>>) -> Result<T, Error>;
}

impl<T, E: Into<Source>> Context<T> for Result<T, E> {
    fn context(self, context: impl Into<Cow<'static, str>>) -> Result<T, Error> {
        self.map_err(|source| Error::Internal {
            context: context.into(),
            source: Some(source.into()),
        })
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

/// Runs a use case in a span with its name, counts its outcome, and converts its error into a failure that a person may
/// see. An internal error is logged once with its causes, and only its incident number is returned. A panic is an internal error: a
/// page loads its data in tasks of their own, and would wait forever for one that has panicked.
///
/// `name` is the name of the backend's method, or of the function if no trait of the app has it.
///
/// # Errors
/// Returns the failure of the use case.
pub async fn boundary<T>(
    name: &'static str,
    service: impl Future<Output = Result<T, Error>>,
) -> Result<T, Failure> {
    let request = Span::current();
    // `Service::open` records the institution.
    let span = tracing::info_span!("use_case", name, institution = field::Empty);
    let use_case = UseCase::begin(name);
    let outcome = AssertUnwindSafe(service)
        .catch_unwind()
        .instrument(span.clone())
        .await;
    // The panic itself was logged with its location.
    let outcome = outcome.unwrap_or_else(|_| Err(Error::internal("a panic")));
    let result = outcome.map_err(|error| match error {
        Error::Refused(failure) => failure,
        error => span.in_scope(|| failure_of(&error, &request)),
    });
    use_case.end(result.as_ref().err());
    result
}

/// Logs an error and returns the failure that is shown instead of it.
fn failure_of(error: &Error, request: &Span) -> Failure {
    if error.is_unstorable_text() {
        tracing::info!(error = %chain(error), "a request contained text that Postgres cannot store");
        return Failure::BadRequest;
    }
    let incident = Uuid::now_v7().simple().to_string();
    tracing::error!(incident, error = %chain(error), "a request failed");
    // Recorded in the request's log line too.
    request.record("incident", &incident);
    if error.is_transient() {
        Failure::Unavailable
    } else {
        Failure::Internal { incident }
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
mod tests;
