//! The plan as a whole: its start, its counts, and problems between rows. `judge` judges single rows.

use sqlx::{PgConnection, Row as _};

use super::{At, claim::Claimed};

/// Deletes an older plan and stores the mapping for the next file. The caller holds the claim.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn begin(
    connection: &mut PgConnection,
    claimed: &Claimed,
    headers: &[String],
    mapping_key: &[u8],
    mapping: serde_json::Value,
) -> Result<(), sqlx::Error> {
    let at = claimed.at;
    sqlx::query!(
        "DELETE FROM import_rows WHERE institution_id = $1 AND import_id = $2",
        at.institution.as_uuid(),
        at.import
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "INSERT INTO import_mappings (institution_id, key, mapping, used_at) VALUES ($1, $2, $3, statement_timestamp())
         ON CONFLICT (institution_id, key) DO UPDATE SET mapping = excluded.mapping, used_at = excluded.used_at",
        at.institution.as_uuid(),
        mapping_key,
        mapping
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "UPDATE imports SET headers = $3, progress = 0, plan = NULL WHERE institution_id = $1 AND id = $2",
        at.institution.as_uuid(),
        at.import,
        headers
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Stores the progress of the check.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn progress(
    connection: &mut PgConnection,
    at: At,
    row: i32,
    bytes: i64,
    line_end: Option<&str>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE imports SET progress = $3, checked_bytes = $4, line_end = coalesce($5, line_end)
         WHERE institution_id = $1 AND id = $2",
        at.institution.as_uuid(),
        at.import,
        row,
        bytes,
        line_end
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Returns the number of the last staged row, or -1 if the plan has not been begun.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn staged(connection: &mut PgConnection, at: At) -> Result<i32, sqlx::Error> {
    sqlx::query_scalar!(
        "SELECT progress FROM imports WHERE institution_id = $1 AND id = $2",
        at.institution.as_uuid(),
        at.import
    )
    .fetch_one(connection)
    .await
}

/// A row that shares a username or an address with another one.
#[derive(Debug)]
pub struct Candidate {
    /// The row's number.
    pub number: i32,
    /// The row's username.
    pub username: Option<String>,
    /// The row's address.
    pub email: Option<String>,
}

/// Finds all rows that share a username or an address with another one, for [`candidates`].
#[tracing::instrument(level = "debug", skip_all)]
pub async fn find_candidates(connection: &mut PgConnection, at: At) -> Result<(), sqlx::Error> {
    sqlx::query(
        "CREATE TEMP TABLE import_alike ON COMMIT DROP AS
         WITH sound AS (
             SELECT number, lower(username) AS name, username, email FROM import_rows
             WHERE institution_id = $1 AND import_id = $2 AND sound
         )
         SELECT number, username, email FROM sound
         WHERE name IN (SELECT name FROM sound WHERE name IS NOT NULL GROUP BY name HAVING count(*) > 1)
            OR email IN (SELECT email FROM sound WHERE email IS NOT NULL GROUP BY email HAVING count(*) > 1)
         ORDER BY number",
    )
    .bind(at.institution.as_uuid())
    .bind(at.import)
    .execute(connection)
    .await?;
    Ok(())
}

/// Returns the next of these rows after a row.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn candidates(
    connection: &mut PgConnection,
    after: i32,
    limit: i64,
) -> Result<Vec<Candidate>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT number, username, email FROM pg_temp.import_alike WHERE number > $1 ORDER BY number LIMIT $2",
    )
    .bind(after)
    .bind(limit)
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Candidate {
                number: row.try_get(0)?,
                username: row.try_get(1)?,
                email: row.try_get(2)?,
            })
        })
        .collect()
}

/// Rejects these rows for these reasons (JSON arrays), which precede their others.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn refuse(
    connection: &mut PgConnection,
    at: At,
    numbers: &[i32],
    reasons: &[serde_json::Value],
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE import_rows r
         SET verdict = 'refused', reasons = CASE r.verdict WHEN 'refused' THEN why.reasons || r.reasons ELSE why.reasons END
         FROM unnest($3::int[], $4::jsonb[]) AS why (number, reasons)
         WHERE r.institution_id = $1 AND r.import_id = $2 AND r.number = why.number",
        at.institution.as_uuid(),
        at.import,
        numbers,
        reasons
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Rejects the rows of a range that are to be invited, after the first `free` ones: no seat is left. Returns their
/// number.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn refuse_past_seats(
    connection: &mut PgConnection,
    at: At,
    from: i32,
    to: i32,
    free: i64,
) -> Result<u64, sqlx::Error> {
    let done = sqlx::query!(
        r#"UPDATE import_rows SET verdict = 'refused', reasons = '["seats_full"]'
           WHERE institution_id = $1 AND import_id = $2 AND verdict = 'invite' AND number BETWEEN $3 AND $4
             AND number >= (SELECT number FROM import_rows
                            WHERE institution_id = $1 AND import_id = $2 AND verdict = 'invite' AND number BETWEEN $3 AND $4
                            ORDER BY number LIMIT 1 OFFSET $5)"#,
        at.institution.as_uuid(),
        at.import,
        from,
        to,
        free
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}

/// The number of rows with a verdict.
#[derive(Debug)]
pub struct Tally {
    /// The verdict's code.
    pub verdict: String,
    /// The number of rows.
    pub rows: i64,
    /// The number of these with a warning.
    pub warned: i64,
}

/// Counts the rows of a range by verdict.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn tally(
    connection: &mut PgConnection,
    at: At,
    from: i32,
    to: i32,
) -> Result<Vec<Tally>, sqlx::Error> {
    sqlx::query_as!(
        Tally,
        r#"SELECT verdict, count(*) AS "rows!", count(*) FILTER (WHERE reasons <> '[]' AND verdict NOT IN ('refused', 'left_out')) AS "warned!"
           FROM import_rows WHERE institution_id = $1 AND import_id = $2 AND number BETWEEN $3 AND $4 GROUP BY verdict"#,
        at.institution.as_uuid(),
        at.import,
        from,
        to
    )
    .fetch_all(connection)
    .await
}

/// The maximum size of a chunk in bytes of the file, estimated from the mean length of a row. A chunk has at least a
/// hundred rows. The limit exists because others wait for the institution's lock during a chunk.
const CHUNK_BYTES: i64 = 4 * 1024 * 1024;

/// Stores the plan's counts, and the number of rows of a chunk from the mean length of a row.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn set_plan(
    connection: &mut PgConnection,
    at: At,
    counts: serde_json::Value,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE imports SET plan = $3, chunk_rows = least(chunk_rows, greatest(100, $4 * rows / greatest(size, 1)))::int4
         FROM (SELECT greatest(($3::jsonb ->> 'rows')::bigint, 1) AS rows) counted WHERE institution_id = $1 AND id = $2",
        at.institution.as_uuid(),
        at.import,
        counts,
        CHUNK_BYTES
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Records that the file differs from the announced one.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn mismatch(connection: &mut PgConnection, at: At) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE imports SET mismatch = true WHERE institution_id = $1 AND id = $2",
        at.institution.as_uuid(),
        at.import
    )
    .execute(connection)
    .await?;
    Ok(())
}
