//! Bringing in many people by a file: from the file that is chosen to the report of what became of it.

pub mod api;
