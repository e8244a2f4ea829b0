//! The rules of Muster, one function each: the browser, the server, the CSV import, the API and the
//! command line all call these. Pure, synchronous, no I/O, no clock, no randomness of its own.
//!
//! A raw `String` becomes a newtype through its `parse`, the only door; what is wrong comes back as
//! values with a stable `code()`, and the words for a code live in the app's locale files.
//! To add a rule: a module here, its violation in [`problem`], its words in the locales.

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
