//! How a start handles a database that is not up yet, or not suitable for Muster.

use std::{
    io::{BufRead as _, BufReader},
    net::SocketAddr,
    process::{Child, Stdio},
    time::{Duration, Instant},
};

use reqwest::Client;
use server::store::{RoleNames, create_roles};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
    sync::mpsc::{UnboundedReceiver, unbounded_channel},
};

use crate::support::{
    postgres::OwnCluster,
    process::{ended, free_port, muster, until},
    server_versions::{Server, on_15_and_18},
};

on_15_and_18! {
    a_database_with_another_encoding_is_refused_before_anything_is_created,
}

async fn a_database_with_another_encoding_is_refused_before_anything_is_created(version: u32) {
    let server = Server::managed(version, "muster", "muster").await;
    // The server's default provider may be the built-in one, which supports only UTF8.
    let provider = " LOCALE_PROVIDER libc";
    for encoding in ["SQL_ASCII", "LATIN1"] {
        let name = encoding.to_lowercase();
        server
            .run(
                "postgres",
                &format!("CREATE DATABASE {name} OWNER muster ENCODING '{encoding}' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'{provider}"),
            )
            .await;
        let before = server.everything(&name).await;
        for words in [
            &["migrate"][..],
            &["migrate", "--roles-only"],
            &["serve"],
            &["worker"],
        ] {
            let mut command = muster(&server.url("muster", &name));
            command.args(words).env("MUSTER_LISTEN", "127.0.0.1:0");
            let output = ended(command).await;
            let said = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(1), "{said}");
            assert_eq!(said.lines().count(), 1, "{said}");
            assert!(said.contains(encoding) && said.contains("UTF8"), "{said}");
            assert_eq!(server.everything(&name).await, before);
        }
    }
}

#[tokio::test]
async fn a_server_without_its_database_waits_logs_it_and_answers_503() {
    let mut cluster = OwnCluster::new().await;
    let url = cluster.database().await.url.clone();
    cluster.stop_immediately().await;
    let (mut child, address, mut log) = serve(&url);
    let client = Client::new();
    let health = format!("{address}/healthz");
    let status = async || {
        let begun = Instant::now();
        let reply = client.get(&health).send().await.ok()?;
        let took = begun.elapsed();
        assert!(took < Duration::from_secs(1), "{took:?}");
        Some(reply.status().as_u16())
    };
    let waiting = log.recv().await.unwrap();
    assert!(
        waiting.contains("not up yet") && waiting.contains("60 seconds"),
        "{waiting}"
    );
    assert_eq!(until("an answer", status).await, 503);
    let page = client
        .get(format!("{address}/sign-in"))
        .header("accept", "text/html")
        .send()
        .await
        .unwrap();
    assert_eq!(page.status().as_u16(), 503);
    assert!(page.text().await.unwrap().contains("<h1>Muster</h1>"));
    cluster.start().await;
    until("the server serves", async || {
        (status().await == Some(200)).then_some(())
    })
    .await;
    child.kill().unwrap();
    child.wait().unwrap();
}

#[tokio::test]
async fn a_server_that_waits_for_its_database_can_be_terminated() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!(
        "postgres://muster@localhost/muster?host={}",
        folder.path().display()
    );
    let (mut child, _, mut log) = serve(&url);
    assert!(log.recv().await.unwrap().contains("not up yet"));
    let pid = nix::unistd::Pid::from_raw(child.id().try_into().unwrap());
    nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGTERM).unwrap();
    let code = until("it ends", async || child.try_wait().unwrap()).await;
    assert!(code.success(), "{code}");
}

/// Starts a server on a free port; returns the process, its address and its log.
fn serve(url: &str) -> (Child, String, UnboundedReceiver<String>) {
    let port = free_port();
    let mut child = muster(url)
        .env("MUSTER_LISTEN", format!("127.0.0.1:{port}"))
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let log = BufReader::new(child.stderr.take().unwrap()).lines();
    let (sender, lines) = unbounded_channel();
    // Drains the pipe, so that the server never blocks on it.
    std::thread::spawn(move || {
        for line in log.map_while(Result::ok) {
            drop(sender.send(line));
        }
    });
    (child, format!("http://127.0.0.1:{port}"), lines)
}

const PATIENCE: Duration = Duration::from_secs(1);

#[tokio::test]
async fn an_unreachable_database_is_reported_in_one_sentence_with_address_and_cause() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!(
        "postgres://muster:Zq7Xw9@localhost/muster?host={}",
        folder.path().display()
    );
    let sentence = create_roles(&url, &RoleNames::default(), PATIENCE)
        .await
        .unwrap_err()
        .to_string();
    assert!(
        sentence.contains(&folder.path().display().to_string()),
        "{sentence}"
    );
    assert!(
        sentence.contains("within 1 seconds") && sentence.ends_with('.'),
        "{sentence}"
    );
    assert!(!sentence.contains("Zq7Xw9"), "{sentence}");
}

#[tokio::test]
async fn the_server_waits_for_a_database_that_is_starting_up() {
    // Postgres's answer to a client while it starts.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address: SocketAddr = listener.local_addr().unwrap();
    let clients = tokio::spawn(async move {
        let mut clients = 0;
        loop {
            let Ok(Ok((mut client, _))) =
                tokio::time::timeout(3 * PATIENCE, listener.accept()).await
            else {
                return clients;
            };
            clients += 1;
            let mut bytes = [0; 1024];
            assert!(client.read(&mut bytes).await.unwrap() > 0);
            let fields = b"SFATAL\0VFATAL\0C57P03\0Mthe database system is starting up\0\0";
            let mut message = vec![b'E'];
            message.extend(u32::try_from(fields.len() + 4).unwrap().to_be_bytes());
            message.extend(fields);
            // The client may have disconnected.
            drop(client.write_all(&message).await);
        }
    });
    let url = format!("postgres://muster@{address}/muster?sslmode=disable");
    let sentence = create_roles(&url, &RoleNames::default(), PATIENCE)
        .await
        .unwrap_err()
        .to_string();
    assert!(sentence.contains("starting up"), "{sentence}");
    assert!(sentence.contains(&address.to_string()), "{sentence}");
    assert!(clients.await.unwrap() > 2);
}
