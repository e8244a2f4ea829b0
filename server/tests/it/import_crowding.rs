//! Limits on what one person can fill or block by importing: disk by files, edits and list entries; memory by parts that
//! never arrive completely; reports that nobody reads.

use std::{fmt::Write as _, time::Duration};

use futures::future::join_all;
use reqwest::{Method, RequestBuilder, header};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use crate::{
    imports::chief,
    sign_in::sign_in,
    support::{Import, PASSWORD, Person, Reply, Site, draft, importing::people, process::until},
};

/// How many parts, and how many reports, one person can have in progress. An institution can have twice as many reports.
pub const PARTS_AT_ONCE: usize = 8;
const REPORTS_AT_ONCE: usize = 4;
/// How many progress streams one person can have open.
const STREAMS_AT_ONCE: usize = 20;

async fn begun(chief: &Person, draft: &Value) -> Reply {
    let arguments = json!({ "slug": "harbour", "draft": draft });
    chief.browser.call("begin_import", &arguments).await
}

/// Sends a request's head and announces a body of this many bytes, but sends none of it. Returns when the server waits for the
/// body: it has asked for it by `100 Continue`.
pub async fn stalled(site: &Site, request: RequestBuilder, bytes: usize) -> TcpStream {
    let request = request.build().unwrap();
    let mut head = format!("{} {} HTTP/1.1\r\n", request.method(), request.url().path());
    for (name, value) in request.headers() {
        write!(head, "{name}: {}\r\n", value.to_str().unwrap()).unwrap();
    }
    write!(head, "host: localhost\r\ncontent-length: {bytes}\r\n").unwrap();
    if bytes > 0 {
        head.push_str("expect: 100-continue\r\n");
    }
    head.push_str("\r\n");
    let mut stream = TcpStream::connect(site.address.trim_start_matches("http://"))
        .await
        .unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    if bytes > 0 {
        let expected = b"HTTP/1.1 100 Continue\r\n\r\n";
        let mut interim = [0; 25];
        stream.read_exact(&mut interim).await.unwrap();
        assert_eq!(&interim, expected);
    }
    stream
}

/// Requests something that exists, and reads no more of the response than its status.
async fn unread_answer(site: &Site, person: &Person, path: &str) -> TcpStream {
    let mut stream = stalled(site, person.browser.request(Method::GET, path), 0).await;
    let mut status = [0; 12];
    stream.read_exact(&mut status).await.unwrap();
    assert_eq!(&status, b"HTTP/1.1 200");
    stream
}

#[tokio::test]
async fn the_number_of_open_files_is_limited_under_concurrent_requests() {
    let (site, chief, role) = chief().await;
    let csv = people(1);
    let all = (0..30).map(|_| async { begun(&chief, &draft(csv.as_bytes(), &role)).await });
    let all = join_all(all).await;
    let (there, refused): (Vec<_>, Vec<_>) = all.iter().partition(|reply| reply.status == 200);
    assert_eq!(there.len(), 20);
    for reply in refused {
        assert_eq!(reply.wrong_fields(), ["file"]);
        assert!(
            reply.body.contains("StorageQuotaExceeded"),
            "{}",
            reply.body
        );
    }
    assert_eq!(site.count("SELECT count(*) FROM muster.imports").await, 20);
}

#[tokio::test]
async fn files_of_applied_imports_count_toward_the_quota_until_they_are_deleted() {
    let (site, chief, role) = chief().await;
    let csv = people(1);
    let wanted = draft(csv.as_bytes(), &role);
    site.imported(&chief.browser, "harbour", &csv, &wanted)
        .await;
    site.run(
        "UPDATE muster.imports SET size = 20::bigint << 30 WHERE file_name = $1",
        "people.csv",
    )
    .await;
    let wanted = draft(csv.as_bytes(), &role);
    assert_eq!(begun(&chief, &wanted).await.wrong_fields(), ["file"]);
    sqlx::query("DELETE FROM muster.import_parts")
        .execute(site.sql())
        .await
        .unwrap();
    begun(&chief, &wanted).await.expect(200);
}

#[tokio::test]
async fn creating_and_discarding_imports_is_rate_limited() {
    let (site, chief, role) = chief().await;
    let csv = people(1);
    let wanted = draft(csv.as_bytes(), &role);
    let import = chief.browser.begin("harbour", &wanted).await;
    chief.browser.does("discard_import", &import).await;
    site.run(
        "UPDATE muster.rate_limits SET used = 300 WHERE key LIKE $1",
        "imports of %",
    )
    .await;
    begun(&chief, &draft(csv.as_bytes(), &role))
        .await
        .expect(429);
    // Another institution has its own limits.
    let meadow = site.institution("Meadow").await;
    let role = site.role(&meadow, "Basic").await;
    meadow
        .browser
        .begin("meadow", &draft(csv.as_bytes(), &role))
        .await;
}

#[tokio::test]
async fn edits_are_limited_in_number_and_to_possible_rows() {
    let (site, chief, role) = chief().await;
    let csv = people(3);
    let import = chief
        .browser
        .upload("harbour", csv.as_bytes(), &draft(csv.as_bytes(), &role))
        .await;
    let edit = async |row: u32| {
        let edits = json!({ "edits": [{ "row": row, "column": "last_name", "value": "Berg" }] });
        let arguments = json!({ "slug": "harbour", "id": import.id, "draft": edits });
        chief.browser.call("edit_import", &arguments).await
    };
    edit(2).await.expect(200);
    assert_eq!(edit(5_000_001).await.wrong_fields(), ["edits"]);
    site.run(
        "INSERT INTO muster.import_edits (institution_id, import_id, row, field, value)
         SELECT institution_id, id, row, 'phone', '' FROM muster.imports, generate_series(1, 199999) AS row
         WHERE id = $1::uuid",
        &import.id,
    )
    .await;
    edit(2).await.expect(200);
    assert_eq!(edit(3).await.wrong_fields(), ["edits"]);
}

#[tokio::test]
async fn a_part_that_arrives_while_its_import_is_discarded_is_not_stored() {
    let (site, chief, role) = chief().await;
    let csv = people(3);
    let import = chief
        .browser
        .begin("harbour", &draft(csv.as_bytes(), &role))
        .await;
    for (bytes, fault) in [(csv.clone(), false), (csv.replace("Ines,", "\"nes,"), true)] {
        let mut other = site.sql().begin().await.unwrap();
        sqlx::query("SELECT FROM muster.imports WHERE id = $1::uuid FOR UPDATE")
            .bind(&import.id)
            .execute(&mut *other)
            .await
            .unwrap();
        let gives_up = async {
            until("the part waits", async || {
                let waiting = "SELECT count(*) FROM pg_stat_activity
                     WHERE datname = current_database() AND wait_event_type = 'Lock'";
                (site.count(waiting).await > 0).then_some(())
            })
            .await;
            sqlx::query("UPDATE muster.imports SET state = 'discarded' WHERE id = $1::uuid")
                .bind(&import.id)
                .execute(&mut *other)
                .await
                .unwrap();
            other.commit().await.unwrap();
        };
        let (reply, ()) = tokio::join!(chief.browser.part(&import, 0, bytes.as_bytes()), gives_up);
        assert_eq!(reply.status, 409, "fault: {fault} {}", reply.body);
        assert_eq!(
            site.count("SELECT count(*) FROM muster.import_parts").await,
            0
        );
        let view = chief.browser.standing(&import).await;
        assert_eq!(view["state"], "discarded", "fault: {fault}");
        site.run(
            "UPDATE muster.imports SET state = 'uploading' WHERE id = $1::uuid",
            &import.id,
        )
        .await;
    }
}

#[tokio::test]
async fn incomplete_uploads_block_only_their_sender() {
    let (site, chief, role) = chief().await;
    let csv = people(3);
    let import = chief
        .browser
        .begin("harbour", &draft(csv.as_bytes(), &role))
        .await;
    let part = |import: &Import| {
        let path = format!("/i/harbour/imports/{}/parts/0", import.id);
        let request = chief.browser.request(Method::POST, &path);
        request.header(header::ORIGIN, &chief.browser.origin)
    };
    let mut slow = Vec::new();
    for _ in 0..PARTS_AT_ONCE {
        slow.push(stalled(&site, part(&import), csv.len()).await);
    }
    let other = site
        .member(&chief, "other@example.org", "heron.two", "Administrator")
        .await;
    let refused = chief.browser.part(&import, 7, b"no part of this file");
    refused.await.expect(429);
    other
        .browser
        .part(&import, 0, csv.as_bytes())
        .await
        .expect(204);
    drop(slow);
    until("they are forgotten", async || {
        let reply = chief.browser.part(&import, 0, csv.as_bytes()).await;
        (reply.status == 204).then_some(())
    })
    .await;
}

/// Plans an import whose report is larger than all buffers; returns the report's path and the file's size.
async fn wide_report(site: &Site, by: &Person) -> (String, usize) {
    let role = site.role(by, "Basic").await;
    let wide = format!("{}\n", "x".repeat(60_000));
    let csv = people(400)
        .replace('\n', &format!(",{wide}"))
        .replacen(wide.trim_end(), "note", 1);
    let wanted = draft(csv.as_bytes(), &role);
    let (import, view) = site.planned(&by.browser, &by.slug, &csv, &wanted).await;
    assert_eq!(view["state"], "planned", "{view}");
    let path = format!("/i/{}/imports/{}/report.csv", by.slug, import.id);
    (path, csv.len())
}

#[test]
fn unread_reports_keep_nobody_from_signing_in() {
    // As many blocking threads as unread reports.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .max_blocking_threads(REPORTS_AT_ONCE)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let (site, chief, _) = chief().await;
        let (path, _) = wide_report(&site, &chief).await;
        let mut unread = Vec::new();
        for _ in 0..REPORTS_AT_ONCE {
            unread.push(unread_answer(&site, &chief, &path).await);
        }
        let browser = site.browser();
        let signed_in = sign_in(&browser, &chief.username, PASSWORD);
        let signed_in = timeout(Duration::from_secs(10), signed_in).await;
        signed_in.expect("an answer").expect(200);
    });
    runtime.shutdown_background();
}

#[tokio::test]
async fn unread_reports_of_an_institution_block_only_its_own_reports() {
    let (site, chief, _) = chief().await;
    let (path, _) = wide_report(&site, &chief).await;
    let other = site
        .member(&chief, "other@example.org", "heron.two", "Administrator")
        .await;
    let third = site
        .member(&chief, "third@example.org", "heron.three", "Administrator")
        .await;
    let mut unread = Vec::new();
    for person in [&chief, &other] {
        for _ in 0..REPORTS_AT_ONCE {
            unread.push(unread_answer(&site, person, &path).await);
        }
    }
    let refused = third.browser.get(&path).await.expect(503);
    assert_eq!(refused.refused(), "Unavailable");
    // A browser that follows the link shows a page.
    let request = third.browser.request(Method::GET, &path);
    let request = request.header(header::ACCEPT, "text/html");
    let page = third.browser.send(request).await.expect(503).body;
    assert!(page.contains("Please try again in a moment"), "{page}");
    // Pages and other institutions' reports are served.
    third.browser.get("/i/harbour/users").await.expect(200);
    let meadow = site.institution("Meadow").await;
    let (path, bytes) = wide_report(&site, &meadow).await;
    let report = meadow.browser.get(&path).await.expect(200);
    assert!(report.body.len() > bytes, "whole");
}

#[tokio::test]
async fn unread_reports_block_only_the_person_who_requested_them() {
    let (site, chief, _) = chief().await;
    let (path, bytes) = wide_report(&site, &chief).await;
    let mut unread = Vec::new();
    for _ in 0..REPORTS_AT_ONCE {
        unread.push(unread_answer(&site, &chief, &path).await);
    }
    chief.browser.get(&path).await.expect(429);
    let other = site
        .member(&chief, "other@example.org", "heron.two", "Administrator")
        .await;
    let report = other.browser.get(&path).await.expect(200);
    assert!(report.body.len() > bytes, "whole");
    drop(unread);
    until("they are forgotten", async || {
        (chief.browser.get(&path).await.status == 200).then_some(())
    })
    .await;
}

#[tokio::test]
async fn the_number_of_progress_streams_per_person_is_limited() {
    let (site, chief, role) = chief().await;
    let csv = people(3);
    let import = chief
        .browser
        .upload("harbour", csv.as_bytes(), &draft(csv.as_bytes(), &role))
        .await;
    // It waits for a worker, and its progress is watched.
    chief.browser.does("plan_import", &import).await;
    let path = format!("/i/harbour/imports/{}/progress", import.id);
    let mut streams = Vec::new();
    for _ in 0..STREAMS_AT_ONCE {
        streams.push(unread_answer(&site, &chief, &path).await);
    }
    chief.browser.get(&path).await.expect(429);
    drop(streams);
    site.work().await;
    until("they are forgotten", async || {
        (chief.browser.get(&path).await.status == 200).then_some(())
    })
    .await;
}
