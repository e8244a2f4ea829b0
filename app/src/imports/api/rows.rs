//! Rows of a plan or result, as sent to the page. To add a reason: a variant of [`Reason`], its text in the locales.

use muster::{
    guard::Guard,
    import::{Column, Fault, RowProblem},
};
use serde::{Deserialize, Serialize};

/// The list of rows to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowsKind {
    /// People who are to be invited or were invited.
    Invite,
    /// Members who are to be updated or were updated.
    Update,
    /// Existing members who stay unchanged.
    Unchanged,
    /// Rows with a warning that are not rejected.
    Warnings,
    /// Rows that were rejected by the plan or when it was applied.
    Refused,
    /// Skipped rows.
    LeftOut,
    /// Rows that the undo kept.
    Kept,
}

/// The result of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The person is invited.
    Invite,
    /// The member is updated.
    Update,
    /// The member stays unchanged.
    Unchanged,
    /// Rejected: nothing is done.
    Refused,
    /// Skipped.
    LeftOut,
}

/// Why a row is rejected, or a warning.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// A cell has a problem: the codes of the rules, including `taken`.
    Cell(RowProblem),
    /// The row can't be read.
    Fault(Fault),
    /// The address belongs to a member, and the import does not update members.
    AlreadyMember,
    /// The address is already invited, and the import does not update existing people.
    AlreadyInvited,
    /// No member matches, and the import adds nobody.
    NoSuchMember,
    /// No seat is available.
    SeatsFull,
    /// The importer may not assign the role that the row names or the member has.
    RoleNotYours,
    /// A rule protects the member.
    Guarded(Guard),
    /// The cell differs from the account, which only its person changes.
    AccountsOwn(Column),
    /// Someone changed the field after it was planned or applied; the change is kept.
    Changed {
        /// The changed field; `attributes` for further columns.
        field: String,
        /// Its value before.
        old: String,
        /// Its value in the file.
        file: String,
        /// Its current value.
        current: String,
    },
    /// The invitation was accepted and can't be undone.
    Accepted,
}

/// A change of a member's field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldChange {
    /// The column's code; `attributes` for further columns.
    pub field: String,
    /// The old value.
    pub old: String,
    /// The new value.
    pub new: String,
}

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
