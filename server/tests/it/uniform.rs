//! Known and unknown accounts look the same: status, body and headers of sign-in, password reset, inviting and the accept
//! page. For response times see `timing`.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::support::{Browser, Reply, Site};

/// Returns what can be observed of a response: the status, the headers except the date, the body.
fn seen(reply: &Reply) -> (u16, BTreeMap<String, String>, String) {
    let headers = reply.headers.iter().filter(|(name, _)| *name != "date");
    let headers =
        headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
    (reply.status, headers.collect(), reply.body.clone())
}

/// Returns the same of a page, without the nonce and the typed value.
fn seen_page(reply: &Reply, typed: &str) -> (u16, BTreeMap<String, String>, String) {
    let (status, headers, body) = seen(reply);
    let policy = headers["content-security-policy"].clone();
    let nonce = policy
        .split("'nonce-")
        .nth(1)
        .unwrap()
        .split('\'')
        .next()
        .unwrap()
        .to_owned();
    let headers = headers
        .into_iter()
        .map(|(name, value)| (name, value.replace(&nonce, "NONCE")))
        .collect();
    (
        status,
        headers,
        body.replace(&nonce, "NONCE").replace(typed, "TYPED"),
    )
}

async fn known(site: &Site) -> crate::support::Person {
    let chief = site.institution("Harbour").await;
    site.member(&chief, "known@example.org", "heron.known", "Basic")
        .await;
    chief
}

const IDENTIFIERS: [&str; 4] = [
    "known@example.org",
    "nobody@example.org",
    "heron.known",
    "heron.nobdy",
];

#[tokio::test]
async fn a_failed_sign_in_looks_the_same_for_known_and_unknown() {
    let site = Site::new().await;
    known(&site).await;
    let mut answers = Vec::new();
    for identifier in IDENTIFIERS {
        let draft = json!({ "draft": { "identifier": identifier, "password": "wrong" } });
        answers.push(seen(
            &site.browser().call("sign_in", &draft).await.expect(401),
        ));
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:#?}");
    let mut pages = Vec::new();
    for identifier in IDENTIFIERS {
        let form = [
            ("intent", "sign_in"),
            ("identifier", identifier),
            ("password", "wrong"),
        ];
        pages.push(seen_page(
            &site.browser().post("/sign-in", &form).await.expect(401),
            identifier,
        ));
    }
    pages.dedup();
    assert_eq!(pages.len(), 1);
}

#[tokio::test]
async fn requesting_a_password_reset_looks_the_same_for_known_and_unknown() {
    let site = Site::new().await;
    known(&site).await;
    let mut answers = Vec::new();
    let mut pages = Vec::new();
    for identifier in IDENTIFIERS {
        let draft = json!({ "draft": { "identifier": identifier } });
        answers.push(seen(
            &site.browser().call("ask_reset", &draft).await.expect(200),
        ));
        let form = [("intent", "ask_reset"), ("identifier", identifier)];
        pages.push(seen_page(
            &site.browser().post("/forgotten", &form).await.expect(200),
            identifier,
        ));
    }
    answers.dedup();
    pages.dedup();
    assert_eq!((answers.len(), pages.len()), (1, 1), "{answers:#?}");
    // One outbox row for each request, known or unknown.
    assert_eq!(
        site.count("SELECT count(*) FROM muster.outbox WHERE kind = 'reset'")
            .await,
        8
    );
}

async fn invite(by: &Browser, slug: &str, role: &str, email: &str) -> Reply {
    let rows = json!([{ "email": email, "role": role }]);
    by.call(
        "invite",
        &json!({ "slug": slug, "draft": { "rows": rows, "note": "" } }),
    )
    .await
    .expect(200)
}

/// Returns what an administrator sees of an invited person, without ids and times.
async fn row(by: &Browser, site: &Site, email: &str) -> Value {
    let id = site.membership(email).await;
    let mut view = by
        .call("user", &json!({ "slug": "meadow", "id": id }))
        .await
        .expect(200)
        .json();
    for (parent, field) in [
        ("/row", "id"),
        ("/row", "email"),
        ("/row/sent", "at"),
        ("/row/state", "seconds_left"),
        ("/row/state", "until"),
    ] {
        view.pointer_mut(parent).unwrap()[field] = Value::Null;
    }
    for step in view["timeline"].as_array_mut().unwrap() {
        step["at"] = Value::Null;
    }
    view
}

#[tokio::test]
async fn inviting_looks_the_same_for_people_with_and_without_an_account() {
    let site = Site::new().await;
    known(&site).await;
    let meadow = site.institution("Meadow").await;
    let role = site.role(&meadow, "Basic").await;
    let mut answers = Vec::new();
    let mut rows = Vec::new();
    let mut views = Vec::new();
    for email in ["known@example.org", "nobody@example.org"] {
        answers.push(seen(&invite(&meadow.browser, "meadow", &role, email).await));
        let mails = site.mails().await;
        assert_eq!(mails.len(), 1);
        rows.push(row(&meadow.browser, &site, email).await);
        let browser = site.browser();
        browser.get(&crate::support::link(&mails[0])).await;
        let mut view = browser
            .call("accept_view", &json!({}))
            .await
            .expect(200)
            .json();
        for field in [
            "email",
            "proposal",
            "seconds_left",
            "until",
            "link",
            "handle",
        ] {
            view[field] = Value::Null;
        }
        views.push(view);
        answers.push(seen(&invite(&meadow.browser, "meadow", &role, email).await));
    }
    let again: Vec<_> = [1, 3]
        .map(|place| {
            answers[place]
                .2
                .replace(|letter: char| letter.is_ascii_hexdigit(), "")
        })
        .into();
    assert_eq!(again[0], again[1], "inviting again");
    assert_eq!(answers[0], answers[2]);
    assert_eq!(rows[0], rows[1]);
    assert_eq!(
        views[0], views[1],
        "the page does not say whether the address has an account"
    );
}

#[tokio::test]
async fn inviting_many_addresses_does_not_reveal_which_have_an_account() {
    let site = Site::new().await;
    let chief = known(&site).await;
    let meadow = site.institution("Meadow").await;
    let role = site.role(&meadow, "Basic").await;
    let emails = [
        chief.email.as_str(),
        "known@example.org",
        "x@example.org",
        "y@example.org",
    ];
    let rows: Vec<Value> = emails
        .iter()
        .map(|email| json!({ "email": email, "role": role }))
        .collect();
    let reply = meadow
        .browser
        .call(
            "invite",
            &json!({ "slug": "meadow", "draft": { "rows": rows, "note": "" } }),
        )
        .await;
    for row in reply.expect(200).json()["rows"].as_array().unwrap() {
        assert_eq!(row[1], "Invited");
    }
    assert_eq!(site.mails().await.len(), 4);
}
