//! Home of an institution: what one reads first after coming in.

mod page;

pub use page::HomePage;
