//! Applying a chunk: under the institution's lock, with the importer's current permissions and the members' current
//! data.

use std::collections::BTreeMap;

use muster::{
    audit::AuditAction,
    ids::MembershipId,
    import::{Access, Applying, Mode, Options, Send},
};
use rpc::imports::Counts;
use serde_json::json;

use super::{
    Importer, Stepped,
    check::{import, taken},
    counts, end_by, read_json,
    rules::rules_of,
    to_json,
};
use crate::{
    error::Error,
    store::{
        Tx, audit,
        imports::{
            Import,
            apply::{self, Chunk, Inviting},
            claim::{self, Claimed},
            plan,
        },
        institutions::{self, Institution},
        login_details::LIFE_HOURS,
    },
};

/// An audit entry of an import. Each chunk has one.
pub(super) struct Line {
    pub(super) action: AuditAction,
    pub(super) number: i32,
    pub(super) counts: BTreeMap<&'static str, u32>,
}

impl Importer {
    pub(super) async fn apply(&self, claimed: &Claimed) -> Result<Stepped, Error> {
        let at = claimed.at;
        let mut tx = self.store.tenant(at.institution).await?;
        if !claim::hold(&mut tx, claimed).await? {
            return Ok(Stepped::TurnedAway);
        }
        let import = import(&mut tx, at).await?;
        let options: Options = read_json(&import.options)?;
        let last = apply::last_row(&mut tx, at).await?;
        let work = Applied {
            claimed,
            import: &import,
            options: &options,
            last,
        };
        if options.applying == Applying::Whole {
            return self.apply_whole(tx, work).await;
        }
        let number = claim::last_chunk(&mut tx, at, "apply").await? + 1;
        let chunk = chunk(claimed, &import, number, last);
        if chunk.from > last {
            claim::end(&mut tx, claimed, "done", None).await?;
            tx.commit().await?;
            return Ok(Stepped::Ended);
        }
        let Some(mut tx) = self.reserve_usernames(tx, claimed, chunk).await? else {
            return Ok(Stepped::TurnedAway);
        };
        let institution = institutions::lock_seats(&mut tx, at.institution).await?;
        let Some(rules) = rules_of(&mut tx, at, &institution, &import, &options).await? else {
            end_by(&mut tx, claimed, "permission").await?;
            tx.commit().await?;
            return Ok(Stepped::Ended);
        };
        apply::refuse_invites(&mut tx, chunk, &rules, &to_json(taken())?).await?;
        apply::refuse_updates(&mut tx, chunk, &rules).await?;
        if let Some(free) =
            institutions::free_seats(&mut tx, at.institution, &institution, 0).await?
        {
            plan::refuse_past_seats(&mut tx, at, chunk.from, chunk.to, free).await?;
        }
        let inviter = MembershipId::from_uuid(rules.acting);
        let before = import.done.as_ref().map(read_json).transpose()?;
        let numbered = (number, chunk);
        write_chunk(&mut tx, &work, &institution, inviter, numbered, before).await?;
        apply::release_usernames(&mut tx, at).await?;
        if options.mode != Mode::Add {
            apply::end_invitations(&mut tx, chunk).await?;
        }
        let ended = chunk.to >= last;
        if ended {
            claim::end(&mut tx, claimed, "done", None).await?;
        }
        tx.commit().await?;
        Ok(if ended { Stepped::Ended } else { Stepped::More })
    }

    /// Reserves a chunk's usernames and commits `tx`, so that the lock of all usernames is held briefly. Returns the
    /// transaction to continue in, which holds the claim, or `None` if another worker has claimed the import.
    pub(super) async fn reserve_usernames(
        &self,
        mut tx: Tx,
        claimed: &Claimed,
        chunk: Chunk,
    ) -> Result<Option<Tx>, Error> {
        if !apply::gives_usernames(&mut tx, chunk).await? {
            return Ok(Some(tx));
        }
        apply::reserve_usernames(&mut tx, chunk).await?;
        tx.commit().await?;
        let mut tx = self.store.tenant(claimed.at.institution).await?;
        Ok(claim::hold(&mut tx, claimed).await?.then_some(tx))
    }
}

/// The import to apply, as a step finds it.
#[derive(Clone, Copy)]
pub(super) struct Applied<'a> {
    pub(super) claimed: &'a Claimed,
    pub(super) import: &'a Import,
    pub(super) options: &'a Options,
    /// The number of the last row.
    pub(super) last: i32,
}

/// Writes the rows of a chunk that are not rejected, with its entries in the ledger and the audit log. Returns what has
/// been applied so far.
pub(super) async fn write_chunk(
    tx: &mut Tx,
    work: &Applied<'_>,
    institution: &Institution,
    inviter: MembershipId,
    (number, chunk): (i32, Chunk),
    before: Option<Counts>,
) -> Result<Counts, Error> {
    let login_details = work.options.access == Access::Passwords;
    let inviting = Inviting {
        inviter,
        language: &institution.language,
        hours: if login_details {
            LIFE_HOURS
        } else {
            institution.invitation_hours
        },
        login_details,
        sent: work.options.send == Send::Now,
    };
    apply::keep_plans(tx).await?;
    apply::invite(tx, chunk, inviting).await?;
    apply::update(tx, chunk).await?;

    let counts = counts(&plan::tally(tx, chunk.at, chunk.from, chunk.to).await?);
    let line = Line {
        action: AuditAction::ImportApplied,
        number,
        counts: BTreeMap::from([
            ("invite", counts.invite),
            ("update", counts.update),
            ("refused", counts.refused),
        ]),
    };
    record(tx, work.claimed, work.import, &line).await?;
    claim::write_chunk(tx, work.claimed, "apply", number, to_json(counts)?).await?;
    let so_far = sum(before.unwrap_or_default(), counts);
    apply::set_done(tx, chunk.at, chunk.to, to_json(so_far)?).await?;
    Ok(so_far)
}

/// Returns the rows of a chunk.
pub(super) fn chunk(claimed: &Claimed, import: &Import, number: i32, last: i32) -> Chunk {
    let from = number.saturating_mul(import.chunk_rows).saturating_add(1);
    Chunk {
        at: claimed.at,
        from,
        to: from.saturating_add(import.chunk_rows - 1).min(last),
    }
}

/// Inserts the audit entry.
pub(super) async fn record(
    tx: &mut Tx,
    claimed: &Claimed,
    import: &Import,
    line: &Line,
) -> Result<(), Error> {
    let actor = import.acting.filter(|_| !import.operator);
    let entry = audit::Entry::new(claimed.at.institution, line.action)
        .by(actor.map(MembershipId::from_uuid))
        .with(json!({ "import": claimed.at.import, "chunk": line.number, "rows": line.counts }));
    Ok(audit::insert(tx, entry).await?)
}

const fn sum(one: Counts, other: Counts) -> Counts {
    Counts {
        rows: one.rows + other.rows,
        invite: one.invite + other.invite,
        update: one.update + other.update,
        unchanged: one.unchanged + other.unchanged,
        refused: one.refused + other.refused,
        left_out: one.left_out + other.left_out,
        warnings: one.warnings + other.warnings,
    }
}
