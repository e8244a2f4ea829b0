//! Editing, deactivating, reactivating and removing members. One guard (`muster::guard`) decides for every way to
//! request these.

mod bulk;
mod edit;

use async_trait::async_trait;
use i18n::role_name;
use muster::{
    audit::AuditAction,
    draft::{BulkDraft, EditUserDraft},
    failure::Failure,
    guard::{self, Guard},
    ids::MembershipId,
    permission::Permission,
};
use rpc::{
    Caller, Outcome,
    invitations::RoleChoice,
    users::{BulkReport, Edited, Members},
};
use serde_json::json;

use crate::{
    connection_limits::LimitedTx,
    error::{Error, boundary},
    invitations::may_give,
    service::{Actor, Service},
    store::{
        Tx, audit,
        institutions::{self, Institution, Role},
        invitations,
        listing::{self, Row},
        memberships,
    },
};

#[async_trait]
impl Members for Service {
    async fn edit_user(
        &self,
        caller: &Caller,
        slug: &str,
        id: &str,
        draft: &EditUserDraft,
    ) -> Outcome<Edited> {
        boundary("edit_user", async {
            Ok(self.edit(caller, slug, id, draft).await?.into())
        })
        .await
    }

    async fn deactivate_user(&self, caller: &Caller, slug: &str, id: &str) -> Outcome<()> {
        boundary("deactivate_user", async {
            Ok(self.deactivate(caller, slug, id).await?.into())
        })
        .await
    }

    async fn reactivate_user(&self, caller: &Caller, slug: &str, id: &str) -> Outcome<()> {
        boundary("reactivate_user", async {
            Ok(self.reactivate(caller, slug, id).await?.into())
        })
        .await
    }

    async fn remove_user(&self, caller: &Caller, slug: &str, id: &str) -> Outcome<()> {
        boundary("remove_user", async {
            Ok(self.remove(caller, slug, id).await?.into())
        })
        .await
    }

    async fn bulk_users(
        &self,
        caller: &Caller,
        slug: &str,
        draft: &BulkDraft,
    ) -> Outcome<BulkReport> {
        boundary("bulk_users", async {
            Ok(self.bulk(caller, slug, draft).await?.into())
        })
        .await
    }
}

/// What the caller may do with a user, and the reasons for what is denied.
pub struct Standing {
    /// The roles that the caller may assign, and the user's own.
    pub roles: Vec<RoleChoice>,
    /// Why the caller can't change the role, if so.
    pub role_fixed: Option<Failure>,
    /// Why the caller can't remove, deactivate or reactivate the user, if so.
    pub ending_refused: Option<Failure>,
}

/// Returns what the caller may do with a user.
///
/// # Errors
/// Returns an error if a query fails.
pub async fn standing(
    tx: &mut Tx,
    actor: &Actor,
    institution: &Institution,
    row: &Row,
) -> Result<Standing, Error> {
    let roles = institutions::roles(tx, actor.institution).await?;
    let ending = may_end(tx, actor, institution, row, &roles).await?;
    let own = row.id == actor.membership.as_uuid();
    let role_fixed = if !actor.permissions.contains(Permission::EditUsers) {
        Some(Failure::Forbidden)
    } else if own {
        Some(Failure::Guarded(Guard::OwnRole))
    } else {
        ending.clone()
    };
    let ending_refused = if actor.permissions.contains(Permission::RemoveUsers) {
        ending
    } else {
        Some(Failure::Forbidden)
    };
    Ok(Standing {
        roles: roles
            .into_iter()
            .filter(|role| role.id == row.role_id || may_give(actor, role))
            .map(|role| RoleChoice {
                id: role.id.to_string(),
                name: role_name(actor.language, role.code.as_deref(), &role.name),
                usual: role.id == row.role_id,
            })
            .collect(),
        role_fixed,
        ending_refused,
    })
}

/// Returns why the caller can't remove, deactivate or demote the user, or `None` if they can.
async fn may_end(
    tx: &mut Tx,
    actor: &Actor,
    institution: &Institution,
    row: &Row,
    roles: &[Role],
) -> Result<Option<Failure>, Error> {
    // The caller must hold every permission of the role.
    let covered = roles
        .iter()
        .any(|role| role.id == row.role_id && may_give(actor, role));
    if !covered {
        return Ok(Some(Failure::Forbidden));
    }
    let id = MembershipId::from_uuid(row.id);
    let standing = guard::Standing {
        by_main_contact: actor.membership.as_uuid() == institution.main_contact,
        main_contact: row.id == institution.main_contact,
        administrator: row.administrator && row.status != "invited",
        other_administrators: memberships::other_administrators(tx, actor.institution, id).await?,
    };
    Ok(guard::may_end(standing).err().map(Failure::Guarded))
}

impl Service {
    /// Returns a member of the caller's institution. The institution's seats are locked until the transaction ends, and
    /// every change of a membership's status takes this lock. The member's row is not locked: an all-or-nothing import
    /// may have changed its details without the lock, but needs it to commit. A change of such a row fails with `Unavailable`
    /// after two seconds ([`store::hurry`](crate::store::hurry)).
    async fn locked_user(
        &self,
        caller: &Caller,
        slug: &str,
        id: &str,
        permission: Permission,
    ) -> Result<(Actor, Institution, Row, LimitedTx), Error> {
        let id: MembershipId = id.parse().map_err(|_| Failure::NotFound)?;
        let (actor, institution, mut tx) = self.locking(caller, slug, permission).await?;
        let row = listing::one(&mut tx, actor.institution, id)
            .await?
            .ok_or(Failure::NotFound)?;
        Ok((actor, institution, row, tx))
    }

    async fn deactivate(&self, caller: &Caller, slug: &str, id: &str) -> Result<(), Error> {
        let (actor, institution, row, mut tx) = self
            .locked_user(caller, slug, id, Permission::RemoveUsers)
            .await?;
        if row.status != "active" {
            return Err(gone_or_changed(&row));
        }
        allowed(&mut tx, &actor, &institution, &row).await?;
        memberships::set_status(&mut tx, actor.institution, row.id, "deactivated").await?;
        let ended = invitations::end_of_inviter(&mut tx, actor.institution, row.id).await?;
        let entry = actor
            .entry(AuditAction::UserDeactivated)
            .about(row.membership())
            .with(json!({ "invitations_ended": ended }));
        audit::insert(&mut tx, entry).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn reactivate(&self, caller: &Caller, slug: &str, id: &str) -> Result<(), Error> {
        let (actor, institution, row, mut tx) = self
            .locked_user(caller, slug, id, Permission::RemoveUsers)
            .await?;
        if row.status != "deactivated" {
            return Err(gone_or_changed(&row));
        }
        allowed(&mut tx, &actor, &institution, &row).await?;
        if institutions::free_seats(&mut tx, actor.institution, &institution, 0).await? == Some(0) {
            return Err(Failure::SeatsFull.into());
        }
        memberships::set_status(&mut tx, actor.institution, row.id, "active").await?;
        let entry = actor
            .entry(AuditAction::UserReactivated)
            .about(row.membership());
        audit::insert(&mut tx, entry).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn remove(&self, caller: &Caller, slug: &str, id: &str) -> Result<(), Error> {
        let (actor, institution, row, mut tx) = self
            .locked_user(caller, slug, id, Permission::RemoveUsers)
            .await?;
        if !matches!(row.status.as_str(), "active" | "deactivated") {
            return Err(gone_or_changed(&row));
        }
        allowed(&mut tx, &actor, &institution, &row).await?;
        memberships::set_status(&mut tx, actor.institution, row.id, "removed").await?;
        let ended = invitations::end_of_inviter(&mut tx, actor.institution, row.id).await?;
        let entry = actor
            .entry(AuditAction::UserRemoved)
            .about(row.membership())
            .with(json!({ "invitations_ended": ended }));
        audit::insert(&mut tx, entry).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// Returns `Conflict` for a member that still exists and `NotFound` for one that has left, about whom nothing is
/// revealed.
fn gone_or_changed(row: &Row) -> Error {
    if matches!(row.status.as_str(), "invited" | "active" | "deactivated") {
        Failure::Conflict.into()
    } else {
        Failure::NotFound.into()
    }
}

async fn allowed(
    tx: &mut Tx,
    actor: &Actor,
    institution: &Institution,
    row: &Row,
) -> Result<(), Error> {
    let roles = institutions::roles(tx, actor.institution).await?;
    match may_end(tx, actor, institution, row, &roles).await? {
        None => Ok(()),
        Some(failure) => Err(failure.into()),
    }
}
