//! The interface between pages and the server: the server functions, what they transfer, and the traits behind them.
//! It has no components and no implementation; the crate `server` implements the traits.
//!
//! One module per feature, with the functions, their results, the trait that they call, and in `forms` the forms that
//! browsers post. A function's path is [`PREFIX`] and its name.

// Macros generate the server functions; their form is not under our control.
#![recursion_limit = "256"]

pub mod accept;
#[cfg(feature = "ssr")]
mod answer;
#[cfg(feature = "ssr")]
mod backend;
#[cfg(feature = "ssr")]
mod caller;
mod failure;
#[cfg(feature = "ssr")]
pub mod form_posts;
pub mod home;
pub mod imports;
pub mod invitations;
pub mod json;
pub mod mailbox;
#[cfg(feature = "ssr")]
pub mod path_pattern;
mod posted_form;
pub mod profile;
pub mod session;
pub mod setup;
pub mod shell;
mod time_format;
pub mod users;

#[cfg(feature = "ssr")]
pub use answer::{Answer, Outcome, ShellAnswer, answer, set_status, status};
#[cfg(feature = "ssr")]
pub use backend::{Backend, backend, caller};
#[cfg(feature = "ssr")]
pub use caller::{Caller, LinkCookie, LinkCookies, Session, Theme};
pub use failure::Refusal;
pub use posted_form::PostedForm;
pub use time_format::FormattedTime;

/// The start of the paths of all server functions.
pub const PREFIX: &str = "/rpc/";
