//! Sessions: only the hash of a session's token is kept.

use std::time::Duration;

use muster::ids::AccountId;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::keys::Hash;

/// A living session with what every page needs of its account.
#[derive(Debug)]
pub struct Living {
    /// Whose.
    pub account_id: Uuid,
    /// The account's language, else that of the institution viewed last.
    pub language: Option<String>,
    /// Nothing else is possible before a password was chosen.
    pub must_change_password: bool,
}

/// The living session with this token. Being used keeps it from going idle; that is written down once
/// a minute at most.
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
            // Of many requests at once one writes: the others find that it is done and wait for no commit of their own.
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

/// Begins one.
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

/// Whether it is still there, kept from ending until the transaction ends.
pub async fn hold(connection: &mut PgConnection, hash: &Hash) -> Result<bool, sqlx::Error> {
    let found = sqlx::query_scalar!(
        "SELECT account_id FROM sessions WHERE token_hash = $1 FOR KEY SHARE",
        hash
    )
    .fetch_optional(connection)
    .await?;
    Ok(found.is_some())
}

/// Ends one.
pub async fn delete(connection: &mut PgConnection, hash: &Hash) -> Result<(), sqlx::Error> {
    sqlx::query!("DELETE FROM sessions WHERE token_hash = $1", hash)
        .execute(connection)
        .await?;
    Ok(())
}

/// Ends all of an account, but the one that is kept.
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
