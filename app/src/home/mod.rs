//! Home of an institution: what one reads first after coming in.

pub mod api;
mod attention;
mod page;

pub use page::HomePage;
