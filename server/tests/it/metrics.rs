//! The metrics of the real program: they count, they are served only by their own listener, and no label identifies a
//! person or an institution.

use std::collections::BTreeSet;

use reqwest::header;
use serde_json::json;

use crate::functions::{FUNCTIONS, world};
use crate::support::{
    Browser, ORIGIN, Person, Site, draft,
    importing::people,
    process::{Process, ended, free_port, muster, until},
};

/// A server process with metrics.
struct Measured {
    process: Process,
    /// The address of the metrics' listener.
    metrics: String,
}

impl Measured {
    async fn start(site: &Site) -> Self {
        let address = format!("127.0.0.1:{}", free_port());
        let variables = [("MUSTER_METRICS_LISTEN", address.as_str())];
        Self {
            process: Process::start_with(site.database_url(), &variables).await,
            metrics: format!("http://{address}"),
        }
    }

    fn browser(&self, person: &Person) -> Browser {
        person.browser.at(&self.process.address)
    }

    async fn scrape(&self) -> String {
        let response = reqwest::get(format!("{}/metrics", self.metrics))
            .await
            .unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(
            response.headers()[header::CONTENT_TYPE],
            "text/plain; version=0.0.4; charset=utf-8"
        );
        assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store");
        response.text().await.unwrap()
    }

    /// Returns the value of a series.
    async fn value(&self, series: &str) -> Option<f64> {
        value(&self.scrape().await, series)
    }

    /// Waits until a series has at least this value.
    async fn until_at_least(&self, series: &str, least: f64) {
        until(series, async || {
            self.value(series).await.filter(|value| *value >= least)
        })
        .await;
    }
}

/// Returns the value of a series, written as name and labels.
fn value(text: &str, series: &str) -> Option<f64> {
    text.lines()
        .find_map(|line| line.strip_prefix(series)?.strip_prefix(' '))
        .map(|value| value.parse().unwrap())
}

#[tokio::test]
async fn requests_and_use_cases_are_counted_by_pattern_name_and_outcome() {
    let site = Site::new().await;
    let admin = site.institution("Harbour").await;
    let measured = Measured::start(&site).await;
    let browser = measured.browser(&admin);
    let pages = r#"muster_http_requests_total{method="GET",route="/i/{slug}/users",status="200"}"#;
    let shell = r#"muster_use_cases_total{use_case="shell",outcome="ok"}"#;
    assert_eq!(measured.value(pages).await, None);
    for count in 1..=3 {
        browser.get("/i/harbour/users").await.expect(200);
        let text = measured.scrape().await;
        assert_eq!(value(&text, pages), Some(f64::from(count)), "{text}");
        assert_eq!(value(&text, shell), Some(f64::from(count)), "{text}");
    }
    let wrong = json!({ "draft": { "identifier": "nobody88", "password": "a-wrong-password" } });
    browser.call("sign_in", &wrong).await.expect(401);
    browser.get("/no-such-page").await.expect(404);
    let text = measured.scrape().await;
    for (series, count) in [
        (
            r#"muster_use_cases_total{use_case="sign_in",outcome="sign_in_failed"}"#,
            1.0,
        ),
        (
            r#"muster_use_case_duration_seconds_count{use_case="sign_in"}"#,
            1.0,
        ),
        (
            r#"muster_http_request_duration_seconds_count{route="/i/{slug}/users"}"#,
            3.0,
        ),
        (
            r#"muster_http_request_duration_seconds_bucket{route="/i/{slug}/users",le="+Inf"}"#,
            3.0,
        ),
        (
            r#"muster_http_requests_total{method="POST",route="/rpc/{*function}",status="401"}"#,
            1.0,
        ),
        (
            r#"muster_http_requests_total{method="GET",route="none",status="404"}"#,
            1.0,
        ),
        ("muster_password_hashes_total", 1.0),
        ("muster_internal_errors_total", 0.0),
        ("muster_panics_total", 0.0),
        (
            r#"muster_queue_places{queue="password_hashes",state="waiting"}"#,
            0.0,
        ),
        (r#"muster_queue_places{queue="views",state="running"}"#, 0.0),
        (r#"muster_database_connections_max{pool="app"}"#, 16.0),
        (r#"muster_database_connections_max{pool="worker"}"#, 8.0),
        (r#"muster_outbox_messages{queue="urgent"}"#, 0.0),
        (r#"muster_outbox_oldest_due_seconds{queue="bulk"}"#, 0.0),
        ("muster_imports_waiting", 0.0),
        ("muster_imports_waiting_seconds", 0.0),
    ] {
        assert_eq!(value(&text, series), Some(count), "{series} in\n{text}");
    }
    for state in ["idle", "in_use"] {
        let series = format!(r#"muster_database_connections{{pool="app",state="{state}"}}"#);
        assert!(value(&text, &series).is_some(), "{series} in\n{text}");
    }
    sqlx::query("ALTER TABLE muster.rate_limits RENAME TO gone")
        .execute(site.sql())
        .await
        .unwrap();
    let draft = json!({ "draft": { "identifier": "nobody88" } });
    browser.call("ask_reset", &draft).await.expect(500);
    let failed = r#"muster_use_cases_total{use_case="ask_reset",outcome="internal"}"#;
    assert_eq!(measured.value(failed).await, Some(1.0));
    assert_eq!(
        measured.value("muster_internal_errors_total").await,
        Some(1.0)
    );
}

#[tokio::test]
async fn every_server_function_is_a_use_case_of_its_name() {
    let world = world().await;
    let measured = Measured::start(&world.site).await;
    let browser = Browser::new(&measured.process.address, ORIGIN);
    for (name, arguments, _) in FUNCTIONS {
        browser.call(name, &arguments(&world)).await;
    }
    let text = measured.scrape().await;
    for (name, ..) in FUNCTIONS {
        let series = format!("muster_use_cases_total{{use_case=\"{name}\",");
        assert!(text.contains(&series), "{name} in\n{text}");
    }
}

#[tokio::test]
async fn metrics_are_served_only_by_their_own_listener() {
    let site = Site::new().await;
    let admin = site.institution("Harbour").await;
    let measured = Measured::start(&site).await;
    let browser = measured.browser(&admin);
    for path in ["/metrics", "/metrics/", "//metrics"] {
        let reply = browser.get(path).await;
        assert_eq!(reply.status, 404, "{path}");
        assert!(!reply.body.contains("muster_"), "{}", reply.body);
    }
    let other = Browser::new(&measured.metrics, ORIGIN);
    for path in [
        "/",
        "/healthz",
        "/sign-in",
        "/i/harbour/users",
        "/metrics/x",
    ] {
        let reply = other.get(path).await;
        assert_eq!((reply.status, reply.body.as_str()), (404, ""), "{path}");
    }
    let reply = other
        .send(other.request(reqwest::Method::POST, "/metrics"))
        .await;
    assert_eq!(reply.status, 405);
}

#[tokio::test]
async fn a_process_refuses_to_serve_metrics_on_its_public_address() {
    let address = format!("127.0.0.1:{}", free_port());
    let mut command = muster("postgres://nobody@127.0.0.1:1/none");
    command.envs([
        ("MUSTER_LISTEN", address.as_str()),
        ("MUSTER_METRICS_LISTEN", address.as_str()),
    ]);
    let output = ended(command).await;
    let sentence = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{sentence}");
    assert!(
        sentence.contains("`metrics_listen` is the address of the public server"),
        "{sentence}"
    );
}

#[tokio::test]
async fn messages_and_steps_of_imports_are_counted() {
    let site = Site::new().await;
    let admin = site.institution("Harbour").await;
    let role = site.role(&admin, "Basic").await;
    let measured = Measured::start(&site).await;
    let browser = measured.browser(&admin);
    let csv = people(3);
    let planned = draft(csv.as_bytes(), &role);
    let import = browser.upload("harbour", csv.as_bytes(), &planned).await;
    browser.does("plan_import", &import).await;
    let check = r#"muster_jobs_total{queue="imports",kind="check",outcome="ok"}"#;
    measured.until_at_least(check, 1.0).await;
    until("the plan", async || {
        let state = browser.standing(&import).await["state"].clone();
        (state == "planned").then_some(())
    })
    .await;
    browser.does("apply_import", &import).await;
    let apply = r#"muster_jobs_total{queue="imports",kind="apply",outcome="ok"}"#;
    measured.until_at_least(apply, 1.0).await;
    // No mail server listens, which is not the recipients' fault.
    let blocked = r#"muster_jobs_total{queue="outbox",kind="invitation",outcome="blocked"}"#;
    measured.until_at_least(blocked, 1.0).await;
    let waiting = r#"muster_outbox_messages{queue="bulk"}"#;
    measured.until_at_least(waiting, 3.0).await;
    let text = measured.scrape().await;
    let count = r#"muster_job_duration_seconds_count{queue="imports",kind="check"}"#;
    assert!(value(&text, count) >= Some(1.0), "{text}");
}

/// Every label and its values, as far as they are not numbers. Route patterns are checked separately.
const LABELS: [&str; 9] = [
    "method", "route", "status", "use_case", "outcome", "queue", "kind", "pool", "state",
];

#[tokio::test]
async fn no_label_identifies_a_person_or_an_institution() {
    let site = Site::new().await;
    let admin = site.institution("Harbour").await;
    let measured = Measured::start(&site).await;
    let browser = measured.browser(&admin);
    let member = site.membership(&admin.email).await;
    let token = "T".repeat(43);
    for path in [
        "/i/harbour/users",
        &format!("/i/harbour/users/{member}"),
        &format!("/accept/{token}"),
        "/i/other-place/users?q=secretsearch",
        "/secret-path-of-an-attacker",
        "/rpc/secret_function",
        "/%22%7d%0amuster_forged%201",
    ] {
        browser.get(path).await;
    }
    browser
        .send(browser.request(reqwest::Method::from_bytes(b"SECRET").unwrap(), "/sign-in"))
        .await;
    let invite = json!({
        "slug": "harbour",
        "draft": { "rows": [{ "email": "pia@example.org", "role": site.role(&admin, "Basic").await }], "note": "" },
    });
    browser.call("invite", &invite).await.expect(200);
    let series = r#"muster_jobs_total{queue="outbox",kind="invitation",outcome="blocked"}"#;
    measured.until_at_least(series, 1.0).await;
    let text = measured.scrape().await;
    let institution = site.institution_id("harbour").await.to_string();
    for secret in [
        "harbour",
        "other-place",
        "secret",
        "forged",
        "TTTT",
        "@",
        "example",
        "127.0.0.1",
        admin.username.as_str(),
        member.as_str(),
        institution.as_str(),
    ] {
        let lower = text.to_lowercase();
        assert!(
            !lower.contains(&secret.to_lowercase()),
            "{secret} in\n{text}"
        );
    }
    let mut routes = BTreeSet::new();
    for (label, value) in labels(&text) {
        if label == "le" {
            continue;
        }
        assert!(LABELS.contains(&label), "{label} in\n{text}");
        if label == "route" {
            routes.insert(value);
        } else {
            let is_plain = |it: char| it.is_ascii_alphanumeric() || it == '_';
            assert!(value.chars().all(is_plain), "{label}={value} in\n{text}");
        }
    }
    for route in ["/i/{slug}/users/{id}", "/accept/{*token}", "none"] {
        assert!(routes.contains(route), "{route}: {routes:?}");
    }
}

/// Returns all labels with their values.
fn labels(text: &str) -> Vec<(&str, &str)> {
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once('{'))
        .filter_map(|(_, labels)| labels.rsplit_once("\"}"))
        .flat_map(|(labels, _)| labels.split("\","))
        .map(|label| label.split_once("=\"").unwrap())
        .collect()
}
