//! Migrates the schema: creates the roles, runs the migrations, then applies the files of functions that have changed.

use std::{borrow::Cow, collections::HashMap, time::Duration};

use sha2::{Digest as _, Sha256};
use sqlx::{
    AssertSqlSafe, Connection as _, PgConnection, SqlSafeStr as _,
    migrate::{Migration, Migrator},
};

use super::{
    RoleNames,
    connection::connect_checked,
    unusable::{Unusable, code, said},
};

static MIGRATIONS: Migrator = sqlx::migrate!("./migrations");
/// Runs before the migrations. Without an underscore in its name, the file is not a migration.
const ROLES: &str = include_str!("../../migrations/0000-roles.sql");
/// Muster owns one schema, so a dump of it is a complete backup.
const RECORD: &str = "muster._sqlx_migrations";

macro_rules! function_files {
    ($($name:literal),+ $(,)?) => {
        &[$(($name, include_str!(concat!("../../schema/functions/", $name, ".sql")))),+]
    };
}

/// The names and contents of the files in `schema/functions`, in the order in which they are applied.
///
/// Each file creates functions and their triggers with `CREATE OR REPLACE` and can be applied again. A function with
/// another name or signature is a new one: a migration drops the old one. A release that changes a file has a new
/// migration too, even an empty one, so that the release before it refuses to start instead of applying its own files.
const FUNCTIONS: &[(&str, &str)] = function_files![
    "search_terms",
    "memberships",
    "institutions",
    "invitations",
    "usernames",
    "imports",
    "messages",
    "erasure",
];

/// The state in which a database is found.
struct Found {
    /// The owner of the schema, if it exists.
    schema_owner: Option<String>,
    /// Whether this login can act as the owner.
    can_own: bool,
}

/// Migrates the schema to this version. A login that can't act as the owner only checks the version.
///
/// # Errors
/// Returns an error if the database can't be used, or has another version and this login can't change that.
pub async fn migrate(url: &str, roles: &RoleNames, patience: Duration) -> Result<(), Unusable> {
    let mut connection = connect_checked(url, patience).await?;
    let found = find(&mut connection, roles).await?;
    if let Some(owner) = &found.schema_owner {
        if *owner != roles.owner() {
            return Err(Unusable::OtherOwner {
                owner: owner.clone(),
                expected: roles.owner(),
            });
        }
        if !found.can_own {
            verify(&mut connection).await?;
            connection.close().await?;
            return Ok(());
        }
    }
    prepare(&mut connection, roles, found.schema_owner.is_some()).await?;
    execute(&mut connection, &format!("SET ROLE {}", roles.owner())).await?;
    migrator(roles).run(&mut connection).await?;
    apply_functions(&mut connection, roles).await?;
    connection.close().await?;
    Ok(())
}

/// Creates only the roles, in an empty database, and allows the owner to create its schema there, so that a backup can
/// be restored.
///
/// # Errors
/// Returns an error if the database can't be used, or the login may not create roles.
pub async fn create_roles(
    url: &str,
    roles: &RoleNames,
    patience: Duration,
) -> Result<(), Unusable> {
    let mut connection = connect_checked(url, patience).await?;
    let mut tx = connection.begin().await?;
    roles_in(&mut tx, roles).await?;
    let grant: String = sqlx::query_scalar(
        "SELECT format('GRANT CREATE ON DATABASE %I TO %I', current_database(), $1)",
    )
    .bind(roles.owner())
    .fetch_one(&mut *tx)
    .await?;
    execute(&mut tx, &grant).await?;
    tx.commit().await?;
    connection.close().await?;
    Ok(())
}

async fn find(connection: &mut PgConnection, roles: &RoleNames) -> Result<Found, sqlx::Error> {
    let (schema_owner, can_own) = sqlx::query_as(
        "SELECT (SELECT nspowner::regrole::text FROM pg_namespace WHERE nspname = 'muster'),
                to_regrole($1) IS NOT NULL AND EXISTS (
                    SELECT FROM pg_roles WHERE rolname = $1 AND pg_has_role(oid, 'USAGE')
                )",
    )
    .bind(roles.owner())
    .fetch_one(connection)
    .await?;
    Ok(Found {
        schema_owner,
        can_own,
    })
}

/// Creates the roles and the schema, in one transaction.
async fn prepare(
    connection: &mut PgConnection,
    roles: &RoleNames,
    has_schema: bool,
) -> Result<(), Unusable> {
    let mut tx = connection.begin().await?;
    lock_schema(&mut tx).await?;
    roles_in(&mut tx, roles).await?;
    if has_schema {
        check_record(&mut tx).await?;
    } else {
        let schema = format!(
            "CREATE SCHEMA IF NOT EXISTS muster AUTHORIZATION {}",
            roles.owner()
        );
        execute(&mut tx, &schema).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Serializes replicas that start at the same time, until the transaction ends.
async fn lock_schema(tx: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query("SELECT pg_advisory_xact_lock(hashtext('muster._sqlx_migrations'))")
        .execute(tx)
        .await?;
    Ok(())
}

/// Creates missing roles. The SQL file reports in one sentence what it refuses (`RAISE EXCEPTION`).
async fn roles_in(connection: &mut PgConnection, roles: &RoleNames) -> Result<(), Unusable> {
    let done = execute(connection, &roles.substitute(ROLES)).await;
    done.map_err(|error| match code(&error).as_deref() {
        Some("P0001") => Unusable::Roles(said(&error)),
        _ => Unusable::Database(error),
    })
}

/// Refuses a schema with tables but without a record of its migrations.
async fn check_record(tx: &mut PgConnection) -> Result<(), Unusable> {
    let (recorded, has_tables): (bool, bool) = sqlx::query_as(
        "SELECT to_regclass('muster._sqlx_migrations') IS NOT NULL, to_regclass('muster.accounts') IS NOT NULL",
    )
    .fetch_one(&mut *tx)
    .await?;
    if has_tables && (!recorded || is_empty(tx).await?) {
        return Err(Unusable::NoRecord);
    }
    Ok(())
}

async fn is_empty(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    let count = format!("SELECT count(*) = 0 FROM {RECORD}");
    sqlx::query_scalar(AssertSqlSafe(count))
        .fetch_one(connection)
        .await
}

/// Applies the files of functions whose content differs from what the database has recorded, and records it, in one
/// transaction.
async fn apply_functions(connection: &mut PgConnection, roles: &RoleNames) -> Result<(), Unusable> {
    let mut tx = connection.begin().await?;
    lock_schema(&mut tx).await?;
    let session = format!(
        "SET LOCAL ROLE {}; SET LOCAL search_path = muster, public",
        roles.owner()
    );
    execute(&mut tx, &session).await?;
    for (name, sql) in outdated_functions(&mut tx).await? {
        execute(&mut tx, &roles.substitute(sql)).await?;
        sqlx::query(
            "INSERT INTO muster.function_files (name, checksum) VALUES ($1, $2)
             ON CONFLICT (name) DO UPDATE SET checksum = excluded.checksum",
        )
        .bind(name)
        .bind(checksum(sql))
        .execute(&mut *tx)
        .await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Returns the files of functions whose content differs from what the database has recorded.
///
/// # Errors
/// Returns [`Unusable::Newer`] if the database has a file that this version does not know.
async fn outdated_functions(
    connection: &mut PgConnection,
) -> Result<Vec<(&'static str, &'static str)>, Unusable> {
    let rows: Vec<(String, Vec<u8>)> =
        sqlx::query_as("SELECT name, checksum FROM muster.function_files")
            .fetch_all(connection)
            .await?;
    let mut applied: HashMap<String, Vec<u8>> = rows.into_iter().collect();
    let outdated = FUNCTIONS
        .iter()
        .copied()
        .filter(|(name, sql)| applied.remove(*name) != Some(checksum(sql)))
        .collect();
    if !applied.is_empty() {
        return Err(Unusable::Newer);
    }
    Ok(outdated)
}

/// Returns the SHA-256 of a file, as it is before the names of the roles are substituted.
fn checksum(sql: &str) -> Vec<u8> {
    Sha256::digest(sql.as_bytes()).to_vec()
}

/// Checks that the database has this version, with a login that may only read.
async fn verify(connection: &mut PgConnection) -> Result<(), Unusable> {
    let versions = format!("SELECT version FROM {RECORD} WHERE success");
    let applied: Vec<i64> = sqlx::query_scalar(AssertSqlSafe(versions))
        .fetch_all(&mut *connection)
        .await
        .map_err(|error| match code(&error).as_deref() {
            // The table is missing or not readable, as before the version that made it readable to this login.
            Some("42P01" | "42501") => Unusable::NotMigrated,
            _ => Unusable::Database(error),
        })?;
    let known: Vec<i64> = MIGRATIONS.iter().map(|it| it.version).collect();
    if applied.iter().any(|version| !known.contains(version)) {
        return Err(Unusable::Newer);
    }
    if known.iter().any(|version| !applied.contains(version)) {
        return Err(Unusable::NotMigrated);
    }
    if !outdated_functions(connection).await?.is_empty() {
        return Err(Unusable::NotMigrated);
    }
    Ok(())
}

/// Returns the migrations with these role names. Their checksums stay those of the files.
fn migrator(roles: &RoleNames) -> Migrator {
    let substituted = MIGRATIONS.iter().map(|migration| Migration {
        sql: AssertSqlSafe(roles.substitute(migration.sql.as_str())).into_sql_str(),
        ..migration.clone()
    });
    let mut migrator = Migrator::with_migrations(substituted.collect());
    migrator.dangerous_set_table_name(Cow::Borrowed(RECORD));
    migrator
}

async fn execute(connection: &mut PgConnection, sql: &str) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
        .execute(connection)
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_functions_is_applied() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/schema/functions");
        let mut files: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|file| file.unwrap().file_name().into_string().unwrap())
            .collect();
        files.sort();
        let mut known: Vec<String> = FUNCTIONS
            .iter()
            .map(|(name, _)| format!("{name}.sql"))
            .collect();
        known.sort();
        assert_eq!(files, known);
    }
}
