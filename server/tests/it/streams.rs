//! A long transfer ends when its person loses access: progress of an import, its report, and the upload of a part.

use std::time::Duration;

use reqwest::{Client, Method, header};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    time::timeout,
};

use crate::{
    import_crowding::{PARTS_AT_ONCE, stalled},
    imports::chief,
    support::{Browser, Person, Site, draft, importing::people},
};

/// Longer than the ten seconds after which a progress stream ends in any case.
const LONG: Duration = Duration::from_secs(30);

/// The ways in which a person loses access.
const ENDS: [&str; 4] = [
    "signed out",
    "password changed elsewhere",
    "demoted",
    "removed",
];

async fn end(how: &str, site: &Site, chief: &Person, other: &Person) {
    match how {
        "signed out" => {
            let other = other.browser.at(&site.address);
            other.call("sign_out", &json!({})).await.expect(200);
        }
        "password changed elsewhere" => {
            let elsewhere = site.session(other).await;
            let draft = json!({ "current": crate::support::PASSWORD, "password": "another-lamp-by-the-sea" });
            let arguments = json!({ "draft": draft });
            let changed = elsewhere.call("change_password", &arguments).await;
            changed.expect(200);
        }
        "demoted" => {
            let basic = site.role(chief, "Basic").await;
            sqlx::query("UPDATE muster.memberships SET role_id = $1::uuid WHERE email = $2")
                .bind(basic)
                .bind(&other.email)
                .execute(site.sql())
                .await
                .unwrap();
        }
        _ => {
            let id = site.membership(&other.email).await;
            let arguments = json!({ "slug": chief.slug, "id": id });
            chief
                .browser
                .call("remove_user", &arguments)
                .await
                .expect(200);
        }
    }
}

/// Adds an administrator besides the first one.
async fn administrator(site: &Site, chief: &Person) -> Person {
    site.member(chief, "other@example.org", "heron.two", "Administrator")
        .await
}

async fn stream(browser: &Browser, path: &str) -> reqwest::Response {
    let request = browser.request(Method::GET, path).build().unwrap();
    let response = Client::new().execute(request).await.unwrap();
    assert_eq!(response.status(), 200);
    response
}

#[tokio::test]
async fn progress_streams_end_with_the_session_and_the_membership() {
    for how in ENDS {
        let (site, chief, role) = chief().await;
        let other = administrator(&site, &chief).await;
        let csv = people(3);
        let import = chief
            .browser
            .upload("harbour", csv.as_bytes(), &draft(csv.as_bytes(), &role))
            .await;
        // No worker runs, so the import stays in progress while it is watched.
        chief.browser.does("plan_import", &import).await;
        let path = format!("/i/harbour/imports/{}/progress", import.id);
        let mut progress = stream(&other.browser, &path).await;
        assert_eq!(progress.headers()[header::CACHE_CONTROL], "no-store");
        progress.chunk().await.unwrap().expect("a first event");
        end(how, &site, &chief, &other).await;
        let mut events = 0;
        while let Ok(Some(_)) = timeout(LONG, progress.chunk()).await.expect("an end") {
            events += 1;
        }
        // One event may have been on its way.
        assert!(events <= 1, "{how}: {events} events more");
    }
}

#[tokio::test]
async fn report_downloads_end_with_the_session_and_the_membership() {
    let (site, chief, role) = chief().await;
    // More than the rows and their buffers take.
    let wide = format!("{}\n", "x".repeat(60_000));
    let csv = people(400)
        .replace('\n', &format!(",{wide}"))
        .replacen(wide.trim_end(), "note", 1);
    let (import, view) = site
        .planned(
            &chief.browser,
            "harbour",
            &csv,
            &draft(csv.as_bytes(), &role),
        )
        .await;
    assert_eq!(view["state"], "planned", "{view}");
    let path = format!("/i/harbour/imports/{}/report.csv", import.id);
    let other = administrator(&site, &chief).await;
    for how in ["signed out", "removed"] {
        let browser = site.session(&other).await;
        let mut report = stream(&browser, &path).await;
        let mut bytes = report.chunk().await.unwrap().expect("a first piece").len();
        let person = Person {
            browser,
            email: other.email.clone(),
            username: other.username.clone(),
            slug: other.slug.clone(),
        };
        end(how, &site, &chief, &person).await;
        let broken_off = loop {
            match timeout(LONG, report.chunk()).await.expect("an end") {
                Ok(Some(piece)) => bytes += piece.len(),
                Ok(None) => break false,
                Err(_) => break true,
            }
        };
        assert!(broken_off, "{how}: it looks whole after {bytes} bytes");
        assert!(bytes < csv.len(), "{how}: {bytes} bytes");
    }
    // A person who still has access gets the complete report.
    let whole = chief.browser.get(&path).await.expect(200);
    assert!(whole.body.len() > csv.len());
}

#[tokio::test]
async fn a_slow_upload_is_not_stored_after_its_person_has_signed_out() {
    let (site, chief, role) = chief().await;
    let other = administrator(&site, &chief).await;
    let csv = people(3);
    let import = chief
        .browser
        .begin("harbour", &draft(csv.as_bytes(), &role))
        .await;
    let mut under_way = Vec::new();
    for _ in 0..PARTS_AT_ONCE {
        let part = other.browser.part_of(&import, 0, csv.as_bytes());
        under_way.push(stalled(&site, part, csv.len()).await);
    }
    let refused = other.browser.part(&import, 7, b"no part of this file");
    refused.await.expect(429);
    end("signed out", &site, &chief, &other).await;
    for stream in &mut under_way {
        stream.write_all(csv.as_bytes()).await.unwrap();
        let mut status = [0; 12];
        stream.read_exact(&mut status).await.unwrap();
        assert_eq!(&status, b"HTTP/1.1 401");
    }
    assert_eq!(
        site.count("SELECT count(*) FROM muster.import_parts").await,
        0
    );
}
