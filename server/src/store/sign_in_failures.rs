//! How often signing in failed, in the database so that it holds over replicas and restarts.

use sqlx::PgConnection;

use crate::keys::Hash;

/// How many failed sign-ins lock an account.
pub const LOCKS_AFTER: i32 = 10;

/// How the counter stands.
#[derive(Debug, Clone, Copy)]
pub struct Standing {
    /// Failures since the last success.
    pub failures: i32,
    /// Seconds until a try counts again.
    pub wait_seconds: i64,
}

/// How the counter stands. The worker forgets those that have not locked after a
/// day without a failure.
pub async fn standing(connection: &mut PgConnection, key: &Hash) -> Result<Standing, sqlx::Error> {
    let row = sqlx::query_as!(
        Standing,
        r#"SELECT failures,
                  greatest(0, ceil(extract(epoch FROM blocked_until - clock_timestamp())))::bigint AS "wait_seconds!"
           FROM sign_in_failures WHERE key = $1"#,
        key
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.unwrap_or(Standing {
        failures: 0,
        wait_seconds: 0,
    }))
}

/// Counts one more. From the tenth on each next try waits twice as long, from one second up to a
/// quarter of an hour.
pub async fn count(connection: &mut PgConnection, key: &Hash) -> Result<i32, sqlx::Error> {
    sqlx::query_scalar!(
        "INSERT INTO sign_in_failures AS f (key, failures, last_at, blocked_until)
         VALUES ($1, 1, clock_timestamp(), clock_timestamp())
         ON CONFLICT (key) DO UPDATE SET
             failures = f.failures + 1,
             last_at = clock_timestamp(),
             blocked_until = CASE
                 WHEN f.failures + 1 < $2 THEN clock_timestamp()
                 ELSE clock_timestamp() + make_interval(secs => least(900, 2 ^ least(20, f.failures + 1 - $2)))
             END
         RETURNING failures",
        key,
        LOCKS_AFTER
    )
    .fetch_one(connection)
    .await
}

/// Forgets them.
pub async fn clear(connection: &mut PgConnection, key: &Hash) -> Result<(), sqlx::Error> {
    sqlx::query!("DELETE FROM sign_in_failures WHERE key = $1", key)
        .execute(connection)
        .await?;
    Ok(())
}
