//! Tests with a real Postgres. They take seconds.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use sqlx::{Connection, PgConnection};

use super::{EmbeddedPostgres, Error, Settings};

/// The environment variable with the folder, set for the process that the test kills.
const VICTIM: &str = "EMBEDDED_POSTGRES_VICTIM";
const EPHEMERAL: &str = "EMBEDDED_POSTGRES_EPHEMERAL";

fn settings(data_dir: &Path) -> Settings {
    Settings {
        data_dir: data_dir.to_owned(),
        bin_dir: None,
        ephemeral: false,
    }
}

/// Returns this test program, limited to the test `victim`.
fn victim_process(data_dir: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args([
            "embedded_postgres::tests::victim",
            "--exact",
            "--ignored",
            "--nocapture",
        ])
        .env(VICTIM, data_dir)
        .stdout(Stdio::piped());
    command
}

async fn count(postgres: &EmbeddedPostgres) -> i64 {
    let mut connection = PgConnection::connect(&postgres.url("muster"))
        .await
        .unwrap();
    sqlx::query_scalar("SELECT count(*) FROM kept")
        .fetch_one(&mut connection)
        .await
        .unwrap()
}

fn wait_for(what: &str, mut done: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !done() {
        assert!(begun.elapsed() < Duration::from_secs(30), "{what}");
        sleep(Duration::from_millis(20));
    }
}

#[tokio::test]
async fn what_was_written_is_there_after_a_restart_and_two_never_share_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    open_to_all(folder.path());
    let data_dir = folder.path().join("with space, comma");
    let postgres = EmbeddedPostgres::start(settings(&data_dir)).await.unwrap();
    postgres.ensure_database("muster").await.unwrap();
    postgres.ensure_database("muster").await.unwrap();
    let mut connection = PgConnection::connect(&postgres.url("muster"))
        .await
        .unwrap();
    sqlx::query("CREATE TABLE kept AS SELECT 1")
        .execute(&mut connection)
        .await
        .unwrap();
    let collation: String = sqlx::query_scalar("SELECT current_setting('server_encoding')")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    assert_eq!(collation, "UTF8");

    let second = EmbeddedPostgres::start(settings(&data_dir))
        .await
        .unwrap_err();
    assert!(matches!(second, Error::InUse { .. }), "{second}");

    // An open session does not delay the shutdown.
    postgres.stop().await.unwrap();
    let postgres = EmbeddedPostgres::start(settings(&data_dir)).await.unwrap();
    assert_eq!(count(&postgres).await, 1);
    postgres.stop().await.unwrap();
}

#[tokio::test]
async fn a_folder_of_temporary_files_is_gone_after_the_stop() {
    let data_dir = tempfile::tempdir().unwrap().keep();
    let postgres = EmbeddedPostgres::start(Settings {
        ephemeral: true,
        ..settings(&data_dir)
    })
    .await
    .unwrap();
    postgres.stop().await.unwrap();
    assert!(!data_dir.exists());
}

#[tokio::test]
async fn a_folder_without_programs_is_one_clear_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let error = EmbeddedPostgres::start(Settings {
        bin_dir: Some(folder.path().join("nothing")),
        ..settings(&folder.path().join("data"))
    })
    .await
    .unwrap_err();
    assert!(matches!(error, Error::NotThere { .. }), "{error}");
}

#[tokio::test]
async fn kill_9_stops_postgres_too_and_the_next_start_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    open_to_all(folder.path());
    let data_dir = folder.path().join("data");
    let mut victim = victim_process(&data_dir).spawn().unwrap();
    let lines = BufReader::new(victim.stdout.take().unwrap()).lines();
    assert!(
        lines
            .map_while(Result::ok)
            .any(|line| line.contains("ready"))
    );
    victim.kill().unwrap();
    victim.wait().unwrap();

    // Immediately, while the previous one may still be stopping.
    let postgres = EmbeddedPostgres::start(settings(&data_dir)).await.unwrap();
    assert_eq!(count(&postgres).await, 1);
    drop(postgres);
    let pid_file = data_dir.join("postgres/data/postmaster.pid");
    wait_for("dropping the value stops Postgres", || !pid_file.exists());
}

#[tokio::test]
async fn kill_9_while_the_files_are_made_leaves_nothing_of_a_temporary_folder() {
    let data_dir = tempfile::tempdir().unwrap().keep();
    let mut victim = victim_process(&data_dir)
        .env(EPHEMERAL, "1")
        .spawn()
        .unwrap();
    let begun = data_dir.join("postgres/data.unfinished/PG_VERSION");
    wait_for("the files are being made", || begun.exists());
    victim.kill().unwrap();
    victim.wait().unwrap();
    wait_for("the folder goes", || !data_dir.exists());
}

#[tokio::test]
async fn kill_9_while_the_files_are_made_is_no_obstacle_to_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    open_to_all(folder.path());
    let data_dir = folder.path().join("data");
    let mut victim = victim_process(&data_dir).spawn().unwrap();
    let begun = data_dir.join("postgres/data.unfinished/PG_VERSION");
    wait_for("the files are being made", || begun.exists());
    victim.kill().unwrap();
    victim.wait().unwrap();
    let postgres = EmbeddedPostgres::start(settings(&data_dir)).await.unwrap();
    postgres.stop().await.unwrap();
}

#[tokio::test]
async fn what_ends_by_itself_is_started_again_with_all_that_was_written() {
    let folder = tempfile::tempdir().unwrap();
    open_to_all(folder.path());
    let postgres = EmbeddedPostgres::start(settings(folder.path()))
        .await
        .unwrap();
    postgres.ensure_database("muster").await.unwrap();
    let url = postgres.url("muster");
    let mut connection = PgConnection::connect(&url).await.unwrap();
    sqlx::query("CREATE TABLE kept AS SELECT 1")
        .execute(&mut connection)
        .await
        .unwrap();
    let kept = postgres.kept();
    let pid = fs::read_to_string(folder.path().join("postgres/data/postmaster.pid")).unwrap();
    let pid = pid.lines().next().unwrap().parse().unwrap();
    nix::sys::signal::kill(
        nix::unistd::Pid::from_raw(pid),
        nix::sys::signal::Signal::SIGQUIT,
    )
    .unwrap();
    let begun = Instant::now();
    let rows: i64 = loop {
        assert!(begun.elapsed() < Duration::from_secs(30), "it stays away");
        tokio::time::sleep(Duration::from_millis(50)).await;
        let Ok(mut connection) = PgConnection::connect(&url).await else {
            continue;
        };
        let rows = sqlx::query_scalar("SELECT count(*) FROM kept");
        if let Ok(rows) = rows.fetch_one(&mut connection).await {
            break rows;
        }
    };
    assert_eq!(rows, 1);
    kept.stop().await.unwrap();
    assert!(PgConnection::connect(&url).await.is_err());
}

#[tokio::test]
async fn a_pid_file_that_nobody_belongs_to_is_no_obstacle() {
    let folder = tempfile::tempdir().unwrap();
    open_to_all(folder.path());
    let postgres = EmbeddedPostgres::start(settings(folder.path()))
        .await
        .unwrap();
    postgres.stop().await.unwrap();
    // Our own process id: a running process that is not Postgres.
    let pid_file = folder.path().join("postgres/data/postmaster.pid");
    fs::write(&pid_file, format!("{}\n", std::process::id())).unwrap();
    let postgres = EmbeddedPostgres::start(settings(folder.path()))
        .await
        .unwrap();
    postgres.stop().await.unwrap();
}

#[tokio::test]
#[ignore = "runs only as the process that another test kills"]
async fn victim() {
    let Some(data_dir) = std::env::var_os(VICTIM).map(PathBuf::from) else {
        return;
    };
    let postgres = EmbeddedPostgres::start(Settings {
        ephemeral: std::env::var_os(EPHEMERAL).is_some(),
        ..settings(&data_dir)
    })
    .await
    .unwrap();
    postgres.ensure_database("muster").await.unwrap();
    let mut connection = PgConnection::connect(&postgres.url("muster"))
        .await
        .unwrap();
    sqlx::query("CREATE TABLE kept AS SELECT 1")
        .execute(&mut connection)
        .await
        .unwrap();
    println!("ready");
    sleep(Duration::from_mins(1));
}

/// Opens a folder to all users: a temporary folder is its creator's alone, and root runs Postgres as another user.
fn open_to_all(folder: &Path) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).unwrap();
}
