//! The one error that travels from the server to pages and programs: codes and figures, never words and
//! nothing internal. To add one: a variant, its code, its words in the locales, its status in the server.

use serde::{Deserialize, Serialize};

use crate::guard::Guard;
use crate::problem::FieldProblem;

/// Why something asked for was not done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Failure {
    /// Fields are wrong; each is named.
    Invalid(Vec<FieldProblem>),
    /// No such person with such a password, and no more is said.
    SignInFailed,
    /// There is no session, or it has ended.
    SignedOut,
    /// The role does not allow it.
    Forbidden,
    /// A rule protects the person.
    Guarded(Guard),
    /// There is no such thing, or it is another institution's.
    NotFound,
    /// The link was used, revoked, replaced or never was.
    LinkDead,
    /// The link may be valid, but this browser does not have it: it has to be opened again.
    LinkMissing,
    /// What the page showed has changed since; it is shown again, and nothing was done.
    PageOutdated,
    /// Somebody else changed it meanwhile.
    Changed,
    /// Nobody has been sent it yet.
    NotSent,
    /// Nothing waits to be sent any more: it was sent, or revoked.
    NothingWaits,
    /// No seat is free.
    SeatsFull,
    /// It was done a moment ago; possible again after `seconds`.
    TooSoon {
        /// Seconds until it is possible.
        seconds: u64,
    },
    /// Too many tries; possible again after `seconds`.
    TooManyTries {
        /// Seconds until the next try counts.
        seconds: u64,
    },
    /// The account is locked after failed sign-ins.
    Locked,
    /// The server can't take it on now: too much to do, no room left, or its database is away. Try again shortly.
    Busy,
    /// The session belongs to another address than the invitation.
    WrongAddress,
    /// The request is not one that a page of ours sends.
    BadRequest,
    /// The form was sent from another address than the one that Muster is configured with, or the browser does not say
    /// from which.
    ForeignOrigin {
        /// The configured origin.
        origin: String,
    },
    /// The server could not be reached (only a browser finds this out).
    Unreachable,
    /// Something broke; the log has the rest under this number.
    Internal {
        /// The incident's number, for a person to quote.
        incident: String,
    },
}

impl Failure {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Invalid(_) => "invalid",
            Self::SignInFailed => "sign_in_failed",
            Self::SignedOut => "signed_out",
            Self::Forbidden => "forbidden",
            Self::Guarded(guard) => guard.code(),
            Self::NotFound => "not_found",
            Self::LinkDead => "link_dead",
            Self::LinkMissing => "link_missing",
            Self::PageOutdated => "page_outdated",
            Self::Changed => "changed",
            Self::NotSent => "not_sent",
            Self::NothingWaits => "nothing_waits",
            Self::SeatsFull => "seats_full",
            Self::TooSoon { .. } => "too_soon",
            Self::TooManyTries { .. } => "too_many_tries",
            Self::Locked => "locked",
            Self::Busy => "busy",
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
