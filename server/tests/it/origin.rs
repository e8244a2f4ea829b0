//! Only our own pages may send requests, and every response has the security headers.

use reqwest::{Method, header};

use crate::{
    functions::{FUNCTIONS, world},
    support::{Browser, ORIGIN, Replica, Site},
};

/// Requests from a page of another site, or from no page: method, origins, content type.
const ATTACKS: &[(Method, &[&str], Option<&str>)] = &[
    (Method::POST, &[ORIGIN], Some("text/plain")),
    (
        Method::POST,
        &[ORIGIN],
        Some("application/x-www-form-urlencoded"),
    ),
    (
        Method::POST,
        &[ORIGIN],
        Some("multipart/form-data; boundary=x"),
    ),
    (Method::POST, &[ORIGIN], None),
    (Method::GET, &[ORIGIN], Some("application/json")),
    (Method::POST, &["null"], Some("application/json")),
    (
        Method::POST,
        &["https://evil.example"],
        Some("application/json"),
    ),
    (
        Method::POST,
        &["http://muster.example.evil.example"],
        Some("application/json"),
    ),
    (
        Method::POST,
        &["http://muster.example:8080"],
        Some("application/json"),
    ),
    (
        Method::POST,
        &["https://muster.example"],
        Some("application/json"),
    ),
    (Method::POST, &[], Some("application/json")),
    (
        Method::POST,
        &[ORIGIN, "https://evil.example"],
        Some("application/json"),
    ),
];

#[tokio::test]
async fn functions_refuse_cross_site_requests() {
    let world = world().await;
    let browser = world.site.session(&world.chief).await;
    let sessions = "SELECT count(*) FROM muster.sessions";
    let before = world.site.count(sessions).await;
    for (name, arguments, _) in FUNCTIONS {
        for (method, origins, kind) in ATTACKS {
            let mut request = browser.request(method.clone(), &format!("/rpc/{name}"));
            for origin in *origins {
                request = request.header(header::ORIGIN, *origin);
            }
            if let Some(kind) = kind {
                request = request.header(header::CONTENT_TYPE, *kind);
            }
            let reply = browser
                .send(request.body(arguments(&world).to_string()))
                .await;
            assert_eq!(
                reply.status, 403,
                "{name} {method} {origins:?} {kind:?}: {}",
                reply.body
            );
        }
    }
    assert_eq!(world.site.count(sessions).await, before);
}

#[tokio::test]
async fn pages_refuse_cross_site_forms() {
    let world = world().await;
    let browser = world.site.session(&world.chief).await;
    let pages = [
        "/sign-in",
        "/sign-out",
        "/theme",
        "/profile",
        "/accept",
        "/i/harbour/invite",
        "/i/harbour/users",
    ];
    for page in pages {
        for origin in [None, Some("null"), Some("https://evil.example")] {
            let mut request = browser
                .request(Method::POST, page)
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body("intent=sign_in");
            if let Some(origin) = origin {
                request = request.header(header::ORIGIN, origin);
            }
            assert_eq!(browser.send(request).await.status, 403, "{page} {origin:?}");
        }
    }
    // Still signed in.
    browser.get("/profile").await.expect(200);
}

#[tokio::test]
async fn a_form_with_another_content_type_is_refused() {
    let site = Site::new().await;
    let browser = site.browser();
    for kind in [
        "text/plain",
        "multipart/form-data; boundary=x",
        "application/json",
    ] {
        let request = browser
            .request(Method::POST, "/sign-in")
            .header(header::ORIGIN, ORIGIN)
            .header(header::CONTENT_TYPE, kind)
            .body("intent=sign_in&identifier=x&password=y");
        assert_eq!(browser.send(request).await.status, 415, "{kind}");
    }
}

#[tokio::test]
async fn every_response_prevents_framing_sniffing_and_caching() {
    let world = world().await;
    let browser = world.site.session(&world.chief).await;
    let progress = format!("/i/harbour/imports/{}/progress", world.import);
    for path in [
        "/sign-in",
        "/profile",
        "/i/harbour/users",
        "/accept/x",
        "/no-such-page",
        "/rpc/visitor",
        "/healthz",
        "/accept/%ff",
        "/i/harbour/imports/template.csv",
        progress.as_str(),
    ] {
        let headers = browser.get(path).await.headers;
        let value = |name: &str| {
            headers
                .get(name)
                .map(|value| value.to_str().unwrap().to_owned())
                .unwrap_or_default()
        };
        assert_eq!(value("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(value("referrer-policy"), "same-origin", "{path}");
        assert_eq!(value("cache-control"), "no-store", "{path}");
        assert_eq!(
            value("cross-origin-resource-policy"),
            "same-origin",
            "{path}"
        );
        assert_eq!(value("strict-transport-security"), "", "{path}: by http");
        let policy = value("content-security-policy");
        assert!(
            policy.contains("frame-ancestors 'none'") && policy.contains("default-src 'none'"),
            "{path}: {policy}"
        );
        assert!(
            !policy.contains("unsafe-inline") && !policy.contains("unsafe-eval'")
                || policy.contains("wasm-unsafe-eval"),
            "{path}"
        );
    }
}

#[tokio::test]
async fn hsts_is_sent_if_the_origin_is_https() {
    let site = Site::new().await;
    let replica = site
        .replica_with(Replica {
            origin: Some("https://muster.example"),
            ..Replica::default()
        })
        .await;
    let browser = Browser::new(&replica.address, "https://muster.example");
    for path in ["/sign-in", "/no-such-page", "/healthz"] {
        let headers = browser.get(path).await.headers;
        assert_eq!(
            headers["strict-transport-security"], "max-age=31536000",
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_page_tells_the_browser_which_origin_accepts_its_forms() {
    let site = Site::new().await;
    let page = site.browser().get("/sign-in").await.expect(200).body;
    let meta = format!("<meta name=\"muster-origins\" content=\"{ORIGIN}\"");
    assert!(page.contains(&meta), "{page}");
}

#[tokio::test]
async fn a_cross_site_form_is_refused_with_a_page_that_names_the_right_address() {
    let world = world().await;
    let browser = world.site.session(&world.chief).await;
    for origin in [None, Some("null"), Some("http://127.0.0.1:3000")] {
        for (language, sentence) in [
            ("en", "Nothing was changed"),
            ("de", "Nichts wurde geändert"),
        ] {
            let mut request = browser
                .request(Method::POST, "/sign-in")
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                .header(header::ACCEPT, "text/html")
                .header(header::ACCEPT_LANGUAGE, language)
                .body("intent=sign_in");
            if let Some(origin) = origin {
                request = request.header(header::ORIGIN, origin);
            }
            let page = browser.send(request).await.expect(403).body;
            assert!(page.contains(sentence), "{page}");
            assert!(page.contains(&format!("<a href=\"{ORIGIN}\">")), "{page}");
        }
        let mut request = browser
            .request(Method::POST, "/rpc/visitor")
            .header(header::CONTENT_TYPE, "application/json")
            .body("{}");
        if let Some(origin) = origin {
            request = request.header(header::ORIGIN, origin);
        }
        let failure = browser.send(request).await.expect(403).json();
        assert_eq!(failure["ForeignOrigin"]["origin"], ORIGIN, "{failure}");
    }
}

#[tokio::test]
async fn each_page_has_its_own_nonce_on_every_inline_script() {
    let site = Site::new().await;
    let browser = site.browser();
    let mut nonces = Vec::new();
    for _ in 0..2 {
        let page = browser.get("/sign-in").await.expect(200);
        let policy = page.headers["content-security-policy"]
            .to_str()
            .unwrap()
            .to_owned();
        let nonce = policy
            .split("'nonce-")
            .nth(1)
            .unwrap()
            .split('\'')
            .next()
            .unwrap()
            .to_owned();
        for script in page.body.split("<script").skip(1) {
            let tag = script.split('>').next().unwrap();
            assert!(tag.contains(&format!("nonce=\"{nonce}\"")), "<script{tag}>");
        }
        assert!(!page.body.contains(" style=") && !page.body.contains(" onclick="));
        nonces.push(nonce);
    }
    assert_ne!(nonces[0], nonces[1]);
}
