//! Bulk actions on selected users. Each user has a transaction and an outcome.

use muster::{
    draft::{Bulk, BulkAction, BulkDraft, ResendDraft},
    failure::Failure,
    ids::MembershipId,
    permission::Permission,
};
use rpc::{
    Caller,
    invitations::{Invitations as _, Resent},
    users::{BulkReport, Chosen},
};

use crate::{error::Error, service::Service, store::listing, users::name_or_address};

impl Service {
    pub(super) async fn bulk(
        &self,
        caller: &Caller,
        slug: &str,
        draft: &BulkDraft,
    ) -> Result<BulkReport, Error> {
        let (actor, mut tx) = self.actor(caller, slug).await?;
        actor.needs(Permission::ViewUsers)?;
        let Bulk {
            action,
            ids,
            confirmed,
        } = draft.parse()?;
        match action {
            BulkAction::Resend => actor.needs(Permission::InviteUsers)?,
            BulkAction::Deactivate | BulkAction::Reactivate => {
                actor.needs(Permission::RemoveUsers)?;
            }
            // Remove also revokes open invitations, for which `invite_users` is enough. Each user has an outcome.
            BulkAction::Remove => actor
                .needs(Permission::RemoveUsers)
                .or_else(|_| actor.needs(Permission::InviteUsers))?,
        }
        let mut people = Vec::new();
        for id in ids {
            // Unknown ids and those of other institutions are ignored.
            if let Some(row) = listing::one(&mut tx, actor.institution, id).await? {
                let chosen = Chosen {
                    id: id.to_string(),
                    name: name_or_address(&row),
                };
                people.push((id, row.status == "invited", chosen));
            }
        }
        drop(tx);
        if action == BulkAction::Remove && !confirmed {
            let people = people.into_iter().map(|(.., chosen)| chosen).collect();
            return Ok(BulkReport::Confirm { action, people });
        }
        let (mut done, mut left) = (Vec::new(), Vec::new());
        for (id, invited, chosen) in people {
            match self.one_of_many(caller, slug, action, id, invited).await {
                Ok(()) => done.push(chosen),
                Err(Error::Refused(failure)) => left.push((chosen, failure)),
                Err(error) => return Err(error),
            }
        }
        Ok(BulkReport::Done { action, done, left })
    }

    async fn one_of_many(
        &self,
        caller: &Caller,
        slug: &str,
        action: BulkAction,
        id: MembershipId,
        invited: bool,
    ) -> Result<(), Error> {
        let id = id.to_string();
        match action {
            BulkAction::Resend => {
                match self
                    .resend(caller, slug, &id, &ResendDraft::default())
                    .await?
                    .value
                {
                    Resent::Sent(_) => Ok(()),
                    Resent::TooSoon { seconds } => Err(Failure::TooSoon { seconds }.into()),
                }
            }
            BulkAction::Deactivate => self.deactivate(caller, slug, &id).await,
            BulkAction::Reactivate => self.reactivate(caller, slug, &id).await,
            // The invitation is revoked: the person is not a member yet.
            BulkAction::Remove if invited => {
                self.revoke(caller, slug, &id).await?;
                Ok(())
            }
            BulkAction::Remove => self.remove(caller, slug, &id).await,
        }
    }
}
