//! Sign-in and sign-out, password reset and locked accounts, and shared views of pages outside an institution:
//! [`Trouble`] and [`LinkOver`].

mod by_link;
mod choose;
mod forgotten;
mod new_password;
mod own_account;
mod reset;
mod sign_in;
mod trouble;

pub use by_link::{ConfirmPage, UnlockPage};
pub use choose::ChoosePage;
pub use forgotten::ForgottenPage;
pub use own_account::{AccountField, for_account};
pub use reset::ResetPage;
pub use sign_in::SignInPage;
pub use trouble::{LinkOver, SignOutForm, Trouble};
