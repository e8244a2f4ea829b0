//! The roles that a file can name. The server checks that they may be assigned (`docs/RULES.md`, roles and
//! permissions).

use crate::folding::{fold, folds_to};
use crate::ids::RoleId;

/// An institution's roles, searchable by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Roles(Vec<Named>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Named {
    id: RoleId,
    name: String,
    folded: String,
}

impl Roles {
    /// Creates the set of these roles.
    pub fn new(roles: impl IntoIterator<Item = (RoleId, String)>) -> Self {
        let named = |(id, name): (RoleId, String)| {
            let mut folded = String::new();
            fold(name.trim(), |character| folded.push(character));
            Named { id, name, folded }
        };
        Self(roles.into_iter().map(named).collect())
    }

    /// Returns the role with this name: an exact match or, if it is unique, a match without case and accents.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<RoleId> {
        let name = name.trim();
        let exact = self.0.iter().find(|role| role.name == name);
        let role = exact.or_else(|| {
            let mut alike = self.0.iter().filter(|role| folds_to(name, &role.folded));
            alike.next().filter(|_| alike.next().is_none())
        });
        role.map(|role| role.id)
    }
}
