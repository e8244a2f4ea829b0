//! The person's own account: language, theme, password, address, sign-out.

mod address;
mod language;
mod page;
mod password;
mod theme;

pub use page::ProfilePage;
pub use theme::ThemeButtons;
