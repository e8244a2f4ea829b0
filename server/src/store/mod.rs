//! All queries of the schema. `schema/schema.sql` shows the schema, `schema/functions` has its functions.
//!
//! Columns with a code of a Rust enum have no CHECK that would repeat its values: Rust writes only codes of the enum and
//! parses them when it reads. The comments in `migrations` name the enums.
//!
//! Functions take a connection and begin no transaction. Services begin transactions by [`Store::tenant`] (rows of one
//! institution) or [`Store::across`] (accounts and security-definer functions).

#![expect(
    clippy::missing_errors_doc,
    reason = "every function here fails with what the database says; what more there is, its docs say"
)]

pub mod accounts;
pub mod attention;
pub mod audit;
mod connection;
pub mod counts;
pub mod demo;
pub mod erasure;
pub mod imports;
pub mod institutions;
pub mod invitations;
pub mod limits;
pub mod links;
pub mod listing;
pub mod login_details;
pub mod mail_pauses;
pub mod mailbox;
pub mod memberships;
mod migrations;
pub mod outbox;
pub mod queues;
mod roles;
pub mod sessions;
pub mod sign_in_failures;
mod unusable;

use std::time::Duration;

use muster::ids::InstitutionId;
use sqlx::{
    AssertSqlSafe, Connection as _, PgConnection, PgPool, Postgres, Transaction,
    postgres::PgPoolOptions,
};

pub use migrations::create_roles;
pub use roles::RoleNames;
pub use unusable::Unusable;

/// How long to wait for a database that starts at the same time as Muster.
pub const DATABASE_START: Duration = Duration::from_mins(1);

/// A database transaction.
pub type Tx = Transaction<'static, Postgres>;

/// The database role of a pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The web server.
    App,
    /// The worker.
    Worker,
}

impl Role {
    /// Returns the lock timeout. The app's users are asked to try again after it; the worker waits without a limit.
    const fn patience(self) -> &'static str {
        match self {
            Self::App => "10s",
            Self::Worker => "0",
        }
    }
}

/// The number of connections beside the pool. Only health checks, sign-in and the session lookup use them, so other
/// requests can never take all connections from these.
pub const RESERVED_CONNECTIONS: u32 = 4;
/// The lock timeout of the reserved connections. Their transactions lock only rows that others hold for milliseconds.
const RESERVED_LOCK_TIMEOUT: &str = "1s";

/// Connection pools of one role.
#[derive(Debug, Clone)]
pub struct Store {
    pool: PgPool,
    reserved: PgPool,
}

impl Store {
    /// Connects as `role` with the default role names, whatever role the URL's login has.
    ///
    /// # Errors
    /// Returns an error if the database can't be used.
    pub async fn connect(url: &str, role: Role, connections: u32) -> Result<Self, Unusable> {
        Self::connect_as(url, role, &RoleNames::default(), connections).await
    }

    /// Connects as `role`, whatever role the URL's login has.
    ///
    /// # Errors
    /// Returns an error if the database can't be used.
    pub async fn connect_as(
        url: &str,
        role: Role,
        roles: &RoleNames,
        connections: u32,
    ) -> Result<Self, Unusable> {
        let options = connection::options(url)?;
        let mut first = connection::connect_when_up(&options, DATABASE_START).await?;
        // Tried on one connection first: a pool would only report a timeout.
        connection::set_up_session(&mut first, role, roles, role.patience())
            .await
            .map_err(|error| match unusable::code(&error).as_deref() {
                Some("42501" | "22023") => Unusable::RoleRefused {
                    role: roles.name_of(role),
                    cause: unusable::said(&error),
                },
                _ => Unusable::Database(error),
            })?;
        first.close().await?;
        let pools = |connections, lock_timeout| {
            let roles = roles.clone();
            PgPoolOptions::new()
                .max_connections(connections)
                .acquire_timeout(Duration::from_secs(10))
                .after_connect(move |connection, _| {
                    let roles = roles.clone();
                    Box::pin(async move {
                        connection::set_up_session(connection, role, &roles, lock_timeout).await
                    })
                })
        };
        // Opened on first use: a worker does not need them.
        let reserved =
            pools(RESERVED_CONNECTIONS, RESERVED_LOCK_TIMEOUT).connect_lazy_with(options.clone());
        let pool = pools(connections, role.patience())
            .connect_with(options)
            .await?;
        Ok(Self { pool, reserved })
    }

    /// Begins a transaction that sees one institution's rows.
    ///
    /// # Errors
    /// Returns an error if a query fails.
    pub async fn tenant(&self, institution: InstitutionId) -> Result<Tx, sqlx::Error> {
        let mut tx = self.pool.begin().await?;
        enter(&mut tx, institution).await?;
        Ok(tx)
    }

    /// Begins a transaction that sees no institution's rows, except through security-definer functions.
    ///
    /// # Errors
    /// Returns an error if no connection is available.
    pub async fn across(&self) -> Result<Tx, sqlx::Error> {
        self.pool.begin().await
    }

    /// Checks that the database responds.
    ///
    /// # Errors
    /// Returns an error if it does not.
    pub async fn answers(&self) -> Result<(), sqlx::Error> {
        sqlx::query("SELECT")
            .execute(&self.reserved)
            .await
            .map(drop)
    }

    /// Returns the pool, for single statements that need no transaction.
    #[must_use]
    pub const fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// Returns the reserved connections ([`RESERVED_CONNECTIONS`]), for short work that never waits for an
    /// institution's lock.
    #[must_use]
    pub const fn reserved(&self) -> &PgPool {
        &self.reserved
    }
}

/// Makes this institution's rows visible to the transaction.
///
/// Uses `SET LOCAL` with a literal instead of `set_config` with a parameter: a distributed Postgres passes only the
/// former on to its nodes. A UUID needs no escaping.
///
/// # Errors
/// Returns an error if the query fails.
pub async fn enter(
    connection: &mut PgConnection,
    institution: InstitutionId,
) -> Result<(), sqlx::Error> {
    let statement = format!(
        "SET LOCAL muster.institution = '{}'",
        institution.as_uuid().hyphenated()
    );
    // Not prepared: each institution would add a statement to the connection's cache.
    sqlx::raw_sql(AssertSqlSafe(statement))
        .execute(connection)
        .await?;
    Ok(())
}

/// Sets a short lock timeout for the rest of the transaction. For holders of the institution's lock, which others wait
/// for: an all-or-nothing import may hold the members that it changes for long.
///
/// # Errors
/// Returns an error if the query fails.
pub async fn hurry(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query("SET LOCAL lock_timeout = '2s'")
        .execute(connection)
        .await?;
    Ok(())
}

/// Returns whether the error is a lock timeout.
#[must_use]
pub fn is_held(error: &sqlx::Error) -> bool {
    error
        .as_database_error()
        .and_then(sqlx::error::DatabaseError::code)
        .is_some_and(|code| code == "55P03")
}

/// Checks that Muster can use the database, after waiting for one that is starting.
///
/// # Errors
/// Returns why it can't be used.
pub async fn check(url: &str) -> Result<(), Unusable> {
    let connection = connection::connect_checked(url, DATABASE_START).await?;
    connection.close().await?;
    Ok(())
}

/// Migrates the schema to this version, with the default role names.
///
/// # Errors
/// Returns why the database can't be used.
pub async fn migrate(url: &str) -> Result<(), Unusable> {
    migrate_as(url, &RoleNames::default()).await
}

/// Migrates the schema to this version.
///
/// # Errors
/// Returns why the database can't be used.
pub async fn migrate_as(url: &str, roles: &RoleNames) -> Result<(), Unusable> {
    migrations::migrate(url, roles, DATABASE_START).await
}
