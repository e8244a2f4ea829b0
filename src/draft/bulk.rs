//! One action on several selected users.

use std::collections::BTreeSet;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::fields::{Problems, choice};
use crate::ids::MembershipId;
use crate::problem::{FieldProblem, Problem};

/// Maximum number of users in one selection: a few pages of the list.
pub const MAX_CHOSEN: usize = 500;

/// The action for each selected user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BulkAction {
    /// Resend the invitation.
    Resend,
    /// Deactivate.
    Deactivate,
    /// Reactivate.
    Reactivate,
    /// Remove the member, or revoke an open invitation.
    Remove,
}

/// The error for a code that no action has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownAction;

impl BulkAction {
    /// All actions, in the order of the selection bar.
    pub const ALL: [Self; 4] = [
        Self::Resend,
        Self::Deactivate,
        Self::Reactivate,
        Self::Remove,
    ];

    /// Returns the stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Resend => "resend",
            Self::Deactivate => "deactivate",
            Self::Reactivate => "reactivate",
            Self::Remove => "remove",
        }
    }
}

impl FromStr for BulkAction {
    type Err = UnknownAction;

    fn from_str(code: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|action| action.code() == code)
            .ok_or(UnknownAction)
    }
}

/// The submitted form.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BulkDraft {
    /// The action's code.
    pub action: String,
    /// The ids of the selected users.
    pub ids: Vec<String>,
    /// Not empty after the person has confirmed an irreversible action.
    pub confirmed: String,
}

/// A bulk action to perform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bulk {
    /// The action.
    pub action: BulkAction,
    /// The selected memberships, each once and in the order of the ids.
    pub ids: Vec<MembershipId>,
    /// Whether the person has confirmed it.
    pub confirmed: bool,
}

impl BulkDraft {
    /// Parses the form.
    ///
    /// # Errors
    /// Returns every problem of `action` and `ids`.
    pub fn parse(&self) -> Result<Bulk, Vec<FieldProblem>> {
        let mut problems = Problems::default();
        let action = problems.take("action", choice(&self.action));
        let ids = problems.take("ids", self.read_ids());
        let confirmed = !self.confirmed.is_empty();
        let built = || {
            Some(Bulk {
                action: action?,
                ids: ids?,
                confirmed,
            })
        };
        problems.finish(built())
    }

    fn read_ids(&self) -> Result<Vec<MembershipId>, Problem> {
        if self.ids.is_empty() {
            return Err(Problem::Required);
        }
        if self.ids.len() > MAX_CHOSEN {
            return Err(Problem::TooMany {
                maximum: u32::try_from(MAX_CHOSEN).unwrap_or(u32::MAX),
            });
        }
        // The fixed order of locks keeps two administrators with overlapping selections from deadlocking.
        let ids: Result<BTreeSet<MembershipId>, _> = self.ids.iter().map(|id| id.parse()).collect();
        ids.map(|ids| ids.into_iter().collect())
            .map_err(|_| Problem::Unknown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_of_the_chosen_is_taken_once_and_nonsense_is_named() {
        let one = "019aa000-0000-7000-8000-000000000001".to_owned();
        let draft = BulkDraft {
            action: "remove".to_owned(),
            ids: vec![one.clone(), one.clone()],
            confirmed: String::new(),
        };
        let bulk = draft.parse().unwrap();
        assert_eq!((bulk.action, bulk.ids.len()), (BulkAction::Remove, 1));
        assert!(!bulk.confirmed);
        let wrong = BulkDraft {
            action: "promote".to_owned(),
            ids: Vec::new(),
            confirmed: String::new(),
        };
        let fields: Vec<String> = wrong
            .parse()
            .unwrap_err()
            .into_iter()
            .map(|it| it.field)
            .collect();
        assert_eq!(fields, ["action", "ids"]);
        let many = BulkDraft {
            action: "resend".to_owned(),
            ids: vec![one; MAX_CHOSEN + 1],
            confirmed: String::new(),
        };
        assert!(many.parse().is_err());
    }
}
