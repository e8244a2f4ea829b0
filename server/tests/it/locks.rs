//! Ten failed sign-ins lock an account; unknown identifiers get the same responses.

use serde_json::json;

use crate::{
    sign_in::sign_in,
    support::{Browser, ORIGIN, PASSWORD, Person, Site, link},
};

pub const LOCKS_AFTER: usize = 10;

/// Moves every counter's waiting time into the past.
async fn wait(site: &Site) {
    sqlx::query("UPDATE muster.sign_in_failures SET blocked_until = clock_timestamp()")
        .execute(site.sql())
        .await
        .unwrap();
}

/// Fails until the last attempt locks the account; returns the names of the failures.
pub async fn fail(site: &Site, browser: &Browser, identifier: &str, times: usize) -> Vec<String> {
    let mut answers = Vec::new();
    for _ in 0..times {
        wait(site).await;
        answers.push(sign_in(browser, identifier, "wrong").await.refused());
    }
    answers
}

async fn locked(site: &Site) -> Person {
    let chief = site.institution("Harbour").await;
    site.member(&chief, "pia@example.org", "heron.pia", "Basic")
        .await;
    fail(site, &site.browser(), "heron.pia", LOCKS_AFTER).await;
    chief
}

#[tokio::test]
async fn the_tenth_failure_locks_known_and_unknown_identifiers_alike() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    site.member(&chief, "pia@example.org", "heron.pia", "Basic")
        .await;
    let mut expected = vec!["SignInFailed".to_owned(); LOCKS_AFTER - 1];
    expected.extend(["Locked".to_owned(), "Locked".to_owned()]);
    for identifier in ["heron.pia", "heron.nobody", "nobody@example.org"] {
        assert_eq!(
            fail(&site, &site.browser(), identifier, LOCKS_AFTER + 1).await,
            expected,
            "{identifier}"
        );
    }
    wait(&site).await;
    assert_eq!(
        sign_in(&site.browser(), "heron.pia", PASSWORD)
            .await
            .refused(),
        "Locked",
        "even with the password"
    );
    let mail = site.mail().await;
    assert_eq!(mail.recipient, "pia@example.org");
    assert!(link(&mail).starts_with("/unlock/"));
}

#[tokio::test]
async fn failures_by_username_and_by_address_are_counted_together_across_replicas() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    site.member(&chief, "pia@example.org", "heron.pia", "Basic")
        .await;
    let other = Browser::new(&site.replica().await, ORIGIN);
    fail(&site, &site.browser(), "heron.pia", 5).await;
    fail(&site, &other, "PIA@example.org", 4).await;
    assert_eq!(fail(&site, &other, "heron.pia", 1).await, ["Locked"]);
    assert_eq!(
        site.count("SELECT count(*) FROM muster.accounts WHERE locked_at IS NOT NULL")
            .await,
        1
    );
}

#[tokio::test]
async fn further_attempts_are_increasingly_delayed_for_known_and_unknown_alike() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    site.member(&chief, "pia@example.org", "heron.pia", "Basic")
        .await;
    for identifier in ["heron.pia", "heron.nobody"] {
        let browser = site.browser();
        fail(&site, &browser, identifier, LOCKS_AFTER + 3).await;
        let slowed = sign_in(&browser, identifier, PASSWORD).await.expect(429);
        let seconds = slowed.json()["TooManyTries"]["seconds"].as_u64().unwrap();
        assert!((5..=8).contains(&seconds), "{identifier}: {seconds}");
    }
    // At most 15 minutes, however many failures there were.
    sqlx::query("UPDATE muster.sign_in_failures SET failures = 2000")
        .execute(site.sql())
        .await
        .unwrap();
    fail(&site, &site.browser(), "heron.pia", 1).await;
    let slowed = sign_in(&site.browser(), "heron.pia", PASSWORD)
        .await
        .expect(429);
    assert!(slowed.json()["TooManyTries"]["seconds"].as_u64().unwrap() <= 900);
}

#[tokio::test]
async fn a_successful_sign_in_resets_the_failure_count() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    fail(&site, &site.browser(), &chief.username, LOCKS_AFTER - 1).await;
    sign_in(&site.browser(), &chief.email, PASSWORD)
        .await
        .expect(200);
    assert_eq!(
        fail(&site, &site.browser(), &chief.username, 1).await,
        ["SignInFailed"]
    );
}

#[tokio::test]
async fn the_mailed_link_unlocks_once_and_only_by_post() {
    let site = Site::new().await;
    locked(&site).await;
    let path = link(&site.mail().await);
    let browser = site.browser();
    assert_eq!(browser.get(&path).await.expect(303).page(), "/unlock");
    for _ in 0..3 {
        browser.get("/unlock").await.expect(200);
        let view = browser.call("unlock_view", &json!({})).await.expect(200);
        assert_eq!(view.json()["username"], "heron.pia");
    }
    wait(&site).await;
    assert_eq!(
        sign_in(&site.browser(), "heron.pia", PASSWORD)
            .await
            .refused(),
        "Locked",
        "looking changes nothing"
    );
    browser.call("unlock", &json!({})).await.expect(200);
    sign_in(&site.browser(), "heron.pia", PASSWORD)
        .await
        .expect(200);
    browser.get(&path).await;
    browser.call("unlock", &json!({})).await.expect(410);
    assert_eq!(
        site.count(
            "SELECT count(*) FROM muster.account_audit WHERE action = 'account.unlocked_by_mail'"
        )
        .await,
        1
    );
}

#[tokio::test]
async fn a_lock_sends_one_email_however_many_attempts_follow() {
    let site = Site::new().await;
    locked(&site).await;
    fail(&site, &site.browser(), "pia@example.org", 5).await;
    assert_eq!(site.mails().await.len(), 1);
}

#[tokio::test]
async fn an_administrator_can_unlock_an_account_once_an_hour() {
    let site = Site::new().await;
    let chief = locked(&site).await;
    let id = site.membership("pia@example.org").await;
    let about = json!({ "slug": "harbour", "id": id });
    let view = chief.browser.call("user", &about).await.expect(200).json();
    assert_eq!(view["may_unlock"], true);
    assert_eq!(view["row"]["state"]["state"], "LOCKED");
    chief.browser.call("unlock_user", &about).await.expect(200);
    sign_in(&site.browser(), "heron.pia", PASSWORD)
        .await
        .expect(200);
    assert_eq!(
        chief
            .browser
            .call("unlock_user", &about)
            .await
            .expect(409)
            .refused(),
        "Conflict"
    );
    fail(&site, &site.browser(), "heron.pia", LOCKS_AFTER).await;
    let reply = chief.browser.call("unlock_user", &about).await.expect(429);
    assert!(reply.json()["TooSoon"]["seconds"].as_u64().unwrap() <= 3600);
    assert_eq!(site.count("SELECT count(*) FROM muster.audit WHERE action = 'user.unlocked' AND actor_id IS NOT NULL").await, 1);
    // The mailed link still works.
    assert!(link(site.mails().await.last().unwrap()).starts_with("/unlock/"));
}

#[tokio::test]
async fn a_password_reset_unlocks_the_account() {
    let site = Site::new().await;
    locked(&site).await;
    site.mails().await;
    let browser = site.browser();
    browser
        .call(
            "ask_reset",
            &json!({ "draft": { "identifier": "heron.pia" } }),
        )
        .await
        .expect(200);
    browser.get(&link(&site.mail().await)).await;
    let draft = json!({ "draft": { "password": "another-lamp-by-the-sea" } });
    browser.call("reset_password", &draft).await.expect(200);
    sign_in(&browser, "heron.pia", "another-lamp-by-the-sea")
        .await
        .expect(200);
}

#[tokio::test]
async fn a_lock_still_looks_the_same_for_known_and_unknown_names_after_two_days() {
    let site = Site::new().await;
    locked(&site).await;
    fail(&site, &site.browser(), "heron.nobody", LOCKS_AFTER).await;
    fail(&site, &site.browser(), "heron.few", LOCKS_AFTER - 1).await;
    sqlx::query("UPDATE muster.sign_in_failures SET last_at = last_at - interval '2 days'")
        .execute(site.sql())
        .await
        .unwrap();
    site.sweep().await;
    for (identifier, password, expected) in [
        ("heron.pia", PASSWORD, "Locked"),
        ("heron.nobody", PASSWORD, "Locked"),
        ("heron.few", PASSWORD, "SignInFailed"),
    ] {
        wait(&site).await;
        let answer = sign_in(&site.browser(), identifier, password).await;
        assert_eq!(answer.refused(), expected, "{identifier}");
    }
}
