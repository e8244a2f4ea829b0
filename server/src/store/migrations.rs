//! Migrates the schema: creates the roles, then the table of applied migrations, then runs the migrations.

use std::{borrow::Cow, time::Duration};

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
const FOUNDATION: i64 = 1;
/// The SHA-384 of `0001_foundation.sql` when it still created the roles. Its result is the same.
const FORMER_FOUNDATION: [u8; 48] = [
    0x5c, 0x4a, 0x8f, 0xaf, 0xb2, 0x38, 0x57, 0x8e, 0xa2, 0xbf, 0x29, 0x60, 0x31, 0x88, 0x43, 0x50,
    0xd2, 0x65, 0x05, 0x49, 0x66, 0x21, 0x27, 0xf3, 0xae, 0x1a, 0x65, 0x70, 0xf1, 0x16, 0xe8, 0x19,
    0x8a, 0xd6, 0x40, 0x70, 0x6f, 0x9e, 0xdd, 0xd1, 0x26, 0x86, 0x7e, 0x39, 0x88, 0x91, 0xff, 0xea,
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

/// Creates the roles, the schema and the schema of the migration table, in one transaction.
async fn prepare(
    connection: &mut PgConnection,
    roles: &RoleNames,
    has_schema: bool,
) -> Result<(), Unusable> {
    let mut tx = connection.begin().await?;
    // Serializes replicas that start at the same time.
    sqlx::query("SELECT pg_advisory_xact_lock(hashtext('muster._sqlx_migrations'))")
        .execute(&mut *tx)
        .await?;
    roles_in(&mut tx, roles).await?;
    if has_schema {
        adopt_record(&mut tx, roles).await?;
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

/// Creates missing roles. The SQL file reports in one sentence what it refuses (`RAISE EXCEPTION`).
async fn roles_in(connection: &mut PgConnection, roles: &RoleNames) -> Result<(), Unusable> {
    let done = execute(connection, &roles.substitute(ROLES)).await;
    done.map_err(|error| match code(&error).as_deref() {
        Some("P0001") => Unusable::Roles(said(&error)),
        _ => Unusable::Database(error),
    })
}

/// Moves the migration table into Muster's schema.
///
/// It used to be in the first schema of the search path, beside other programs' tables in `public`. An empty table in
/// Muster's schema is replaced.
async fn adopt_record(tx: &mut PgConnection, roles: &RoleNames) -> Result<(), Unusable> {
    let (recorded, has_tables): (bool, bool) = sqlx::query_as(
        "SELECT to_regclass('muster._sqlx_migrations') IS NOT NULL, to_regclass('muster.accounts') IS NOT NULL",
    )
    .fetch_one(&mut *tx)
    .await?;
    let empty = !recorded || is_empty(tx).await?;
    if empty && has_tables {
        let former = former_record(tx).await?.ok_or(Unusable::NoRecord)?;
        if recorded {
            execute(tx, &format!("DROP TABLE {RECORD}")).await?;
        }
        execute(tx, &format!("ALTER TABLE {former} SET SCHEMA muster")).await?;
        let owner = roles.owner();
        execute(tx, &format!("ALTER TABLE {RECORD} OWNER TO {owner}")).await?;
    }
    if !empty || has_tables {
        let update =
            format!("UPDATE {RECORD} SET checksum = $1 WHERE version = $2 AND checksum = $3");
        let foundation = MIGRATIONS.iter().find(|it| it.version == FOUNDATION);
        sqlx::query(AssertSqlSafe(update))
            .bind(foundation.map(|it| it.checksum.to_vec()))
            .bind(FOUNDATION)
            .bind(FORMER_FOUNDATION.to_vec())
            .execute(tx)
            .await?;
    }
    Ok(())
}

async fn is_empty(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    let count = format!("SELECT count(*) = 0 FROM {RECORD}");
    sqlx::query_scalar(AssertSqlSafe(count))
        .fetch_one(connection)
        .await
}

/// Returns a migration table in another schema that begins with Muster's foundation. Other programs have tables of the
/// same name.
async fn former_record(connection: &mut PgConnection) -> Result<Option<String>, sqlx::Error> {
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT format('%I.%I', n.nspname, c.relname)
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE c.relname = '_sqlx_migrations' AND c.relkind = 'r' AND n.nspname <> 'muster'
           AND has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')",
    )
    .fetch_all(&mut *connection)
    .await?;
    for table in tables {
        let ours =
            format!("SELECT EXISTS (SELECT FROM {table} WHERE version = $1 AND checksum = $2)");
        let ours: bool = sqlx::query_scalar(AssertSqlSafe(ours))
            .bind(FOUNDATION)
            .bind(FORMER_FOUNDATION.to_vec())
            .fetch_one(&mut *connection)
            .await?;
        if ours {
            return Ok(Some(table));
        }
    }
    Ok(None)
}

/// Checks that the database has this version, with a login that may only read.
async fn verify(connection: &mut PgConnection) -> Result<(), Unusable> {
    let versions = format!("SELECT version FROM {RECORD} WHERE success");
    let applied: Vec<i64> = sqlx::query_scalar(AssertSqlSafe(versions))
        .fetch_all(connection)
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
