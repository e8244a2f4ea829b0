//! The one guard of ending or weakening a membership: remove, deactivate, demote. The page, the bulk
//! actions, the import, the API and the command line all ask it.

use serde::{Deserialize, Serialize};

/// The rule that stops it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Guard {
    /// The person is the institution's main contact, whom nobody here can take out.
    MainContact,
    /// The person is the last administrator who can act.
    LastAdministrator,
    /// The person is an administrator, and only the main contact may.
    OnlyTheMainContact,
    /// It is the caller's own role: nobody changes their own.
    OwnRole,
}

/// What the rule looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Whether the caller is the main contact.
    pub by_main_contact: bool,
    /// Whether the person is the main contact.
    pub main_contact: bool,
    /// Whether the person's role carries the administrator flag, and the person is a member already.
    pub administrator: bool,
    /// How many active administrators there are besides the person.
    pub other_administrators: i64,
}

impl Guard {
    /// The stable code.
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

/// Whether the person may be removed, deactivated or demoted.
///
/// # Errors
/// The rule that stops it.
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
