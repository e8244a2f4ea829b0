//! Inviting several people at once: a form of rows, each with its own outcome. To add an outcome: its variant in `api`,
//! its line in `outcome`.

mod form;
mod note;
mod outcome;
mod page;
mod row;
mod rows;

pub use page::InvitePage;
