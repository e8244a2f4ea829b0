//! The documented ways to connect, on 15 and on 18, without a superuser.

use server::store::{self, Role, RoleNames, Store};

use crate::support::{
    process::{Process, ended, muster},
    server_versions::{Server, on_15_and_18, run_as},
};

on_15_and_18! {
    one_login_is_enough_for_migrations_and_restarts,
    separate_logins_work_as_documented,
    a_login_that_cannot_create_roles_gets_an_error_that_says_what_is_missing,
    two_databases_on_one_server_share_no_roles,
    tables_without_a_record_of_migrations_are_refused,
}

/// Returns the statements of the n-th SQL block in the operator's handbook.
pub fn documented_sql(nth: usize) -> String {
    let document = include_str!("../../../docs/OPERATIONS.md");
    let block = document.split("```sql\n").nth(nth).unwrap();
    block.split("```").next().unwrap().to_owned()
}

/// Runs `muster` with these arguments; returns its error message if it fails.
async fn run(url: &str, words: &[&str], variables: &[(&str, &str)]) -> Result<(), String> {
    let mut command = muster(url);
    command.args(words).envs(variables.iter().copied());
    let output = ended(command).await;
    let said = String::from_utf8(output.stderr).unwrap();
    match output.status.code() {
        Some(0) => Ok(()),
        Some(1) => {
            let sentence = said.lines().last().unwrap().to_owned();
            assert!(
                sentence.starts_with("muster: ") && sentence.ends_with('.'),
                "{said}"
            );
            Err(sentence)
        }
        code => panic!("{code:?}: {said}"),
    }
}

const FOUND: [&str; 14] = [
    "institution",
    "create",
    "--name",
    "Harbour",
    "--time-zone",
    "Europe/Berlin",
    "--first-name",
    "Amara",
    "--last-name",
    "Okafor",
    "--email",
    "amara@example.org",
    "--username=kestrel.one",
    "--language=en",
];

async fn one_login_is_enough_for_migrations_and_restarts(version: u32) {
    // Postgres searches a schema with the login's name first; here that is also the name of Muster's schema.
    let server = Server::managed(version, "muster", "muster").await;
    let url = server.url("muster", "muster");
    for _ in 0..2 {
        assert_eq!(run(&url, &["migrate"], &[]).await, Ok(()));
    }
    // The handbook's advice for a server with other databases.
    server.run("muster", "ALTER ROLE muster NOCREATEROLE").await;
    for _ in 0..2 {
        drop(Process::start(&url).await);
    }
    assert_eq!(run(&url, &FOUND, &[]).await, Ok(()));
    let elsewhere = server
        .text(
            "muster",
            "SELECT count(*)::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE n.nspname !~ '^(pg_|information_schema|muster$)'",
        )
        .await;
    assert_eq!(elsewhere, "0", "everything is in one schema");
    let owners = server
        .text(
            "muster",
            "SELECT string_agg(DISTINCT relowner::regrole::text, ' ') FROM pg_class
             WHERE relnamespace = 'muster'::regnamespace",
        )
        .await;
    assert_eq!(owners, "muster_owner");
}

async fn separate_logins_work_as_documented(version: u32) {
    let server = Server::managed(version, "manager", "muster").await;
    let sql = documented_sql(1);
    for login in ["muster_web", "muster_mail", "muster_ddl"] {
        assert!(sql.contains(login), "{sql}");
    }
    // The passwords are the logins' names.
    let sql: String = sql
        .lines()
        .map(|line| match line.split_whitespace().nth(2) {
            Some(login) => line.replace('…', login) + "\n",
            None => line.to_owned() + "\n",
        })
        .collect();
    run_as(&server.url("manager", "muster"), &sql)
        .await
        .unwrap();
    let [web, mail, ddl] =
        ["muster_web", "muster_mail", "muster_ddl"].map(|login| server.url(login, "muster"));
    let worker = [("MUSTER_WORKER_DATABASE_URL", mail.as_str())];

    let refused = run(&web, &FOUND, &worker).await.unwrap_err();
    assert!(
        refused.contains("MUSTER_OWNER_DATABASE_URL") || refused.contains("muster_owner"),
        "{refused}"
    );
    let owner = [worker[0], ("MUSTER_OWNER_DATABASE_URL", ddl.as_str())];
    for _ in 0..2 {
        assert_eq!(run(&web, &["migrate"], &owner).await, Ok(()));
    }
    // From here on without the owner.
    assert_eq!(run(&web, &FOUND, &worker).await, Ok(()));
    assert_eq!(run(&web, &["migrate"], &worker).await, Ok(()));
    drop(Process::start_with(&web, &worker).await);

    for login in [&web, &mail] {
        for sql in [
            "SET ROLE muster_owner",
            "SELECT FROM muster.outbox, muster.sessions, muster.setup",
        ] {
            let error = run_as(login, sql).await.unwrap_err().to_string();
            assert!(error.contains("permission denied"), "{sql}: {error}");
        }
    }
    let error = Store::connect(&web, Role::Worker, 1)
        .await
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("muster_worker") && error.ends_with('.'),
        "{error}"
    );

    // A login that cannot migrate still detects a database of another version.
    server
        .run(
            "muster",
            "DELETE FROM muster._sqlx_migrations WHERE version > 5",
        )
        .await;
    let behind = run(&web, &["serve"], &worker).await.unwrap_err();
    assert!(behind.contains("muster migrate"), "{behind}");
    server
        .run(
            "muster",
            "INSERT INTO muster._sqlx_migrations SELECT 9999, '', now(), true, '', 0",
        )
        .await;
    let ahead = run(&web, &["serve"], &worker).await.unwrap_err();
    assert!(ahead.contains("newer"), "{ahead}");
}

async fn a_login_that_cannot_create_roles_gets_an_error_that_says_what_is_missing(version: u32) {
    let server = Server::start(version).await;
    server
        .run("postgres", "CREATE ROLE plain LOGIN PASSWORD 'plain'")
        .await;
    server
        .run("postgres", "CREATE DATABASE muster OWNER plain")
        .await;
    let before = server.everything("muster").await;
    let refused = run(&server.url("plain", "muster"), &["migrate"], &[])
        .await
        .unwrap_err();
    assert!(
        refused.contains("plain") && refused.contains("CREATEROLE"),
        "{refused}"
    );
    assert_eq!(server.everything("muster").await, before);
}

async fn two_databases_on_one_server_share_no_roles(version: u32) {
    let server = Server::managed(version, "production", "production").await;
    server.add_managed("staging", "staging").await;
    let (production, staging) = (
        server.url("production", "production"),
        server.url("staging", "staging"),
    );
    assert_eq!(run(&production, &["migrate"], &[]).await, Ok(()));
    let before = server.everything("staging").await;
    for url in [&staging, &server.cluster.url("staging")] {
        let refused = run(url, &["migrate"], &[]).await.unwrap_err();
        assert!(refused.contains("MUSTER_DATABASE_ROLE_PREFIX"), "{refused}");
        assert_eq!(
            server.everything("staging").await,
            before,
            "nothing was created"
        );
    }

    let prefix = [("MUSTER_DATABASE_ROLE_PREFIX", "staging")];
    for _ in 0..2 {
        assert_eq!(run(&staging, &["migrate"], &prefix).await, Ok(()));
    }
    assert_eq!(run(&staging, &FOUND, &prefix).await, Ok(()));
    drop(Process::start_with(&staging, &prefix).await);
    let others = server
        .text(
            "staging",
            "SELECT (SELECT count(*) FROM pg_class WHERE relnamespace = 'muster'::regnamespace
                AND (relowner <> 'staging_owner'::regrole OR relacl::text ~ 'muster_'))
             + (SELECT count(*) FROM pg_proc WHERE pronamespace = 'muster'::regnamespace
                AND (proowner <> 'staging_owner'::regrole OR proacl::text ~ 'muster_'))
             + (SELECT count(*) FROM pg_policies WHERE roles::text ~ 'muster_') || ''",
        )
        .await;
    assert_eq!(others, "0", "only its own roles have rights there");

    // Neither login can access the other's database.
    for (login, other, owner) in [
        ("staging", "production", "muster_owner"),
        ("production", "staging", "staging_owner"),
    ] {
        let url = server.url(login, other);
        let mut attempts = vec![
            format!("SET ROLE {owner}"),
            "SELECT FROM muster.accounts".to_owned(),
        ];
        if version >= 16 {
            // Before 16, CREATEROLE gives control of every role that is not a superuser; the handbook says so.
            attempts.push(format!("GRANT {owner} TO {login}"));
        }
        for sql in attempts {
            let error = run_as(&url, &sql).await.unwrap_err().to_string();
            assert!(
                error.contains("permission denied"),
                "{login}: {sql}: {error}"
            );
        }
    }
    let refused = run(&staging, &["migrate"], &[]).await.unwrap_err();
    assert!(refused.contains("staging_owner"), "{refused}");
}

/// As after restoring an incomplete backup.
async fn tables_without_a_record_of_migrations_are_refused(version: u32) {
    let server = Server::managed(version, "muster", "muster").await;
    let url = server.url("muster", "muster");
    store::migrate(&url).await.unwrap();
    for incomplete in [
        "DELETE FROM muster._sqlx_migrations",
        "DROP TABLE muster._sqlx_migrations",
    ] {
        server.run("muster", incomplete).await;
        let error = store::migrate(&url).await.unwrap_err().to_string();
        assert!(error.contains("no record of its migrations"), "{error}");
    }
}

#[tokio::test]
async fn a_pool_has_its_own_role_and_settings_whatever_the_login_has() {
    let server = Server::managed(15, "muster", "muster").await;
    let url = server.url("muster", "muster");
    store::migrate(&url).await.unwrap();
    server
        .run("muster", "ALTER ROLE muster SET search_path = public; ALTER ROLE muster SET lock_timeout = '1ms'")
        .await;
    let settings = "SELECT concat_ws(' ', current_user, current_setting('search_path'), current_setting('lock_timeout'),
        current_setting('plan_cache_mode'), current_setting('jit'), current_setting('max_parallel_workers_per_gather'))";
    for (role, expected) in [
        (Role::App, "muster_app muster 10s force_custom_plan off 0"),
        (
            Role::Worker,
            "muster_worker muster 0 force_custom_plan off 0",
        ),
    ] {
        let store = Store::connect_as(&url, role, &RoleNames::default(), 2)
            .await
            .unwrap();
        let found: String = sqlx::query_scalar(settings)
            .fetch_one(store.pool())
            .await
            .unwrap();
        assert_eq!(found, expected);
    }
}
