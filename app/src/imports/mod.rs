//! Bulk import, from the choice of a file to the report.
//!
//! `checking` is the check in the browser's worker; `new` the page that chooses, checks and uploads a file; `one` the
//! page of an import after that; `past` the list of imports. To add a code: its text in `words`, or for server codes in
//! `verdict_words`, or for emails in `mail_words`.

pub mod api;
pub mod checking;
mod mail_words;
mod new;
mod one;
mod past;
mod steps;
mod verdict_words;
pub mod words;
mod worker;

pub use new::NewImportPage;
pub use one::ImportPage;
pub use past::ImportsPage;
