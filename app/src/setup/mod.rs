//! The set-up page, and parts of all forms with a username or a new password: [`NameFields`], [`UsernameField`],
//! [`NewPasswordField`], and [`Live`], which decides when a problem is shown.

mod live;
mod names;
mod page;
mod password_field;
mod username_field;
mod username_rules;

pub use live::Live;
pub use names::NameFields;
pub use page::SetupPage;
pub use password_field::NewPasswordField;
pub use username_field::UsernameField;
