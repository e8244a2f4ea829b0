//! No client can hold a connection, or delay the shutdown, indefinitely: with half a request, an unread response, or more
//! connections than the limit.

use std::time::Duration;

use reqwest::Client;
use server::http::ConnectionLimits;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use crate::support::{
    ORIGIN, Replica, Site,
    process::{Process, until},
};

/// How long a test waits at most: far longer than the limits that it sets.
const LONG: Duration = Duration::from_secs(30);
const SHORT: Duration = Duration::from_millis(300);

/// Half of a request's headers.
const HALF_HEADERS: &str = "POST /sign-in HTTP/1.1\r\nhost: muster.example\r\n";

/// Returns the headers of a request and half of its body.
fn half_body(path: &str, kind: &str) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nhost: muster.example\r\norigin: {ORIGIN}\r\ncontent-type: {kind}\r\n\
         content-length: 100\r\n\r\nhalf"
    )
}

fn half_form() -> String {
    half_body("/sign-in", "application/x-www-form-urlencoded")
}

fn half_function() -> String {
    half_body("/rpc/visitor", "application/json")
}

async fn connected(address: &str, said: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address.trim_start_matches("http://"))
        .await
        .unwrap();
    stream.write_all(said.as_bytes()).await.unwrap();
    stream
}

/// Reads until the connection is closed.
async fn to_the_end(mut stream: TcpStream) -> String {
    let mut bytes = Vec::new();
    // A reset counts as closed.
    let _ = timeout(LONG, stream.read_to_end(&mut bytes))
        .await
        .expect("the server closes the connection");
    String::from_utf8_lossy(&bytes).into_owned()
}

fn limits() -> ConnectionLimits {
    ConnectionLimits {
        headers: SHORT,
        unread: SHORT,
        drain: SHORT,
        ..ConnectionLimits::of_process()
    }
}

#[tokio::test]
async fn an_incomplete_request_is_closed_after_its_timeout() {
    let site = Site::new().await;
    let replica = Replica {
        limits: limits(),
        body_time: SHORT,
        ..Replica::default()
    };
    let address = site.replica_with(replica).await.address;
    // No bytes at all, and half of the headers.
    for said in ["", HALF_HEADERS] {
        let answer = to_the_end(connected(&address, said).await).await;
        assert!(!answer.contains("200 OK"), "{answer}");
    }
    // Half of a body.
    for said in [half_form(), half_function()] {
        let answer = to_the_end(connected(&address, &said).await).await;
        assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    }
}

#[tokio::test]
async fn an_unread_response_is_closed_after_its_timeout() {
    /// More than the kernel buffers for a connection.
    const BYTES: usize = 64 * 1024 * 1024;
    let site = Site::new().await;
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("large.bin"), vec![0; BYTES]).unwrap();
    let replica = Replica {
        limits: ConnectionLimits {
            connections: 1,
            ..limits()
        },
        site_root: Some(folder.path().to_owned()),
        ..Replica::default()
    };
    let address = site.replica_with(replica).await.address;
    let said = "GET /large.bin HTTP/1.1\r\nhost: muster.example\r\n\r\n";
    let mut stream = connected(&address, said).await;
    let mut status = [0; 12];
    stream.read_exact(&mut status).await.unwrap();
    assert_eq!(&status, b"HTTP/1.1 200");
    // The limit is one connection, so the next one is answered after the server has closed this one.
    let answered = Client::new().get(format!("{address}/healthz")).send();
    let answered = timeout(LONG, answered).await.expect("in time").unwrap();
    assert_eq!(answered.status(), 200);
    assert!(to_the_end(stream).await.len() < BYTES);
}

#[tokio::test]
async fn connections_are_limited_per_client_and_in_total() {
    let site = Site::new().await;
    let replica = Replica {
        limits: ConnectionLimits {
            connections: 3,
            of_one_client: 2,
            ..ConnectionLimits::of_process()
        },
        ..Replica::default()
    };
    let address = site.replica_with(replica).await.address;
    let first = connected(&address, HALF_HEADERS).await;
    let second = connected(&address, HALF_HEADERS).await;
    // One connection over a client's limit is closed immediately, long before its header timeout.
    assert_eq!(to_the_end(connected(&address, "").await).await, "");
    drop((first, second));
    let health = format!("{address}/healthz");
    until("a connection is free again", async || {
        let reply = Client::new().get(&health).send().await.ok()?;
        (reply.status() == 200).then_some(())
    })
    .await;

    let trusted = Replica {
        limits: ConnectionLimits {
            connections: 3,
            of_one_client: 2,
            ..ConnectionLimits::of_process()
        },
        trusted_proxies: vec!["127.0.0.0/8".parse().unwrap()],
        ..Replica::default()
    };
    let address = site.replica_with(trusted).await.address;
    let mut held = Vec::new();
    for _ in 0..3 {
        held.push(connected(&address, HALF_HEADERS).await);
    }
    // A proxy's connections belong to many clients; they have a limit in total.
    let health = format!("{address}/healthz");
    let waiting = Client::new().get(&health).timeout(SHORT).send().await;
    assert!(waiting.unwrap_err().is_timeout());
    held.pop();
    let waiting = Client::new().get(&health).timeout(LONG).send().await;
    assert_eq!(waiting.unwrap().status(), 200);
}

#[tokio::test]
async fn a_shutdown_waits_for_requests_but_not_beyond_its_limit() {
    let site = Site::new().await;
    let replica = Replica {
        limits: ConnectionLimits {
            drain: SHORT,
            ..ConnectionLimits::of_process()
        },
        ..Replica::default()
    };
    let replica = site.replica_with(replica).await;
    let mut held = Vec::new();
    for said in ["", HALF_HEADERS, &half_form(), &half_function()] {
        held.push(connected(&replica.address, said).await);
    }
    // A response shows that all earlier connections were accepted.
    let health = format!("{}/healthz", replica.address);
    assert_eq!(
        Client::new().get(&health).send().await.unwrap().status(),
        200
    );
    replica.stop.cancel();
    timeout(LONG, replica.served)
        .await
        .expect("it ends")
        .unwrap()
        .unwrap();
    for stream in held {
        to_the_end(stream).await;
    }
    assert!(Client::new().get(&health).send().await.is_err());
}

#[tokio::test]
async fn a_terminated_process_ends_within_ten_seconds_despite_open_connections() {
    /// Ten seconds of draining, plus a margin for a busy machine.
    const ENDS: Duration = Duration::from_secs(20);
    let site = Site::new().await;
    let mut process = Process::start(site.database_url()).await;
    let mut held = Vec::new();
    for said in ["", HALF_HEADERS, &half_form(), &half_function()] {
        held.push(connected(&process.address, said).await);
    }
    let health = format!("{}/healthz", process.address);
    assert_eq!(
        Client::new().get(&health).send().await.unwrap().status(),
        200
    );
    process.terminate();
    let status = timeout(ENDS, until("it ends", async || process.ended())).await;
    assert!(status.expect("in time").success(), "{}", process.log());
}
