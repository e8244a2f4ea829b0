//! Mails: what they say (`words`), how they look (`layout`), how names are made harmless (`inert`), the message as
//! it travels (`message`), and the ways out (`transport`: a mail server, or the built-in mailbox).
//!
//! To add a mail: a variant of [`Mail`], its words in the app's `mail_words`.

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

/// A mail and what it is about, as it was typed or stored: nothing needs to be escaped. Times are formatted already,
/// in the institution's zone and with its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mail {
    /// An offer of a membership.
    Invitation {
        /// Its name.
        institution: String,
        /// Who invites, by name.
        inviter: String,
        /// The role's name.
        role: String,
        /// When the offer ends.
        expires: String,
        /// What the inviter added; empty for nothing.
        note: String,
        /// Where it is answered.
        url: String,
    },
    /// An offer of a membership with a username and a password to sign in with.
    LoginDetails {
        /// Its name.
        institution: String,
        /// Who invites, by name.
        inviter: String,
        /// The username.
        username: String,
        /// The password.
        password: String,
        /// When it stops working.
        expires: String,
        /// Whether it works once only, and another one is asked for then.
        once: bool,
        /// Where to sign in.
        url: String,
    },
    /// A forgotten password.
    PasswordReset {
        /// When the link dies.
        expires: String,
        /// Where a new password is chosen.
        url: String,
    },
    /// Too many failed sign-ins.
    AccountLocked {
        /// When the link dies.
        expires: String,
        /// Where the lock ends.
        url: String,
    },
    /// Tells of a new password.
    PasswordChanged {
        /// When.
        at: String,
        /// Where the person gets a new one if it was somebody else.
        url: String,
    },
    /// Asks whether the address is one's own.
    ConfirmAddress {
        /// Whom they joined.
        institution: String,
        /// When the link dies.
        expires: String,
        /// Where it is confirmed.
        url: String,
    },
}

/// A mail's text, ready to be sent or shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// One line.
    pub subject: String,
    /// A whole document.
    pub html: String,
    /// The same in plain text.
    pub text: String,
    /// In which language.
    pub language: Language,
}

/// A mail with everything that a transport needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutgoingMail {
    /// From [`message_id`]: every try of the same mail carries the same.
    pub message_id: String,
    /// The canonical address that is stored.
    pub recipient: String,
    /// The text.
    pub rendered: Rendered,
    /// When it was written.
    pub date: DateTime<Utc>,
}

/// Writes a mail.
///
/// # Errors
///
/// A template is broken; a test composes every mail, so this is not seen outside of development.
pub fn compose(language: Language, mail: &Mail) -> Result<Rendered, ComposeError> {
    layout::render(&words::of(language, mail))
}
