//! The reasons why a database can't be used, each as one sentence for the operator.

use sqlx::{error::DatabaseError, migrate::MigrateError};

/// The reason why a database can't be used.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    /// Nothing answered in time.
    #[error("the database at {address} could not be reached within {seconds} seconds ({cause}).")]
    Unreachable {
        /// Host and port, or the socket.
        address: String,
        /// How many seconds it was tried.
        seconds: u64,
        /// The error of the last attempt.
        cause: String,
    },
    /// The login or its password is wrong.
    #[error(
        "the database at {address} rejected the login ({cause}). If the password has characters such as # / ? @ : or %, they \
         must be percent-encoded in the URL: # is %23, / is %2F, ? is %3F, @ is %40, : is %3A and % is %25."
    )]
    LoginRefused {
        /// Host and port, or the socket.
        address: String,
        /// The server's message.
        cause: String,
    },
    /// The server is too old.
    #[error("the database server is PostgreSQL {major}, and Muster needs PostgreSQL 15 or newer.")]
    TooOld {
        /// The server's major version.
        major: i32,
    },
    /// The encoding would garble or refuse names.
    #[error(
        "the database has the encoding {encoding}, and Muster needs UTF8; nothing was created. Create the database with \
         \"CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0\"."
    )]
    Encoding {
        /// The database's encoding.
        encoding: String,
    },
    /// A connection could act with the role that another one has set.
    #[error(
        "a connection pooler at {address} shares connections between clients (transaction or statement mode), which Muster \
         can't work with; set its pool_mode to session, or connect to the database directly."
    )]
    TransactionPooling {
        /// Host and port, or the socket.
        address: String,
    },
    /// A pooler has fewer connections than Muster needs.
    #[error(
        "a connection pooler at {address} did not provide a second connection within {seconds} seconds; raise its pool size \
         (Muster uses up to 30 connections in each process)."
    )]
    PoolTooSmall {
        /// Host and port, or the socket.
        address: String,
        /// How many seconds it was tried.
        seconds: u64,
    },
    /// The roles can't be created or used.
    #[error("{0}.")]
    Roles(String),
    /// The schema belongs to roles with another prefix.
    #[error(
        "the schema \"muster\" of this database belongs to the role {owner}, not to {expected}; set \
         MUSTER_DATABASE_ROLE_PREFIX to the prefix that it was created with."
    )]
    OtherOwner {
        /// The actual owner.
        owner: String,
        /// The expected owner.
        expected: String,
    },
    /// The login is not allowed to migrate.
    #[error(
        "the database is not migrated to this version of Muster, and this login is not allowed to migrate it; run \"muster migrate\" \
         with MUSTER_OWNER_DATABASE_URL set."
    )]
    NotMigrated,
    /// A newer version of Muster has migrated the database.
    #[error(
        "the database was migrated by a newer version of Muster; install that version, or restore the backup from before the upgrade."
    )]
    Newer,
    /// The database was restored from a backup without the table of applied migrations.
    #[error(
        "the schema \"muster\" has tables but no record of its migrations, as after restoring an incomplete backup; \
         restore a dump of the whole schema into an empty database."
    )]
    NoRecord,
    /// The login can't act as one of the roles.
    #[error(
        "the login is not allowed to use the role {role} ({cause}); run \"GRANT {role} TO …\" as an administrator."
    )]
    RoleRefused {
        /// The role.
        role: String,
        /// The server's message.
        cause: String,
    },
    /// Any other database error.
    #[error("the database can't be used: {0}.")]
    Database(#[from] sqlx::Error),
    /// Any other migration error.
    #[error("the database can't be migrated to this version: {0}.")]
    Migration(MigrateError),
}

impl From<MigrateError> for Unusable {
    fn from(error: MigrateError) -> Self {
        match error {
            MigrateError::VersionMissing(_) | MigrateError::VersionTooNew(..) => Self::Newer,
            other => Self::Migration(other),
        }
    }
}

/// Returns the SQLSTATE of a database error.
pub(super) fn code(error: &sqlx::Error) -> Option<String> {
    error
        .as_database_error()
        .and_then(DatabaseError::code)
        .map(std::borrow::Cow::into_owned)
}

/// Returns the database's own message, or the error as text.
pub(super) fn said(error: &sqlx::Error) -> String {
    error
        .as_database_error()
        .map_or_else(|| error.to_string(), |said| said.message().to_owned())
}
