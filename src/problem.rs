//! A problem of one field of a form, a row or a call: the field's name, and a code with its numbers. To add a kind of
//! violation: a variant, its code and its `From`.

use serde::{Deserialize, Serialize};

use crate::email::EmailViolation;
use crate::institution::{NotASlug, NotATimeZone};
use crate::language::UnknownLanguage;
use crate::password::PasswordViolation;
use crate::person_name::NameViolation;
use crate::phone::PhoneViolation;
use crate::username::UsernameViolation;

/// The reason why a field is invalid.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Problem {
    /// A username violates a rule.
    Username(UsernameViolation),
    /// An email address is invalid.
    Email(EmailViolation),
    /// The name of a person or an institution, or a note, is invalid.
    Name(NameViolation),
    /// A phone number is invalid.
    Phone(PhoneViolation),
    /// A new password is not accepted.
    Password(PasswordViolation),
    /// The field is empty.
    Required,
    /// Has more than `maximum` characters.
    TooLong {
        /// The maximum length, in characters.
        maximum: u32,
    },
    /// The choice does not exist.
    Unknown,
    /// Has more than `maximum` rows.
    TooMany {
        /// The maximum number of rows.
        maximum: u32,
    },
    /// An earlier row has the same address.
    Duplicate,
    /// The current password is wrong.
    WrongPassword,
    /// The address belongs to a member.
    AlreadyMember,
    /// The address has an open invitation.
    AlreadyInvited,
    /// The time is in the past.
    Past,
    /// The institution's import files, this one included, exceed their limit in number or size.
    StorageQuotaExceeded,
}

impl Problem {
    /// Returns the stable code; a violation has its own.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Username(violation) => violation.code(),
            Self::Email(violation) => violation.code(),
            Self::Name(violation) => violation.code(),
            Self::Phone(violation) => violation.code(),
            Self::Password(violation) => violation.code(),
            Self::Required => "required",
            Self::TooLong { .. } => "too_long",
            Self::Unknown => "unknown",
            Self::TooMany { .. } => "too_many",
            Self::Duplicate => "duplicate",
            Self::WrongPassword => "wrong_password",
            Self::AlreadyMember => "already_member",
            Self::AlreadyInvited => "already_invited",
            Self::Past => "past",
            Self::StorageQuotaExceeded => "storage_quota_exceeded",
        }
    }
}

/// A problem and the field it belongs to, named as in the draft: `email`, or `rows.3.email` for a row.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct FieldProblem {
    /// The field's name in the draft.
    pub field: String,
    /// The reason why it is invalid.
    pub problem: Problem,
}

impl FieldProblem {
    /// Creates a problem of the field.
    pub fn new(field: &str, problem: impl Into<Problem>) -> Self {
        Self {
            field: field.to_owned(),
            problem: problem.into(),
        }
    }
}

impl From<UsernameViolation> for Problem {
    fn from(violation: UsernameViolation) -> Self {
        Self::Username(violation)
    }
}

impl From<EmailViolation> for Problem {
    fn from(violation: EmailViolation) -> Self {
        Self::Email(violation)
    }
}

impl From<NameViolation> for Problem {
    fn from(violation: NameViolation) -> Self {
        Self::Name(violation)
    }
}

impl From<PhoneViolation> for Problem {
    fn from(violation: PhoneViolation) -> Self {
        Self::Phone(violation)
    }
}

impl From<PasswordViolation> for Problem {
    fn from(violation: PasswordViolation) -> Self {
        Self::Password(violation)
    }
}

impl From<UnknownLanguage> for Problem {
    fn from(_: UnknownLanguage) -> Self {
        Self::Unknown
    }
}

impl From<NotATimeZone> for Problem {
    fn from(_: NotATimeZone) -> Self {
        Self::Unknown
    }
}

impl From<NotASlug> for Problem {
    fn from(_: NotASlug) -> Self {
        Self::Unknown
    }
}
