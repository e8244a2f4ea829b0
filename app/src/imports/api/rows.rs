//! Rows of a plan or of a result, as they travel. To add a reason why a row is refused: a variant of [`Reason`], its words
//! in the locales.

use muster::{
    guard::Guard,
    import::{Column, Fault, RowProblem},
};
use serde::{Deserialize, Serialize};

/// Which rows to look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowsKind {
    /// To invite, or invited.
    Invite,
    /// To change, or changed.
    Update,
    /// There already, and left as they are.
    Unchanged,
    /// Not refused, but with something to know about.
    Warnings,
    /// Refused, by the plan or when it was applied.
    Refused,
    /// Left out by hand.
    LeftOut,
    /// What undoing left as it is.
    Kept,
}

/// What becomes of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The person is invited.
    Invite,
    /// The member is changed.
    Update,
    /// The member stays as they are.
    Unchanged,
    /// Nothing is done.
    Refused,
    /// It was left out by hand.
    LeftOut,
}

/// Why a row is refused, or what is to be known about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// A cell is wrong: the rules' own codes, `taken` among them.
    Cell(RowProblem),
    /// The row is none of the file's shape.
    Fault(Fault),
    /// The address is a member's already, and members are not to be changed.
    AlreadyMember,
    /// The address is invited already, and who is there is not to be changed.
    AlreadyInvited,
    /// Nobody here is meant, and nobody is to be added.
    NoSuchMember,
    /// No seat is left for it.
    SeatsFull,
    /// The role, named or held, is one that the importer may not give.
    RoleNotYours,
    /// A rule protects the person.
    Guarded(Guard),
    /// The cell says another than the account has, which is the person's own and stays.
    AccountsOwn(Column),
    /// Somebody changed it after the plan was made, or after it was applied: it stays.
    Changed {
        /// What was changed; `attributes` for further columns.
        field: String,
        /// What it was.
        old: String,
        /// What the file says.
        file: String,
        /// What it is.
        current: String,
    },
    /// The person has accepted, so that the invitation can't be undone.
    Accepted,
}

/// A field of a member that an import changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldChange {
    /// The column's code; `attributes` for further columns.
    pub field: String,
    /// What it is, or was.
    pub old: String,
    /// What it becomes.
    pub new: String,
}

/// A row of the plan or of the result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportRow {
    /// Its number, from 1.
    pub row: u32,
    /// The line of the file that it begins at.
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
    /// What becomes of it.
    pub verdict: Verdict,
    /// Why it is refused, or what is to be known.
    pub reasons: Vec<Reason>,
    /// What is changed of the member.
    pub changes: Vec<FieldChange>,
    /// The id of the user that came of it or is meant, for the link to their page.
    pub user: Option<String>,
}

/// A page of rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportRows {
    /// The rows, in the file's order.
    pub rows: Vec<ImportRow>,
    /// The `after` of the next page, where there is one.
    pub next: Option<u32>,
}
