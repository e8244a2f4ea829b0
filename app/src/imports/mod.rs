//! Bulk import, from the choice of a file to the report.
//!
//! `checking` is the check in the browser's worker; `new` the page that chooses, checks and uploads a file; `one` the
//! page of an import after that; `past` the list of imports. The texts of codes are `i18n::ImportWords`.

pub mod checking;
mod new;
mod one;
mod past;
mod steps;
mod worker;

pub use new::NewImportPage;
pub use one::ImportPage;
pub use past::ImportsPage;
