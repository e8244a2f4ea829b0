//! Inviting many at once: a form of rows, each with an outcome of its own.
//! To add an outcome: its variant in `api`, its line in `outcome`.

pub mod api;
mod form;
mod note;
mod outcome;
mod page;
mod row;
mod rows;

pub use page::InvitePage;
