//! Counters of failed sign-ins, in the database so that they apply across replicas and restarts. An attempt is counted
//! before its password is compared, so concurrent attempts cannot exceed the limit.

use sqlx::PgConnection;

use crate::keys::Hash;

/// The number of failed sign-ins that locks an account.
pub const LOCKS_AFTER: i32 = 10;

/// Whether an attempt may continue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attempt {
    /// The attempt was counted as a failure. The value is its number since the last success.
    Counted(i32),
    /// Nothing was counted. The value is the seconds until the next attempt is possible.
    Blocked(u64),
}

/// Counts an attempt as a failure in advance, unless it has to wait.
///
/// From the tenth on the waiting time doubles, from one second up to 15 minutes. The worker deletes counters that have
/// not locked after a day without a failure.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn reserve(connection: &mut PgConnection, key: &Hash) -> Result<Attempt, sqlx::Error> {
    let counted = sqlx::query_scalar!(
        "INSERT INTO sign_in_failures AS f (key, failures, last_at, blocked_until)
         VALUES ($1, 1, clock_timestamp(), clock_timestamp())
         ON CONFLICT (key) DO UPDATE SET
             failures = f.failures + 1,
             last_at = clock_timestamp(),
             blocked_until = CASE
                 WHEN f.failures + 1 < $2 THEN clock_timestamp()
                 ELSE clock_timestamp() + make_interval(secs => least(900, 2 ^ least(20, f.failures + 1 - $2)))
             END
         WHERE f.blocked_until <= clock_timestamp()
         RETURNING failures",
        key,
        LOCKS_AFTER
    )
    .fetch_optional(&mut *connection)
    .await?;
    if let Some(number) = counted {
        return Ok(Attempt::Counted(number));
    }
    let seconds = sqlx::query_scalar!(
        r#"SELECT ceil(extract(epoch FROM blocked_until - clock_timestamp()))::bigint AS "seconds!"
           FROM sign_in_failures WHERE key = $1"#,
        key
    )
    .fetch_optional(connection)
    .await?;
    Ok(Attempt::Blocked(
        u64::try_from(seconds.unwrap_or(1)).unwrap_or(1).max(1),
    ))
}

/// Removes a successful attempt and those before it from the count. Attempts that were counted later stay.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn succeeded(
    connection: &mut PgConnection,
    key: &Hash,
    number: i32,
) -> Result<(), sqlx::Error> {
    take_back(connection, key, number).await
}

/// Removes an attempt without a result from the count.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn withdraw(connection: &mut PgConnection, key: &Hash) -> Result<(), sqlx::Error> {
    take_back(connection, key, 1).await
}

async fn take_back(
    connection: &mut PgConnection,
    key: &Hash,
    many: i32,
) -> Result<(), sqlx::Error> {
    let left = sqlx::query_scalar!(
        r#"SELECT failures - $2::int4 AS "left!" FROM sign_in_failures WHERE key = $1 FOR UPDATE"#,
        key,
        many
    )
    .fetch_optional(&mut *connection)
    .await?;
    match left {
        None => Ok(()),
        Some(left) if left <= 0 => clear(connection, key).await,
        Some(left) => {
            sqlx::query!(
                "UPDATE sign_in_failures SET failures = $2, blocked_until = clock_timestamp() WHERE key = $1",
                key,
                left
            )
            .execute(connection)
            .await?;
            Ok(())
        }
    }
}

/// Keeps the counter at the locking number while the account is locked. Returns false if it was cleared because the
/// lock was ended.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn keep(connection: &mut PgConnection, key: &Hash) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "UPDATE sign_in_failures SET failures = greatest(failures, $2) WHERE key = $1",
        key,
        LOCKS_AFTER
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Clears the counter.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn clear(connection: &mut PgConnection, key: &Hash) -> Result<(), sqlx::Error> {
    sqlx::query!("DELETE FROM sign_in_failures WHERE key = $1", key)
        .execute(connection)
        .await?;
    Ok(())
}
