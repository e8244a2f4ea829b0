//! Signing in and out, and the lifetime of sessions.

use serde_json::{Value, json};

use crate::support::{Browser, PASSWORD, Reply, Site};

pub async fn sign_in(browser: &Browser, identifier: &str, password: &str) -> Reply {
    let draft = json!({ "draft": { "identifier": identifier, "password": password } });
    browser.call("sign_in", &draft).await
}

async fn signed_in(browser: &Browser) -> bool {
    browser.call("visitor", &json!({})).await.json() != Value::Null
}

#[tokio::test]
async fn usernames_are_case_sensitive_and_addresses_are_not() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    site.member(&chief, "pia@example.org", "Heron.Pia", "Basic")
        .await;
    for right in [
        "Heron.Pia",
        " Heron.Pia ",
        "pia@example.org",
        "PIA@Example.ORG",
    ] {
        let browser = site.browser();
        let reply = sign_in(&browser, right, PASSWORD).await.expect(200);
        assert_eq!(reply.json()["to"], "/i/harbour");
        assert!(signed_in(&browser).await, "{right}");
    }
    for wrong in ["heron.pia", "HERON.PIA", "Heron.Pi", "pia@example.com"] {
        let browser = site.browser();
        assert_eq!(
            sign_in(&browser, wrong, PASSWORD)
                .await
                .expect(401)
                .refused(),
            "SignInFailed",
            "{wrong}"
        );
        assert!(browser.cookie("muster").is_none());
    }
    for password in ["", "quiet-lamp-over-Harbour", " quiet-lamp-over-harbour"] {
        let reply = sign_in(&site.browser(), "Heron.Pia", password).await;
        assert!(
            matches!(reply.status, 401 | 422),
            "{password}: {}",
            reply.status
        );
    }
}

#[tokio::test]
async fn signing_in_opens_the_institution_viewed_last() {
    let site = Site::new().await;
    let harbour = site.institution("Harbour").await;
    let meadow = site.institution("Meadow").await;
    let pia = site
        .member(&harbour, "pia@example.org", "heron.pia", "Basic")
        .await;
    let path = site.invited(&meadow, "pia@example.org", "Basic").await;
    pia.browser.confirm(&path).await;
    for slug in ["meadow", "harbour", "meadow"] {
        pia.browser.get(&format!("/i/{slug}")).await.expect(200);
        let reply = sign_in(&site.browser(), "heron.pia", PASSWORD)
            .await
            .expect(200);
        assert_eq!(reply.json()["to"], format!("/i/{slug}"));
    }
}

#[tokio::test]
async fn signing_in_opens_the_requested_page_and_never_another_site() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    for (asked, to) in [
        ("/i/harbour/users", "/i/harbour/users"),
        ("//evil.example", "/i/harbour"),
        ("https://evil.example", "/i/harbour"),
        ("/\\evil.example", "/i/harbour"),
    ] {
        let draft =
            json!({ "draft": { "identifier": chief.username, "password": PASSWORD, "to": asked } });
        let reply = site.browser().call("sign_in", &draft).await.expect(200);
        assert_eq!(reply.json()["to"], to, "{asked}");
    }
}

#[tokio::test]
async fn the_session_cookie_is_protected_and_persists_only_if_requested() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    for keep in [false, true] {
        let draft = json!({ "draft": { "identifier": chief.username, "password": PASSWORD, "keep": keep } });
        let reply = site.browser().call("sign_in", &draft).await.expect(200);
        let cookie = reply.headers["set-cookie"].to_str().unwrap();
        assert!(
            cookie.contains("HttpOnly")
                && cookie.contains("SameSite=Lax")
                && cookie.contains("Path=/")
        );
        assert_eq!(cookie.contains("Max-Age="), keep, "{cookie}");
    }
    let lives: Vec<bool> = sqlx::query_scalar(
        "SELECT absolute_until > clock_timestamp() + interval '7 days' FROM muster.sessions ORDER BY created_at DESC LIMIT 2",
    )
    .fetch_all(site.sql())
    .await
    .unwrap();
    assert_eq!(lives, [true, false], "a kept session lives longer");
}

#[tokio::test]
async fn each_sign_in_has_its_own_session_and_only_its_hash_is_stored() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    let planted = site.browser();
    planted.set_cookie("muster", &"A".repeat(43));
    sign_in(&planted, &chief.username, PASSWORD)
        .await
        .expect(200);
    let token = planted.cookie("muster").unwrap();
    assert_ne!(token, "A".repeat(43), "a planted session is not taken over");
    let stored: Vec<Vec<u8>> = sqlx::query_scalar("SELECT token_hash FROM muster.sessions")
        .fetch_all(site.sql())
        .await
        .unwrap();
    assert!(
        stored
            .iter()
            .all(|hash| hash.len() == 32 && hash.as_slice() != token.as_bytes())
    );
    let before = planted.cookie("muster").unwrap();
    let old = planted.at(&site.address);
    sign_in(&planted, &chief.username, PASSWORD)
        .await
        .expect(200);
    assert_ne!(planted.cookie("muster").unwrap(), before);
    assert!(
        !signed_in(&old).await,
        "who signs in anew leaves the old session"
    );
}

#[tokio::test]
async fn signing_out_ends_the_session_on_the_server_and_on_every_replica() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    let replica = site.replica().await;
    let copy = chief.browser.at(&replica);
    assert!(signed_in(&copy).await);
    let reply = chief.browser.call("sign_out", &json!({})).await.expect(200);
    assert_eq!(reply.json()["to"], "/sign-in");
    assert!(chief.browser.cookie("muster").is_none());
    assert!(
        !signed_in(&copy).await,
        "the copied cookie is worth nothing"
    );
    copy.call("profile", &json!({})).await.expect(401);
    assert_eq!(
        copy.get("/i/harbour/users").await.expect(303).location(),
        "/sign-in?to=/i/harbour/users"
    );
}

#[tokio::test]
async fn a_session_ends_after_its_idle_and_its_absolute_timeout() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    for limit in [
        "UPDATE muster.sessions SET idle_until = clock_timestamp() WHERE token_hash = sha256($1::bytea)",
        "UPDATE muster.sessions SET absolute_until = clock_timestamp() WHERE token_hash = sha256($1::bytea)",
    ] {
        let browser = site.session(&chief).await;
        assert!(signed_in(&browser).await);
        let token = browser.cookie("muster").unwrap();
        let done = sqlx::query(limit)
            .bind(token.as_bytes())
            .execute(site.sql())
            .await
            .unwrap();
        assert_eq!(done.rows_affected(), 1);
        assert!(!signed_in(&browser).await, "{limit}");
    }
}

#[tokio::test]
async fn activity_extends_a_session_only_up_to_its_absolute_timeout() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    let browser = site.session(&chief).await;
    let age = "UPDATE muster.sessions SET idle_until = clock_timestamp() + interval '5 seconds',
        absolute_until = clock_timestamp() + interval '10 seconds' WHERE token_hash = sha256($1::bytea)";
    let token = browser.cookie("muster").unwrap();
    sqlx::query(age)
        .bind(token.as_bytes())
        .execute(site.sql())
        .await
        .unwrap();
    assert!(signed_in(&browser).await);
    let kept: bool = sqlx::query_scalar(
        "SELECT idle_until > clock_timestamp() + interval '1 minute' AND absolute_until < clock_timestamp() + interval '11 seconds'
         FROM muster.sessions WHERE token_hash = sha256($1::bytea)",
    )
    .bind(token.as_bytes())
    .fetch_one(site.sql())
    .await
    .unwrap();
    assert!(kept);
}

#[tokio::test]
async fn a_malformed_session_cookie_is_ignored() {
    let site = Site::new().await;
    for value in [
        "",
        "null",
        "undefined",
        "A",
        &"A".repeat(43),
        &"A".repeat(4000),
    ] {
        let browser = site.browser();
        browser.set_cookie("muster", value);
        assert!(!signed_in(&browser).await, "{value}");
    }
}
