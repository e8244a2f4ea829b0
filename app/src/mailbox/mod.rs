//! The built-in mailbox of a trial installation, used as long as no mail server is configured.

mod list;
mod mail;

pub use list::MailboxPage;
pub use mail::MailPage;
