//! Editing the institution's details of a user. On a conflict the second administrator sees what has changed, and
//! nothing is overwritten.

use i18n::role_name;
use muster::{
    audit::AuditAction,
    draft::{EditUser, EditUserDraft},
    failure::Failure,
    guard::Guard,
    permission::{Permission, PermissionSet},
    phone::PhoneNumber,
    problem::{FieldProblem, Problem},
};
use rpc::{
    Caller,
    users::{Conflict, Edited},
};
use serde_json::json;

use super::may_end;
use crate::{
    error::Error,
    invitations::may_give,
    service::{Actor, Service},
    store::{
        Tx, audit,
        institutions::{self, Institution},
        invitations,
        listing::Row,
        memberships,
    },
    time_format::{date_time, zone},
};

impl Service {
    pub(super) async fn edit(
        &self,
        caller: &Caller,
        slug: &str,
        id: &str,
        draft: &EditUserDraft,
    ) -> Result<Edited, Error> {
        let (actor, institution, row, mut tx) = self
            .locked_user(caller, slug, id, Permission::EditUsers)
            .await?;
        if !matches!(row.status.as_str(), "invited" | "active" | "deactivated") {
            return Err(Failure::NotFound.into());
        }
        let wanted = draft.parse()?;
        if wanted.version != row.version {
            let conflict = conflict(&mut tx, &actor, &institution, &row).await?;
            return Ok(Edited::Conflict(Box::new(conflict)));
        }
        let changed = changed(&wanted, &row);
        if changed.is_empty() {
            return Ok(Edited::Saved);
        }
        let mut ended = 0;
        if changed.contains(&"role") {
            ended = change_role(&mut tx, &actor, &institution, &row, &wanted).await?;
        }
        memberships::set_details(
            &mut tx,
            actor.institution,
            row.id,
            memberships::Details {
                first_name: wanted.first_name.as_str(),
                last_name: wanted.last_name.as_str(),
                phone: wanted.phone.as_ref().map(PhoneNumber::as_str),
                role: wanted.role,
            },
        )
        .await?;
        let detail = json!({ "changed": changed, "invitations_ended": ended });
        let entry = actor
            .entry(AuditAction::UserEdited)
            .about(row.membership())
            .with(detail);
        audit::insert(&mut tx, entry).await?;
        tx.commit().await?;
        Ok(Edited::Saved)
    }
}

/// Returns the names of the changed fields.
fn changed(wanted: &EditUser, row: &Row) -> Vec<&'static str> {
    let phone = wanted.phone.as_ref().map(PhoneNumber::as_str);
    [
        ("first_name", wanted.first_name.as_str() != row.first_name),
        ("last_name", wanted.last_name.as_str() != row.last_name),
        ("phone", phone != row.phone.as_deref()),
        ("role", wanted.role.as_uuid() != row.role_id),
    ]
    .into_iter()
    .filter_map(|(field, differs)| differs.then_some(field))
    .collect()
}

/// Checks that the caller may change the role. If the new role may not invite, expires the open invitations of the user
/// and returns their number.
async fn change_role(
    tx: &mut Tx,
    actor: &Actor,
    institution: &Institution,
    row: &Row,
    wanted: &EditUser,
) -> Result<i64, Error> {
    if row.id == actor.membership.as_uuid() {
        return Err(Failure::Guarded(Guard::OwnRole).into());
    }
    let roles = institutions::roles(tx, actor.institution).await?;
    let role = roles
        .iter()
        .find(|role| role.id == wanted.role.as_uuid() && may_give(actor, role))
        .ok_or_else(|| FieldProblem::new("role", Problem::Unknown))?;
    // From one administrator role to another is no demotion, but nobody may change the main contact's role.
    let refused = may_end(tx, actor, institution, row, &roles).await?;
    match refused {
        Some(Failure::Guarded(Guard::OnlyTheMainContact | Guard::LastAdministrator))
            if role.administrator => {}
        Some(failure) => return Err(failure.into()),
        None => {}
    }
    let invites = PermissionSet::from_codes(&role.permissions)
        .is_ok_and(|permissions| permissions.contains(Permission::InviteUsers));
    if invites {
        Ok(0)
    } else {
        Ok(invitations::end_of_inviter(tx, actor.institution, row.id).await?)
    }
}

/// Returns the current details and who changed them.
async fn conflict(
    tx: &mut Tx,
    actor: &Actor,
    institution: &Institution,
    row: &Row,
) -> Result<Conflict, Error> {
    let steps = audit::of_subject(tx, actor.institution, row.membership()).await?;
    let edited = AuditAction::UserEdited.code();
    let last = steps.into_iter().rfind(|step| step.action == edited);
    let at = last
        .as_ref()
        .map(|step| date_time(step.at, zone(&institution.time_zone), actor.language));
    Ok(Conflict {
        by: last.map(|step| step.actor).unwrap_or_default(),
        at,
        now: EditUserDraft {
            first_name: row.first_name.clone(),
            last_name: row.last_name.clone(),
            phone: row.phone.clone().unwrap_or_default(),
            role: row.role_id.to_string(),
            version: row.version.to_string(),
        },
        role: role_name(actor.language, row.role_code.as_deref(), &row.role_name),
    })
}
