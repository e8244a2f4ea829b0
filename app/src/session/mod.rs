//! Signing in and out, forgotten passwords, locked accounts; and what pages outside an institution
//! share: [`Trouble`] and [`LinkOver`].

pub mod api;
mod confirm;
mod forgotten;
mod reset;
mod sign_in;
mod trouble;
mod unlock;

pub use api::Go;
pub use confirm::ConfirmPage;
pub use forgotten::ForgottenPage;
pub use reset::ResetPage;
pub use sign_in::SignInPage;
pub use trouble::{LinkOver, SignOutForm, Trouble};
pub use unlock::UnlockPage;
