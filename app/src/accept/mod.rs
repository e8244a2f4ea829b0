//! The page that an invited person sees: the invitation, the form of a new account, the way for who
//! has one, declining, and what is left when the link's time is over.

pub mod api;
mod expired;
mod look_again;
mod new_person;
mod page;
mod summary;
mod with_account;

pub use page::AcceptPage;
