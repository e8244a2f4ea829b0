//! Counters that hold over replicas and restarts.

use muster::failure::Failure;
use sqlx::PgConnection;

use crate::error::Error;

/// How often something may be done in a window of time.
#[derive(Debug, Clone, Copy)]
pub struct Limit {
    /// How often.
    pub times: i32,
    /// In how many seconds.
    pub seconds: i32,
}

/// Uses one, or refuses with the seconds until the window ends.
///
/// # Errors
/// `TooManyTries`.
pub async fn take(connection: &mut PgConnection, key: &str, limit: Limit) -> Result<(), Error> {
    let row = sqlx::query!(
        r#"WITH now AS (
               SELECT to_timestamp(floor(extract(epoch FROM clock_timestamp()) / $2::int4) * $2::int4) AS window_at
           )
           INSERT INTO rate_limits AS l (key, window_at, used)
           SELECT $1, now.window_at, 1 FROM now
           ON CONFLICT (key, window_at) DO UPDATE SET used = l.used + 1
           RETURNING used,
               ceil($2::int4 - extract(epoch FROM clock_timestamp() - window_at))::bigint AS "left!""#,
        key,
        limit.seconds
    )
    .fetch_one(connection)
    .await?;
    if row.used > limit.times {
        return Err(Failure::TooManyTries {
            seconds: u64::try_from(row.left).unwrap_or(1).max(1),
        }
        .into());
    }
    Ok(())
}

/// Does something once in so many seconds, counted from the last time and not by the clock's windows.
///
/// # Errors
/// `TooSoon`.
pub async fn once(connection: &mut PgConnection, key: &str, seconds: i32) -> Result<(), Error> {
    sqlx::query!("SELECT pg_advisory_xact_lock(hashtextextended($1, 1))", key)
        .fetch_one(&mut *connection)
        .await?;
    let wait = sqlx::query_scalar!(
        "SELECT ceil($2::int4 - extract(epoch FROM clock_timestamp() - max(window_at)))::bigint
         FROM rate_limits WHERE key = $1",
        key,
        seconds
    )
    .fetch_one(&mut *connection)
    .await?
    .unwrap_or(0);
    if wait > 0 {
        return Err(Failure::TooSoon {
            seconds: wait.unsigned_abs(),
        }
        .into());
    }
    sqlx::query!(
        "INSERT INTO rate_limits (key, window_at, used) VALUES ($1, clock_timestamp(), 1)",
        key
    )
    .execute(connection)
    .await?;
    Ok(())
}
