//! Inviting people, and an administrator's actions on open invitations.

mod offer;

pub use offer::{choices_of, covered, may_give};

use async_trait::async_trait;
use muster::{
    audit::AuditAction,
    draft::{InviteDraft, ResendDraft, UserDraft},
    email::EmailAddress,
    failure::Failure,
    ids::MembershipId,
    permission::Permission,
    problem::{FieldProblem, Problem},
};
use rpc::{
    Caller, Outcome,
    invitations::{CopiedLink, Invitations, InviteReport, Resent, RoleChoice, RowOutcome},
    session::Go,
};

use self::offer::{Offer, givable};
use crate::{
    connection_limits::LimitedTx,
    error::{Error, boundary},
    founding::taken,
    keys::Token,
    service::{Actor, Service, going},
    store::{
        Tx, accounts, audit,
        institutions::{self, Institution},
        invitations,
        limits::{self, Limit},
        memberships, outbox,
    },
    time_format::{date_time, zone},
};

/// Corrections of the address of one invitation. Each sends an email.
const CORRECTIONS: Limit = Limit {
    times: 5,
    seconds: 3600,
};

#[async_trait]
impl Invitations for Service {
    async fn role_choices(&self, caller: &Caller, slug: &str) -> Outcome<Vec<RoleChoice>> {
        boundary("role_choices", async {
            let (actor, mut tx) = self.actor(caller, slug).await?;
            actor.needs(Permission::InviteUsers)?;
            let roles = institutions::roles(&mut tx, actor.institution).await?;
            Ok(choices_of(&actor, roles).into())
        })
        .await
    }

    async fn invite(
        &self,
        caller: &Caller,
        slug: &str,
        draft: &InviteDraft,
    ) -> Outcome<InviteReport> {
        boundary("invite", async {
            let (actor, institution, mut tx) =
                self.locking(caller, slug, Permission::InviteUsers).await?;
            let problems = draft.form_problems();
            if !problems.is_empty() {
                return Err(problems.into());
            }
            let note = draft.parse_note()?;
            let note = note.as_ref().map_or("", |note| note.as_str());
            let givable = givable(&mut tx, &actor).await?;
            let mut free =
                institutions::free_seats(&mut tx, actor.institution, &institution, 0).await?;
            let mut rows = Vec::new();
            for (row, parsed) in draft.parse_rows() {
                let outcome = match parsed {
                    Err(problems) => RowOutcome::Invalid(problems),
                    Ok((_, role)) if !givable.contains(&role) => {
                        RowOutcome::Invalid(vec![FieldProblem::new(
                            &format!("rows.{row}.role"),
                            Problem::Unknown,
                        )])
                    }
                    Ok((email, role)) => {
                        let offer = Offer {
                            email: &email,
                            role,
                            first_name: "",
                            last_name: "",
                            phone: None,
                            username: None,
                            note,
                        };
                        let (outcome, _) = self
                            .offer(&mut tx, &actor, &institution, &mut free, &offer)
                            .await?;
                        of_row(row, outcome)
                    }
                };
                rows.push((row, outcome));
            }
            tx.commit().await?;
            Ok(InviteReport { rows }.into())
        })
        .await
    }

    async fn create_user(&self, caller: &Caller, slug: &str, draft: &UserDraft) -> Outcome<Go> {
        boundary("create_user", async {
            let (actor, institution, mut tx) =
                self.locking(caller, slug, Permission::InviteUsers).await?;
            let wanted = draft.parse()?;
            if !givable(&mut tx, &actor).await?.contains(&wanted.role) {
                return Err(FieldProblem::new("role", Problem::Unknown).into());
            }
            let mut free =
                institutions::free_seats(&mut tx, actor.institution, &institution, 0).await?;
            let username = wanted
                .username
                .as_ref()
                .map(muster::username::Username::as_str);
            if let Some(username) = username {
                accounts::hold_username(&mut tx, username).await?;
                if accounts::username_in_use(&mut tx, username, None).await? {
                    return Err(taken());
                }
            }
            let offer = Offer {
                email: &wanted.email,
                role: wanted.role,
                first_name: wanted.first_name.as_str(),
                last_name: wanted.last_name.as_str(),
                phone: wanted
                    .phone
                    .as_ref()
                    .map(muster::phone::PhoneNumber::as_str),
                username,
                note: "",
            };
            let (outcome, id) = self
                .offer(&mut tx, &actor, &institution, &mut free, &offer)
                .await?;
            match outcome {
                RowOutcome::Invited => {
                    tx.commit().await?;
                    Ok(going(format!("/i/{slug}/users/{id}"), Vec::new()))
                }
                RowOutcome::AlreadyMember(_) => {
                    Err(FieldProblem::new("email", Problem::AlreadyMember).into())
                }
                RowOutcome::AlreadyInvited { .. } => {
                    Err(FieldProblem::new("email", Problem::AlreadyInvited).into())
                }
                RowOutcome::SeatsFull => Err(Failure::SeatsFull.into()),
                RowOutcome::Invalid(problems) => Err(problems.into()),
            }
        })
        .await
    }

    async fn resend(
        &self,
        caller: &Caller,
        slug: &str,
        id: &str,
        draft: &ResendDraft,
    ) -> Outcome<Resent> {
        boundary("resend", async {
            let (actor, institution, membership, mut tx) = self.about(caller, slug, id).await?;
            let corrected = draft.parse()?;
            let standing = invitations::lock_open(&mut tx, actor.institution, membership)
                .await?
                .ok_or(Failure::Conflict)?;
            let corrected = match corrected {
                Some(email) => self.correct(&mut tx, &actor, membership, &email).await?,
                None => false,
            };
            // A corrected address does not wait for the interval between resends.
            if standing.resend_wait > 0 && !corrected {
                return Ok(Resent::TooSoon {
                    seconds: standing.resend_wait.unsigned_abs(),
                }
                .into());
            }
            if standing.expired
                && institutions::free_seats(&mut tx, actor.institution, &institution, 0).await?
                    == Some(0)
            {
                return Err(Failure::SeatsFull.into());
            }
            // The username that an expired invitation had reserved may be taken by now.
            let keep_username = match &standing.username {
                Some(username) => {
                    accounts::hold_username(&mut tx, username).await?;
                    let own = (actor.institution.as_uuid(), membership.as_uuid());
                    !accounts::username_in_use(&mut tx, username, Some(own)).await?
                }
                None => true,
            };
            let epoch = standing.epoch + 1;
            let token = self.keys.invitation(actor.institution, membership, epoch);
            let until = invitations::renew(
                &mut tx,
                actor.institution,
                membership,
                invitations::Renewal {
                    inviter: actor.membership,
                    epoch,
                    token_hash: &token.hash(),
                    hours: institution.invitation_hours,
                    keep_username,
                },
            )
            .await?;
            let shown = invitations::shown(&mut tx, actor.institution, membership)
                .await?
                .ok_or(Failure::Conflict)?;
            self.count_email(&mut tx, actor.institution, &shown.email)
                .await?;
            outbox::invitation(&mut tx, actor.institution, membership, epoch).await?;
            let action = if standing.unsent {
                AuditAction::InvitationSent
            } else {
                AuditAction::InvitationResent
            };
            audit::insert(&mut tx, actor.entry(action).about(membership)).await?;
            tx.commit().await?;
            Ok(Resent::Sent(date_time(
                until,
                zone(&institution.time_zone),
                actor.language,
            ))
            .into())
        })
        .await
    }

    async fn revoke(&self, caller: &Caller, slug: &str, id: &str) -> Outcome<()> {
        boundary("revoke", async {
            let (actor, _, membership, mut tx) = self.about(caller, slug, id).await?;
            if !invitations::close(&mut tx, actor.institution, membership).await? {
                return Err(Failure::Conflict.into());
            }
            memberships::close(&mut tx, actor.institution, membership, "revoked").await?;
            let entry = actor
                .entry(AuditAction::InvitationRevoked)
                .about(membership);
            audit::insert(&mut tx, entry).await?;
            tx.commit().await?;
            Ok(().into())
        })
        .await
    }

    async fn copy_link(&self, caller: &Caller, slug: &str, id: &str) -> Outcome<CopiedLink> {
        boundary("copy_link", async {
            let (actor, _, membership, mut tx) = self.about(caller, slug, id).await?;
            let standing = invitations::lock_open(&mut tx, actor.institution, membership).await?;
            match standing {
                // Its lifetime has not started, so a link would never expire.
                Some(standing) if standing.unsent => return Err(Failure::NotSent.into()),
                Some(standing) if !standing.expired => {}
                _ => return Err(Failure::Conflict.into()),
            }
            let token = Token::random()?;
            invitations::copied(&mut tx, actor.institution, membership, &token.hash()).await?;
            let entry = actor
                .entry(AuditAction::InvitationLinkCopied)
                .about(membership);
            audit::insert(&mut tx, entry).await?;
            tx.commit().await?;
            Ok(CopiedLink {
                url: self.address(&format!("/accept/{}", token.as_str())),
            }
            .into())
        })
        .await
    }
}

/// Names the fields of an outcome's problems as in the draft.
fn of_row(row: usize, outcome: RowOutcome) -> RowOutcome {
    match outcome {
        RowOutcome::Invalid(problems) => RowOutcome::Invalid(
            problems
                .into_iter()
                .map(|it| FieldProblem::new(&format!("rows.{row}.{}", it.field), it.problem))
                .collect(),
        ),
        outcome => outcome,
    }
}

impl Service {
    /// Returns an invitation of the caller's institution, under the institution's lock.
    ///
    /// # Errors
    /// Returns `Forbidden` if the caller may not invite or may not assign the invited role.
    async fn about(
        &self,
        caller: &Caller,
        slug: &str,
        id: &str,
    ) -> Result<(Actor, Institution, MembershipId, LimitedTx), Error> {
        let (actor, institution, mut tx) =
            self.locking(caller, slug, Permission::InviteUsers).await?;
        let membership: MembershipId = id.parse().map_err(|_| Failure::NotFound)?;
        let role = memberships::role(&mut tx, actor.institution, membership)
            .await?
            .ok_or(Failure::NotFound)?;
        if !givable(&mut tx, &actor).await?.contains(&role) {
            return Err(Failure::Forbidden.into());
        }
        Ok((actor, institution, membership, tx))
    }

    /// Replaces a mistyped address of an invitation. Returns whether the address has changed.
    async fn correct(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        membership: MembershipId,
        email: &EmailAddress,
    ) -> Result<bool, Error> {
        let same = |holder: &memberships::Holder| holder.id == membership.as_uuid();
        match memberships::holder(tx, actor.institution, email.as_str()).await? {
            Some(holder) if same(&holder) => return Ok(false),
            Some(holder) if holder.invited => {
                return Err(FieldProblem::new("email", Problem::AlreadyInvited).into());
            }
            Some(_) => return Err(FieldProblem::new("email", Problem::AlreadyMember).into()),
            None => {}
        }
        limits::take(tx, &format!("address of {membership}"), CORRECTIONS).await?;
        memberships::set_email(tx, actor.institution, membership, email.as_str()).await?;
        Ok(true)
    }
}
