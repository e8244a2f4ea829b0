//! A real Postgres for the tests: one cluster for each test process, one migrated template, a copy of it for each test.
//! Nothing is left behind: however the process ends, the cluster stops and its folder is removed.

use std::{
    fs::Permissions,
    os::unix::{
        fs::{PermissionsExt as _, symlink},
        process::CommandExt as _,
    },
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use server::embedded_postgres::{EmbeddedPostgres, Settings};
use sqlx::postgres::PgPoolOptions;
use sqlx::{AssertSqlSafe, Connection, PgConnection, PgPool};
use tokio::sync::OnceCell;

use super::process::until;

const TEMPLATE: &str = "template_of_tests";

static CLUSTER: OnceCell<EmbeddedPostgres> = OnceCell::const_new();
static DATABASES: AtomicU32 = AtomicU32::new(1);

/// A migrated database that no other test sees; dropped at the end of the test.
pub struct TestDatabase {
    /// The URL for the cluster's administrator; a pool that uses it chooses its role.
    pub url: String,
    /// Connections of the cluster's administrator, who bypasses row-level security: for arranging and asserting.
    pub pool: PgPool,
    /// The database to drop; nothing if its whole cluster is removed.
    name: Option<String>,
}

/// Creates a database with every migration.
pub async fn database() -> TestDatabase {
    let cluster = CLUSTER.get_or_init(cluster).await;
    let name = format!("test_{}", DATABASES.fetch_add(1, Ordering::Relaxed));
    administer(
        cluster,
        format!("CREATE DATABASE {name} TEMPLATE {TEMPLATE}"),
    )
    .await;
    TestDatabase::at(cluster.url(&name), Some(name))
}

impl TestDatabase {
    /// Uses a database by one URL for Muster, and by another one that bypasses row-level security.
    pub fn reached_by(url: String, administrator: &str) -> Self {
        let mut database = Self::at(administrator.to_owned(), None);
        database.url = url;
        database
    }

    fn at(url: String, name: Option<String>) -> Self {
        let pool = PgPoolOptions::new()
            .max_connections(4)
            .connect_lazy(&url)
            .unwrap();
        Self { url, pool, name }
    }
}

/// A cluster of one test, which can stop and start it without affecting others.
pub struct OwnCluster {
    data_dir: PathBuf,
    bin_dir: Option<PathBuf>,
    running: Option<EmbeddedPostgres>,
    /// Removes the folder when this process ends, however it ends.
    _broom: Child,
}

impl OwnCluster {
    /// Creates a cluster in the system's folder for temporary files.
    pub async fn new() -> Self {
        Self::begin(None, None).await
    }

    /// Creates a cluster with the programs in this folder.
    pub async fn of_programs(bin_dir: &Path) -> Self {
        Self::begin(None, Some(bin_dir)).await
    }

    /// Creates a cluster with its data in this empty folder, and its log elsewhere, so that the log does not fill the
    /// folder.
    pub async fn with_data_in(folder: &Path) -> Self {
        Self::begin(Some(folder), None).await
    }

    /// Creates a cluster with its write-ahead log in this empty folder.
    pub async fn with_wal_in(folder: &Path) -> Self {
        let mut cluster = Self::begin(None, None).await;
        cluster.running.take().unwrap().stop().await.unwrap();
        let wal = cluster.data_dir.join("postgres/data/pg_wal");
        let moved = Command::new("mv").arg(&wal).arg(folder).status().unwrap();
        assert!(moved.success());
        symlink(folder.join("pg_wal"), &wal).unwrap();
        cluster.start().await;
        cluster
    }

    async fn begin(data: Option<&Path>, bin_dir: Option<&Path>) -> Self {
        let data_dir = tempfile::Builder::new()
            .prefix("muster-tests-")
            // If we are root, Postgres runs as another user.
            .permissions(Permissions::from_mode(0o755))
            .tempdir()
            .unwrap()
            .keep();
        if let Some(data) = data {
            symlink(data, data_dir.join("postgres")).unwrap();
        }
        let broom = Command::new("/bin/sh")
            .args(["-c", "read -r nothing; for _ in 1 2 3 4 5 6 7 8 9; do rm -rf -- \"$1\" && exit; sleep 1; done", "broom"])
            .arg(&data_dir)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .unwrap();
        let mut cluster = Self {
            data_dir,
            bin_dir: bin_dir.map(Path::to_owned),
            running: None,
            _broom: broom,
        };
        cluster.start().await;
        cluster
    }

    /// Creates a migrated database.
    pub async fn database(&self) -> TestDatabase {
        let cluster = self.running.as_ref().unwrap();
        cluster.ensure_database("own").await.unwrap();
        let url = cluster.url("own");
        server::store::migrate(&url).await.unwrap();
        TestDatabase::at(url, None)
    }

    /// Returns the URL of one of its databases, for its administrator.
    pub fn url(&self, database: &str) -> String {
        self.running.as_ref().unwrap().url(database)
    }

    /// Stops like `pg_ctl stop -m immediate`: every process ends immediately, and nothing more is written.
    pub async fn stop_immediately(&mut self) {
        let pid_file = self.data_dir.join("postgres/data/postmaster.pid");
        let pid = std::fs::read_to_string(&pid_file).unwrap();
        let pid = Pid::from_raw(pid.lines().next().unwrap().trim().parse().unwrap());
        kill(pid, Signal::SIGQUIT).unwrap();
        until("Postgres has ended", async || kill(pid, None).err()).await;
        // Its script has ended with it, successfully or not.
        drop(self.running.take());
    }

    /// Returns the path of the cluster's log.
    pub fn log(&self) -> PathBuf {
        self.data_dir.join("postgres.log")
    }

    /// Starts the cluster if it has ended on its own; returns whether it had.
    pub async fn start_if_it_ended(&mut self) -> bool {
        let pid_file = self.data_dir.join("postgres/data/postmaster.pid");
        let pid = std::fs::read_to_string(&pid_file).ok();
        let pid = pid.and_then(|text| text.lines().next()?.trim().parse().ok());
        let ended = pid.is_none_or(|pid| kill(Pid::from_raw(pid), None).is_err());
        if ended {
            drop(self.running.take());
            self.start().await;
        }
        ended
    }

    /// Starts the cluster again.
    pub async fn start(&mut self) {
        let settings = Settings {
            data_dir: self.data_dir.clone(),
            bin_dir: self.bin_dir.clone(),
            ephemeral: false,
        };
        self.running = Some(EmbeddedPostgres::start(settings).await.unwrap());
    }
}

async fn cluster() -> EmbeddedPostgres {
    // Not deleted here: the script that stops Postgres removes the folder, also when this process is killed.
    let data_dir = tempfile::Builder::new()
        .prefix("muster-tests-")
        .tempdir()
        .unwrap()
        .keep();
    let settings = Settings {
        data_dir,
        bin_dir: None,
        ephemeral: true,
    };
    let cluster = EmbeddedPostgres::start(settings).await.unwrap();
    cluster.ensure_database(TEMPLATE).await.unwrap();
    server::store::migrate(&cluster.url(TEMPLATE))
        .await
        .unwrap();
    cluster
}

async fn administer(cluster: &EmbeddedPostgres, statement: String) {
    let mut connection = PgConnection::connect(&cluster.url("postgres"))
        .await
        .unwrap();
    sqlx::query(AssertSqlSafe(statement))
        .execute(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
}

impl Drop for TestDatabase {
    /// The test's runtime is about to end, so another one drops the database in the background. A database that is left at
    /// the end is removed with the cluster.
    fn drop(&mut self) {
        let Some(cluster) = CLUSTER.get() else { return };
        let Some(name) = &self.name else { return };
        let statement = format!("DROP DATABASE {name} WITH (FORCE)");
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            runtime.unwrap().block_on(administer(cluster, statement));
        });
    }
}
