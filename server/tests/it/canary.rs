//! Secrets stay in their place: no list, page, response, log or database column contains a token, a session or a password.

use serde_json::json;
use sqlx::AssertSqlSafe;

use crate::{
    sign_in::sign_in,
    support::{ORIGIN, PASSWORD, Person, Site, link, logs, new_account},
};

/// Returns every row of every table as text.
pub async fn dump(site: &Site) -> String {
    let tables: Vec<String> =
        sqlx::query_scalar("SELECT tablename::text FROM pg_tables WHERE schemaname = 'muster'")
            .fetch_all(site.sql())
            .await
            .unwrap();
    assert!(tables.len() > 12);
    let mut rows = Vec::new();
    for table in tables {
        let sql = format!("SELECT row_to_json(t)::text FROM muster.{table} t");
        let found: Vec<String> = sqlx::query_scalar(AssertSqlSafe(sql))
            .fetch_all(site.sql())
            .await
            .unwrap();
        rows.extend(found);
    }
    rows.join("\n")
}

/// Returns everything that an administrator's browser can be shown.
async fn everything_shown(site: &Site, by: &Person) -> String {
    let id = site.membership("pia@example.org").await;
    let mut shown = String::new();
    let role = site.role(by, "Basic").await;
    for (function, arguments) in [
        ("users", json!({ "slug": by.slug, "query": { "q": "pia" } })),
        ("find_users", json!({ "slug": by.slug, "q": "pia" })),
        ("attention", json!({ "slug": by.slug })),
        (
            "bulk_users",
            json!({ "slug": by.slug, "draft": { "action": "remove", "ids": [id] } }),
        ),
        ("user", json!({ "slug": by.slug, "id": id })),
        ("role_choices", json!({ "slug": by.slug })),
        ("profile", json!({})),
        ("visitor", json!({})),
        (
            "invite",
            json!({ "slug": by.slug, "draft": { "rows": [{ "email": "pia@example.org", "role": role }], "note": "" } }),
        ),
        ("resend", json!({ "slug": by.slug, "id": id })),
    ] {
        let reply = by.browser.call(function, &arguments).await;
        shown.extend([format!("{:?}\n", reply.headers), reply.body]);
    }
    for path in [
        "",
        "/users",
        "/users/new",
        "/invite",
        &format!("/users/{id}"),
    ] {
        let reply = by
            .browser
            .get(&format!("/i/{}{path}", by.slug))
            .await
            .expect(200);
        shown.extend([format!("{:?}\n", reply.headers), reply.body]);
    }
    shown
}

fn token(path: &str) -> String {
    path.rsplit('/').next().unwrap().to_owned()
}

#[tokio::test]
async fn an_invitation_token_appears_only_in_its_email() {
    logs::keep();
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    let mut canaries = vec![token(
        &site.invited(&chief, "pia@example.org", "Basic").await,
    )];
    let about = json!({ "slug": "harbour", "id": site.membership("pia@example.org").await });
    chief.browser.call("resend", &about).await.expect(200);
    let path = link(&site.mail().await);
    canaries.push(token(&path));
    let url = chief
        .browser
        .call("copy_link", &about)
        .await
        .expect(200)
        .json()["url"]
        .as_str()
        .unwrap()
        .to_owned();
    canaries.push(token(&url));
    let shown = everything_shown(&site, &chief).await;

    let browser = site.browser();
    let opened = browser.get(&path).await.expect(303);
    assert_eq!(opened.page(), "/accept", "the token leaves the address");
    let handle = opened.location().strip_prefix("/accept?link=").unwrap();
    assert_eq!(handle.len(), 12, "too short for a token: {handle}");
    let cookie = opened.headers["set-cookie"].to_str().unwrap();
    assert!(cookie.contains("HttpOnly"), "no script reads it: {cookie}");
    // The handle in the address does not work in another browser.
    let elsewhere = site.browser();
    let about = json!({ "link": handle });
    elsewhere.call("accept_view", &about).await.expect(410);
    let ticket = browser.cookie(&format!("muster-accept-{handle}")).unwrap();
    let page = browser.get("/accept").await.expect(200);
    assert_eq!(page.headers["referrer-policy"], "same-origin");
    let view = browser.call("accept_view", &json!({})).await.expect(200);
    let joined = browser
        .call("accept", &new_account("heron.pia"))
        .await
        .expect(200);
    let home = browser.get("/i/harbour").await.expect(200);
    let stored = dump(&site).await;
    let log = logs::kept();
    for canary in &canaries {
        assert_eq!(canary.len(), 43);
        for (place, text) in [
            ("what an administrator sees", &shown),
            ("the page", &page.body),
            ("the view", &view.body),
            ("the answer", &joined.body),
            ("Home", &home.body),
            ("the database", &stored),
            ("the log", &log),
        ] {
            assert!(!text.contains(canary.as_str()), "a token is in {place}");
        }
    }
    for (place, text) in [
        ("the answer", &joined.body),
        ("Home", &home.body),
        ("the database", &stored),
        ("the log", &log),
    ] {
        assert!(
            !text.contains(&ticket),
            "what acts for the link is in {place}"
        );
    }
    assert!(
        log.contains("/accept/…"),
        "requests are logged, without their tokens"
    );
}

#[tokio::test]
async fn passwords_and_session_tokens_are_never_stored_or_logged() {
    logs::keep();
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    let browser = site.browser();
    sign_in(&browser, &chief.username, "a-wrong-canary-of-mine")
        .await
        .expect(401);
    sign_in(&browser, &chief.username, PASSWORD)
        .await
        .expect(200);
    browser
        .post(
            "/sign-in",
            &[
                ("intent", "sign_in"),
                ("identifier", "x"),
                ("password", "a-posted-canary-of-mine"),
            ],
        )
        .await;
    let session = browser.cookie("muster").unwrap();
    browser
        .call(
            "ask_reset",
            &json!({ "draft": { "identifier": chief.username } }),
        )
        .await
        .expect(200);
    let reset = link(&site.mail().await);
    browser.get(&reset).await.expect(303);
    let page = browser.get("/reset").await.expect(200);
    assert!(!page.body.contains(&token(&reset)));
    let draft = json!({ "draft": { "password": "a-new-canary-of-mine" } });
    browser.call("reset_password", &draft).await.expect(200);
    let (stored, log) = (dump(&site).await, logs::kept());
    let reset = token(&reset);
    for canary in [
        PASSWORD,
        "a-wrong-canary-of-mine",
        "a-posted-canary-of-mine",
        "a-new-canary-of-mine",
        session.as_str(),
        reset.as_str(),
    ] {
        assert!(!stored.contains(canary), "{canary} is in the database");
        assert!(!log.contains(canary), "{canary} is in the log");
    }
}

#[tokio::test]
async fn an_internal_error_is_logged_once_and_shown_as_an_incident_number() {
    logs::keep();
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    sqlx::query("ALTER TABLE muster.audit RENAME TO hidden")
        .execute(site.sql())
        .await
        .unwrap();
    let about = json!({ "slug": "harbour", "id": site.membership(&chief.email).await });
    let reply = chief.browser.call("user", &about).await.expect(500);
    let incident = reply.json()["Internal"]["incident"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(incident.len(), 32);
    for inside in ["audit", "SELECT", "relation", "sqlx", "postgres"] {
        assert!(!reply.body.contains(inside), "{}", reply.body);
    }
    let log = logs::kept();
    assert_eq!(log.matches(&incident).count(), 2, "{log}");
    let lines: Vec<&str> = log
        .lines()
        .filter(|line| line.contains(&incident))
        .collect();
    assert!(
        lines[0].contains("ERROR") && lines[0].contains("a request failed"),
        "{lines:?}"
    );
    // The other match is the log line of the request itself.
    assert!(
        !lines[1].contains("ERROR") && lines[1].contains("answered"),
        "{lines:?}"
    );
    let page = chief
        .browser
        .get(&format!(
            "/i/harbour/users/{}",
            about["id"].as_str().unwrap()
        ))
        .await;
    assert!(
        !page.body.contains("relation") && !page.body.contains("sqlx"),
        "{}",
        page.status
    );
}

#[tokio::test]
async fn links_use_the_configured_origin_whatever_the_headers_say() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    let role = site.role(&chief, "Basic").await;
    let lies = [
        ("host", "evil.example"),
        ("host", "muster.example@evil.example"),
        ("x-forwarded-host", "evil.example"),
        ("x-forwarded-proto", "gopher"),
        ("x-forwarded-prefix", "/evil"),
        ("x-original-url", "/evil"),
        ("x-rewrite-url", "/evil"),
        ("forwarded", "host=evil.example;proto=https"),
        ("x-host", "evil.example"),
        ("referer", "https://evil.example/"),
    ];
    for (number, (name, value)) in lies.into_iter().enumerate() {
        let email = format!("person{number}@example.org");
        let rows = json!([{ "email": email, "role": role }]);
        let invite = json!({ "slug": "harbour", "draft": { "rows": rows, "note": "" } });
        let mut calls = vec![("invite", invite)];
        calls.push((
            "ask_reset",
            json!({ "draft": { "identifier": chief.username } }),
        ));
        for (function, arguments) in calls {
            let request = chief
                .browser
                .request(reqwest::Method::POST, &format!("/rpc/{function}"))
                .header(reqwest::header::ORIGIN, ORIGIN)
                .header(reqwest::header::CONTENT_TYPE, "application/json")
                .header(name, value)
                .body(arguments.to_string());
            chief.browser.send(request).await.expect(200);
        }
        let id = site.membership(&email).await;
        let request = chief
            .browser
            .request(reqwest::Method::POST, "/rpc/copy_link")
            .header(reqwest::header::ORIGIN, ORIGIN)
            .header(reqwest::header::CONTENT_TYPE, "application/json")
            .header(name, value)
            .body(json!({ "slug": "harbour", "id": id }).to_string());
        let copied = chief.browser.send(request).await.expect(200);
        assert!(
            copied.json()["url"]
                .as_str()
                .unwrap()
                .starts_with(&format!("{ORIGIN}/accept/"))
        );
        for mail in site.mails().await {
            assert!(link(&mail).starts_with('/'));
            assert!(!format!("{mail:?}").contains("evil"), "{name}: {value}");
        }
        site.let_time_pass().await;
    }
}
