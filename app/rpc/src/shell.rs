//! The data of an institution's shell, which the server loads before it renders a page.

use muster::permission::PermissionSet;
use serde::{Deserialize, Serialize};

/// An institution in the switcher.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstitutionChoice {
    /// Its slug.
    pub slug: String,
    /// Its name.
    pub name: String,
}

/// The data of an institution's shell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShellView {
    /// The open institution.
    pub institution: InstitutionChoice,
    /// All institutions of the person, most recently viewed first.
    pub institutions: Vec<InstitutionChoice>,
    /// The person's name there.
    pub name: String,
    /// The person's role there.
    pub role: String,
    /// The person's permissions there.
    pub permissions: PermissionSet,
    /// Whether the person has just joined; Home says so once.
    pub just_joined: bool,
    /// Whether email goes to the built-in mailbox.
    pub dev_mailbox: bool,
}
