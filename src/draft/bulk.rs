//! One action on several chosen users.

use std::collections::BTreeSet;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::fields::{Problems, choice};
use crate::ids::MembershipId;
use crate::problem::{FieldProblem, Problem};

/// The most users of one choice: what one page of the list shows, a few times over.
pub const MAX_CHOSEN: usize = 500;

/// What is done to each of the chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BulkAction {
    /// Send the invitation again.
    Resend,
    /// Keep out.
    Deactivate,
    /// Let in again.
    Reactivate,
    /// End the membership; an open invitation is revoked.
    Remove,
}

/// No action has this code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownAction;

impl BulkAction {
    /// Every action, in the order of the bar.
    pub const ALL: [Self; 4] = [
        Self::Resend,
        Self::Deactivate,
        Self::Reactivate,
        Self::Remove,
    ];

    /// The stable code.
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

/// The form as sent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BulkDraft {
    /// The action's code.
    pub action: String,
    /// The ids of the chosen.
    pub ids: Vec<String>,
    /// Not empty once the person has confirmed what can't be undone.
    pub confirmed: String,
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bulk {
    /// The action.
    pub action: BulkAction,
    /// To whom; each once, in the order of the ids.
    pub ids: Vec<MembershipId>,
    /// Whether it was confirmed.
    pub confirmed: bool,
}

impl BulkDraft {
    /// Reads the form.
    ///
    /// # Errors
    /// Every problem of `action` and `ids`.
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
        // Locks are taken in one order, so that two administrators who choose alike wait, not deadlock.
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
