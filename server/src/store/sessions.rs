//! Sessions. Only the hash of a session's token is stored.

use std::time::Duration;

use muster::ids::AccountId;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::keys::Hash;

/// A valid session with the data of its account that every page needs.
#[derive(Debug)]
pub struct Living {
    /// The account.
    pub account_id: Uuid,
    /// The account's language, else that of the institution viewed last.
    pub language: Option<String>,
    /// Whether a password must be chosen before anything else.
    pub must_change_password: bool,
}

/// Returns the valid session with this token and extends its idle time. The extension is written at most once a minute.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn living(
    connection: &mut PgConnection,
    hash: &Hash,
) -> Result<Option<Living>, sqlx::Error> {
    let Some(row) = sqlx::query!(
        r#"SELECT s.account_id, a.must_change_password,
                  coalesce(a.language, (SELECT i.language FROM institutions_of(s.account_id) i LIMIT 1)) AS language,
                  s.idle_until < clock_timestamp() + make_interval(secs => s.idle_seconds - 60) AS "stale!"
           FROM sessions s JOIN accounts a ON a.id = s.account_id
           WHERE s.token_hash = $1 AND s.idle_until > clock_timestamp() AND s.absolute_until > clock_timestamp()"#,
        hash
    )
    .fetch_optional(&mut *connection)
    .await?
    else {
        return Ok(None);
    };
    if row.stale {
        sqlx::query!(
            // Of concurrent requests only one writes. The others find the new time and need no commit.
            "UPDATE sessions SET idle_until = clock_timestamp() + make_interval(secs => idle_seconds)
             WHERE token_hash = $1 AND idle_until < clock_timestamp() + make_interval(secs => idle_seconds - 60)",
            hash
        )
        .execute(connection)
        .await?;
    }
    Ok(Some(Living {
        account_id: row.account_id,
        language: row.language,
        must_change_password: row.must_change_password,
    }))
}

/// Creates a session.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn insert(
    connection: &mut PgConnection,
    hash: &Hash,
    account: AccountId,
    idle: Duration,
    absolute: Duration,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO sessions (token_hash, account_id, idle_until, absolute_until, idle_seconds)
         VALUES ($1, $2, clock_timestamp() + make_interval(secs => $3), clock_timestamp() + make_interval(secs => $4), $3)",
        hash,
        account.as_uuid(),
        idle.as_secs_f64(),
        absolute.as_secs_f64(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Returns whether the session still exists, and prevents its deletion until the transaction ends.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn hold(connection: &mut PgConnection, hash: &Hash) -> Result<bool, sqlx::Error> {
    let found = sqlx::query_scalar!(
        "SELECT account_id FROM sessions WHERE token_hash = $1 FOR KEY SHARE",
        hash
    )
    .fetch_optional(connection)
    .await?;
    Ok(found.is_some())
}

/// Deletes a session.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn delete(connection: &mut PgConnection, hash: &Hash) -> Result<(), sqlx::Error> {
    sqlx::query!("DELETE FROM sessions WHERE token_hash = $1", hash)
        .execute(connection)
        .await?;
    Ok(())
}

/// Deletes all sessions of an account except `kept`.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn delete_others(
    connection: &mut PgConnection,
    account: AccountId,
    kept: Option<&Hash>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "DELETE FROM sessions WHERE account_id = $1 AND token_hash IS DISTINCT FROM $2",
        account.as_uuid(),
        kept.map(<[u8; 32]>::as_slice),
    )
    .execute(connection)
    .await?;
    Ok(())
}
