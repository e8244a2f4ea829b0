//! Sends an import's waiting invitations when this is requested or scheduled.
//!
//! A chunk is one transaction under the import's lock and takes only invitations that wait. So each invitation is sent
//! once, whichever replicas work on it and whenever one is killed, and its lifetime starts then.

use std::{collections::BTreeMap, time::Instant};

use muster::{audit::AuditAction, ids::MembershipId, permission::Permission};
use serde_json::json;
use tracing::Instrument as _;

use super::{Importer, rules::rights};
use crate::{
    error::{Error, chain},
    metrics::{Queue, count_job},
    store::{
        Tx, audit, hurry,
        imports::{
            At,
            sending::{self, Due, Sender},
        },
        institutions,
    },
};

/// The number of invitations sent in one transaction.
const CHUNK: i64 = 5000;

impl Importer {
    /// Sends a chunk of each import that is due. Returns the number of invitations.
    ///
    /// # Errors
    /// Returns an error if the due imports can't be read.
    pub async fn send_due(&self) -> Result<u64, Error> {
        let mut connection = self.store.pool().acquire().await?;
        let due = sending::due(&mut connection).await?;
        drop(connection);
        let mut sent = 0;
        for at in due {
            let begun = Instant::now();
            let span = tracing::info_span!("import_step", phase = "send", import = %at.import, institution = %at.institution);
            let chunk = self.send(at).instrument(span).await;
            let outcome = chunk.as_ref().map(|_| "ok");
            count_job(Queue::Imports, "send", outcome, begun.elapsed());
            match chunk {
                Ok(chunk) => sent += chunk,
                // An error of one import does not stop the others.
                Err(error) => {
                    tracing::error!(error = %chain(&error), import = %at.import, "what is due of an import could not be sent");
                }
            }
        }
        Ok(sent)
    }

    async fn send(&self, at: At) -> Result<u64, Error> {
        let mut tx = self.store.tenant(at.institution).await?;
        hurry(&mut tx).await?;
        let Some(due) = sending::lock_due(&mut tx, at).await? else {
            return Ok(0);
        };
        // The lock keeps the sender's permissions from changing during the transaction.
        let institution = institutions::lock_seats(&mut tx, at.institution).await?;
        let sender = match due.sender {
            None => None,
            Some(sender) => {
                let sender = sender_of(&mut tx, at, MembershipId::from_uuid(sender)).await?;
                if sender.is_none() {
                    // The sender may no longer invite: the invitations wait for another sender.
                    sending::end(&mut tx, at).await?;
                    tx.commit().await?;
                    return Ok(0);
                }
                sender
            }
        };
        let hours = institution.invitation_hours;
        let sent = sending::send(&mut tx, at, sender.as_ref(), hours, CHUNK).await?;
        if sent > 0 {
            record(&mut tx, at, &due, sent).await?;
        }
        // While the import is still being applied, more invitations may follow.
        let all = sent < CHUNK.unsigned_abs() && due.done;
        if all || sent == 0 {
            sending::end(&mut tx, at).await?;
        }
        tx.commit().await?;
        Ok(sent)
    }
}

/// Returns the sender with the roles that they may assign now, or `None` if they may not invite.
async fn sender_of(tx: &mut Tx, at: At, sender: MembershipId) -> Result<Option<Sender>, Error> {
    let rights = rights(tx, at.institution, sender).await?;
    Ok(rights
        .filter(|rights| rights.permissions.contains(Permission::InviteUsers))
        .map(|rights| Sender {
            id: sender.as_uuid(),
            givable: rights.givable,
        }))
}

async fn record(tx: &mut Tx, at: At, due: &Due, sent: u64) -> Result<(), Error> {
    let by_operator = due.sender.is_none() && due.operator;
    let actor = due.sender.or(due.acting).filter(|_| !by_operator);
    let entry = audit::Entry::new(at.institution, AuditAction::ImportSent)
        .by(actor.map(MembershipId::from_uuid))
        .with(json!({ "import": at.import, "rows": BTreeMap::from([("sent", sent)]) }));
    Ok(audit::insert(tx, entry).await?)
}
