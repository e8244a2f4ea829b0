//! PgBouncer 1.18 (Debian's version) between Muster and its database: session mode works as documented, and the modes that
//! share connections are refused before anything is created.

use std::{
    fs::Permissions,
    os::unix::fs::PermissionsExt as _,
    process::{Child, Command, Stdio},
};

use reqwest::Url;
use server::store::{self, Role, Store};
use sqlx::{Connection as _, PgConnection};
use tempfile::TempDir;

use crate::support::{
    Site, draft,
    importing::people,
    postgres::TestDatabase,
    process::{Process, until},
    server_versions::{Server, on_15_and_18},
};

on_15_and_18! {
    session_mode_of_pgbouncer_works_as_documented,
    pgbouncer_modes_that_share_connections_are_refused_before_anything_is_created,
}

/// A pooler in front of a server; stops when dropped.
struct PgBouncer {
    child: Child,
    folder: TempDir,
}

impl PgBouncer {
    /// Starts a pooler with the handbook's settings except the mode, and waits until it responds.
    async fn start(server: &Server, mode: &str, extra: &str) -> Self {
        let folder = tempfile::Builder::new()
            .prefix("muster-tests-")
            .tempdir()
            .unwrap();
        // PgBouncer switches to another user, who needs access whatever the umask is.
        std::fs::set_permissions(folder.path(), Permissions::from_mode(0o777)).unwrap();
        let path = folder.path().display();
        let database = Url::parse(&server.cluster.url("muster")).unwrap();
        let socket = database
            .query_pairs()
            .find_map(|(name, value)| (name == "host").then(|| value.into_owned()))
            .unwrap();
        let documented = include_str!("../../../docs/OPERATIONS.md")
            .split("```ini\n")
            .nth(1)
            .and_then(|block| block.split("```").next())
            .unwrap()
            .replace("pool_mode = session", &format!("pool_mode = {mode}"));
        assert!(documented.contains(&format!("pool_mode = {mode}")));
        let ini = format!(
            "[databases]\nmuster = host={socket} port=5432 dbname=muster\n\
             {documented}\nlisten_port = 6432\nunix_socket_dir = {path}\nauth_type = plain\nauth_file = {path}/users.txt\n\
             logfile = {path}/log\n{extra}\n"
        );
        std::fs::write(folder.path().join("users.txt"), "\"muster\" \"muster\"\n").unwrap();
        let file = folder.path().join("pgbouncer.ini");
        std::fs::write(&file, ini).unwrap();
        let mut command = Command::new("/usr/sbin/pgbouncer");
        if nix::unistd::geteuid().is_root() {
            command.args(["-u", "nobody"]);
        }
        let child = command
            .arg("-q")
            .arg(&file)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("Debian's package pgbouncer: scripts/setup.sh test brings it");
        let mut pooler = Self { child, folder };
        let url = pooler.url();
        until("PgBouncer answers", async || {
            let log = std::fs::read_to_string(pooler.folder.path().join("log"));
            let ended = pooler.child.try_wait().unwrap();
            assert!(ended.is_none(), "{ended:?}: {log:?}");
            PgConnection::connect_with(
                &url.parse::<sqlx::postgres::PgConnectOptions>()
                    .unwrap()
                    .extra_float_digits(None),
            )
            .await
            .ok()
        })
        .await;
        pooler
    }

    fn url(&self) -> String {
        format!(
            "postgres://muster:muster@localhost:6432/muster?host={}&sslmode=disable",
            self.folder.path().display()
        )
    }
}

impl Drop for PgBouncer {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

async fn session_mode_of_pgbouncer_works_as_documented(version: u32) {
    let server = Server::managed(version, "muster", "muster").await;
    let pooler = PgBouncer::start(&server, "session", "").await;
    for _ in 0..2 {
        store::migrate(&pooler.url()).await.unwrap();
        drop(Process::start(&pooler.url()).await);
    }

    // People are invited and imported by pools of both roles over the same pooler.
    let site = Site::on(TestDatabase::reached_by(
        pooler.url(),
        &server.cluster.url("muster"),
    ))
    .await;
    let chief = site.institution("Harbour").await;
    let member = site
        .member(&chief, "other@example.org", "heron.other", "Basic")
        .await;
    assert_eq!(member.browser.get("/i/harbour").await.status, 200);
    assert_eq!(chief.browser.get("/i/harbour/users").await.status, 200);
    let role = site.role(&chief, "Basic").await;
    let csv = people(50);
    let (_, view) = site
        .imported(
            &chief.browser,
            &chief.slug,
            &csv,
            &draft(csv.as_bytes(), &role),
        )
        .await;
    assert_eq!(view["state"], "done", "{view}");
    assert_eq!(site.mails().await.len(), 50);

    // A server connection passes from one role to the other and keeps no settings of the first.
    let settings = "SELECT concat_ws(' ', current_user, current_setting('search_path'), current_setting('lock_timeout'), current_setting('jit'))";
    for _ in 0..3 {
        for (role, expected) in [
            (Role::App, "muster_app muster 10s off"),
            (Role::Worker, "muster_worker muster 0 off"),
        ] {
            let store = Store::connect(&pooler.url(), role, 2).await.unwrap();
            let found: String = sqlx::query_scalar(settings)
                .fetch_one(store.pool())
                .await
                .unwrap();
            assert_eq!(found, expected);
            store.pool().close().await;
        }
    }
}

async fn pgbouncer_modes_that_share_connections_are_refused_before_anything_is_created(
    version: u32,
) {
    let server = Server::managed(version, "muster", "muster").await;
    let before = server.everything("muster").await;
    for (mode, more) in [
        ("transaction", ""),
        ("transaction", "server_round_robin = 1"),
        ("statement", ""),
    ] {
        let pooler = PgBouncer::start(&server, mode, more).await;
        for _ in 0..5 {
            let sentence = store::migrate(&pooler.url()).await.unwrap_err().to_string();
            assert!(sentence.contains("pool_mode"), "{mode}: {sentence}");
            let sentence = store::check(&pooler.url()).await.unwrap_err().to_string();
            assert!(sentence.contains("pool_mode"), "{mode}: {sentence}");
        }
        assert_eq!(server.everything("muster").await, before);
    }
}
