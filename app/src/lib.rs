//! What people see: Leptos components and the server functions they call.
//!
//! One folder a feature, in each `api.rs` (the server functions and what they return) and one file a
//! page. `ui` knows no feature and no words. `backend` says what the app needs of a server.

// Server functions and views come out of macros whose shapes are not ours.
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
