//! The UI: Leptos components and the server functions that they call.
//!
//! One folder per feature, each with an `api.rs` (the server functions and their results) and one file per page. `ui`
//! is independent of features and texts. `backend` is the interface to the server.

// Macros generate the server functions and views; their form is not under our control.
#![recursion_limit = "256"]

include!(concat!(env!("OUT_DIR"), "/i18n/mod.rs"));

pub mod accept;
pub mod app;
mod asked;
#[cfg(feature = "ssr")]
pub mod backend;
mod browser_value;
pub mod failure;
pub mod form;
pub mod home;
pub mod imports;
pub mod invitations;
pub mod json;
pub mod language;
pub mod link;
#[cfg(feature = "ssr")]
pub mod mail_words;
pub mod mailbox;
pub mod moment;
pub mod not_found;
#[cfg(feature = "ssr")]
pub mod posted;
pub mod profile;
pub mod session;
pub mod setup;
pub mod shell;
pub mod ui;
pub mod users;
pub mod words;
pub mod wrong_address;
