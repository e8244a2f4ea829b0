//! Bringing in many people by a file: from the file that is chosen to the report of what became of it.
//!
//! `checking` is the check in the browser, which a worker does; `new` the page that chooses a file, has it checked
//! and mended, and uploads it. To add a code: its words in `words`.

pub mod api;
pub mod checking;
mod new;
mod steps;
mod words;
mod worker;

pub use new::NewImportPage;
