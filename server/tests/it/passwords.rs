//! Forgotten and changed passwords.

use serde_json::{Value, json};

use crate::{
    sign_in::sign_in,
    support::{Browser, PASSWORD, Site, link},
};

const NEW: &str = "another-lamp-by-the-sea";

async fn ask(browser: &Browser, identifier: &str) {
    let reply = browser
        .call(
            "ask_reset",
            &json!({ "draft": { "identifier": identifier } }),
        )
        .await
        .expect(200);
    assert_eq!(reply.json(), Value::Null);
}

fn new_password() -> Value {
    json!({ "draft": { "password": NEW } })
}

#[tokio::test]
async fn a_mailed_link_sets_a_new_password_once() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    let browser = site.browser();
    ask(&browser, &chief.username).await;
    let mail = site.mail().await;
    assert_eq!(mail.recipient, chief.email);
    let path = link(&mail);
    assert_eq!(browser.get(&path).await.expect(303).page(), "/reset");
    for _ in 0..3 {
        browser.get("/reset").await.expect(200);
        let reply = browser
            .call(
                "reset_password",
                &json!({ "draft": { "password": "short" } }),
            )
            .await;
        assert_eq!(reply.wrong_fields(), ["password"]);
    }
    let second = site.browser();
    second.get(&path).await;
    browser
        .call("reset_password", &new_password())
        .await
        .expect(200);
    assert_eq!(
        second
            .call("reset_password", &new_password())
            .await
            .expect(410)
            .refused(),
        "InvalidLink"
    );
    second.get("/reset").await.expect(410);
    sign_in(&browser, &chief.username, PASSWORD)
        .await
        .expect(401);
    sign_in(&browser, &chief.username, NEW).await.expect(200);
    let told = site.mail().await;
    assert_eq!(
        told.recipient, chief.email,
        "a changed password is told by mail"
    );
}

#[tokio::test]
async fn a_password_reset_ends_every_session_and_every_other_link() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    let (first, second) = (site.browser(), site.browser());
    ask(&first, &chief.username).await;
    ask(&second, &chief.email).await;
    let links: Vec<String> = site.mails().await.iter().map(link).collect();
    assert_ne!(links[0], links[1]);
    first.get(&links[0]).await;
    second.get(&links[1]).await;
    second
        .call("reset_password", &new_password())
        .await
        .expect(200);
    first.call("reset_view", &json!({})).await.expect(410);
    first
        .call("reset_password", &new_password())
        .await
        .expect(410);
    chief.browser.call("profile", &json!({})).await.expect(401);
}

#[tokio::test]
async fn the_link_expires_after_thirty_minutes_by_the_database_clock() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    let browser = site.browser();
    ask(&browser, &chief.username).await;
    browser.get(&link(&site.mail().await)).await;
    let life: f64 = sqlx::query_scalar(
        "SELECT extract(epoch FROM expires_at - created_at)::float8 FROM muster.account_links",
    )
    .fetch_one(site.sql())
    .await
    .unwrap();
    assert!((life - 1800.0).abs() < 1.0, "{life}");
    browser.call("reset_view", &json!({})).await.expect(200);
    sqlx::query("UPDATE muster.account_links SET expires_at = clock_timestamp()")
        .execute(site.sql())
        .await
        .unwrap();
    browser.call("reset_view", &json!({})).await.expect(410);
    browser
        .call("reset_password", &new_password())
        .await
        .expect(410);
    sign_in(&browser, &chief.username, PASSWORD)
        .await
        .expect(200);
}

#[tokio::test]
async fn a_link_of_one_kind_does_not_work_as_another_kind() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    let browser = site.browser();
    ask(&browser, &chief.username).await;
    let reset = link(&site.mail().await);
    let token = reset.rsplit('/').next().unwrap();
    for (page, function) in [
        ("unlock", "unlock"),
        ("confirm", "confirm"),
        ("accept", "accept_view"),
        ("setup", "setup_view"),
    ] {
        browser.get(&format!("/{page}/{token}")).await.expect(303);
        browser.call(function, &json!({})).await.expect(410);
    }
    let invitation = site.invited(&chief, "pia@example.org", "Basic").await;
    browser
        .get(&invitation.replace("/accept/", "/reset/"))
        .await
        .expect(303);
    browser
        .call("reset_password", &new_password())
        .await
        .expect(410);
}

#[tokio::test]
async fn an_invited_person_who_has_not_accepted_cannot_reset_a_password() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    site.invited(&chief, "pending@example.org", "Basic").await;
    site.invited(&chief, "expired@example.org", "Basic").await;
    let expired = site.membership("expired@example.org").await;
    site.expire(&expired).await;
    for address in ["pending@example.org", "expired@example.org"] {
        ask(&site.browser(), address).await;
        assert!(site.mails().await.is_empty(), "{address}");
    }
    assert_eq!(
        site.count("SELECT count(*) FROM muster.memberships WHERE status = 'active'")
            .await,
        1
    );
    assert_eq!(site.count("SELECT count(*) FROM muster.accounts").await, 1);
}

#[tokio::test]
async fn one_name_gets_at_most_three_reset_emails_in_15_minutes() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    let browser = site.browser();
    // Two rate-limit windows count if the clock passes from one to the next during the test.
    let mut answers = Vec::new();
    for _ in 0..7 {
        let reply = browser
            .call(
                "ask_reset",
                &json!({ "draft": { "identifier": chief.username } }),
            )
            .await;
        answers.push(reply.status);
    }
    assert!(answers.contains(&429), "{answers:?}");
    assert!(site.mails().await.len() <= 6);
}

#[tokio::test]
async fn a_password_change_ends_the_other_sessions_and_keeps_the_current_one() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    let other = site.session(&chief).await;
    let wrong = json!({ "draft": { "current": "not-it", "password": NEW } });
    assert_eq!(
        chief
            .browser
            .call("change_password", &wrong)
            .await
            .wrong_fields(),
        ["current"]
    );
    other.call("profile", &json!({})).await.expect(200);
    let right = json!({ "draft": { "current": PASSWORD, "password": NEW } });
    chief
        .browser
        .call("change_password", &right)
        .await
        .expect(200);
    other.call("profile", &json!({})).await.expect(401);
    chief.browser.call("profile", &json!({})).await.expect(200);
    assert_eq!(site.mail().await.recipient, chief.email);
    sign_in(&site.browser(), &chief.username, PASSWORD)
        .await
        .expect(401);
    sign_in(&site.browser(), &chief.username, NEW)
        .await
        .expect(200);
}

#[tokio::test]
async fn guessing_the_current_password_in_an_open_session_is_limited() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    let wrong = json!({ "draft": { "current": "not-it", "password": NEW } });
    let mut answers = Vec::new();
    for _ in 0..21 {
        answers.push(chief.browser.call("change_password", &wrong).await.status);
    }
    assert!(answers.contains(&429), "{answers:?}");
}

#[tokio::test]
async fn a_password_that_is_the_own_name_or_common_is_refused() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    let path = site
        .invited(&chief, "pia.longaddress@example.org", "Basic")
        .await;
    let browser = site.browser();
    browser.get(&path).await;
    for password in [
        "short",
        "heron.pia.eighty",
        "pia.longaddress@example.org",
        "",
    ] {
        let draft = json!({ "draft": {
            "first_name": "Marty", "last_name": "Quist", "username": "heron.pia.eighty", "password": password,
            "language": "en",
        }});
        assert_eq!(
            browser.call("accept", &draft).await.wrong_fields(),
            ["password"],
            "{password}"
        );
    }
}
