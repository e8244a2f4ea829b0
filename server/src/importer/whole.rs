//! Everything or nothing. Chunk by chunk the rows are looked at once more and what they need is held: seats, usernames.
//! Nothing else is written before the last step, which writes all of them in one transaction; until then nobody sees
//! anything, and no mail leaves. One row that is refused on the way ends the import with nothing done.

use muster::ids::MembershipId;

use super::{
    Importer, Stepped,
    apply::{Applied, chunk, write_chunk},
    check::taken,
    counts, end_by, json,
    rules::{free_seats, rules_of},
};
use crate::{
    error::Error,
    store::{
        Tx,
        imports::{
            apply::{self, Chunk},
            claim,
            judge::Rules,
            plan, whole,
        },
        institutions::{self, Institution},
    },
};

impl Importer {
    /// The next step, in a transaction that holds the claim.
    pub(super) async fn apply_whole(
        &self,
        mut tx: Tx,
        work: Applied<'_>,
    ) -> Result<Stepped, Error> {
        let Applied {
            claimed,
            import,
            options,
            last,
        } = work;
        let institution = institutions::lock_seats(&mut tx, claimed.at.institution).await?;
        let Some(rules) = rules_of(&mut tx, claimed.at, &institution, import, options).await?
        else {
            end_by(&mut tx, claimed, "permission").await?;
            tx.commit().await?;
            return Ok(Stepped::Ended);
        };
        let stepped = if import.progress < last {
            hold(&mut tx, &work, &institution, &rules).await?
        } else {
            write(&mut tx, &work, &institution, &rules).await?
        };
        tx.commit().await?;
        Ok(stepped)
    }
}

/// A chunk's seats and usernames are held.
async fn hold(
    tx: &mut Tx,
    work: &Applied<'_>,
    institution: &Institution,
    rules: &Rules,
) -> Result<Stepped, Error> {
    let number = work.import.progress / work.import.chunk_rows;
    let chunk = chunk(work.claimed, work.import, number, work.last);
    if apply::gives_usernames(tx, chunk).await? {
        apply::hold_usernames(tx).await?;
    }
    apply::refuse_invites(tx, chunk, rules, Some(&json(taken())?)).await?;
    apply::refuse_updates(tx, chunk, rules).await?;
    if let Some(free) = free_seats(tx, chunk.at, institution, 0).await? {
        plan::refuse_past_seats(tx, chunk.at, chunk.from, chunk.to, free).await?;
    }
    if any_refused(tx, chunk).await? {
        return fail(tx, work).await;
    }
    whole::hold(tx, chunk).await?;
    Ok(Stepped::More)
}

/// Everything is written, as people and rights stand at this moment.
async fn write(
    tx: &mut Tx,
    work: &Applied<'_>,
    institution: &Institution,
    rules: &Rules,
) -> Result<Stepped, Error> {
    let Applied {
        claimed,
        import,
        last,
        ..
    } = *work;
    let chunks = || {
        (0..)
            .map(|number| (number, chunk(claimed, import, number, last)))
            .take_while(|(_, chunk)| chunk.from <= last)
    };
    for (_, chunk) in chunks() {
        // The names are held already, and its own.
        apply::refuse_invites(tx, chunk, rules, None).await?;
        apply::refuse_updates(tx, chunk, rules).await?;
    }
    let all = Chunk {
        at: claimed.at,
        from: 0,
        to: last,
    };
    if let Some(free) = free_seats(tx, claimed.at, institution, import.held_seats).await? {
        plan::refuse_past_seats(tx, all.at, all.from, all.to, free).await?;
    }
    if any_refused(tx, all).await? {
        return fail(tx, work).await;
    }
    let inviter = MembershipId::from_uuid(rules.acting);
    let mut so_far = None;
    for (number, chunk) in chunks() {
        let done = write_chunk(tx, work, institution, inviter, (number, chunk), so_far).await?;
        so_far = Some(done);
    }
    claim::end(tx, claimed, "done", None).await?;
    Ok(Stepped::Ended)
}

async fn any_refused(tx: &mut Tx, chunk: Chunk) -> Result<bool, Error> {
    let tallies = plan::tally(tx, chunk.at, chunk.from, chunk.to).await?;
    Ok(counts(&tallies).refused > 0)
}

/// Nothing is done; the rows that were the cause have their reasons, and the plan counts them.
async fn fail(tx: &mut Tx, work: &Applied<'_>) -> Result<Stepped, Error> {
    let at = work.claimed.at;
    let found = counts(&plan::tally(tx, at, 0, i32::MAX).await?);
    plan::set_plan(tx, at, json(found)?).await?;
    claim::end(tx, work.claimed, "failed", None).await?;
    Ok(Stepped::Ended)
}
