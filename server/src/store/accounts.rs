//! Accounts: global, a person's own.

use chrono::{DateTime, Utc};
use muster::{email::EmailAddress, ids::AccountId, username::Username};
use sqlx::PgConnection;
use uuid::Uuid;

/// What signing in needs to know of an account.
#[derive(Debug)]
pub struct Credentials {
    /// The account.
    pub id: Uuid,
    /// Its username.
    pub username: String,
    /// Its password's hash.
    pub password_hash: String,
    /// Whether the password is the one that was mailed: it is compared in the form of those.
    pub password_mailed: bool,
    /// Since when it is locked.
    pub locked_at: Option<DateTime<Utc>>,
}

/// An account as its owner sees it.
#[derive(Debug)]
pub struct Account {
    /// The account.
    pub id: Uuid,
    /// The proved address.
    pub email: Option<String>,
    /// The address that nobody proved.
    pub unconfirmed_email: Option<String>,
    /// The username.
    pub username: String,
    /// The password's hash.
    pub password_hash: String,
    /// Whether the password is the one that was mailed: it is compared in the form of those.
    pub password_mailed: bool,
    /// The chosen language's code.
    pub language: Option<String>,
    /// Since when it is locked.
    pub locked_at: Option<DateTime<Utc>>,
}

/// A new account.
#[derive(Debug)]
pub struct NewAccount<'a> {
    /// Its id.
    pub id: AccountId,
    /// Its address.
    pub email: &'a EmailAddress,
    /// Whether the address was proved.
    pub confirmed: bool,
    /// Its username.
    pub username: &'a Username,
    /// Its password's hash.
    pub password_hash: &'a str,
    /// Whether that is the one that was mailed.
    pub password_mailed: bool,
    /// Its language's code.
    pub language: &'a str,
}

/// What must not have changed since a password was compared.
#[derive(Debug)]
pub struct Held {
    /// The password's hash.
    pub password_hash: String,
    /// Since when the account is locked.
    pub locked_at: Option<DateTime<Utc>>,
    /// Whether the person must choose a password first.
    pub must_change_password: bool,
}

/// By proved address (canonical) or by username in its exact case.
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

/// By id.
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

/// Holds the account until the transaction ends: it is not locked, and its password is not changed, meanwhile.
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

/// The account with this proved address.
pub async fn id_by_email(
    connection: &mut PgConnection,
    email: &str,
) -> Result<Option<Uuid>, sqlx::Error> {
    sqlx::query_scalar!("SELECT id FROM accounts WHERE email = $1", email)
        .fetch_optional(connection)
        .await
}

/// Adds one. Violates `accounts_username_key` where the username is taken and `accounts_email_key`
/// where the address is another account's.
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

/// Sets a password.
pub async fn set_password(
    connection: &mut PgConnection,
    id: AccountId,
    hash: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE accounts SET password_hash = $2, password_changed_at = clock_timestamp(), must_change_password = false,
             password_mailed = false
         WHERE id = $1",
        id.as_uuid(),
        hash
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The person must choose a password before their sessions can do anything else.
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

/// Locks; true where it was not locked before.
pub async fn lock(connection: &mut PgConnection, id: AccountId) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "UPDATE accounts SET locked_at = clock_timestamp() WHERE id = $1 AND locked_at IS NULL",
        id.as_uuid()
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Unlocks; true where it was locked before.
pub async fn unlock(connection: &mut PgConnection, id: AccountId) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "UPDATE accounts SET locked_at = NULL WHERE id = $1 AND locked_at IS NOT NULL",
        id.as_uuid()
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// The address was proved. Violates `accounts_email_key` where somebody else proved it first.
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

/// Holds the name until the transaction ends, so that two who choose it at once come one after the
/// other, whether for an account or for an invitation; and so does an import, which holds all names at once
/// (`imports::apply::hold_usernames`).
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

/// Whether an account has the name or an open invitation (other than the named one) reserves it.
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
