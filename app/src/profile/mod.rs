//! One's own account: language, theme, password, address, and the way out.

pub mod api;
mod address;
mod language;
mod page;
mod password;
mod theme;

pub use page::ProfilePage;
