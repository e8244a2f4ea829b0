//! Accounts. They are global and belong to their person.

use chrono::{DateTime, Utc};
use muster::{email::EmailAddress, ids::AccountId, username::Username};
use sqlx::PgConnection;
use uuid::Uuid;

/// The data of an account that sign-in needs.
#[derive(Debug)]
pub struct Credentials {
    /// The account's id.
    pub id: Uuid,
    /// The username.
    pub username: String,
    /// The password hash.
    pub password_hash: String,
    /// Whether the password is a temporary one, which is compared in a normalized form.
    pub password_mailed: bool,
    /// When the account was locked, if it is.
    pub locked_at: Option<DateTime<Utc>>,
}

/// An account for its owner's pages.
#[derive(Debug)]
pub struct Account {
    /// The account's id.
    pub id: Uuid,
    /// The confirmed address.
    pub email: Option<String>,
    /// The address that has not been confirmed.
    pub unconfirmed_email: Option<String>,
    /// The username.
    pub username: String,
    /// The password hash.
    pub password_hash: String,
    /// Whether the password is a temporary one, which is compared in a normalized form.
    pub password_mailed: bool,
    /// The code of the chosen language.
    pub language: Option<String>,
    /// When the account was locked, if it is.
    pub locked_at: Option<DateTime<Utc>>,
}

/// A new account.
#[derive(Debug)]
pub struct NewAccount<'a> {
    /// The account's id.
    pub id: AccountId,
    /// The email address.
    pub email: &'a EmailAddress,
    /// Whether the address is confirmed.
    pub confirmed: bool,
    /// The username.
    pub username: &'a Username,
    /// The password hash.
    pub password_hash: &'a str,
    /// Whether the password is a temporary one.
    pub password_mailed: bool,
    /// The language's code.
    pub language: &'a str,
}

/// The fields that must not have changed since a password was compared.
#[derive(Debug)]
pub struct Held {
    /// The password hash.
    pub password_hash: String,
    /// When the account was locked, if it is.
    pub locked_at: Option<DateTime<Utc>>,
    /// Whether the person must choose a password first.
    pub must_change_password: bool,
}

/// Returns the account with this confirmed address (canonical) or this username (exact case).
#[tracing::instrument(level = "debug", skip_all)]
pub async fn by_identifier(
    connection: &mut PgConnection,
    identifier: &str,
) -> Result<Option<Credentials>, sqlx::Error> {
    sqlx::query_as!(
        Credentials,
        "SELECT id, username, password_hash, password_mailed, locked_at FROM accounts
         WHERE email = $1 OR (lower(username) = lower($1) AND username = $1)",
        identifier
    )
    .fetch_optional(connection)
    .await
}

/// Returns an account.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn by_id(
    connection: &mut PgConnection,
    id: AccountId,
) -> Result<Option<Account>, sqlx::Error> {
    sqlx::query_as!(
        Account,
        "SELECT id, email, unconfirmed_email, username, password_hash, password_mailed, language, locked_at
         FROM accounts WHERE id = $1",
        id.as_uuid()
    )
    .fetch_optional(connection)
    .await
}

/// Locks the account's row until the transaction ends, so that its lock and its password do not change.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn hold(
    connection: &mut PgConnection,
    id: AccountId,
) -> Result<Option<Held>, sqlx::Error> {
    sqlx::query_as!(
        Held,
        "SELECT password_hash, locked_at, must_change_password FROM accounts WHERE id = $1 FOR NO KEY UPDATE",
        id.as_uuid()
    )
    .fetch_optional(connection)
    .await
}

/// Returns the account with this confirmed address.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn id_by_email(
    connection: &mut PgConnection,
    email: &str,
) -> Result<Option<Uuid>, sqlx::Error> {
    sqlx::query_scalar!("SELECT id FROM accounts WHERE email = $1", email)
        .fetch_optional(connection)
        .await
}

/// Creates an account. Violates `accounts_username_key` if the username is taken, and `accounts_email_key` if the
/// address is confirmed and another account has it.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn insert(
    connection: &mut PgConnection,
    account: &NewAccount<'_>,
) -> Result<(), sqlx::Error> {
    let email = account.email.as_str();
    sqlx::query!(
        "INSERT INTO accounts (id, email, unconfirmed_email, username, password_hash, language, password_mailed)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        account.id.as_uuid(),
        account.confirmed.then_some(email),
        (!account.confirmed).then_some(email),
        account.username.as_str(),
        account.password_hash,
        account.language,
        account.password_mailed,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Sets the password.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn set_password(
    connection: &mut PgConnection,
    id: AccountId,
    hash: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE accounts SET password_hash = $2, password_changed_at = statement_timestamp(), must_change_password = false,
             password_mailed = false
         WHERE id = $1",
        id.as_uuid(),
        hash
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Requires the person to choose a password before their sessions can do anything else.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn ask_for_new_password(
    connection: &mut PgConnection,
    id: AccountId,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE accounts SET must_change_password = true WHERE id = $1",
        id.as_uuid()
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Sets the language.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn set_language(
    connection: &mut PgConnection,
    id: AccountId,
    code: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE accounts SET language = $2 WHERE id = $1",
        id.as_uuid(),
        code
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Locks the account. Returns whether it was unlocked before.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn lock(connection: &mut PgConnection, id: AccountId) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "UPDATE accounts SET locked_at = statement_timestamp() WHERE id = $1 AND locked_at IS NULL",
        id.as_uuid()
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Unlocks the account. Returns whether it was locked before.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn unlock(connection: &mut PgConnection, id: AccountId) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "UPDATE accounts SET locked_at = NULL WHERE id = $1 AND locked_at IS NOT NULL",
        id.as_uuid()
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Marks the members of accounts whose lock has changed while another transaction held them.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn sync_locks(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query!("SELECT sync_locks()")
        .fetch_one(connection)
        .await?;
    Ok(())
}

/// Confirms the address. Violates `accounts_email_key` if another account confirmed it first.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn confirm_email(
    connection: &mut PgConnection,
    id: AccountId,
    email: &str,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "UPDATE accounts SET email = $2, unconfirmed_email = NULL WHERE id = $1 AND unconfirmed_email = $2",
        id.as_uuid(),
        email
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Locks the username until the transaction ends, so that concurrent choices of it, for accounts or invitations, are
/// serialized. An import locks all usernames at once (`imports::apply::reserve_usernames`).
#[tracing::instrument(level = "debug", skip_all)]
pub async fn hold_username(
    connection: &mut PgConnection,
    username: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "SELECT pg_advisory_xact_lock_shared(hashtextextended('usernames', 0)),
             pg_advisory_xact_lock(hashtextextended('username ' || lower($1), 0))",
        username
    )
    .fetch_one(connection)
    .await?;
    Ok(())
}

/// Returns whether an account has the username or an open invitation (other than `but`) or an import reserves it.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn username_in_use(
    connection: &mut PgConnection,
    username: &str,
    but: Option<(Uuid, Uuid)>,
) -> Result<bool, sqlx::Error> {
    let taken = sqlx::query_scalar!(
        "SELECT username_in_use($1, $2, $3)",
        username,
        but.map(|(institution, _)| institution),
        but.map(|(_, membership)| membership),
    )
    .fetch_one(connection)
    .await?;
    Ok(taken.unwrap_or(true))
}
