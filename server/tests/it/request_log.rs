//! The log of the real program at its default level: one line for each request, without secrets and without colors.

use reqwest::{Method, header};
use serde_json::json;

use crate::support::{
    Browser, ORIGIN, Site,
    process::{Process, until},
};

/// Returns the lines about requests that contain all of these parts.
fn lines<'a>(log: &'a str, parts: &[&str]) -> Vec<&'a str> {
    log.lines()
        .filter(|line| line.contains("answered") && parts.iter().all(|part| line.contains(part)))
        .collect()
}

#[tokio::test]
async fn each_request_is_logged_in_one_line_without_secrets_or_colors() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    let mut process = Process::start(site.database_url()).await;
    let browser = chief.browser.at(&process.address);
    let token = "T".repeat(43);
    browser
        .get("/i/harbour/users?q=secretsearch")
        .await
        .expect(200);
    for page in ["setup", "accept", "reset", "unlock", "confirm"] {
        browser.get(&format!("/{page}/{token}")).await.expect(303);
        browser.get(&format!("/{page}%2F{token}")).await;
        browser.get(&format!("//{page}/{token}.")).await;
    }
    browser.get("/no-such-page").await.expect(404);
    let draft = json!({ "draft": { "identifier": "nobody88", "password": "a-secret-password" } });
    browser.call("sign_in", &draft).await.expect(401);
    let reply = browser
        .send(
            browser
                .request(Method::POST, "/sign-in")
                .header(header::ORIGIN, "null"),
        )
        .await;
    assert_eq!(reply.status, 403);
    browser.get("/healthz").await.expect(200);

    let log = until("the last line", async || {
        let log = process.log();
        (!lines(&log, &["method=POST path=\"/sign-in\"", "status=403"]).is_empty()).then_some(log)
    })
    .await;
    for (parts, count) in [
        (
            &["method=GET path=\"/i/harbour/users\"", "status=200", "ms="][..],
            1,
        ),
        (&["method=GET path=\"/accept/…\"", "status=303"], 1),
        (&["method=GET path=\"/no-such-page\"", "status=404"], 1),
        (&["method=POST path=\"/rpc/sign_in\"", "status=401"], 1),
        (&["path=\"/healthz\""], 0),
    ] {
        assert_eq!(lines(&log, parts).len(), count, "{parts:?} in\n{log}");
    }
    for secret in [
        &token,
        "secretsearch",
        "a-secret-password",
        "nobody88",
        "\u{1b}",
    ] {
        assert!(!log.contains(secret), "{secret} in\n{log}");
    }
    let refused = log
        .lines()
        .find(|line| line.contains("refused a form"))
        .unwrap();
    assert!(
        refused.contains("sent_origin=\"null\"")
            && refused.contains(ORIGIN)
            && refused.contains("Referrer-Policy"),
        "{refused}"
    );
}

#[tokio::test]
async fn the_log_line_of_an_internal_error_has_its_incident_number() {
    let site = Site::new().await;
    let mut process = Process::start(site.database_url()).await;
    let browser = Browser::new(&process.address, ORIGIN);
    sqlx::query("ALTER TABLE muster.rate_limits RENAME TO gone")
        .execute(site.sql())
        .await
        .unwrap();
    let draft = json!({ "draft": { "identifier": "nobody88" } });
    let reply = browser.call("ask_reset", &draft).await.expect(500).json();
    let incident = reply["Internal"]["incident"].as_str().unwrap();
    let log = until("the line", async || {
        let log = process.log();
        (!lines(&log, &["/rpc/ask_reset"]).is_empty()).then_some(log)
    })
    .await;
    assert_eq!(
        lines(&log, &["/rpc/ask_reset", "status=500", incident]).len(),
        1,
        "{log}"
    );
}
