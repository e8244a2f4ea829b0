//! The pages of an invited person: the invitation, creating or using an account, declining, and expired invitations.

mod expired;
mod look_again;
mod new_person;
mod page;
mod summary;
mod with_account;

pub use page::AcceptPage;
