//! The only SQL. Functions take a connection and own no transaction; services begin those by
//! [`Store::tenant`] (rows of one institution) or [`Store::across`] (accounts and named functions).

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
mod roles;
pub mod sessions;
pub mod sign_in_failures;
mod unusable;

use std::time::Duration;

use muster::ids::InstitutionId;
use sqlx::{Connection as _, PgConnection, PgPool, Postgres, Transaction, postgres::PgPoolOptions};

pub use migrations::create_roles;
pub use roles::RoleNames;
pub use unusable::Unusable;

/// How long a database may take to come up, as it does beside Muster when a machine starts.
pub const DATABASE_START: Duration = Duration::from_mins(1);

/// A transaction.
pub type Tx = Transaction<'static, Postgres>;

/// Which of the database's roles a pool works as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Answers people.
    App,
    /// Sends mail.
    Worker,
}

impl Role {
    /// How long it waits for what somebody else holds: people are told to try again, work goes on when it can.
    const fn patience(self) -> &'static str {
        match self {
            Self::App => "10s",
            Self::Worker => "0",
        }
    }
}

/// Connections beside the pool that only health checks, sign-in and the lookup of a session use: what else is asked of
/// the server never holds all connections that these need.
pub const RESERVED_CONNECTIONS: u32 = 4;

/// Connections that work as one role.
#[derive(Debug, Clone)]
pub struct Store {
    pool: PgPool,
    reserved: PgPool,
}

impl Store {
    /// Connects as `role` with the default role names, whatever role the URL signs in as.
    ///
    /// # Errors
    /// Returns an error if a query fails.
    pub async fn connect(url: &str, role: Role, connections: u32) -> Result<Self, Unusable> {
        Self::connect_as(url, role, &RoleNames::default(), connections).await
    }

    /// Connects as `role`, whatever role the URL signs in as.
    ///
    /// # Errors
    /// Returns an error if a query fails.
    pub async fn connect_as(
        url: &str,
        role: Role,
        roles: &RoleNames,
        connections: u32,
    ) -> Result<Self, Unusable> {
        let options = connection::options(url)?;
        let mut first = connection::connect_when_up(&options, DATABASE_START).await?;
        // Said in a sentence here; a pool would only say that it timed out.
        connection::set_up_session(&mut first, role, roles)
            .await
            .map_err(|error| match unusable::code(&error).as_deref() {
                Some("42501" | "22023") => Unusable::RoleRefused {
                    role: roles.name_of(role),
                    cause: unusable::said(&error),
                },
                _ => Unusable::Database(error),
            })?;
        first.close().await?;
        let roles = roles.clone();
        let pools = PgPoolOptions::new()
            .max_connections(connections)
            .acquire_timeout(Duration::from_secs(10))
            .after_connect(move |connection, _| {
                let roles = roles.clone();
                Box::pin(async move { connection::set_up_session(connection, role, &roles).await })
            });
        // Opened when first used: a worker has no use for them.
        let reserved = pools
            .clone()
            .max_connections(RESERVED_CONNECTIONS)
            .connect_lazy_with(options.clone());
        let pool = pools.connect_with(options).await?;
        Ok(Self { pool, reserved })
    }

    /// A transaction that sees one institution's rows.
    ///
    /// # Errors
    /// Returns an error if a query fails.
    pub async fn tenant(&self, institution: InstitutionId) -> Result<Tx, sqlx::Error> {
        let mut tx = self.pool.begin().await?;
        enter(&mut tx, institution).await?;
        Ok(tx)
    }

    /// A transaction that sees no institution's rows but through the named functions.
    ///
    /// # Errors
    /// Returns an error if a query fails.
    pub async fn across(&self) -> Result<Tx, sqlx::Error> {
        self.pool.begin().await
    }

    /// Asks the database for nothing, to see that it answers.
    ///
    /// # Errors
    /// It does not.
    pub async fn answers(&self) -> Result<(), sqlx::Error> {
        sqlx::query("SELECT")
            .execute(&self.reserved)
            .await
            .map(drop)
    }

    /// The pool, for single statements that need no transaction.
    #[must_use]
    pub const fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// The reserved connections ([`RESERVED_CONNECTIONS`]), for short work that never waits for an institution's lock.
    #[must_use]
    pub const fn reserved(&self) -> &PgPool {
        &self.reserved
    }
}

/// From here on the transaction sees this institution's rows.
///
/// # Errors
/// Returns an error if a query fails.
pub async fn enter(
    connection: &mut PgConnection,
    institution: InstitutionId,
) -> Result<(), sqlx::Error> {
    sqlx::query_scalar!(
        "SELECT set_config('muster.institution', $1, true)",
        institution.to_string()
    )
    .fetch_one(connection)
    .await?;
    Ok(())
}

/// From here on the transaction waits only for a moment for what somebody else holds. For whoever holds the institution's
/// lock, which everybody else there waits for: an import that writes everything at once holds the people whom it changes.
///
/// # Errors
/// Returns an error if a query fails.
pub async fn hurry(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query("SET LOCAL lock_timeout = '2s'")
        .execute(connection)
        .await?;
    Ok(())
}

/// Whether a lock was waited for in vain.
#[must_use]
pub fn is_held(error: &sqlx::Error) -> bool {
    error
        .as_database_error()
        .and_then(sqlx::error::DatabaseError::code)
        .is_some_and(|code| code == "55P03")
}

/// Refuses a database that Muster can't work with, after waiting for one that is still starting.
///
/// # Errors
/// Why it can't be used.
pub async fn check(url: &str) -> Result<(), Unusable> {
    let connection = connection::connect_checked(url, DATABASE_START).await?;
    connection.close().await?;
    Ok(())
}

/// Brings the database's schema up to this version, with the default role names.
///
/// # Errors
/// Why the database can't be used.
pub async fn migrate(url: &str) -> Result<(), Unusable> {
    migrate_as(url, &RoleNames::default()).await
}

/// Brings the database's schema up to this version.
///
/// # Errors
/// Why the database can't be used.
pub async fn migrate_as(url: &str, roles: &RoleNames) -> Result<(), Unusable> {
    migrations::migrate(url, roles, DATABASE_START).await
}
