//! More of what works with forms alone, without a script: signing in and out, forgotten passwords, accounts that join
//! another institution, an administrator's buttons.

use serde_json::json;

use crate::{
    no_script::{accepting, says},
    support::{ORIGIN, PASSWORD, Site, link},
};

#[tokio::test]
async fn signing_in_and_out_works_with_forms() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    let browser = site.browser();
    assert_eq!(
        browser.get("/i/harbour/users").await.expect(303).location(),
        "/sign-in?to=/i/harbour/users"
    );
    let page = browser
        .get("/sign-in?to=/i/harbour/users")
        .await
        .expect(200);
    assert!(page.body.contains("/i/harbour/users"));
    let form = [
        ("intent", "sign_in"),
        ("identifier", chief.email.as_str()),
        ("password", PASSWORD),
        ("keep", "true"),
        ("to", "/i/harbour/users"),
    ];
    assert_eq!(
        browser.post("/sign-in", &form).await.expect(303).location(),
        "/i/harbour/users"
    );
    assert_eq!(browser.get("/").await.expect(303).location(), "/i/harbour");
    assert_eq!(
        browser.post("/sign-out", &[]).await.expect(303).location(),
        "/sign-in"
    );
    browser.get("/i/harbour/users").await.expect(303);
}

#[tokio::test]
async fn a_password_reset_works_with_forms() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    let browser = site.browser();
    let asked = browser
        .post(
            "/forgotten",
            &[("intent", "ask_reset"), ("identifier", &chief.username)],
        )
        .await
        .expect(200);
    assert!(says(&asked.body, "Check your email"));
    browser.get(&link(&site.mail().await)).await;
    let short = browser
        .post(
            "/reset",
            &[("intent", "reset_password"), ("password", "short")],
        )
        .await
        .expect(422);
    assert!(says(&short.body, "Use at least 15 characters."));
    let form = [
        ("intent", "reset_password"),
        ("password", "another-lamp-by-the-sea"),
    ];
    assert_eq!(
        browser.post("/reset", &form).await.expect(303).location(),
        "/sign-in?reset=1"
    );
    browser.post("/reset", &form).await.expect(410);
    let form = [
        ("intent", "sign_in"),
        ("identifier", &chief.username),
        ("password", "another-lamp-by-the-sea"),
    ];
    browser.post("/sign-in", &form).await.expect(303);
}

#[tokio::test]
async fn an_account_owner_can_sign_in_and_accept_with_forms() {
    let site = Site::new().await;
    let harbour = site.institution("Harbour").await;
    let meadow = site.institution("Meadow").await;
    site.member(&harbour, "pia@example.org", "heron.pia", "Basic")
        .await;
    let browser = site.browser();
    browser
        .get(&site.invited(&meadow, "pia@example.org", "Basic").await)
        .await;
    let page = browser
        .post("/accept", &accepting("heron.other", PASSWORD))
        .await
        .expect(303);
    let back = page.location().strip_prefix("/sign-in?to=").unwrap();
    let back = back.replace("%3F", "?").replace("%3D", "=");
    assert!(
        back.starts_with("/accept?link="),
        "only who reads the mailbox learns this, and after the POST"
    );
    let form = [
        ("intent", "sign_in"),
        ("identifier", "pia@example.org"),
        ("password", PASSWORD),
        ("to", &back),
    ];
    assert_eq!(
        browser.post("/sign-in", &form).await.expect(303).location(),
        back
    );
    let page = browser.get("/accept").await.expect(200);
    assert!(says(&page.body, "pia@example.org"));
    assert_eq!(
        browser
            .post("/accept", &[("intent", "confirm")])
            .await
            .expect(303)
            .location(),
        "/i/meadow"
    );
}

#[tokio::test]
async fn all_actions_on_an_invitation_work_with_forms() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    let path = site.invited(&chief, "pia@example.org", "Basic").await;
    let id = site.membership("pia@example.org").await;
    let page = format!("/i/harbour/users/{id}");
    let copied = chief
        .browser
        .post(&page, &[("intent", "copy_link")])
        .await
        .expect(200);
    assert!(
        copied.body.contains(&format!("{ORIGIN}/accept/")),
        "shown once"
    );
    assert!(
        !chief
            .browser
            .get(&page)
            .await
            .expect(200)
            .body
            .contains(&format!("{ORIGIN}/accept/"))
    );
    let person = site.browser();
    person.get(&path).await;
    site.expire(&id).await;
    let expired = person.get("/accept").await.expect(200);
    assert!(says(&expired.body, "This invitation has expired"));
    person
        .post("/accept", &accepting("heron.pia", PASSWORD))
        .await
        .expect(410);
    let asked = person
        .post("/accept", &[("intent", "ask_again")])
        .await
        .expect(200);
    assert!(says(&asked.body, "New invitation requested"));
    chief
        .browser
        .post(&page, &[("intent", "resend")])
        .await
        .expect(200);
    person.get(&link(&site.mail().await)).await;
    let declined = person
        .post("/accept", &[("intent", "decline")])
        .await
        .expect(200);
    assert!(says(&declined.body, "Invitation declined"));
    // The user no longer exists.
    chief
        .browser
        .post(&page, &[("intent", "revoke")])
        .await
        .expect(404);
    assert_eq!(
        site.invite(&chief, "pia@example.org", "Basic").await,
        json!("Invited")
    );
}
