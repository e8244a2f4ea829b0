//! Home of an institution: what one reads first after coming in.

pub mod api;
mod page;

pub use page::HomePage;
