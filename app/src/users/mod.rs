//! The people of an institution: the list, a user's page with its actions, Create > User.
//! To add an action: its form in `actions`, its card there, its step in `timeline`.

mod actions;
pub mod api;
mod copied_link;
mod detail;
mod list;
mod new;
mod revoke;
mod row;
mod state;
mod timeline;

pub use detail::UserPage;
pub use list::{InvitationsPage, UsersListPage};
pub use new::NewUserPage;
pub(crate) use state::in_full;
