//! How a worker gets an import and keeps it: a claim raises the fence and holds for a while; every transaction of the
//! work begins by holding it on, and whoever comes with an older fence is turned away.

use muster::ids::InstitutionId;
use sqlx::PgConnection;

use super::At;

/// How long a claim holds, in seconds: a chunk takes a tenth of it, and while a transaction runs the row is locked, so
/// that nobody else takes it up however long that is.
pub const LEASE_SECONDS: i32 = 60;

/// A claimed import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// Which.
    pub at: At,
    /// The claim's number.
    pub fence: i64,
    /// What is to be done: `checking`, `applying` or `undoing`.
    pub state: String,
    /// How often it was claimed without a step having been done.
    pub attempts: i32,
}

/// Claims the next import that waits, of any institution.
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

/// Holds the claim on and locks the import until the transaction ends; whoever watches the import hears of it then.
/// False where it is not ours any more: another worker's by now, or stopped.
pub async fn hold(connection: &mut PgConnection, claimed: &Claimed) -> Result<bool, sqlx::Error> {
    let held = sqlx::query!(
        r#"WITH held AS (
               UPDATE imports SET leased_until = clock_timestamp() + make_interval(secs => $5::int4), attempts = 0
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

/// Lets the import go before its time: another worker, or another import, may have its turn. Where the import is not to
/// blame (`innocent`) the attempt does not count.
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

/// The work ends here by itself: `done`, `planned`, `stopped` and so on. The caller holds the claim.
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

/// Whether another import waits for a worker.
pub async fn others_wait(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    let wait = sqlx::query_scalar!("SELECT imports_wait()")
        .fetch_one(connection)
        .await?;
    Ok(wait.unwrap_or(false))
}

/// Lets the planner know of a new import's rows.
pub async fn analyze(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query!("SELECT analyze_imports()")
        .fetch_one(connection)
        .await?;
    Ok(())
}

/// Deletes an import's file and rows that nobody needs any more; false where there is none.
pub async fn sweep(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(r#"SELECT sweep_imports() AS "more!""#)
        .fetch_one(connection)
        .await
}

/// Wakes the workers when the transaction commits.
pub async fn wake(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query!("SELECT pg_notify('muster_imports', '')")
        .fetch_one(connection)
        .await?;
    Ok(())
}

/// A line of the ledger: which phase, which chunk, what it did.
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

/// The number of the last chunk that the ledger has of a phase; -1 where there is none. Chunks are written in order.
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
