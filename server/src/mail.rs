//! Emails: their texts (`words`), their layout (`layout`), the protection against automatic links in names (`inert`),
//! the MIME message (`message`), and the transports (`transport`: SMTP or the built-in mailbox).
//!
//! To add an email: add a variant of [`Mail`] and its texts in `i18n::mail`.

mod inert;
mod layout;
mod mailbox;
mod message;
mod smtp;
#[cfg(test)]
mod tests;
mod transport;
mod words;

use chrono::{DateTime, Utc};
use muster::language::Language;

pub use layout::ComposeError;
pub use mailbox::{MailboxStore, MailboxTransport};
pub use message::message_id;
pub use smtp::{SmtpSetupError, SmtpTransport};
pub use transport::{Blocked, Cause, Delivery, MailTransport};

/// An email's content, unescaped. Times are already formatted in the institution's time zone and name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mail {
    /// An offer of a membership.
    Invitation {
        /// The institution's name.
        institution: String,
        /// The inviter's name.
        inviter: String,
        /// The role's name.
        role: String,
        /// When the invitation expires.
        expires: String,
        /// The inviter's note, or empty.
        note: String,
        /// The URL of the invitation's page.
        url: String,
    },
    /// An offer of a membership with a username and a temporary password.
    LoginDetails {
        /// The institution's name.
        institution: String,
        /// The inviter's name.
        inviter: String,
        /// The username.
        username: String,
        /// The password.
        password: String,
        /// When the password expires.
        expires: String,
        /// Whether the password is valid for one sign-in and has to be replaced.
        once: bool,
        /// The URL of the sign-in page.
        url: String,
    },
    /// A link to reset a forgotten password.
    PasswordReset {
        /// When the link expires.
        expires: String,
        /// The URL of the reset page.
        url: String,
    },
    /// A link to unlock an account after failed sign-ins.
    AccountLocked {
        /// When the link expires.
        expires: String,
        /// The URL of the unlock page.
        url: String,
    },
    /// A notice that the password has changed.
    PasswordChanged {
        /// When it changed.
        at: String,
        /// The URL on which the owner resets the password if the change was not theirs.
        url: String,
    },
    /// A request to confirm an email address.
    ConfirmAddress {
        /// The name of the institution that the person joined.
        institution: String,
        /// When the link expires.
        expires: String,
        /// The URL of the confirmation page.
        url: String,
    },
}

/// A rendered email.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// The subject, one line.
    pub subject: String,
    /// The HTML part, a whole document.
    pub html: String,
    /// The plain text part.
    pub text: String,
    /// The language of the texts.
    pub language: Language,
}

/// An email with everything that a transport needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutgoingMail {
    /// From [`message_id`]: the same for every attempt to send this email.
    pub message_id: String,
    /// The stored canonical address.
    pub recipient: String,
    /// The content.
    pub rendered: Rendered,
    /// The value of the `Date` header.
    pub date: DateTime<Utc>,
}

/// Renders an email.
///
/// # Errors
///
/// Returns an error if a template is invalid. A test renders every email, so this does not happen in production.
pub fn compose(language: Language, mail: &Mail) -> Result<Rendered, ComposeError> {
    layout::render(&words::of(language, mail))
}
