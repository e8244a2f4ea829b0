//! Home: the first page of an institution.

pub mod api;
mod attention;
mod page;

pub use page::HomePage;
