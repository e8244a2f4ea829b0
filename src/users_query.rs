//! The view of the list of users, as in its URL: search, filters, order and page.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::account_state::AccountState;
use crate::ids::RoleId;
use crate::problem::{FieldProblem, Problem};

/// Maximum length of a search, in characters; the rest is cut off.
pub const MAX_SEARCH: usize = 100;

/// The order of the list. Search results are ordered by the matched word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum UserSort {
    /// By name, A first.
    #[default]
    Name,
    /// By name, Z first.
    NameDown,
    /// By last activity, most recent first.
    Seen,
    /// By last activity, least recent first; members who were never active come first.
    SeenUp,
    /// By time of creation, newest first.
    New,
    /// By time of creation, oldest first.
    Old,
}

/// The error for a code that no order has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownSort;

impl UserSort {
    /// All orders.
    pub const ALL: [Self; 6] = [
        Self::Name,
        Self::NameDown,
        Self::Seen,
        Self::SeenUp,
        Self::New,
        Self::Old,
    ];

    /// Returns the stable code, as in the URL.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::NameDown => "-name",
            Self::Seen => "seen",
            Self::SeenUp => "-seen",
            Self::New => "new",
            Self::Old => "old",
        }
    }
}

impl FromStr for UserSort {
    type Err = UnknownSort;

    fn from_str(code: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|sort| sort.code() == code)
            .ok_or(UnknownSort)
    }
}

/// The state that the list is filtered by, as in the URL: `not-notified`, `pending`, `expired`, `invited` for all open
/// invitations, `active`, `locked`, `deactivated`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum StateFilter {
    /// One state.
    Is(AccountState),
    /// Any open invitation: waiting to be sent, pending or expired.
    Invited,
}

impl StateFilter {
    /// All filters, in the order of the menu.
    pub const ALL: [Self; 7] = [
        Self::Is(AccountState::Active),
        Self::Invited,
        Self::Is(AccountState::NotNotified),
        Self::Is(AccountState::Pending),
        Self::Is(AccountState::InviteExpired),
        Self::Is(AccountState::Locked),
        Self::Is(AccountState::Deactivated),
    ];

    /// Returns the stable code, as in the URL.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Invited => "invited",
            Self::Is(AccountState::NotNotified) => "not-notified",
            Self::Is(AccountState::Pending) => "pending",
            Self::Is(AccountState::InviteExpired) => "expired",
            Self::Is(AccountState::Active) => "active",
            Self::Is(AccountState::Deactivated) => "deactivated",
            Self::Is(AccountState::Locked) => "locked",
        }
    }
}

/// The raw query of the URL.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct UsersQuery {
    /// The search text: prefixes of words of names, usernames and addresses.
    pub q: String,
    /// The code of a [`StateFilter`].
    pub state: String,
    /// The id of a role.
    pub role: String,
    /// The code of a [`UserSort`].
    pub sort: String,
    /// The key of the row before the page.
    pub after: String,
    /// The key of the row after the page.
    pub before: String,
}

/// The parsed query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsersWanted {
    /// The search words; empty for all users.
    pub words: Vec<String>,
    /// The state to filter by.
    pub state: Option<StateFilter>,
    /// The role to filter by.
    pub role: Option<RoleId>,
    /// The order.
    pub sort: UserSort,
}

impl UsersQuery {
    /// Parses everything except the keys, which only the server can read.
    ///
    /// # Errors
    /// Returns the problem of `state`, `role` or `sort`; only a hand-written URL has one.
    pub fn parse(&self) -> Result<UsersWanted, Vec<FieldProblem>> {
        let unknown = |field: &str| vec![FieldProblem::new(field, Problem::Unknown)];
        let search: String = self.q.chars().take(MAX_SEARCH).collect();
        Ok(UsersWanted {
            words: search.split_whitespace().map(str::to_owned).collect(),
            state: match self.state.as_str() {
                "" => None,
                code => Some(
                    StateFilter::ALL
                        .into_iter()
                        .find(|filter| filter.code() == code)
                        .ok_or_else(|| unknown("state"))?,
                ),
            },
            role: match self.role.as_str() {
                "" => None,
                id => Some(id.parse().map_err(|_| unknown("role"))?),
            },
            sort: match self.sort.as_str() {
                "" => UserSort::default(),
                code => code.parse().map_err(|_| unknown("sort"))?,
            },
        })
    }

    /// Returns whether a search or a filter narrows the list.
    #[must_use]
    pub fn narrows(&self) -> bool {
        !(self.q.trim().is_empty() && self.state.is_empty() && self.role.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_read_back() {
        for sort in UserSort::ALL {
            assert_eq!(sort.code().parse(), Ok(sort));
        }
        for filter in StateFilter::ALL {
            let query = UsersQuery {
                state: filter.code().to_owned(),
                ..UsersQuery::default()
            };
            assert_eq!(query.parse().unwrap().state, Some(filter));
        }
    }

    #[test]
    fn a_search_is_its_words_and_is_cut_off_where_it_is_too_long() {
        let query = UsersQuery {
            q: "  anna\tbeck  ".to_owned(),
            ..UsersQuery::default()
        };
        assert_eq!(query.parse().unwrap().words, ["anna", "beck"]);
        let long = UsersQuery {
            q: "ä".repeat(1000),
            ..UsersQuery::default()
        };
        assert_eq!(long.parse().unwrap().words[0].chars().count(), MAX_SEARCH);
    }

    #[test]
    fn an_address_written_by_hand_is_refused_by_its_field() {
        for (state, role, sort, field) in [
            ("gone", "", "", "state"),
            ("", "7", "", "role"),
            ("", "", "random()", "sort"),
        ] {
            let query = UsersQuery {
                state: state.to_owned(),
                role: role.to_owned(),
                sort: sort.to_owned(),
                ..UsersQuery::default()
            };
            assert_eq!(query.parse().unwrap_err()[0].field, field);
        }
    }
}
