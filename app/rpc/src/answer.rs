//! The answer of a backend method, and its conversion to a response with cookies and status.

use axum::http::{HeaderValue, StatusCode, header::SET_COOKIE};
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use muster::failure::Failure;

use crate::{Refusal, shell::ShellView};

/// A value with the cookies to set, as complete `Set-Cookie` values.
#[derive(Debug)]
pub struct Answer<T> {
    /// The value.
    pub value: T,
    /// `Set-Cookie` values.
    pub cookies: Vec<String>,
}

impl<T> From<T> for Answer<T> {
    fn from(value: T) -> Self {
        Self {
            value,
            cookies: Vec::new(),
        }
    }
}

/// The result of a backend method.
pub type Outcome<T> = Result<Answer<T>, Failure>;

/// The data of the shell, loaded before rendering starts.
#[derive(Debug, Clone)]
pub struct ShellAnswer(pub Result<ShellView, Failure>);

/// Sets an outcome's cookies, or a failure's status, on the response.
///
/// # Errors
/// Returns the outcome's failure.
pub fn answer<T>(outcome: Outcome<T>) -> Result<T, Refusal> {
    match outcome {
        Ok(answer) => {
            if let Some(response) = use_context::<ResponseOptions>() {
                for cookie in &answer.cookies {
                    if let Ok(value) = HeaderValue::from_str(cookie) {
                        response.append_header(SET_COOKIE, value);
                    }
                }
            }
            Ok(answer.value)
        }
        Err(failure) => {
            set_status(&failure);
            Err(Refusal(failure))
        }
    }
}

/// Sets the response's status for a failure.
pub fn set_status(failure: &Failure) {
    if let Some(response) = use_context::<ResponseOptions>() {
        response.set_status(status(failure));
    }
}

/// Returns the HTTP status for a failure.
#[must_use]
pub const fn status(failure: &Failure) -> StatusCode {
    match failure {
        Failure::Invalid(_) | Failure::WrongAddress => StatusCode::UNPROCESSABLE_ENTITY,
        Failure::SignInFailed | Failure::Unauthenticated => StatusCode::UNAUTHORIZED,
        Failure::Forbidden | Failure::Guarded(_) | Failure::ForeignOrigin { .. } => {
            StatusCode::FORBIDDEN
        }
        Failure::NotFound => StatusCode::NOT_FOUND,
        Failure::InvalidLink | Failure::LinkMissing => StatusCode::GONE,
        Failure::Conflict
        | Failure::PageOutdated
        | Failure::OtherAccount
        | Failure::NotSent
        | Failure::NothingToSend
        | Failure::SeatsFull => StatusCode::CONFLICT,
        Failure::TooSoon { .. }
        | Failure::TooManyTries { .. }
        | Failure::TooManyEmails { .. }
        | Failure::Locked => StatusCode::TOO_MANY_REQUESTS,
        Failure::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Failure::BadRequest => StatusCode::BAD_REQUEST,
        Failure::Unreachable | Failure::Internal { .. } => StatusCode::INTERNAL_SERVER_ERROR,
    }
}
