//! The pages: Leptos components, one folder per feature and one file per page.
//!
//! `ui` is independent of features and texts. The server functions are in the crate `rpc`, the texts in `i18n`.

// Macros generate the views; their form is not under our control.
#![recursion_limit = "256"]

pub mod accept;
pub mod app;
mod browser_value;
pub mod form;
pub mod home;
pub mod imports;
pub mod invitations;
pub mod language;
pub mod link;
pub mod mailbox;
pub mod not_found;
pub mod page_access;
pub mod profile;
mod server_resource;
pub mod session;
pub mod setup;
pub mod shell;
pub mod ui;
pub mod users;
pub mod wrong_address;
