//! Which email address is confirmed, by what, and what an unconfirmed address does not allow.

use serde_json::{Value, json};

use crate::{
    sign_in::sign_in,
    support::{Browser, ORIGIN, PASSWORD, Person, Site, link, new_account},
};

/// Returns the path of a copied link.
async fn copied(site: &Site, by: &Person, email: &str) -> String {
    let id = site.membership(email).await;
    let reply = by
        .browser
        .call("copy_link", &json!({ "slug": by.slug, "id": id }))
        .await
        .expect(200);
    let url = reply.json()["url"].as_str().unwrap().to_owned();
    url.strip_prefix(ORIGIN).unwrap().to_owned()
}

/// Returns the browser of a person who joined by a copied link.
async fn unconfirmed(site: &Site, chief: &Person) -> Browser {
    site.invited(chief, "pia@example.org", "Basic").await;
    let path = copied(site, chief, "pia@example.org").await;
    let browser = site.browser();
    browser.join(&path, "heron.pia").await;
    browser
}

#[tokio::test]
async fn joining_by_a_copied_link_leaves_the_address_unconfirmed() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    let browser = unconfirmed(&site, &chief).await;
    let profile = browser.call("profile", &json!({})).await.expect(200).json();
    assert_eq!(
        (&profile["email"], &profile["email_confirmed"]),
        (&json!("pia@example.org"), &json!(false))
    );
    let id = site.membership("pia@example.org").await;
    let view = chief
        .browser
        .call("user", &json!({ "slug": "harbour", "id": id }))
        .await
        .json();
    assert_eq!(view["row"]["email_confirmed"], false);
    sign_in(&site.browser(), "pia@example.org", PASSWORD)
        .await
        .expect(401);
    sign_in(&site.browser(), "heron.pia", PASSWORD)
        .await
        .expect(200);
    for identifier in ["pia@example.org", "heron.pia"] {
        site.browser()
            .call(
                "ask_reset",
                &json!({ "draft": { "identifier": identifier } }),
            )
            .await
            .expect(200);
        assert!(
            site.mails().await.is_empty(),
            "no reset by mail: {identifier}"
        );
    }
    assert_eq!(
        site.count("SELECT count(*) FROM muster.audit WHERE action = 'invitation.link_copied'")
            .await,
        1
    );
}

#[tokio::test]
async fn an_unconfirmed_address_does_not_prevent_its_owner_from_using_it() {
    let site = Site::new().await;
    let harbour = site.institution("Harbour").await;
    let meadow = site.institution("Meadow").await;
    let squatter = unconfirmed(&site, &harbour).await;
    let path = site.invited(&meadow, "pia@example.org", "Basic").await;
    squatter.get(&path).await;
    assert_eq!(
        squatter
            .call("accept_confirm", &json!({}))
            .await
            .expect(422)
            .refused(),
        "WrongAddress"
    );
    let owner = site.browser();
    owner.join(&path, "heron.second").await;
    sign_in(&site.browser(), "pia@example.org", PASSWORD)
        .await
        .expect(200);
    squatter
        .call("confirm_address", &json!({}))
        .await
        .expect(200);
    squatter.get(&link(&site.mail().await)).await;
    assert_eq!(
        squatter
            .call("confirm", &json!({}))
            .await
            .expect(409)
            .refused(),
        "Conflict"
    );
}

#[tokio::test]
async fn an_address_can_sign_in_only_after_a_mailed_link_has_confirmed_it() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    let browser = unconfirmed(&site, &chief).await;
    browser
        .call("confirm_address", &json!({}))
        .await
        .expect(200);
    browser
        .call("confirm_address", &json!({}))
        .await
        .expect(429);
    let path = link(&site.mail().await);
    browser.get(&path).await;
    browser.get("/confirm").await.expect(200);
    sign_in(&site.browser(), "pia@example.org", PASSWORD)
        .await
        .expect(401);
    browser.call("confirm", &json!({})).await.expect(200);
    sign_in(&site.browser(), "pia@example.org", PASSWORD)
        .await
        .expect(200);
    browser.get(&path).await;
    browser.call("confirm", &json!({})).await.expect(410);
    let copy = site.browser();
    copy.call("confirm_address", &json!({})).await.expect(401);
}

#[tokio::test]
async fn the_mailed_and_the_copied_link_belong_to_the_same_invitation() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    let mailed = site.invited(&chief, "pia@example.org", "Basic").await;
    let handed = copied(&site, &chief, "pia@example.org").await;
    assert_ne!(mailed, handed);
    let (by_mail, by_hand) = (site.browser(), site.browser());
    by_hand.get(&handed).await;
    by_mail.join(&mailed, "heron.pia").await;
    by_hand
        .call("accept", &new_account("heron.other"))
        .await
        .expect(410);
    assert_eq!(
        site.count("SELECT count(*) FROM muster.accounts WHERE email = 'pia@example.org'")
            .await,
        1
    );
}

#[tokio::test]
async fn a_new_copied_link_invalidates_the_previous_one() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    site.invited(&chief, "pia@example.org", "Basic").await;
    let first = copied(&site, &chief, "pia@example.org").await;
    let second = copied(&site, &chief, "pia@example.org").await;
    let browser = site.browser();
    browser.get(&first).await;
    browser.call("accept_view", &json!({})).await.expect(410);
    browser.get(&second).await;
    browser.call("accept_view", &json!({})).await.expect(200);
}

#[tokio::test]
async fn registering_at_another_institution_does_not_accept_an_invitation() {
    let site = Site::new().await;
    let harbour = site.institution("Harbour").await;
    let meadow = site.institution("Meadow").await;
    let waiting = site
        .invited(&harbour, "pia@example.org", "Administrator")
        .await;
    let pia = site
        .member(&meadow, "pia@example.org", "heron.pia", "Basic")
        .await;
    pia.browser.get("/i/harbour").await.expect(404);
    let status = "SELECT status FROM muster.memberships WHERE id = $1::uuid";
    let ids: Vec<uuid::Uuid> = sqlx::query_scalar(
        "SELECT m.id FROM muster.memberships m JOIN muster.institutions i ON i.id = m.institution_id
         WHERE i.slug = 'harbour' AND m.email = 'pia@example.org'",
    )
    .fetch_all(site.sql())
    .await
    .unwrap();
    assert_eq!(
        site.text(status, &ids[0].to_string()).await.as_deref(),
        Some("invited")
    );
    // The inviting institution sees the names that it entered.
    let view = harbour
        .browser
        .call(
            "user",
            &json!({ "slug": "harbour", "id": ids[0].to_string() }),
        )
        .await
        .json();
    assert_eq!(
        (&view["row"]["name"], &view["row"]["username"]),
        (&json!(""), &Value::Null)
    );
    // The person must confirm with a click; only then the names are applied.
    pia.browser.get(&waiting).await;
    pia.browser
        .call("accept", &new_account("heron.second"))
        .await
        .expect(422);
    pia.browser
        .call("accept_confirm", &json!({}))
        .await
        .expect(200);
    let view = harbour
        .browser
        .call(
            "user",
            &json!({ "slug": "harbour", "id": ids[0].to_string() }),
        )
        .await
        .json();
    assert_eq!(view["row"]["name"], "Marty Quist");
    assert_eq!(site.count("SELECT count(*) FROM muster.accounts").await, 3);
}
