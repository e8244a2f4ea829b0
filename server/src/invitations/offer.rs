//! One offer of a membership: assignable roles, free seats, and the rows that are written.

use std::collections::HashSet;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use i18n::role_name;
use muster::{
    audit::AuditAction,
    email::EmailAddress,
    failure::Failure,
    ids::{InstitutionId, MembershipId, RoleId},
    permission::PermissionSet,
    problem::{FieldProblem, Problem},
};
use rpc::{
    invitations::{RoleChoice, RowOutcome},
    session::Go,
};
use uuid::Uuid;

use crate::{
    error::{Error, constraint},
    service::{Actor, Service},
    store::{
        Tx, audit,
        institutions::{self, Institution},
        invitations,
        limits::{self, Limit},
        memberships, outbox,
    },
};

/// Invitation emails of one institution to one address, except those of imports. They are counted by address, so that
/// revoking and inviting again is no way around the interval between resends.
const EMAILS_TO_AN_ADDRESS: Limit = Limit {
    times: 5,
    seconds: 3600,
};

/// A person to invite.
pub(super) struct Offer<'a> {
    pub(super) email: &'a EmailAddress,
    pub(super) role: RoleId,
    pub(super) first_name: &'a str,
    pub(super) last_name: &'a str,
    pub(super) phone: Option<&'a str>,
    pub(super) username: Option<&'a str>,
    pub(super) note: &'a str,
}

impl Service {
    /// Makes one offer, unless the address is a member or invited already. The caller has locked the institution's
    /// seats.
    pub(super) async fn offer(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        institution: &Institution,
        free: &mut Option<i64>,
        offer: &Offer<'_>,
    ) -> Result<(RowOutcome, MembershipId), Error> {
        let id = MembershipId::from_uuid(Uuid::now_v7());
        if let Some(holder) =
            memberships::holder(tx, actor.institution, offer.email.as_str()).await?
        {
            let outcome = if holder.invited {
                RowOutcome::AlreadyInvited {
                    id: holder.id.to_string(),
                    expired: holder.expired,
                }
            } else {
                RowOutcome::AlreadyMember(Go {
                    to: format!("/i/{}/users/{}", institution.slug, holder.id),
                })
            };
            return Ok((outcome, id));
        }
        if *free == Some(0) {
            return Ok((RowOutcome::SeatsFull, id));
        }
        let email = offer.email.as_str();
        if let Err(error) = self.count_email(tx, actor.institution, email).await {
            let Error::Refused(Failure::TooManyEmails { seconds }) = error else {
                return Err(error);
            };
            let problem = FieldProblem::new("email", Problem::TooManyEmails { seconds });
            return Ok((RowOutcome::Invalid(vec![problem]), id));
        }
        if let Some(seats) = free {
            *seats -= 1;
        }
        let new = memberships::New {
            institution: actor.institution,
            id,
            account: None,
            role: offer.role,
            email: offer.email.as_str(),
            first_name: offer.first_name,
            last_name: offer.last_name,
            phone: offer.phone,
        };
        match memberships::insert(tx, &new).await {
            // Impossible while every invitation takes the lock of the seats.
            Err(error) if constraint(&error) == Some("memberships_open_email_key") => {
                return Err(Failure::Conflict.into());
            }
            inserted => inserted?,
        }
        let epoch = 1;
        let token = self.keys.invitation(actor.institution, id, epoch);
        invitations::insert(
            tx,
            &invitations::New {
                institution: actor.institution,
                membership: id,
                inviter: actor.membership,
                note: offer.note,
                language: &institution.language,
                username: offer.username,
                token_hash: &token.hash(),
                hours: institution.invitation_hours,
            },
        )
        .await?;
        outbox::invitation(tx, actor.institution, id, epoch).await?;
        audit::insert(tx, actor.entry(AuditAction::InvitationSent).about(id)).await?;
        Ok((RowOutcome::Invited, id))
    }

    /// Counts an invitation email to this address. The address is stored as a keyed hash.
    ///
    /// # Errors
    /// Returns `TooManyEmails` if the limit is reached.
    pub(super) async fn count_email(
        &self,
        tx: &mut Tx,
        institution: InstitutionId,
        email: &str,
    ) -> Result<(), Error> {
        let key = self.keys.invitation_counter(institution, email);
        let key = format!("invitation emails {}", URL_SAFE_NO_PAD.encode(key));
        match limits::take(tx, &key, EMAILS_TO_AN_ADDRESS).await {
            Err(Error::Refused(Failure::TooManyTries { seconds })) => {
                Err(Failure::TooManyEmails { seconds }.into())
            }
            counted => counted,
        }
    }
}

/// Returns the roles that the member may assign, as choices.
pub fn choices_of(actor: &Actor, roles: Vec<institutions::Role>) -> Vec<RoleChoice> {
    let given = roles.into_iter().filter(|role| may_give(actor, role));
    given
        .map(|role| RoleChoice {
            id: role.id.to_string(),
            name: role_name(actor.language, role.code.as_deref(), &role.name),
            usual: role.code.as_deref() == Some("basic"),
        })
        .collect()
}

/// Returns whether the member may assign the role: they must hold all its permissions.
pub fn may_give(actor: &Actor, role: &institutions::Role) -> bool {
    covered(actor.permissions, role)
}

/// Returns whether these permissions include all those of the role.
pub fn covered(held: PermissionSet, role: &institutions::Role) -> bool {
    PermissionSet::from_codes(&role.permissions).is_ok_and(|permissions| held.covers(&permissions))
}

pub(super) async fn givable(tx: &mut Tx, actor: &Actor) -> Result<HashSet<RoleId>, Error> {
    let roles = institutions::roles(tx, actor.institution).await?;
    Ok(roles
        .iter()
        .filter(|role| may_give(actor, role))
        .map(|role| RoleId::from_uuid(role.id))
        .collect())
}
