//! The only SQL. Functions take a connection and own no transaction; services begin those by
//! [`Store::tenant`] (rows of one institution) or [`Store::across`] (accounts and named functions).

#![expect(
    clippy::missing_errors_doc,
    reason = "every function here fails with what the database says; what more there is, its docs say"
)]

pub mod accounts;
pub mod attention;
pub mod audit;
pub mod counts;
pub mod demo;
pub mod imports;
pub mod institutions;
pub mod invitations;
pub mod limits;
pub mod links;
pub mod listing;
pub mod login_details;
pub mod mailbox;
pub mod memberships;
pub mod outbox;
pub mod sessions;
pub mod sign_in_failures;

use std::{str::FromStr, time::Duration};

use muster::ids::InstitutionId;
use sqlx::{
    Connection, PgConnection, PgPool, Postgres, Transaction,
    migrate::Migrator,
    postgres::{PgConnectOptions, PgPoolOptions},
};

static MIGRATIONS: Migrator = sqlx::migrate!("./migrations");

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
    const fn statement(self) -> &'static str {
        match self {
            Self::App => "SET ROLE muster_app",
            Self::Worker => "SET ROLE muster_worker",
        }
    }

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
    /// Connects as `role`, whatever role the URL signs in as.
    ///
    /// # Errors
    /// What the database says.
    pub async fn connect(url: &str, role: Role, connections: u32) -> Result<Self, sqlx::Error> {
        let options = PgConnectOptions::from_str(url)?
            .application_name("muster")
            // Plans made for the very values: whether a filter is set, and how rare what it looks for is. And a
            // page's query is done before it would be compiled or spread over processes.
            .options([
                ("search_path", "muster"),
                ("plan_cache_mode", "force_custom_plan"),
                ("jit", "off"),
                ("max_parallel_workers_per_gather", "0"),
                ("lock_timeout", role.patience()),
            ]);
        let pools = PgPoolOptions::new()
            .max_connections(connections)
            .acquire_timeout(Duration::from_secs(10))
            .after_connect(move |connection, _| {
                Box::pin(async move {
                    sqlx::query(role.statement()).execute(connection).await?;
                    Ok(())
                })
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
    /// What the database says.
    pub async fn tenant(&self, institution: InstitutionId) -> Result<Tx, sqlx::Error> {
        let mut tx = self.pool.begin().await?;
        enter(&mut tx, institution).await?;
        Ok(tx)
    }

    /// A transaction that sees no institution's rows but through the named functions.
    ///
    /// # Errors
    /// What the database says.
    pub async fn across(&self) -> Result<Tx, sqlx::Error> {
        self.pool.begin().await
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
/// What the database says.
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
/// What the database says.
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

/// Brings the database's schema up to this version.
///
/// # Errors
/// What the database says.
pub async fn migrate(url: &str) -> Result<(), sqlx::migrate::MigrateError> {
    let mut connection = PgConnection::connect(url).await?;
    MIGRATIONS.run(&mut connection).await?;
    connection.close().await?;
    Ok(())
}
