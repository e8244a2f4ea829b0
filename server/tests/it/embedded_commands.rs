//! The embedded database on the command line: commands beside a running server, a lost key, unusual locales.

use std::{
    fs::Permissions,
    io::{BufRead as _, BufReader},
    os::unix::fs::PermissionsExt as _,
    path::Path,
    process::{Child, Command, Output, Stdio},
};

use reqwest::{Client, redirect::Policy};
use tempfile::TempDir;

use crate::support::process::{ended, free_port, until};

/// Creates a folder that Postgres can enter; it runs as another user if we are root.
fn data_dir() -> TempDir {
    tempfile::Builder::new()
        .prefix("muster-tests-")
        .permissions(Permissions::from_mode(0o755))
        .tempdir()
        .unwrap()
}

/// Returns the command `muster` with an embedded database in this folder.
fn muster(data_dir: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_muster"));
    command
        .env_clear()
        .env("MUSTER_DATA_DIR", data_dir)
        .args(words)
        .stdin(Stdio::null());
    command
}

async fn run(data_dir: &Path, words: &[&str]) -> String {
    let output = ended(muster(data_dir, words)).await;
    let (out, err) = texts(&output);
    assert!(output.status.success(), "{words:?}: {err}");
    out
}

async fn refused(mut command: Command) -> String {
    command.env("MUSTER_LISTEN", format!("127.0.0.1:{}", free_port()));
    let output = ended(command).await;
    let (_, err) = texts(&output);
    assert_eq!(output.status.code(), Some(1), "{err}");
    err.lines().last().unwrap().to_owned()
}

fn texts(output: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (text(&output.stdout), text(&output.stderr))
}

/// A running `muster serve`.
struct Serving {
    child: Child,
    address: String,
}

impl Serving {
    fn begin(data_dir: &Path) -> Self {
        let port = free_port();
        let child = muster(data_dir, &["serve"])
            .env("MUSTER_LISTEN", format!("127.0.0.1:{port}"))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Self {
            child,
            address: format!("http://127.0.0.1:{port}"),
        }
    }

    async fn is_ready(&mut self) {
        let out = self.child.stdout.take().unwrap();
        let ready = tokio::task::spawn_blocking(move || {
            let mut lines = BufReader::new(out).lines().map_while(Result::ok);
            lines.any(|line| line.starts_with("Muster is running"))
        });
        assert!(ready.await.unwrap(), "it ended");
    }

    async fn stop(mut self) {
        let pid = nix::unistd::Pid::from_raw(self.child.id().try_into().unwrap());
        nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGTERM).unwrap();
        let code = until("it ends", async || self.child.try_wait().unwrap()).await;
        assert!(code.success(), "{code}");
    }
}

fn founding(name: &str, username: &str) -> Vec<String> {
    let email = format!("{username}@example.org");
    [
        "institution",
        "create",
        "--name",
        name,
        "--time-zone",
        "Europe/Berlin",
        "--first-name",
        "Amara",
        "--last-name",
        "Okafor",
        "--email",
        &email,
        "--username",
        username,
    ]
    .map(str::to_owned)
    .to_vec()
}

async fn found(data_dir: &Path, name: &str, username: &str) -> String {
    let words = founding(name, username);
    run(
        data_dir,
        &words.iter().map(String::as_str).collect::<Vec<_>>(),
    )
    .await
}

#[tokio::test]
async fn all_commands_work_while_a_server_runs_the_embedded_database() {
    let folder = data_dir();
    let path = folder.path();
    let mut serving = Serving::begin(path);
    // As soon as the server holds the folder, while it is still creating its database.
    until("the server has begun", async || {
        path.join("postgres").exists().then_some(())
    })
    .await;
    let said = found(path, "Harbour", "kestrel.one").await;
    serving.is_ready().await;

    // The running server accepts the link.
    let link = said.split_whitespace().last().unwrap();
    let at = link.find("/reset/").unwrap();
    let client = Client::builder().redirect(Policy::none()).build().unwrap();
    let reply = client
        .get(format!("{}{}", serving.address, &link[at..]))
        .send()
        .await
        .unwrap();
    assert_eq!(reply.status().as_u16(), 303);
    assert!(reply.headers().contains_key("set-cookie"));

    let said = run(path, &["user", "reset-password", "kestrel.one"]).await;
    assert!(said.contains("/reset/"), "{said}");
    run(path, &["institution", "seats", "harbour", "40"]).await;
    run(path, &["migrate"]).await;
    let file = path.join("people.csv");
    std::fs::write(
        &file,
        "First name,Last name,Email\nInes,Caro,ines@example.org\n",
    )
    .unwrap();
    run(
        path,
        &["import", file.to_str().unwrap(), "--institution", "harbour"],
    )
    .await;
    run(path, &["demo"]).await;
    let health = client
        .get(format!("{}/healthz", serving.address))
        .send()
        .await
        .unwrap();
    assert_eq!(health.status().as_u16(), 200, "the server goes on");

    // A second process that would serve or work is refused.
    for word in ["serve", "worker"] {
        let sentence = refused(muster(path, &[word])).await;
        assert!(sentence.contains("already running"), "{sentence}");
    }
    serving.stop().await;
    // After the server has stopped, commands work as before.
    found(path, "Island", "kestrel.two").await;
}

#[tokio::test]
async fn a_missing_key_of_an_existing_database_is_refused_and_not_replaced() {
    let folder = data_dir();
    let path = folder.path();
    let secret = path.join("secret");
    run(path, &["migrate"]).await;
    let key = std::fs::read_to_string(&secret).expect("made with the database");
    std::fs::remove_file(&secret).unwrap();
    let words = founding("Harbour", "kestrel.one");
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    for words in [&["serve"][..], &["worker"], &["migrate"], &words] {
        let sentence = refused(muster(path, words)).await;
        assert!(sentence.contains(secret.to_str().unwrap()), "{sentence}");
        assert!(
            sentence.contains("backup") && sentence.contains("openssl rand"),
            "{sentence}"
        );
        assert!(!secret.exists(), "{words:?}");
    }
    // If the key is given by the environment, or put back, everything works as before.
    let mut given = muster(path, &["migrate"]);
    given.env("MUSTER_SECRET", &key);
    assert!(ended(given).await.status.success());
    std::fs::write(&secret, &key).unwrap();
    found(path, "Harbour", "kestrel.one").await;
    assert_eq!(std::fs::read_to_string(&secret).unwrap(), key);
}

#[tokio::test]
async fn the_embedded_database_is_utf8_whatever_the_locale() {
    for locale in ["C", "POSIX", "de_DE.ISO-8859-1", "tr_TR.UTF-8", "nonsense"] {
        let folder = data_dir();
        let words = founding("Señora Ærø Straße", "kestrel.one");
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let mut command = muster(folder.path(), &words);
        // A different encoding would be refused at this start.
        command.envs(["LANG", "LC_ALL", "LC_CTYPE"].map(|name| (name, locale)));
        let output = ended(command).await;
        let (out, err) = texts(&output);
        assert!(output.status.success(), "{locale}: {err}");
        assert!(out.contains("Señora Ærø Straße"), "{locale}: {out}");
    }
}
