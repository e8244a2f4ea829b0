//! The permissions of roles. To add one: a variant, its code, its bit by its position in `ALL`, and its text.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// One thing that a role allows in its institution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Permission {
    /// See the list of users and their pages.
    ViewUsers,
    /// Invite, create, resend and revoke.
    InviteUsers,
    /// Change the institution's details of a user.
    EditUsers,
    /// Deactivate, reactivate and remove.
    RemoveUsers,
    /// Unlock an account after failed sign-ins.
    UnlockUsers,
    /// Change the institution itself: name, zone, language, policy, roles.
    ManageInstitution,
}

/// The error for a code that no permission has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownPermission;

impl Permission {
    /// All permissions, in the order of the menus.
    pub const ALL: [Self; 6] = [
        Self::ViewUsers,
        Self::InviteUsers,
        Self::EditUsers,
        Self::RemoveUsers,
        Self::UnlockUsers,
        Self::ManageInstitution,
    ];

    /// Returns the stable code, as in the database.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::ViewUsers => "view_users",
            Self::InviteUsers => "invite_users",
            Self::EditUsers => "edit_users",
            Self::RemoveUsers => "remove_users",
            Self::UnlockUsers => "unlock_users",
            Self::ManageInstitution => "manage_institution",
        }
    }

    const fn bit(self) -> u32 {
        1 << self as u32
    }
}

impl FromStr for Permission {
    type Err = UnknownPermission;

    fn from_str(code: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|permission| permission.code() == code)
            .ok_or(UnknownPermission)
    }
}

impl std::fmt::Display for UnknownPermission {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("unknown")
    }
}

impl std::error::Error for UnknownPermission {}

/// A set of permissions, serialized as the list of its codes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Vec<String>", into = "Vec<&'static str>")]
pub struct PermissionSet(u32);

impl PermissionSet {
    /// The empty set.
    pub const NONE: Self = Self(0);

    /// Returns all permissions: those of the administrator role.
    #[must_use]
    pub fn all() -> Self {
        Permission::ALL.into_iter().collect()
    }

    /// Returns whether the set contains the permission.
    #[must_use]
    pub const fn contains(self, permission: Permission) -> bool {
        self.0 & permission.bit() != 0
    }

    /// Returns whether `other` is a subset of this set: members assign only permissions that they hold.
    #[must_use]
    pub const fn covers(self, other: &Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Returns whether the set is empty.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Returns the permissions in the order of [`Permission::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Permission> {
        Permission::ALL
            .into_iter()
            .filter(move |permission| self.contains(*permission))
    }

    /// Creates the set from its codes.
    ///
    /// # Errors
    /// Returns [`UnknownPermission`] for a code that this build does not know. Ignoring it would let `covers` treat a
    /// newer, stronger role as assignable.
    pub fn from_codes<S: AsRef<str>>(
        codes: impl IntoIterator<Item = S>,
    ) -> Result<Self, UnknownPermission> {
        codes
            .into_iter()
            .map(|code| code.as_ref().parse::<Permission>())
            .collect()
    }

    /// Returns the codes of the permissions.
    #[must_use]
    pub fn to_codes(self) -> Vec<&'static str> {
        self.iter().map(Permission::code).collect()
    }
}

impl FromIterator<Permission> for PermissionSet {
    fn from_iter<I: IntoIterator<Item = Permission>>(permissions: I) -> Self {
        Self(
            permissions
                .into_iter()
                .fold(0, |bits, permission| bits | permission.bit()),
        )
    }
}

impl TryFrom<Vec<String>> for PermissionSet {
    type Error = UnknownPermission;

    fn try_from(codes: Vec<String>) -> Result<Self, Self::Error> {
        Self::from_codes(codes)
    }
}

impl From<PermissionSet> for Vec<&'static str> {
    fn from(set: PermissionSet) -> Self {
        set.to_codes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_covers_what_it_holds_and_no_more() {
        let inviter: PermissionSet = [Permission::ViewUsers, Permission::InviteUsers]
            .into_iter()
            .collect();
        assert!(PermissionSet::all().covers(&inviter));
        assert!(!inviter.covers(&PermissionSet::all()));
        assert!(inviter.covers(&inviter) && inviter.covers(&PermissionSet::NONE));
        assert!(
            inviter.contains(Permission::InviteUsers) && !inviter.contains(Permission::RemoveUsers)
        );
    }

    #[test]
    fn codes_read_back_and_an_unknown_one_is_refused() {
        let all = PermissionSet::all();
        assert_eq!(PermissionSet::from_codes(all.to_codes()), Ok(all));
        assert_eq!(all.to_codes().len(), Permission::ALL.len());
        assert_eq!(
            PermissionSet::from_codes(["view_users", "everything"]),
            Err(UnknownPermission)
        );
    }
}
