//! Input that no form sends: U+0000, URLs that are not valid text, unknown paths. Each gets our own message and a 4xx,
//! never the framework's message and never a 500.

use reqwest::{Method, header};
use serde_json::Value;
use server::mailed_links::LinkPage;

use crate::{
    functions::{FUNCTIONS, World, callers, world},
    pages::{FORMS, PAGES, ROUTES, filled},
    support::{Browser, Replica, Reply, encoded},
};

/// Functions whose texts are neither stored nor looked up unchanged: a search drops characters that are in no word, a
/// password is only measured, and headers are found by their digest.
const DROPPED: [&str; 4] = [
    "users",
    "find_users",
    "password_strength",
    "remembered_mapping",
];

/// Returns one copy for each text in the value, with U+0000 in it.
fn with_nul(value: &Value) -> Vec<Value> {
    match value {
        Value::String(text) => vec![
            Value::String(format!("{text}\0")),
            Value::String("\0".into()),
        ],
        Value::Array(items) => items
            .iter()
            .enumerate()
            .flat_map(|(at, item)| {
                with_nul(item).into_iter().map(move |changed| {
                    let mut items = items.clone();
                    items[at] = changed;
                    Value::Array(items)
                })
            })
            .collect(),
        Value::Object(fields) => fields
            .iter()
            .flat_map(|(name, field)| {
                with_nul(field).into_iter().map(move |changed| {
                    let mut fields = fields.clone();
                    fields.insert(name.clone(), changed);
                    Value::Object(fields)
                })
            })
            .collect(),
        _ => Vec::new(),
    }
}

#[track_caller]
fn refused(what: &str, reply: &Reply) {
    assert!(
        (400..500).contains(&reply.status),
        "{what}: {} {}",
        reply.status,
        reply.body
    );
}

#[tokio::test]
async fn u_0000_in_any_argument_of_any_function_is_invalid_input() {
    let world = world().await;
    let (mut tried, mut wrong) = (0, Vec::new());
    for (name, arguments, _) in FUNCTIONS {
        for (who, browser) in &callers(&world).await {
            for changed in with_nul(&arguments(&world)) {
                let reply = browser.call(name, &changed).await;
                tried += 1;
                // Each of several rows is refused individually.
                let refused_row = reply.status == 200 && reply.body.contains("\"Invalid\"");
                let dropped = reply.status == 200 && DROPPED.contains(name);
                if !(refused_row || dropped || (400..500).contains(&reply.status)) {
                    let Reply { status, body, .. } = reply;
                    wrong.push(format!("{name} {changed}, {who}: {status} {body}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(tried > FUNCTIONS.len());
}

#[tokio::test]
async fn u_0000_in_a_path_is_not_found_and_in_a_query_or_form_a_client_error() {
    let world = world().await;
    for (who, browser) in &callers(&world).await {
        for (pattern, _) in PAGES.iter().chain(ROUTES) {
            let path = filled(pattern, &world);
            for nul in ["%00", "%2500"] {
                // In the last segment, in the institution's segment, and in the query.
                let last = format!("{path}{nul}");
                let slug = path.replacen("/harbour", &format!("/har{nul}bour"), 1);
                let mut addresses = vec![last];
                if slug != path {
                    addresses.push(slug);
                }
                for address in addresses {
                    let reply = browser.get(&address).await;
                    // Text after a mailed link is ignored.
                    let is_link = reply.status == 303 && is_mailed_link(pattern);
                    if !is_link {
                        refused(&format!("{address}, {who}"), &reply);
                    }
                }
                for name in ["q", "to", "only", "state"] {
                    let address = format!("{path}?{name}={nul}");
                    let status = browser.get(&address).await.status;
                    assert!(status < 500, "{address}, {who}: {status}");
                }
            }
        }
        for (pattern, body, _) in FORMS {
            if !body.contains('=') {
                continue;
            }
            let body = format!("{}%00", filled(body, &world));
            let status = browser
                .post_raw(&filled(pattern, &world), &body)
                .await
                .status;
            assert!(status < 500, "{pattern} {body}, {who}: {status}");
        }
    }
}

fn is_mailed_link(pattern: &str) -> bool {
    let mut segments = pattern.split('/').skip(1);
    segments
        .next()
        .is_some_and(|page| LinkPage::ALL.iter().any(|it| it.name() == page))
        && segments.next().is_some()
}

/// URLs and requests that the framework rejects itself.
async fn strange(browser: &Browser, world: &World, accept: &str) -> Vec<(String, Reply)> {
    let import = &world.import;
    let mut replies = Vec::new();
    for (method, path) in [
        (Method::GET, "/%ff".to_owned()),
        (Method::GET, "/i/%ff/users".to_owned()),
        (Method::GET, "/i/%25ff/users".to_owned()),
        (Method::GET, "/sign-in?to=%ff".to_owned()),
        (Method::GET, "/dev/mailbox/abc/html".to_owned()),
        (
            Method::GET,
            "/i/harbour/imports/not-a-uuid/nothing".to_owned(),
        ),
        (
            Method::GET,
            format!("/i/harbour/imports/{import}/report.csv?only=a&only=b"),
        ),
        (Method::GET, format!("/i/harbour/imports/{import}/parts/0")),
        (
            Method::POST,
            format!("/i/harbour/imports/{import}/parts/abc"),
        ),
        (
            Method::POST,
            format!("/i/harbour/imports/{import}/parts/-1"),
        ),
        (Method::POST, "/theme".to_owned()),
        (Method::POST, "/no-such-page".to_owned()),
        (Method::DELETE, "/sign-in".to_owned()),
    ] {
        let request = browser
            .request(method.clone(), &path)
            .header(header::ORIGIN, &browser.origin)
            .header(header::ACCEPT, accept)
            .header(header::ACCEPT_LANGUAGE, "de")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body("nothing");
        replies.push((format!("{method} {path}"), browser.send(request).await));
    }
    replies
}

#[tokio::test]
async fn requests_that_the_framework_rejects_get_our_own_messages() {
    let world = world().await;
    let browser = world.site.session(&world.chief).await;
    for (what, reply) in strange(&browser, &world, "text/html").await {
        refused(&what, &reply);
        let kind = reply.headers[header::CONTENT_TYPE].to_str().unwrap();
        assert!(
            kind.starts_with("text/html"),
            "{what}: {kind}: {}",
            reply.body
        );
        assert!(reply.body.contains("<html lang="), "{what}: {}", reply.body);
    }
    let words = [
        "Diese Seite ist veraltet",
        "Das gibt es nicht",
        "Ihre Rolle erlaubt das nicht",
    ];
    for (what, reply) in strange(&browser, &world, "*/*").await {
        refused(&what, &reply);
        let kind = reply.headers[header::CONTENT_TYPE].to_str().unwrap();
        assert!(
            kind.starts_with("text/html") || words.iter().any(|own| reply.body.starts_with(own)),
            "{what}: {}",
            reply.body
        );
    }
}

#[tokio::test]
async fn a_path_that_is_too_long_for_a_file_is_not_found() {
    let world = world().await;
    let root = std::env::temp_dir();
    let replica = Replica {
        site_root: Some(root),
        ..Replica::default()
    };
    let address = world.site.replica_with(replica).await.address;
    let browser = world.site.session(&world.chief).await.at(&address);
    for path in [
        format!("/{}", "a".repeat(252)),
        format!("/{}", "a".repeat(300)),
        format!("/pkg/{}.css", "%61".repeat(300)),
        format!("//accept/{}", "a".repeat(300)),
        format!("//accept//{}", "a".repeat(300)),
        format!("/{}", "a/".repeat(3000)),
        "//accept/%00".to_owned(),
        "//accept/%ff".to_owned(),
    ] {
        for accept in ["text/html", "*/*"] {
            let request = browser
                .request(Method::GET, &path)
                .header(header::ACCEPT, accept)
                // The compressed copy's name is longer.
                .header(header::ACCEPT_ENCODING, "br, gzip");
            let reply = browser.send(request).await;
            assert_eq!(reply.status, 404, "{path}: {}", reply.body);
        }
    }
    // Text after a mailed link is ignored, however long.
    let path = format!("/accept/{}", "a".repeat(300));
    browser.get(&path).await.expect(303);
}

#[tokio::test]
async fn unknown_functions_and_malformed_calls_get_a_failure() {
    let world = world().await;
    let browser = world.site.session(&world.chief).await;
    for (function, body) in [
        ("no_such_function", "{}"),
        ("users", "{"),
        ("users", "{}"),
        ("%ff", "{}"),
    ] {
        let request = browser
            .request(Method::POST, &format!("/rpc/{function}"))
            .header(header::ORIGIN, &browser.origin)
            .header(header::CONTENT_TYPE, "application/json")
            .body(body);
        let reply = browser.send(request).await;
        refused(&format!("{function} {body}"), &reply);
        assert!(
            ["BadRequest", "NotFound"].contains(&reply.refused().as_str()),
            "{}",
            reply.body
        );
    }
}

#[test]
fn every_text_of_an_argument_is_tested_with_u_0000_in_both_ways() {
    let value = serde_json::json!({ "a": "x", "b": { "c": ["y", 1] } });
    assert_eq!(with_nul(&value).len(), 4);
    assert_eq!(encoded("\0"), "%00");
}
