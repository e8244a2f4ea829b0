//! An account that somebody else created for an email address loses the address when its owner confirms it.

use serde_json::{Value, json};

use crate::{
    no_script::says,
    sign_in::sign_in,
    support::{Browser, ORIGIN, PASSWORD, Site, link},
};

const OWN: &str = "a-lamp-of-my-own-choice";

struct Hijacked {
    site: Site,
    /// The session of the account that the attacker created.
    attacker: Browser,
    /// The confirmation link that was mailed to the victim.
    confirm: String,
}

/// The inviter opens the copied link, joins as the invited person with a password of the inviter's own, and has the
/// confirmation email sent.
async fn hijacked() -> Hijacked {
    let site = Site::new().await;
    let inviter = site.institution("Harbour").await;
    site.invited(&inviter, "victim@example.org", "Basic").await;
    let about = json!({ "slug": "harbour", "id": site.membership("victim@example.org").await });
    let copied = inviter.browser.call("copy_link", &about).await.expect(200);
    let copied = copied.json()["url"].as_str().unwrap().to_owned();
    let attacker = site.browser();
    attacker
        .join(copied.strip_prefix(ORIGIN).unwrap(), "heron.attacker")
        .await;
    attacker
        .call("confirm_address", &json!({}))
        .await
        .expect(200);
    let mail = site.mail().await;
    assert_eq!(mail.recipient, "victim@example.org");
    Hijacked {
        site,
        attacker,
        confirm: link(&mail),
    }
}

impl Hijacked {
    async fn confirmed(&self) -> bool {
        let sql = "SELECT count(*) FROM muster.accounts WHERE email = 'victim@example.org'";
        self.site.count(sql).await == 1
    }

    async fn attacker_is_out(&self) {
        self.attacker.call("profile", &json!({})).await.expect(401);
        for identifier in ["victim@example.org", "heron.attacker"] {
            sign_in(&self.site.browser(), identifier, PASSWORD)
                .await
                .expect(401);
            sign_in(&self.site.browser(), identifier, OWN)
                .await
                .expect(200);
        }
        let told = self.site.mail().await;
        assert_eq!(told.recipient, "victim@example.org", "told by mail");
    }
}

#[tokio::test]
async fn confirming_without_the_accounts_session_locks_out_its_creator() {
    let hijacked = hijacked().await;
    let victim = hijacked.site.browser();
    victim.get(&hijacked.confirm).await.expect(303);
    let view = victim.call("confirm_view", &json!({})).await.expect(200);
    assert_eq!(view.json()["own_session"], false);
    // The button alone does nothing.
    for arguments in [
        json!({}),
        json!({ "draft": {} }),
        json!({ "draft": { "password": "" } }),
    ] {
        let refused = victim.call("confirm", &arguments).await;
        assert_eq!(refused.wrong_fields(), ["password"]);
    }
    assert!(!hijacked.confirmed().await);
    let own = json!({ "draft": { "password": OWN } });
    victim.call("confirm", &own).await.expect(200);
    assert!(hijacked.confirmed().await);
    hijacked.attacker_is_out().await;
}

#[tokio::test]
async fn confirming_works_without_a_script_and_from_another_accounts_session() {
    let hijacked = hijacked().await;
    let site = &hijacked.site;
    let other = site.institution("Meadow").await;
    let victim = &other.browser;
    victim.get(&hijacked.confirm).await.expect(303);
    let page = victim.get("/confirm").await.expect(200).body;
    assert!(says(&page, "set a new password") && page.contains("name=\"password\""));
    let button = [("intent", "confirm")];
    victim.post("/confirm", &button).await.expect(422);
    assert!(!hijacked.confirmed().await);
    let form = [("intent", "confirm"), ("password", OWN)];
    let done = victim.post("/confirm", &form).await.expect(303);
    assert_eq!(done.location(), "/sign-in?confirmed=1");
    hijacked.attacker_is_out().await;
    // The session of the other account is not affected.
    victim.call("profile", &json!({})).await.expect(200);
}

#[tokio::test]
async fn the_account_creator_confirms_with_one_click_and_stays_signed_in() {
    let hijacked = hijacked().await;
    let owner = &hijacked.attacker;
    owner.get(&hijacked.confirm).await.expect(303);
    let page = owner.get("/confirm").await.expect(200).body;
    assert!(!page.contains("name=\"password\""));
    let done = owner.post("/confirm", &[("intent", "confirm")]).await;
    assert_eq!(done.expect(303).location(), "/profile");
    assert!(hijacked.confirmed().await);
    owner.call("profile", &json!({})).await.expect(200);
    sign_in(&hijacked.site.browser(), "victim@example.org", PASSWORD)
        .await
        .expect(200);
}

#[tokio::test]
async fn an_ended_session_cannot_confirm_without_a_password() {
    let hijacked = hijacked().await;
    let victim = hijacked.attacker.at(&hijacked.site.address);
    hijacked
        .attacker
        .call("sign_out", &json!({}))
        .await
        .expect(200);
    victim.get(&hijacked.confirm).await.expect(303);
    let refused = victim
        .call("confirm", &Value::Object(serde_json::Map::new()))
        .await;
    assert_eq!(refused.wrong_fields(), ["password"]);
    assert!(!hijacked.confirmed().await);
}

#[tokio::test]
async fn a_concurrent_password_change_fails_when_its_session_ends() {
    let hijacked = hijacked().await;
    let site = &hijacked.site;
    // The owner's confirmation has locked the account and ended its sessions, but is not committed yet.
    let mut owner = site.sql().begin().await.unwrap();
    sqlx::query("UPDATE muster.accounts SET password_changed_at = clock_timestamp() WHERE username = 'heron.attacker'")
        .execute(&mut *owner)
        .await
        .unwrap();
    let draft = json!({ "draft": { "current": PASSWORD, "password": "the-attackers-second-try" } });
    let change = hijacked.attacker.call_of("change_password", &draft);
    let change = tokio::spawn(async move { change.send().await.unwrap().status().as_u16() });
    let waiting = "SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock'";
    while site.count(waiting).await == 0 {
        tokio::task::yield_now().await;
    }
    sqlx::query("DELETE FROM muster.sessions WHERE account_id = (SELECT id FROM muster.accounts WHERE username = 'heron.attacker')")
        .execute(&mut *owner)
        .await
        .unwrap();
    owner.commit().await.unwrap();
    assert_eq!(change.await.unwrap(), 401);
    sign_in(
        &site.browser(),
        "heron.attacker",
        "the-attackers-second-try",
    )
    .await
    .expect(401);
}
