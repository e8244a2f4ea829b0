//! Imports: the file in parts, its corrections, and the state of the work. The worker's writes are in `judge`, `plan`,
//! `apply`, `whole`, `sending` and `undo`; its claims are in `claim`.

pub mod apply;
pub mod claim;
pub mod edits;
pub mod judge;
pub mod parts;
pub mod plan;
pub mod rows;
pub mod sending;
pub mod undo;
pub mod whole;

use chrono::{DateTime, Utc};
use muster::ids::{InstitutionId, MembershipId};
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

/// The key of an import. Every statement names both parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct At {
    /// The institution.
    pub institution: InstitutionId,
    /// The import.
    pub import: Uuid,
}

/// An import.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is something else that the database says of it"
)]
#[derive(Debug)]
pub struct Import {
    /// The import's id.
    pub id: Uuid,
    /// The membership that began it.
    pub begun_by: Uuid,
    /// The name of the member who began it.
    pub by: String,
    /// Whether it was begun on the operator's command line.
    pub operator: bool,
    /// When it was begun.
    pub created_at: DateTime<Utc>,
    /// The file's name.
    pub file_name: String,
    /// The file's size in bytes.
    pub size: i64,
    /// The announced SHA-256 of the file.
    pub sha256: Option<Vec<u8>>,
    /// The encoding's code.
    pub encoding: String,
    /// The delimiter's code.
    pub delimiter: String,
    /// A `muster::import::Mapping`.
    pub mapping: Value,
    /// A `muster::import::Options`.
    pub options: Value,
    /// The headers of the file.
    pub headers: Vec<String>,
    /// The code of the line ending.
    pub line_end: Option<String>,
    /// A `muster::import::Fault`.
    pub fault: Option<Value>,
    /// Whether the file differs from the announced one.
    pub mismatch: bool,
    /// The state's code.
    pub state: String,
    /// Why the work ended early.
    pub stopped_by: Option<String>,
    /// The membership in whose name a worker acts.
    pub acting: Option<Uuid>,
    /// The progress of the current phase.
    pub progress: i32,
    /// The number of rows of a chunk.
    pub chunk_rows: i32,
    /// The number of bytes that the check has processed.
    pub checked_bytes: i64,
    /// The seconds since the current phase began to wait.
    pub phase_seconds: f64,
    /// The counts of the plan.
    pub plan: Option<Value>,
    /// The counts of what was applied.
    pub done: Option<Value>,
    /// The number of undone rows and of kept rows.
    pub undone: Option<Vec<i32>>,
    /// The seats that are reserved for people who are not members yet.
    pub reserved_seats: i32,
    /// When a worker sends the waiting invitations.
    pub send_at: Option<DateTime<Utc>>,
    /// Whether that time has come, by the database clock.
    pub is_due: bool,
    /// When the last chunk was applied.
    pub applied_at: Option<DateTime<Utc>>,
    /// Whether it can still be undone, by the database clock.
    pub fresh: bool,
    /// The number of uploaded parts.
    pub parts: i32,
}

/// The number of days during which an import can be undone.
pub const UNDO_DAYS: i32 = 7;

macro_rules! imports {
    ([$($rest:tt)+] $($argument:expr),*) => {
        sqlx::query_as!(
            Import,
            r#"SELECT i.id, i.begun_by, btrim(m.first_name || ' ' || m.last_name) AS "by!", i.operator, i.created_at, i.file_name,
                      i.size, i.sha256, i.encoding, i.delimiter, i.mapping, i.options, i.headers, i.line_end, i.fault,
                      i.mismatch, i.state, i.stopped_by, i.acting, i.progress, i.chunk_rows, i.checked_bytes,
                      extract(epoch FROM clock_timestamp() - i.phase_at)::float8 AS "phase_seconds!",
                      i.plan, i.done, i.undone, i.reserved_seats, i.send_at,
                      coalesce(i.send_at <= clock_timestamp(), false) AS "is_due!", i.applied_at,
                      coalesce(i.applied_at > clock_timestamp() - make_interval(days => 7), false) AS "fresh!",
                      (SELECT count(*)::int FROM import_parts p
                       WHERE p.institution_id = $1 AND p.import_id = i.id) AS "parts!"
               FROM imports i
               JOIN memberships m ON m.institution_id = $1 AND m.id = i.begun_by
               WHERE i.institution_id = $1 AND "# + $($rest)+,
            $($argument),*
        )
    };
}

/// Returns an import.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn get(connection: &mut PgConnection, at: At) -> Result<Option<Import>, sqlx::Error> {
    imports!(["i.id = $2"] at.institution.as_uuid(), at.import)
        .fetch_optional(connection)
        .await
}

/// Returns an import and locks it until the transaction ends. A worker's chunk is complete before, or waits.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn lock(connection: &mut PgConnection, at: At) -> Result<Option<Import>, sqlx::Error> {
    sqlx::query!(
        "SELECT FROM imports WHERE institution_id = $1 AND id = $2 FOR UPDATE",
        at.institution.as_uuid(),
        at.import
    )
    .fetch_optional(&mut *connection)
    .await?;
    get(connection, at).await
}

/// Returns the code of an import's state and prevents changes of it until the transaction ends.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn hold_state(
    connection: &mut PgConnection,
    at: At,
) -> Result<Option<String>, sqlx::Error> {
    sqlx::query_scalar!(
        "SELECT state FROM imports WHERE institution_id = $1 AND id = $2 FOR SHARE",
        at.institution.as_uuid(),
        at.import
    )
    .fetch_optional(connection)
    .await
}

/// Returns the institution's imports, newest first.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn newest(
    connection: &mut PgConnection,
    institution: InstitutionId,
    limit: i64,
) -> Result<Vec<Import>, sqlx::Error> {
    imports!(["true ORDER BY i.created_at DESC, i.id DESC LIMIT $2"] institution.as_uuid(), limit)
        .fetch_all(connection)
        .await
}

/// Returns the import that was begun with this idempotency key.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn by_key(
    connection: &mut PgConnection,
    institution: InstitutionId,
    key: &str,
) -> Result<Option<Import>, sqlx::Error> {
    imports!(["i.key = $2"] institution.as_uuid(), key)
        .fetch_optional(connection)
        .await
}

/// The storage used by an institution's imports.
#[derive(Debug)]
pub struct Kept {
    /// The number of imports that were begun and not applied.
    pub open: i64,
    /// The bytes of their files, announced or stored, and of stored files of other imports.
    pub bytes: i64,
}

/// Returns the storage used by an institution's imports.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn kept(
    connection: &mut PgConnection,
    institution: InstitutionId,
) -> Result<Kept, sqlx::Error> {
    sqlx::query_as!(
        Kept,
        r#"SELECT count(*) FILTER (WHERE k.open) AS "open!",
                  coalesce(sum(k.size) FILTER (WHERE k.open OR k.there), 0)::bigint AS "bytes!"
           FROM (
               SELECT i.size, i.state IN ('uploading', 'checking', 'refused', 'planned', 'failed') AS open,
                      EXISTS (SELECT 1 FROM import_parts p
                              WHERE p.institution_id = $1 AND p.import_id = i.id) AS there
               FROM imports i WHERE i.institution_id = $1
           ) k"#,
        institution.as_uuid()
    )
    .fetch_one(connection)
    .await
}

/// A new import.
#[derive(Debug)]
pub struct New<'a> {
    /// The idempotency key.
    pub key: &'a str,
    /// The membership that begins it.
    pub by: MembershipId,
    /// The file's name.
    pub file_name: &'a str,
    /// The file's size in bytes.
    pub size: i64,
    /// The announced SHA-256 of the file.
    pub sha256: Option<&'a [u8]>,
    /// The encoding's code.
    pub encoding: &'a str,
    /// The delimiter's code.
    pub delimiter: &'a str,
    /// A `muster::import::Mapping`.
    pub mapping: Value,
    /// A `muster::import::Options`.
    pub options: Value,
    /// When a job sends the invitations.
    pub send_at: Option<DateTime<Utc>>,
}

/// Returns whether a time has passed, by the database clock.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn is_over(
    connection: &mut PgConnection,
    at: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"SELECT $1::timestamptz <= clock_timestamp() AS "over!""#,
        at
    )
    .fetch_one(connection)
    .await
}

/// Creates an import. Returns false if the key is in use.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn insert(
    connection: &mut PgConnection,
    at: At,
    new: New<'_>,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "INSERT INTO imports (institution_id, id, key, begun_by, file_name, size, sha256, encoding, delimiter, mapping, options,
             send_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT ON CONSTRAINT imports_key DO NOTHING",
        at.institution.as_uuid(),
        at.import,
        new.key,
        new.by.as_uuid(),
        new.file_name,
        new.size,
        new.sha256,
        new.encoding,
        new.delimiter,
        new.mapping,
        new.options,
        new.send_at,
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Marks the import as begun on the operator's command line.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn by_operator(connection: &mut PgConnection, at: At) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE imports SET operator = true WHERE institution_id = $1 AND id = $2",
        at.institution.as_uuid(),
        at.import
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Changes the state and resets the attempts of the worker. The caller holds the import's lock.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn set_state(
    connection: &mut PgConnection,
    at: At,
    state: &str,
    acting: Option<MembershipId>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE imports SET state = $3, acting = coalesce($4, acting), stopped_by = NULL, attempts = 0,
             phase_at = statement_timestamp(), leased_until = '-infinity', fence = fence + 1,
             fault = CASE WHEN $3 = 'checking' THEN NULL ELSE fault END, mismatch = mismatch AND $3 <> 'checking',
             progress = CASE WHEN $3 = 'checking' THEN -1 WHEN $3 = 'undoing' OR $3 = 'applying' AND done IS NULL THEN 0
                 ELSE progress END,
             checked_bytes = CASE WHEN $3 = 'checking' THEN 0 ELSE checked_bytes END
         WHERE institution_id = $1 AND id = $2",
        at.institution.as_uuid(),
        at.import,
        state,
        acting.map(MembershipId::as_uuid),
    )
    .execute(&mut *connection)
    .await?;
    claim::wake(connection).await
}

/// Returns the mapping that the institution last used for these headers.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn remembered(
    connection: &mut PgConnection,
    institution: InstitutionId,
    key: &[u8],
) -> Result<Option<Value>, sqlx::Error> {
    sqlx::query_scalar!(
        "SELECT mapping FROM import_mappings WHERE institution_id = $1 AND key = $2",
        institution.as_uuid(),
        key
    )
    .fetch_optional(connection)
    .await
}
