//! The one error type that the server returns to pages and API clients. It carries codes and numbers, no text and no
//! internals. To add one: a variant, its code, its text in the locales, its status in the crate `rpc`.

use serde::{Deserialize, Serialize};

use crate::guard::Guard;
use crate::problem::FieldProblem;

/// The reason why a request failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Failure {
    /// Fields are invalid; each problem names its field.
    Invalid(Vec<FieldProblem>),
    /// The identifier or the password is wrong. Which one is not disclosed.
    SignInFailed,
    /// There is no session, or it has expired.
    Unauthenticated,
    /// The caller's role does not allow it.
    Forbidden,
    /// A rule protects the member.
    Guarded(Guard),
    /// It does not exist, or it belongs to another institution.
    NotFound,
    /// The link was used, revoked or replaced, or never existed.
    InvalidLink,
    /// The link may be valid, but this browser has no ticket for it. It must be opened again.
    LinkMissing,
    /// The data have changed since the page was shown. Nothing was done, and the page is shown again.
    PageOutdated,
    /// The form's page showed another account than the signed-in one. Nothing was done, and the page is shown again.
    OtherAccount,
    /// Someone else changed the same data: a conflict.
    Conflict,
    /// The invitation has not been sent yet.
    NotSent,
    /// No invitation is waiting to be sent: it was sent or revoked.
    NothingToSend,
    /// No seat is available.
    SeatsFull,
    /// Done too recently; possible again after `seconds`.
    TooSoon {
        /// Seconds until it is possible again.
        seconds: u64,
    },
    /// Too many attempts; possible again after `seconds`.
    TooManyTries {
        /// Seconds until the next attempt is accepted.
        seconds: u64,
    },
    /// The institution has sent too many invitation emails to the address; possible again after `seconds`.
    TooManyEmails {
        /// Seconds until the next email can be sent.
        seconds: u64,
    },
    /// The account is locked after failed sign-ins.
    Locked,
    /// The server is temporarily unavailable: overloaded, out of disk space, or without its database.
    Unavailable,
    /// The signed-in account has another address than the invitation.
    WrongAddress,
    /// The request is malformed; no page of Muster sends it.
    BadRequest,
    /// The form was sent from another origin than the configured one, or the browser did not send an origin.
    ForeignOrigin {
        /// The configured origin.
        origin: String,
    },
    /// The server is unreachable. Only a browser reports this.
    Unreachable,
    /// An internal error; the log has the cause under the incident number.
    Internal {
        /// The incident number that the person can quote.
        incident: String,
    },
}

impl Failure {
    /// Returns the stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Invalid(_) => "invalid",
            Self::SignInFailed => "sign_in_failed",
            Self::Unauthenticated => "unauthenticated",
            Self::Forbidden => "forbidden",
            Self::Guarded(guard) => guard.code(),
            Self::NotFound => "not_found",
            Self::InvalidLink => "invalid_link",
            Self::LinkMissing => "link_missing",
            Self::PageOutdated => "page_outdated",
            Self::OtherAccount => "other_account",
            Self::Conflict => "conflict",
            Self::NotSent => "not_sent",
            Self::NothingToSend => "nothing_to_send",
            Self::SeatsFull => "seats_full",
            Self::TooSoon { .. } => "too_soon",
            Self::TooManyTries { .. } => "too_many_tries",
            Self::TooManyEmails { .. } => "too_many_emails",
            Self::Locked => "locked",
            Self::Unavailable => "unavailable",
            Self::WrongAddress => "wrong_address",
            Self::BadRequest => "bad_request",
            Self::ForeignOrigin { .. } => "foreign_origin",
            Self::Unreachable => "unreachable",
            Self::Internal { .. } => "internal",
        }
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}

impl std::error::Error for Failure {}

impl From<Vec<FieldProblem>> for Failure {
    fn from(problems: Vec<FieldProblem>) -> Self {
        Self::Invalid(problems)
    }
}

impl From<FieldProblem> for Failure {
    fn from(problem: FieldProblem) -> Self {
        Self::Invalid(vec![problem])
    }
}
