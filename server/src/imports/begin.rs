//! Begins an import. Repeated requests with one idempotency key get the same import; another file with the same key is
//! refused.

use chrono::{DateTime, NaiveDateTime, Utc};
use chrono_tz::Tz;
use muster::{
    draft::{ImportDraft, NewImport},
    failure::Failure,
    import::{ImportState, MAX_BYTES},
    local_time::LocalTime,
    problem::{FieldProblem, Problem},
};
use rpc::imports::Begun;
use uuid::Uuid;

use super::state;
use crate::{
    connection_limits::LimitedTx,
    error::{Context as _, Error},
    importer::{allows, to_json},
    invitations::may_give,
    service::Actor,
    store::{
        Tx,
        imports::{self, At, Import, parts},
        institutions,
        limits::{self, Limit},
    },
    time_format::zone,
};

/// The maximum number of an institution's files that are neither applied nor discarded.
const MOST_OPEN: i64 = 20;
/// The maximum total size of an institution's files, announced ones included: ten of the largest.
const MOST_BYTES: u64 = 10 * MAX_BYTES;
/// Limits new imports: each has an entry in the list, even if it is discarded immediately.
const BEGUN: Limit = Limit {
    times: 300,
    seconds: 3600,
};

pub(super) async fn begin(
    actor: Actor,
    mut tx: LimitedTx,
    draft: &ImportDraft,
) -> Result<Begun, Error> {
    let wanted = draft.parse()?;
    if !allows(actor.permissions, wanted.options.mode) {
        return Err(Failure::Forbidden.into());
    }
    if let Some(role) = wanted.options.role {
        let roles = institutions::roles(&mut tx, actor.institution).await?;
        let mut given = roles.iter().filter(|it| it.id == role.as_uuid());
        if !given.any(|role| may_give(&actor, role)) {
            return Err(FieldProblem::new("role", Problem::Unknown).into());
        }
    }
    if let Some(earlier) = imports::by_key(&mut tx, actor.institution, &wanted.key).await? {
        return again(&actor, tx, &earlier, &wanted).await;
    }
    // The counter's row stays locked until the transaction ends, so the counts below are exact.
    limits::take(&mut tx, &format!("imports of {}", actor.institution), BEGUN).await?;
    let kept = imports::kept(&mut tx, actor.institution).await?;
    let bytes = u64::try_from(kept.bytes).unwrap_or(u64::MAX);
    if kept.open >= MOST_OPEN || bytes.saturating_add(wanted.size) > MOST_BYTES {
        return Err(FieldProblem::new("file", Problem::StorageQuotaExceeded).into());
    }
    let send_at = match &wanted.options.send_at {
        Some(time) => Some(to_come(&mut tx, &actor, time).await?),
        None => None,
    };
    let at = At {
        institution: actor.institution,
        import: Uuid::now_v7(),
    };
    let new = imports::New {
        key: &wanted.key,
        by: actor.membership,
        file_name: &wanted.file_name,
        size: i64::try_from(wanted.size).unwrap_or(i64::MAX),
        sha256: wanted.sha256.as_ref().map(|hash| &hash[..]),
        encoding: wanted.encoding.code(),
        delimiter: wanted.delimiter.code(),
        mapping: to_json(&wanted.mapping)?,
        options: to_json(&wanted.options)?,
        send_at,
    };
    if imports::insert(&mut tx, at, new).await? {
        tx.commit().await?;
        return Ok(Begun {
            id: at.import.to_string(),
            parts: Vec::new(),
        });
    }
    // A double click: the other request was first.
    let earlier = imports::by_key(&mut tx, actor.institution, &wanted.key)
        .await?
        .ok_or(Failure::Conflict)?;
    again(&actor, tx, &earlier, &wanted).await
}

/// Returns the import with the same key if it has the same file and options.
async fn again(
    actor: &Actor,
    mut tx: LimitedTx,
    earlier: &Import,
    wanted: &NewImport,
) -> Result<Begun, Error> {
    let same = earlier.file_name == wanted.file_name
        && u64::try_from(earlier.size).is_ok_and(|size| size == wanted.size)
        && earlier.sha256.as_deref() == wanted.sha256.as_ref().map(|hash| &hash[..])
        && earlier.encoding == wanted.encoding.code()
        && earlier.delimiter == wanted.delimiter.code()
        && earlier.mapping == to_json(&wanted.mapping)?
        && earlier.options == to_json(&wanted.options)?
        && state(earlier)? != ImportState::Discarded;
    if !same {
        return Err(Failure::Conflict.into());
    }
    let at = At {
        institution: actor.institution,
        import: earlier.id,
    };
    let parts = parts::numbers(&mut tx, at).await?;
    Ok(Begun {
        id: earlier.id.to_string(),
        parts: parts
            .into_iter()
            .map(|number| u32::try_from(number).context("a part has a negative number"))
            .collect::<Result<_, _>>()?,
    })
}

/// Converts a local time of the institution, which must be in the future. If clocks are set back and the time occurs
/// twice, the earlier one is used.
pub(super) async fn to_come(
    tx: &mut Tx,
    actor: &Actor,
    time: &LocalTime,
) -> Result<DateTime<Utc>, Error> {
    let institution = institutions::get(tx, actor.institution).await?;
    let at = moment_of(time.as_str(), zone(&institution.time_zone))
        .ok_or_else(|| FieldProblem::new("send_at", Problem::Unknown))?;
    if imports::is_over(tx, at).await? {
        return Err(FieldProblem::new("send_at", Problem::Past).into());
    }
    Ok(at)
}

fn moment_of(time: &str, zone: Tz) -> Option<DateTime<Utc>> {
    NaiveDateTime::parse_from_str(time, "%Y-%m-%dT%H:%M")
        .ok()?
        .and_local_timezone(zone)
        .earliest()
        .map(|at| at.to_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_the_institutions_and_one_that_the_clock_leaves_out_is_none() {
        let at = |time| moment_of(time, Tz::Europe__Berlin).map(|at| at.to_rfc3339());
        for (time, moment) in [
            ("2026-11-23T09:00", Some("2026-11-23T08:00:00+00:00")),
            ("2026-07-01T09:00", Some("2026-07-01T07:00:00+00:00")),
            ("2026-10-25T02:30", Some("2026-10-25T00:30:00+00:00")),
            ("2026-03-29T02:30", None),
        ] {
            assert_eq!(at(time).as_deref(), moment, "{time}");
        }
    }
}
