//! What the page of a new import sends and receives.

use muster::{
    ids::RoleId,
    import::{Column, Mapping},
};
use serde::{Deserialize, Serialize};

use crate::invitations::RoleChoice;

/// The mapping that the institution last used for a file with the same headers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RememberedMapping {
    /// The mapping, if there is one.
    pub mapping: Option<Mapping>,
}

/// An import that was begun by this call or an earlier one with the same key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Begun {
    /// Its id.
    pub id: String,
    /// The numbers of the parts that are already stored.
    pub parts: Vec<u32>,
}

/// An edit of a cell in the grid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CellEdit {
    /// The row's number, from 1; the header is 0.
    pub row: u32,
    /// The column; a username can be entered even if the file has no such column.
    pub column: Column,
    /// The new text; `None` reverts the edit.
    pub value: Option<String>,
}

/// The corrections made in the grid.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct EditsDraft {
    /// The edited cells.
    pub edits: Vec<CellEdit>,
    /// Rows to skip.
    pub left_out: Vec<u32>,
    /// Rows to include again.
    pub taken: Vec<u32>,
}

/// The institution's roles.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ImportRoles {
    /// The roles that the caller may choose for rows that name none.
    pub choices: Vec<RoleChoice>,
    /// The names under which a file can name each role, predefined roles in every language. The plan checks that it may
    /// be assigned.
    pub named: Vec<(RoleId, String)>,
}
