//! The users of an institution: the list, a user's page with its actions, Create > User. To add an action: its form in
//! `actions`, its button in a card, its result in `outcomes`, its step in `timeline`.

mod access_card;
mod actions;
mod conflict;
mod copied_link;
mod detail;
mod edit;
mod invitation_card;
mod list;
mod mail_paused;
mod new;
mod outcomes;
mod remove;
mod revoke;
mod row;
mod state;
mod timeline;

pub use detail::UserPage;
pub use edit::EditUserPage;
pub use list::{InvitationsPage, UsersListPage};
pub use mail_paused::MailPaused;
pub use new::NewUserPage;
pub(crate) use state::{State, StateTime, chip as state_chip, in_full};
