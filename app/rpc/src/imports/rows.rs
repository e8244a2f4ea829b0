//! Rows of a plan or result, as sent to the page.

use muster::import::{FieldChange, Reason, Verdict};
use serde::{Deserialize, Serialize};

/// A row of the plan or result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportRow {
    /// Its number, from 1.
    pub row: u32,
    /// The line of the file at which it begins.
    pub line: u64,
    /// The username, or empty.
    pub username: String,
    /// First name, or empty.
    pub first_name: String,
    /// Last name, or empty.
    pub last_name: String,
    /// The address, or empty.
    pub email: String,
    /// The role's name, or empty.
    pub role: String,
    /// Its result.
    pub verdict: Verdict,
    /// Why it is rejected, or its warnings.
    pub reasons: Vec<Reason>,
    /// The changes of the member.
    pub changes: Vec<FieldChange>,
    /// The id of the created or matched user, for the link to their page.
    pub user: Option<String>,
}

/// A page of rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportRows {
    /// The rows, in the order of the file.
    pub rows: Vec<ImportRow>,
    /// The `after` of the next page, if there is one.
    pub next: Option<u32>,
}
