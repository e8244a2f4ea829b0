//! Undoing a chunk. The chunks are those that were applied, in the same order.

use std::collections::BTreeMap;

use muster::{audit::AuditAction, import::Options};

use super::rules::rules_of;
use super::{
    Importer, Stepped,
    apply::{Line, chunk, record},
    check::import,
    end_by, read_json, to_json,
};
use crate::{
    error::Error,
    store::{
        imports::{
            apply,
            claim::{self, Claimed},
            undo,
        },
        institutions,
    },
};

impl Importer {
    pub(super) async fn undo(&self, claimed: &Claimed) -> Result<Stepped, Error> {
        let at = claimed.at;
        let mut tx = self.store.tenant(at.institution).await?;
        if !claim::hold(&mut tx, claimed).await? {
            return Ok(Stepped::TurnedAway);
        }
        let import = import(&mut tx, at).await?;
        let options: Options = read_json(&import.options)?;
        let number = claim::last_chunk(&mut tx, at, "undo").await? + 1;
        let applied = claim::last_chunk(&mut tx, at, "apply").await?;
        if number > applied {
            claim::end(&mut tx, claimed, "undone", None).await?;
            tx.commit().await?;
            return Ok(Stepped::Ended);
        }
        let institution = institutions::lock_seats(&mut tx, at.institution).await?;
        let Some(rules) = rules_of(&mut tx, at, &institution, &import, &options).await? else {
            end_by(&mut tx, claimed, "permission").await?;
            tx.commit().await?;
            return Ok(Stepped::Ended);
        };
        let last = apply::last_row(&mut tx, at).await?;
        let chunk = chunk(claimed, &import, number, last);
        undo::revoke(&mut tx, chunk, &rules).await?;
        undo::put_back(&mut tx, chunk, &rules).await?;

        let (undone, kept) = undo::tally(&mut tx, chunk).await?;
        let (undone, kept) = (count(undone), count(kept));
        let counts = BTreeMap::from([("undone", undone), ("kept", kept)]);
        claim::write_chunk(&mut tx, claimed, "undo", number, to_json(&counts)?).await?;
        let line = Line {
            action: AuditAction::ImportUndone,
            number,
            counts,
        };
        record(&mut tx, claimed, &import, &line).await?;
        let before = import.undone.clone().unwrap_or_else(|| vec![0, 0]);
        let so_far: Vec<i32> = before
            .iter()
            .zip([undone, kept])
            .map(|(before, now)| before.saturating_add_unsigned(now))
            .collect();
        undo::set_undone(&mut tx, at, chunk.to, &so_far).await?;
        let ended = number >= applied;
        if ended {
            claim::end(&mut tx, claimed, "undone", None).await?;
        }
        tx.commit().await?;
        Ok(if ended { Stepped::Ended } else { Stepped::More })
    }
}

fn count(rows: i64) -> u32 {
    u32::try_from(rows).unwrap_or(u32::MAX)
}
