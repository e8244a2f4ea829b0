//! Bringing in many people by a file: from the file that is chosen to the report of what became of it.
//!
//! `checking` is the check in the browser, which a worker does; `new` the page that chooses a file, has it checked
//! and mended, and uploads it; `one` the page of an import from then on; `past` the list of them. To add a code: its
//! words in `words`, in `verdict_words` where it is the server's, or in `mail_words`.

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
