//! When an import's waiting invitations are sent: now, at a time, or on request. These functions take the import's
//! lock, as the sending worker does: sent invitations stay sent, and the rest follows the latest request.

use muster::{
    audit::AuditAction,
    draft::SendTimeDraft,
    failure::Failure,
    import::{ImportState, Options, Send},
    permission::Permission,
};
use rpc::Caller;
use serde_json::json;

use super::{begin::to_come, state, view};
use crate::{
    connection_limits::LimitedTx,
    error::Error,
    importer::read_json,
    service::{Actor, Service},
    store::{
        Tx, audit,
        imports::{At, Import, sending},
    },
};

impl Service {
    /// Starts sending now.
    pub(super) async fn send_waiting(
        &self,
        caller: &Caller,
        slug: &str,
        id: &str,
    ) -> Result<(), Error> {
        let (actor, at, _, mut tx) = self.mailed_import(caller, slug, id, view::sends).await?;
        sending::begin(&mut tx, at, actor.membership).await?;
        Ok(tx.commit().await?)
    }

    /// Schedules sending.
    pub(super) async fn schedule(
        &self,
        caller: &Caller,
        slug: &str,
        id: &str,
        draft: &SendTimeDraft,
    ) -> Result<(), Error> {
        let wanted = draft.parse()?;
        let (actor, at, import, mut tx) = self
            .mailed_import(caller, slug, id, view::has_a_send_time)
            .await?;
        let time = match to_come(&mut tx, &actor, &wanted).await {
            Ok(time) => time,
            Err(error) => {
                tx.rollback().await?;
                return Err(error);
            }
        };
        // For a plan that is not applied yet, the sender is the member who applies it.
        let sender = view::sends(state(&import)?).then_some(actor.membership);
        sending::schedule(&mut tx, at, time, sender).await?;
        record(&mut tx, &actor, at, Some(time.to_rfc3339())).await?;
        Ok(tx.commit().await?)
    }

    /// Cancels the schedule.
    pub(super) async fn unschedule(
        &self,
        caller: &Caller,
        slug: &str,
        id: &str,
    ) -> Result<(), Error> {
        let (actor, at, import, mut tx) = self
            .mailed_import(caller, slug, id, view::has_a_send_time)
            .await?;
        if import.send_at.is_some() {
            sending::end(&mut tx, at).await?;
            record(&mut tx, &actor, at, None).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Returns an import with invitations that wait or will wait, in a state that `may` allows, locked, if the caller
    /// may invite.
    async fn mailed_import(
        &self,
        caller: &Caller,
        slug: &str,
        id: &str,
        may: impl FnOnce(ImportState) -> bool,
    ) -> Result<(Actor, At, Import, LimitedTx), Error> {
        let (actor, at, import, mut tx) = self.locked_import(caller, slug, id).await?;
        let found = look(&mut tx, &actor, at, &import, may).await;
        if let Err(error) = found {
            // Rolled back now, not when the connection is used next: workers skip a locked import.
            tx.rollback().await?;
            return Err(error);
        }
        Ok((actor, at, import, tx))
    }
}

async fn look(
    tx: &mut Tx,
    actor: &Actor,
    at: At,
    import: &Import,
    may: impl FnOnce(ImportState) -> bool,
) -> Result<(), Error> {
    actor.needs(Permission::InviteUsers)?;
    let state = state(import)?;
    let options: Options = read_json(&import.options)?;
    if options.send == Send::Now || !may(state) {
        return Err(Failure::Conflict.into());
    }
    if view::sends(state) && sending::waiting(tx, at).await? == 0 {
        return Err(Failure::NothingToSend.into());
    }
    Ok(())
}

async fn record(tx: &mut Tx, actor: &Actor, at: At, time: Option<String>) -> Result<(), Error> {
    let entry = actor
        .entry(AuditAction::ImportScheduled)
        .with(json!({ "import": at.import, "send_at": time }));
    Ok(audit::insert(tx, entry).await?)
}
