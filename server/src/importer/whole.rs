//! All-or-nothing imports.
//!
//! Chunk by chunk the rows are checked again and their seats and usernames are reserved. Nothing else is written before
//! the last step, which writes all rows in one transaction. Until then nothing is visible and no email is sent. One
//! rejected row ends the import without changes.
//!
//! The last step takes as long as the import is large, so it takes the institution's lock only briefly, at its end.
//! Until then it relies on what others can't change: seats and usernames are reserved, the members that it changes are
//! locked, and an address that it has written can't be invited. Everything else is compared under the lock. If it has
//! changed since the step began, the step is rolled back and repeated.

use muster::{
    ids::{InstitutionId, MembershipId},
    import::Mode,
};
use sqlx::Acquire as _;

use super::{
    Importer, Stepped,
    apply::{Applied, chunk, write_chunk},
    check::taken,
    counts, end_by,
    rules::rules_of,
    to_json,
};
use crate::{
    error::{Error, constraint},
    store::{
        self, Tx,
        imports::{
            apply::{self, Chunk},
            claim,
            judge::Rules,
            plan, whole,
        },
        institutions::{self, Institution},
    },
};

/// The outcome of the last step.
enum Written {
    /// The import has ended.
    All(Stepped),
    /// A concurrent change came first. Everything is rolled back.
    Overtaken,
}

impl Importer {
    /// Does the next step, in a transaction that holds the claim.
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
        let at = claimed.at;
        let holds = import.progress < last;
        if holds {
            let chunk = work.next_chunk();
            let Some(held) = self.reserve_usernames(tx, claimed, chunk).await? else {
                return Ok(Stepped::TurnedAway);
            };
            tx = held;
        }
        let institution = if holds {
            institutions::lock_seats(&mut tx, at.institution).await?
        } else {
            institutions::get(&mut tx, at.institution).await?
        };
        let Some(rules) = rules_of(&mut tx, at, &institution, import, options).await? else {
            end_by(&mut tx, claimed, "permission").await?;
            tx.commit().await?;
            return Ok(Stepped::Ended);
        };
        let stepped = if holds {
            hold(&mut tx, &work, &institution, &rules).await?
        } else {
            match write(&mut tx, &work, &institution, &rules).await? {
                Written::All(stepped) => stepped,
                Written::Overtaken => {
                    tx.rollback().await?;
                    return Ok(Stepped::More);
                }
            }
        };
        tx.commit().await?;
        Ok(stepped)
    }
}

impl Applied<'_> {
    /// Returns the first chunk without reservations.
    fn next_chunk(&self) -> Chunk {
        let number = self.import.progress / self.import.chunk_rows;
        chunk(self.claimed, self.import, number, self.last)
    }
}

/// Checks a chunk again and reserves its seats. Its usernames are reserved, except those that are taken.
async fn hold(
    tx: &mut Tx,
    work: &Applied<'_>,
    institution: &Institution,
    rules: &Rules,
) -> Result<Stepped, Error> {
    let chunk = work.next_chunk();
    apply::refuse_invites(tx, chunk, rules, &to_json(taken())?).await?;
    apply::refuse_updates(tx, chunk, rules).await?;
    if let Some(free) = institutions::free_seats(tx, chunk.at.institution, institution, 0).await? {
        plan::refuse_past_seats(tx, chunk.at, chunk.from, chunk.to, free).await?;
    }
    if any_refused(tx, chunk).await? {
        return fail(tx, work).await;
    }
    whole::hold(tx, chunk).await?;
    Ok(Stepped::More)
}

/// Writes all rows with the current data and permissions.
async fn write(
    tx: &mut Tx,
    work: &Applied<'_>,
    institution: &Institution,
    rules: &Rules,
) -> Result<Written, Error> {
    let Applied {
        claimed,
        import,
        last,
        ..
    } = *work;
    let at = claimed.at;
    let chunks = || {
        (0..)
            .map(|number| (number, chunk(claimed, import, number, last)))
            .take_while(|(_, chunk)| chunk.from <= last)
    };
    whole::hold_members(tx, at).await?;
    let taken = to_json(taken())?;
    for (_, chunk) in chunks() {
        apply::refuse_invites(tx, chunk, rules, &taken).await?;
        apply::refuse_updates(tx, chunk, rules).await?;
    }
    let all = Chunk {
        at,
        from: 0,
        to: last,
    };
    if let Some(free) =
        institutions::free_seats(tx, at.institution, institution, import.reserved_seats).await?
    {
        plan::refuse_past_seats(tx, at, all.from, all.to, free).await?;
    }
    if any_refused(tx, all).await? {
        return Ok(Written::All(fail(tx, work).await?));
    }
    let inviter = MembershipId::from_uuid(rules.acting);
    let mut so_far = None;
    for (number, chunk) in chunks() {
        let done = write_chunk(tx, work, institution, inviter, (number, chunk), so_far).await;
        match done {
            // A concurrent invitation has taken one of the addresses.
            Err(Error::Database(error))
                if constraint(&error) == Some("memberships_open_email_key") =>
            {
                return Ok(Written::Overtaken);
            }
            done => so_far = Some(done?),
        }
    }
    claim::end(tx, claimed, "done", None).await?;
    if whole::is_overtaken(tx, at).await? {
        return Ok(Written::Overtaken);
    }
    let now = lock_for_a_moment(tx, at.institution).await?;
    let still = rules_of(tx, at, &now, import, work.options).await?;
    if now.seats != institution.seats || still.as_ref() != Some(rules) {
        return Ok(Written::Overtaken);
    }
    if work.options.mode != Mode::Add {
        apply::end_invitations(tx, all).await?;
    }
    Ok(Written::All(Stepped::Ended))
}

/// Takes the institution's lock, in short attempts: its holder may be waiting for a member that this transaction has
/// locked, and gives up first (`store::hurry`).
async fn lock_for_a_moment(tx: &mut Tx, id: InstitutionId) -> Result<Institution, Error> {
    loop {
        let mut attempt = tx.begin().await?;
        sqlx::query("SET LOCAL lock_timeout = '300ms'")
            .execute(&mut *attempt)
            .await?;
        match institutions::lock_seats(&mut attempt, id).await {
            Err(error) if store::is_held(&error) => attempt.rollback().await?,
            locked => {
                let locked = locked?;
                attempt.commit().await?;
                sqlx::query("SET LOCAL lock_timeout = 0")
                    .execute(&mut **tx)
                    .await?;
                return Ok(locked);
            }
        }
    }
}

async fn any_refused(tx: &mut Tx, chunk: Chunk) -> Result<bool, Error> {
    let tallies = plan::tally(tx, chunk.at, chunk.from, chunk.to).await?;
    Ok(counts(&tallies).refused > 0)
}

/// Ends the import without changes. The rejected rows have their reasons, and the plan counts them.
async fn fail(tx: &mut Tx, work: &Applied<'_>) -> Result<Stepped, Error> {
    let at = work.claimed.at;
    let found = counts(&plan::tally(tx, at, 0, i32::MAX).await?);
    plan::set_plan(tx, at, to_json(found)?).await?;
    claim::end(tx, work.claimed, "failed", None).await?;
    Ok(Stepped::Ended)
}
