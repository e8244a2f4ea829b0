//! What surrounds every page of an institution, as the server found it out before it began the page.

use muster::permission::PermissionSet;
use serde::{Deserialize, Serialize};

/// An institution in the switcher.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstitutionChoice {
    /// Its part of the path.
    pub slug: String,
    /// Its name.
    pub name: String,
}

/// What surrounds every page of an institution.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShellView {
    /// The institution that is open.
    pub institution: InstitutionChoice,
    /// All the person's institutions, most recently viewed first.
    pub institutions: Vec<InstitutionChoice>,
    /// The person's name there.
    pub name: String,
    /// The person's role there.
    pub role: String,
    /// What the person may do there.
    pub permissions: PermissionSet,
    /// Whether the person joined just now: Home says so, once.
    pub just_joined: bool,
    /// Whether mail goes to the built-in mailbox of this machine.
    pub dev_mailbox: bool,
}
