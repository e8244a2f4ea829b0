//! Mailed links of accounts (reset, unlock, confirm) and the link of the first set-up.

use muster::ids::AccountId;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::keys::Hash;

/// The kind of a mailed link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Sets a new password. Valid for 30 minutes.
    Reset,
    /// Unlocks the account. Valid for a day.
    Unlock,
    /// Confirms an address. Valid for a day.
    Confirm,
}

impl Kind {
    /// Returns the code in the database.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Reset => "reset",
            Self::Unlock => "unlock",
            Self::Confirm => "confirm",
        }
    }

    /// Returns the lifetime in minutes.
    #[must_use]
    pub const fn minutes(self) -> i32 {
        match self {
            Self::Reset => 30,
            Self::Unlock | Self::Confirm => 24 * 60,
        }
    }
}

/// A valid link.
#[derive(Debug)]
pub struct Link {
    /// The account.
    pub account_id: Uuid,
    /// The address to confirm.
    pub email: Option<String>,
    /// Seconds until it expires.
    pub seconds_left: i64,
}

/// Creates a link and returns its expiry time.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn insert(
    connection: &mut PgConnection,
    id: Uuid,
    account: AccountId,
    kind: Kind,
    email: Option<&str>,
    hash: &Hash,
) -> Result<chrono::DateTime<chrono::Utc>, sqlx::Error> {
    sqlx::query_scalar!(
        "INSERT INTO account_links (id, account_id, kind, email, token_hash, expires_at)
         VALUES ($1, $2, $3, $4, $5, clock_timestamp() + make_interval(mins => $6))
         RETURNING expires_at",
        id,
        account.as_uuid(),
        kind.code(),
        email,
        hash,
        kind.minutes(),
    )
    .fetch_one(connection)
    .await
}

/// Returns the link with this token if it is valid: not used, not expired, and the account's newest of its kind.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn living(
    connection: &mut PgConnection,
    kind: Kind,
    hash: &Hash,
) -> Result<Option<Link>, sqlx::Error> {
    sqlx::query_as!(
        Link,
        r#"SELECT account_id, email,
                  ceil(extract(epoch FROM expires_at - clock_timestamp()))::bigint AS "seconds_left!"
         FROM account_links l
         WHERE token_hash = $1 AND kind = $2 AND used_at IS NULL AND expires_at > clock_timestamp()
           AND NOT EXISTS (SELECT 1 FROM account_links newer
                           WHERE newer.account_id = l.account_id AND newer.kind = l.kind AND newer.created_at > l.created_at)"#,
        hash,
        kind.code()
    )
    .fetch_optional(connection)
    .await
}

/// Consumes the link. Returns `None` if it is not valid.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn use_up(
    connection: &mut PgConnection,
    kind: Kind,
    hash: &Hash,
) -> Result<Option<Link>, sqlx::Error> {
    sqlx::query_as!(
        Link,
        r#"UPDATE account_links l SET used_at = clock_timestamp()
         WHERE token_hash = $1 AND kind = $2 AND used_at IS NULL AND expires_at > clock_timestamp()
           AND NOT EXISTS (SELECT 1 FROM account_links newer
                           WHERE newer.account_id = l.account_id AND newer.kind = l.kind AND newer.created_at > l.created_at)
         RETURNING account_id, email,
                   ceil(extract(epoch FROM expires_at - clock_timestamp()))::bigint AS "seconds_left!""#,
        hash,
        kind.code()
    )
    .fetch_optional(connection)
    .await
}

/// Invalidates all other links of this kind of the account.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn end_others(
    connection: &mut PgConnection,
    account: AccountId,
    kind: Kind,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE account_links SET used_at = clock_timestamp() WHERE account_id = $1 AND kind = $2 AND used_at IS NULL",
        account.as_uuid(),
        kind.code()
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Opens the first set-up unless it was used.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn open_setup(connection: &mut PgConnection, hash: &Hash) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO setup (token_hash) VALUES ($1)
         ON CONFLICT (only_one) DO UPDATE SET token_hash = excluded.token_hash WHERE setup.used_at IS NULL",
        hash
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Returns whether the first set-up is open to this token.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn setup_is_open(
    connection: &mut PgConnection,
    hash: &Hash,
) -> Result<bool, sqlx::Error> {
    let open = sqlx::query_scalar!(
        "SELECT EXISTS (SELECT 1 FROM setup WHERE token_hash = $1 AND used_at IS NULL) AND NOT any_institution()",
        hash
    )
    .fetch_one(connection)
    .await?;
    Ok(open.unwrap_or(false))
}

/// Consumes the first set-up. Returns false if it was used before.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn use_setup(connection: &mut PgConnection, hash: &Hash) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "UPDATE setup SET used_at = clock_timestamp()
         WHERE token_hash = $1 AND used_at IS NULL AND NOT any_institution()",
        hash
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Returns whether any institution exists.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn any_institution(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    let any = sqlx::query_scalar!("SELECT any_institution()")
        .fetch_one(connection)
        .await?;
    Ok(any.unwrap_or(true))
}
