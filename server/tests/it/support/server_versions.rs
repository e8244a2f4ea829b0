//! Database servers of the documented versions, each a cluster of the test's own, with logins like those of managed
//! servers.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

use reqwest::Url;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

use super::postgres::OwnCluster;

/// The variable with PostgreSQL 18's folder; `scripts/env.sh` sets it after `scripts/setup.sh test` has installed it.
const POSTGRES_18: &str = "POSTGRES_18_BIN";
/// Debian 12's version.
const POSTGRES_15: &str = "/usr/lib/postgresql/15/bin";

/// A database server.
pub struct Server {
    pub cluster: OwnCluster,
    bin_dir: PathBuf,
}

/// Runs a test of this module on PostgreSQL 15 and on 18.
macro_rules! on_15_and_18 {
    ($($test:ident),+ $(,)?) => {
        mod postgres_15 {
            $(#[tokio::test]
            async fn $test() {
                super::$test(15).await;
            })+
        }
        mod postgres_18 {
            $(#[tokio::test]
            async fn $test() {
                if $crate::support::server_versions::is_there(18) {
                    super::$test(18).await;
                }
            })+
        }
    };
}
pub(crate) use on_15_and_18;

/// Returns whether the version is on this machine. It must be there if the scripts say so; otherwise its tests are skipped
/// with a message.
pub fn is_there(version: u32) -> bool {
    if version == 18 && env::var_os(POSTGRES_18).is_none() && !programs(18).is_dir() {
        eprintln!("left out: PostgreSQL 18 is not here; scripts/setup.sh test brings it");
        return false;
    }
    true
}

fn programs(version: u32) -> PathBuf {
    if version == 15 {
        return POSTGRES_15.into();
    }
    if let Some(folder) = env::var_os(POSTGRES_18) {
        return folder.into();
    }
    let shared = PathBuf::from("/var/cache/muster/postgres-18/bin");
    let home = env::var_os("HOME").unwrap_or_default();
    let own = Path::new(&home).join(".cache/muster/postgres-18/bin");
    if shared.is_dir() { shared } else { own }
}

impl Server {
    /// Starts an empty server.
    pub async fn start(version: u32) -> Self {
        let bin_dir = programs(version);
        assert!(
            bin_dir.join("postgres").is_file(),
            "no PostgreSQL {version} in {}",
            bin_dir.display()
        );
        let server = Self {
            cluster: OwnCluster::of_programs(&bin_dir).await,
            bin_dir,
        };
        let said: String = server.text("postgres", "SHOW server_version_num").await;
        assert!(said.starts_with(&version.to_string()), "{said}");
        server
    }

    /// Starts a server with a database and the kind of login that managed servers provide: it owns the database and may
    /// create roles, but is not a superuser.
    pub async fn managed(version: u32, login: &str, database: &str) -> Self {
        let server = Self::start(version).await;
        server.add_managed(login, database).await;
        server
    }

    /// Adds a database with its own login.
    pub async fn add_managed(&self, login: &str, database: &str) {
        self.run(
            "postgres",
            &format!(
                "CREATE ROLE {login} LOGIN PASSWORD '{login}' CREATEROLE NOSUPERUSER NOBYPASSRLS"
            ),
        )
        .await;
        self.run(
            "postgres",
            &format!("CREATE DATABASE {database} OWNER {login}"),
        )
        .await;
    }

    /// Returns a database's URL for a login whose password is its name.
    pub fn url(&self, login: &str, database: &str) -> String {
        let mut url = Url::parse(&self.cluster.url(database)).unwrap();
        url.set_username(login).unwrap();
        url.set_password(Some(login)).unwrap();
        url.into()
    }

    /// Runs statements as the administrator.
    pub async fn run(&self, database: &str, sql: &str) {
        run_as(&self.cluster.url(database), sql).await.unwrap();
    }

    /// Returns the text that a `SELECT` finds, as the administrator.
    pub async fn text(&self, database: &str, sql: &str) -> String {
        let mut connection = PgConnection::connect(&self.cluster.url(database))
            .await
            .unwrap();
        sqlx::query_scalar(AssertSqlSafe(sql.to_owned()))
            .fetch_one(&mut connection)
            .await
            .unwrap()
    }

    /// Returns everything in a database outside Postgres's own schemas, and the roles of the server.
    pub async fn everything(&self, database: &str) -> String {
        self.text(
            database,
            "SELECT coalesce(string_agg(thing, ' ' ORDER BY thing), '') FROM (
                SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE n.nspname !~ '^(pg_|information_schema)'
                UNION ALL SELECT nspname::text FROM pg_namespace WHERE nspname !~ '^(pg_|information_schema)'
                UNION ALL SELECT rolname::text FROM pg_roles WHERE rolname !~ '^pg_'
            ) all_things (thing)",
        )
        .await
    }

    /// Returns the command for a program of this version, such as `pg_dump`.
    pub fn program(&self, name: &str) -> Command {
        let mut command = Command::new(self.bin_dir.join(name));
        command.env_clear();
        command
    }
}

/// Runs statements as the login in the URL.
pub async fn run_as(url: &str, sql: &str) -> Result<(), sqlx::Error> {
    let mut connection = PgConnection::connect(url).await?;
    let done = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
        .execute(&mut connection)
        .await;
    connection.close().await?;
    done.map(drop)
}
