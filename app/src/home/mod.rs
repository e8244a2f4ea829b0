//! Home: the first page of an institution.

mod attention;
mod page;

pub use page::HomePage;
