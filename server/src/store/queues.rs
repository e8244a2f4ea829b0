//! How much work waits in the database, for the metrics. The counts have a limit, so that they are cheap however much
//! waits.

use sqlx::PgConnection;

/// The most messages that are counted.
const COUNTED: i64 = 10_000;

/// What waits for the workers of all institutions.
#[derive(Debug, Clone, Copy)]
pub struct Waiting {
    /// The messages that someone waits for, at most [`COUNTED`].
    pub urgent: i64,
    /// For how many seconds the oldest of them has been due.
    pub urgent_seconds: f64,
    /// The messages of imports, at most [`COUNTED`].
    pub bulk: i64,
    /// For how many seconds the oldest of them has been due.
    pub bulk_seconds: f64,
    /// Whether an import waits for a worker.
    pub imports: bool,
}

/// Measures what waits. Needs the worker's role.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn waiting(connection: &mut PgConnection) -> Result<Waiting, sqlx::Error> {
    sqlx::query_as!(
        Waiting,
        r#"SELECT
             (SELECT count(*) FROM (SELECT 1 FROM outbox WHERE state = 'queued' AND NOT bulk LIMIT $1) counted) AS "urgent!",
             (SELECT coalesce(greatest(extract(epoch FROM now() - min(next_at)), 0), 0)::float8
              FROM outbox WHERE state = 'queued' AND NOT bulk) AS "urgent_seconds!",
             (SELECT count(*) FROM (SELECT 1 FROM outbox WHERE state = 'queued' AND bulk LIMIT $1) counted) AS "bulk!",
             (SELECT coalesce(greatest(extract(epoch FROM now() - min(next_at)), 0), 0)::float8
              FROM bulk_mail()) AS "bulk_seconds!",
             has_waiting_imports() AS "imports!""#,
        COUNTED
    )
    .fetch_one(connection)
    .await
}
