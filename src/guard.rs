//! The guard against removing, deactivating or demoting a protected member. The page, bulk actions, the import, the API
//! and the command line all call it.

use serde::{Deserialize, Serialize};

/// The rule that forbids the action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Guard {
    /// The member is the institution's main contact, who cannot be removed, deactivated or demoted.
    MainContact,
    /// The member is the last active administrator.
    LastAdministrator,
    /// The member is an administrator, and the caller is not the main contact.
    OnlyTheMainContact,
    /// The role is the caller's own: nobody changes their own role.
    OwnRole,
}

/// The facts that the guard needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Whether the caller is the main contact.
    pub by_main_contact: bool,
    /// Whether the member is the main contact.
    pub main_contact: bool,
    /// Whether the member has already joined and their role has the administrator flag.
    pub administrator: bool,
    /// The number of other active administrators.
    pub other_administrators: i64,
}

impl Guard {
    /// Returns the stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::MainContact => "main_contact",
            Self::LastAdministrator => "last_administrator",
            Self::OnlyTheMainContact => "only_the_main_contact",
            Self::OwnRole => "own_role",
        }
    }
}

/// Checks whether the member may be removed, deactivated or demoted.
///
/// # Errors
/// Returns the first rule that forbids it.
pub const fn may_end(standing: Standing) -> Result<(), Guard> {
    if standing.main_contact {
        Err(Guard::MainContact)
    } else if !standing.administrator {
        Ok(())
    } else if !standing.by_main_contact {
        Err(Guard::OnlyTheMainContact)
    } else if standing.other_administrators < 1 {
        Err(Guard::LastAdministrator)
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASIC: Standing = Standing {
        by_main_contact: false,
        main_contact: false,
        administrator: false,
        other_administrators: 1,
    };

    #[test]
    fn nobody_ends_the_main_contact_not_even_themselves() {
        for by_main_contact in [false, true] {
            let standing = Standing {
                by_main_contact,
                main_contact: true,
                administrator: true,
                other_administrators: 9,
            };
            assert_eq!(may_end(standing), Err(Guard::MainContact));
        }
    }

    #[test]
    fn only_the_main_contact_ends_an_administrator_and_never_the_last() {
        let administrator = Standing {
            administrator: true,
            ..BASIC
        };
        assert_eq!(may_end(administrator), Err(Guard::OnlyTheMainContact));
        let by_main_contact = Standing {
            by_main_contact: true,
            ..administrator
        };
        assert_eq!(may_end(by_main_contact), Ok(()));
        let last = Standing {
            other_administrators: 0,
            ..by_main_contact
        };
        assert_eq!(may_end(last), Err(Guard::LastAdministrator));
    }

    #[test]
    fn who_is_no_administrator_can_be_ended_by_whoever_holds_the_permission() {
        assert_eq!(may_end(BASIC), Ok(()));
    }
}
