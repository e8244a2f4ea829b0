//! The built-in mailbox of a trial: where mail goes as long as no mail server is set.

pub mod api;
mod list;
mod mail;

pub use list::MailboxPage;
pub use mail::MailPage;
