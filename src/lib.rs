//! The rules of Muster, one function each. The browser, the server, the CSV import, the API and the command line call
//! the same functions. They are pure and synchronous: no I/O, no clock, no randomness of their own.
//!
//! A raw `String` becomes a newtype only through its `parse`. Errors are values with a stable `code()`; their text is
//! in the crate `i18n`. To add a rule: a module here, its violation in [`problem`], its text.

#![deny(missing_docs)]

pub mod account_state;
pub mod audit;
pub mod code_enum;
pub mod draft;
pub mod email;
pub mod failure;
pub mod guard;
pub mod ids;
pub mod import;
pub mod institution;
pub mod language;
pub mod local_time;
pub mod marks;
pub mod password;
pub mod permission;
pub mod person_name;
pub mod phone;
pub mod problem;
pub mod username;
pub mod users_query;

mod folding;
mod printable;
mod unicode;
