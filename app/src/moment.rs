//! A point in time as people read it. The server formats it (zone and language are known there, and
//! the browser's clock is not to be trusted), so that both renderings of a page are the same.

use serde::{Deserialize, Serialize};

/// A point in time, formatted for its reader.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Moment {
    /// Seconds since 1970-01-01 00:00 UTC.
    pub at: i64,
    /// Date and time in the reader's language and the institution's zone, as `Mon 23 Nov, 14:05`.
    pub text: String,
    /// The zone's abbreviation at that time, as `CET`.
    pub zone: String,
}
