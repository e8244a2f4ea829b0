//! The current permissions of the acting member in an institution, read again for each step.

use std::collections::BTreeSet;

use i18n::role_name;
use muster::{
    ids::{InstitutionId, MembershipId, RoleId},
    import::{Mode, Options},
    language::Language,
    permission::{Permission, PermissionSet},
};
use uuid::Uuid;

use crate::{
    error::Error,
    invitations::covered,
    store::{
        Tx,
        imports::{At, Import, judge::Rules},
        institutions::{self, Institution, Role},
        memberships,
    },
};

/// Returns the rules for an import's rows, or `None` if the acting member may no longer import.
pub(super) async fn rules_of(
    tx: &mut Tx,
    at: At,
    institution: &Institution,
    import: &Import,
    options: &Options,
) -> Result<Option<Rules>, Error> {
    let Some(acting) = import.acting else {
        return Ok(None);
    };
    let acting = MembershipId::from_uuid(acting);
    let Some(rights) = rights(tx, at.institution, acting).await? else {
        return Ok(None);
    };
    if !allows(rights.permissions, options.mode) {
        return Ok(None);
    }
    Ok(Some(Rules {
        mode: options.mode.code(),
        match_by: options.match_by.code(),
        role: options.role.map(RoleId::as_uuid),
        givable: rights.givable,
        acting: acting.as_uuid(),
        main_contact: institution.main_contact,
    }))
}

/// Returns the names by which a file can refer to roles: their own, and those of predefined roles in every language.
#[must_use]
pub fn names_of(roles: &[Role]) -> BTreeSet<(RoleId, String)> {
    let mut names = BTreeSet::new();
    for role in roles {
        let id = RoleId::from_uuid(role.id);
        names.insert((id, role.name.to_lowercase()));
        for language in Language::ALL {
            let name = role_name(language, role.code.as_deref(), &role.name);
            names.insert((id, name.to_lowercase()));
        }
    }
    names
}

/// A member's current permissions.
pub(super) struct Rights {
    pub(super) permissions: PermissionSet,
    /// The roles that the member may assign.
    pub(super) givable: Vec<Uuid>,
}

/// Returns a member's current permissions, or `None` if the member is not active.
pub(super) async fn rights(
    tx: &mut Tx,
    institution: InstitutionId,
    member: MembershipId,
) -> Result<Option<Rights>, Error> {
    if !memberships::is_active(tx, institution, member).await? {
        return Ok(None);
    }
    let acting = memberships::acting(tx, institution, member).await?;
    let permissions = PermissionSet::from_codes(&acting.permissions)
        .map_err(|_| Error::internal("a role has an unknown permission"))?;
    let roles = institutions::roles(tx, institution).await?;
    Ok(Some(Rights {
        permissions,
        givable: roles
            .iter()
            .filter(|role| covered(permissions, role))
            .map(|role| role.id)
            .collect(),
    }))
}

/// Returns whether these permissions allow an import in this mode: adding needs `invite_users`, updating `edit_users`.
#[must_use]
pub fn allows(permissions: PermissionSet, mode: Mode) -> bool {
    let may_add = permissions.contains(Permission::InviteUsers);
    let may_change = permissions.contains(Permission::EditUsers);
    match mode {
        Mode::Add => may_add,
        Mode::Update => may_change,
        Mode::Both => may_add && may_change,
    }
}
