//! The results of an import's rows. The page, the database and the texts use their codes. To add a reason: a variant of
//! [`Reason`], its text in the locales.

use serde::{Deserialize, Serialize};

use super::{Column, Fault, RowProblem};
use crate::guard::Guard;

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
