//! When what waits of an import is sent: now, at a time, or once somebody says so. Under the import's lock, which a worker
//! that sends holds too: what it has sent before is sent, and the rest goes by what was said last.

use app::{backend::Caller, imports::api::ImportState};
use muster::{
    audit::AuditAction,
    draft::SendTimeDraft,
    failure::Failure,
    import::{Options, Send},
    permission::Permission,
};
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
    /// From now on.
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

    /// At a time.
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
        // Of a plan whoever applies it is the one who sends.
        let sender = view::sends(state(&import)?).then_some(actor.membership);
        sending::schedule(&mut tx, at, time, sender).await?;
        record(&mut tx, &actor, at, Some(time.to_rfc3339())).await?;
        Ok(tx.commit().await?)
    }

    /// Once somebody says so.
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

    /// An import of which something waits, or is going to, in a state in which that may be done; locked, for who may invite.
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
            // At once, not when the connection is next used: a worker passes over an import that is locked.
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
        return Err(Failure::Changed.into());
    }
    if view::sends(state) && sending::waiting(tx, at).await? == 0 {
        return Err(Failure::NothingWaits.into());
    }
    Ok(())
}

async fn record(tx: &mut Tx, actor: &Actor, at: At, time: Option<String>) -> Result<(), Error> {
    let entry = actor
        .entry(AuditAction::ImportScheduled)
        .with(json!({ "import": at.import, "send_at": time }));
    Ok(audit::insert(tx, entry).await?)
}
