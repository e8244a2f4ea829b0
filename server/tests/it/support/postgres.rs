//! A real Postgres for the tests: one cluster a test process, one migrated template, a copy of it for each test.
//! Nothing is left behind: the cluster stops and its folder goes when the process ends, however it ends.

use std::sync::atomic::{AtomicU32, Ordering};

use server::embedded_postgres::{EmbeddedPostgres, Settings};
use sqlx::postgres::PgPoolOptions;
use sqlx::{AssertSqlSafe, Connection, PgConnection, PgPool};
use tokio::sync::OnceCell;

const TEMPLATE: &str = "template_of_tests";

static CLUSTER: OnceCell<EmbeddedPostgres> = OnceCell::const_new();
static DATABASES: AtomicU32 = AtomicU32::new(1);

/// A migrated database that no other test sees; dropped at the end of the test.
pub struct TestDatabase {
    /// For the cluster's administrator; whoever opens a pool by it decides on the role.
    pub url: String,
    /// Connections of the cluster's administrator, who passes row-level security: for arranging and for looking.
    pub pool: PgPool,
    name: String,
}

/// A new database with every migration.
pub async fn database() -> TestDatabase {
    let cluster = CLUSTER.get_or_init(cluster).await;
    let name = format!("test_{}", DATABASES.fetch_add(1, Ordering::Relaxed));
    administer(
        cluster,
        format!("CREATE DATABASE {name} TEMPLATE {TEMPLATE}"),
    )
    .await;
    let url = cluster.url(&name);
    let pool = PgPoolOptions::new()
        .max_connections(4)
        .connect_lazy(&url)
        .unwrap();
    TestDatabase { url, pool, name }
}

async fn cluster() -> EmbeddedPostgres {
    // Kept: the script that stops Postgres removes the folder, also when this process is killed.
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
    /// A test's own runtime is about to end, so another one drops the database, and nobody waits for it: what is still
    /// there at the end goes with the cluster.
    fn drop(&mut self) {
        let Some(cluster) = CLUSTER.get() else { return };
        let statement = format!("DROP DATABASE {} WITH (FORCE)", self.name);
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            runtime.unwrap().block_on(administer(cluster, statement));
        });
    }
}
