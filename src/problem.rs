//! What is wrong with one field of a form, a row or a call: the field's name and a code with its figures.
//! To add a kind of violation: a variant, its code and its `From`.

use serde::{Deserialize, Serialize};

use crate::email::EmailViolation;
use crate::institution::{NotASlug, NotATimeZone};
use crate::language::UnknownLanguage;
use crate::password::PasswordViolation;
use crate::person_name::NameViolation;
use crate::phone::PhoneViolation;
use crate::username::UsernameViolation;

/// What is wrong with a field.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Problem {
    /// A username breaks a rule.
    Username(UsernameViolation),
    /// An email address is none.
    Email(EmailViolation),
    /// A person's or an institution's name, or a note, is none.
    Name(NameViolation),
    /// A phone number is none.
    Phone(PhoneViolation),
    /// A new password can't be taken.
    Password(PasswordViolation),
    /// Nothing was given.
    Required,
    /// Over `maximum` characters.
    TooLong {
        /// The longest that is accepted, in characters.
        maximum: u32,
    },
    /// There is no such thing to choose.
    Unknown,
    /// Over `maximum` rows.
    TooMany {
        /// The most that is accepted, in rows.
        maximum: u32,
    },
    /// An earlier row has the same address.
    Duplicate,
    /// The current password is another.
    WrongPassword,
    /// The address is a member's.
    AlreadyMember,
    /// An invitation to the address is open.
    AlreadyInvited,
    /// The time is over already.
    Past,
    /// The institution's files of imports, those that are kept and this one, are too many or too large.
    TooMuchKept,
}

impl Problem {
    /// The stable code; a violation's own where there is one.
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
            Self::TooMuchKept => "too_much_kept",
        }
    }
}

/// A problem and the field it belongs to, named as in the draft: `email`, or `rows.3.email` in a row.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct FieldProblem {
    /// The field's name in the draft.
    pub field: String,
    /// What is wrong with it.
    pub problem: Problem,
}

impl FieldProblem {
    /// A problem of this field.
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
