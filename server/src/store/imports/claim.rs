//! Claims of imports.
//!
//! A claim raises the fencing token and starts a lease. Every transaction of the work begins by renewing the lease, and
//! a worker with an older token is rejected.

use muster::ids::InstitutionId;
use sqlx::PgConnection;

use super::At;

/// The duration of a lease.
///
/// A chunk takes a tenth of it. During a transaction the row is locked, so no other worker claims it however long that
/// takes.
pub const LEASE_SECONDS: i32 = 60;

/// A claimed import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// The import.
    pub at: At,
    /// The fencing token.
    pub fence: i64,
    /// The work to do: `checking`, `applying` or `undoing`.
    pub state: String,
    /// The number of claims without a completed step.
    pub attempts: i32,
}

/// Claims the next waiting import of any institution.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn claim(connection: &mut PgConnection) -> Result<Option<Claimed>, sqlx::Error> {
    let row = sqlx::query!(
        r#"SELECT institution_id AS "institution_id!", import_id AS "import_id!", fence AS "fence!", state AS "state!",
                  attempts AS "attempts!"
           FROM claim_import($1)"#,
        LEASE_SECONDS
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| Claimed {
        at: At {
            institution: InstitutionId::from_uuid(row.institution_id),
            import: row.import_id,
        },
        fence: row.fence,
        state: row.state,
        attempts: row.attempts,
    }))
}

/// Renews the lease and locks the import until the transaction ends, which also notifies subscribers. Returns false if
/// another worker has claimed the import or it was stopped.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn hold(connection: &mut PgConnection, claimed: &Claimed) -> Result<bool, sqlx::Error> {
    let held = sqlx::query!(
        r#"WITH held AS (
               UPDATE imports SET leased_until = statement_timestamp() + make_interval(secs => $5::int4), attempts = 0
               WHERE institution_id = $1 AND id = $2 AND fence = $3 AND state = $4 RETURNING id)
           SELECT pg_notify('muster_import_steps', id::text)::text AS told FROM held"#,
        claimed.at.institution.as_uuid(),
        claimed.at.import,
        claimed.fence,
        claimed.state,
        LEASE_SECONDS,
    )
    .fetch_optional(connection)
    .await?;
    Ok(held.is_some())
}

/// Ends the lease early, so that another worker or another import can continue. If the import is not the cause
/// (`innocent`), the attempt does not count.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn let_go(
    connection: &mut PgConnection,
    claimed: &Claimed,
    innocent: bool,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE imports SET leased_until = '-infinity', attempts = greatest(attempts - $4, 0)
         WHERE institution_id = $1 AND id = $2 AND fence = $3",
        claimed.at.institution.as_uuid(),
        claimed.at.import,
        claimed.fence,
        i32::from(innocent),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Ends the work with a state: `done`, `planned`, `stopped` and so on. The caller holds the claim.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn end(
    connection: &mut PgConnection,
    claimed: &Claimed,
    state: &str,
    stopped_by: Option<&str>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE imports SET state = $4, stopped_by = $5, leased_until = '-infinity'
         WHERE institution_id = $1 AND id = $2 AND fence = $3",
        claimed.at.institution.as_uuid(),
        claimed.at.import,
        claimed.fence,
        state,
        stopped_by,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Returns whether another import waits for a worker.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn others_wait(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    let wait = sqlx::query_scalar!("SELECT has_waiting_imports()")
        .fetch_one(connection)
        .await?;
    Ok(wait.unwrap_or(false))
}

/// Updates the planner's statistics after a new import's rows were inserted.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn analyze(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query!("SELECT analyze_imports()")
        .fetch_one(connection)
        .await?;
    Ok(())
}

/// Deletes the file and rows of one import whose retention time is over. Returns false if there is none.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn sweep(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(r#"SELECT sweep_imports() AS "more!""#)
        .fetch_one(connection)
        .await
}

/// Wakes the workers when the transaction commits.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn wake(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query!("SELECT pg_notify('muster_imports', '')")
        .fetch_one(connection)
        .await?;
    Ok(())
}

/// Writes an entry of the ledger: the phase, the chunk and its counts.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn write_chunk(
    connection: &mut PgConnection,
    claimed: &Claimed,
    phase: &str,
    number: i32,
    counts: serde_json::Value,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO import_chunks (institution_id, import_id, phase, number, fence, counts) VALUES ($1, $2, $3, $4, $5, $6)",
        claimed.at.institution.as_uuid(),
        claimed.at.import,
        phase,
        number,
        claimed.fence,
        counts,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Returns the number of the last chunk of a phase in the ledger, or -1. Chunks are written in order.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn last_chunk(
    connection: &mut PgConnection,
    at: At,
    phase: &str,
) -> Result<i32, sqlx::Error> {
    let last = sqlx::query_scalar!(
        "SELECT max(number) FROM import_chunks WHERE institution_id = $1 AND import_id = $2 AND phase = $3",
        at.institution.as_uuid(),
        at.import,
        phase
    )
    .fetch_one(connection)
    .await?;
    Ok(last.unwrap_or(-1))
}
