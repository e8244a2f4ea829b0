//! Deactivating, reactivating and removing take effect immediately and everywhere, one by one and in bulk.

use serde_json::{Value, json};

use crate::{invitations::about, support::place};

#[tokio::test]
async fn a_removed_member_cannot_open_the_institution_on_any_replica() {
    let place = place().await;
    let elsewhere = place.basic.browser.at(&place.site.replica().await);
    for browser in [&place.basic.browser, &elsewhere] {
        browser.get("/i/harbour").await.expect(200);
    }
    place
        .call(&place.other, "remove_user", "basic@example.org")
        .await
        .expect(200);
    for browser in [&place.basic.browser, &elsewhere] {
        browser.get("/i/harbour").await.expect(404);
        browser
            .call("attention", &json!({ "slug": "harbour" }))
            .await
            .expect(404);
        // The account remains the person's own.
        browser.get("/profile").await.expect(200);
    }
    let list = place
        .chief
        .browser
        .call("users", &json!({ "slug": "harbour" }))
        .await;
    assert!(!list.body.contains("basic@example.org"));
    let again = place
        .call(&place.chief, "remove_user", "basic@example.org")
        .await;
    assert_eq!(again.refused(), "NotFound");
    assert_eq!(
        place
            .site
            .count("SELECT count(*) FROM muster.audit WHERE action = 'user.removed'")
            .await,
        1
    );
}

#[tokio::test]
async fn a_removed_member_can_be_invited_again_with_a_new_membership() {
    let place = place().await;
    let before = about(&place.site, "basic@example.org").await;
    place
        .call(&place.chief, "remove_user", "basic@example.org")
        .await
        .expect(200);
    let path = place
        .site
        .invited(&place.chief, "basic@example.org", "Basic")
        .await;
    place.basic.browser.get(&path).await;
    place
        .basic
        .browser
        .call("accept_confirm", &json!({}))
        .await
        .expect(200);
    place.basic.browser.get("/i/harbour").await.expect(200);
    let found = place
        .chief
        .browser
        .call(
            "find_users",
            &json!({ "slug": "harbour", "q": "heron.basic" }),
        )
        .await
        .json();
    assert_eq!(found.as_array().unwrap().len(), 1);
    assert_ne!(found[0]["id"], before["id"]);
}

#[tokio::test]
async fn a_deactivated_member_has_no_access_until_reactivated() {
    let place = place().await;
    place
        .call(&place.other, "deactivate_user", "basic@example.org")
        .await
        .expect(200);
    place.basic.browser.get("/i/harbour").await.expect(404);
    assert_eq!(
        place.view("basic@example.org").await["row"]["state"]["state"],
        "DEACTIVATED"
    );
    assert_eq!(
        place
            .call(&place.other, "deactivate_user", "basic@example.org")
            .await
            .refused(),
        "Conflict"
    );
    place
        .call(&place.other, "reactivate_user", "basic@example.org")
        .await
        .expect(200);
    place.basic.browser.get("/i/harbour").await.expect(200);
}

#[tokio::test]
async fn reactivating_takes_a_seat() {
    let place = place().await;
    place
        .call(&place.chief, "deactivate_user", "basic@example.org")
        .await
        .expect(200);
    sqlx::query("UPDATE muster.institutions SET seats = 2")
        .execute(place.site.sql())
        .await
        .unwrap();
    assert_eq!(
        place
            .call(&place.chief, "reactivate_user", "basic@example.org")
            .await
            .refused(),
        "SeatsFull"
    );
}

#[tokio::test]
async fn several_members_are_removed_at_once_with_an_outcome_for_each() {
    let place = place().await;
    place
        .site
        .invited(&place.chief, "pia@example.org", "Basic")
        .await;
    let mut ids = Vec::new();
    for email in ["basic@example.org", "pia@example.org", "other@example.org"] {
        ids.push(about(&place.site, email).await["id"].clone());
    }
    ids.push(json!("019aa000-0000-7000-8000-000000000001"));
    let mut draft = json!({ "slug": "harbour", "draft": { "action": "remove", "ids": ids } });
    let asked = place
        .other
        .browser
        .call("bulk_users", &draft)
        .await
        .expect(200)
        .json();
    assert_eq!(asked["Confirm"]["people"].as_array().unwrap().len(), 3);
    assert_eq!(
        place
            .site
            .count("SELECT count(*) FROM muster.memberships WHERE status = 'removed'")
            .await,
        0,
        "asking changes nothing"
    );
    draft["draft"]["confirmed"] = json!("1");
    let report = place
        .other
        .browser
        .call("bulk_users", &draft)
        .await
        .expect(200)
        .json();
    assert_eq!(report["Done"]["done"].as_array().unwrap().len(), 2);
    assert_eq!(
        report["Done"]["left"][0][1]["Guarded"],
        "only_the_main_contact"
    );
    place.basic.browser.get("/i/harbour").await.expect(404);
    assert_eq!(
        place
            .site
            .count("SELECT count(*) FROM muster.memberships WHERE status = 'revoked'")
            .await,
        1,
        "an open invitation is revoked"
    );
}

#[tokio::test]
async fn a_lock_shows_in_every_institution_and_filters_the_list() {
    let place = place().await;
    let meadow = place.site.institution("Meadow").await;
    let path = place
        .site
        .invited(&meadow, "basic@example.org", "Basic")
        .await;
    place.basic.browser.get(&path).await;
    place
        .basic
        .browser
        .call("accept_confirm", &json!({}))
        .await
        .expect(200);
    place
        .site
        .run(
            "UPDATE muster.accounts SET locked_at = clock_timestamp() WHERE username = $1",
            "heron.basic",
        )
        .await;
    let mut id = Value::Null;
    for (chief, slug) in [(&meadow, "meadow"), (&place.chief, "harbour")] {
        let query = json!({ "slug": slug, "query": { "state": "locked" } });
        let page = chief.browser.call("users", &query).await.expect(200).json();
        assert_eq!(page["rows"].as_array().unwrap().len(), 1, "{slug}");
        assert_eq!(page["rows"][0]["state"]["state"], "LOCKED");
        id = page["rows"][0]["id"].clone();
    }
    place
        .chief
        .browser
        .call("unlock_user", &json!({ "slug": "harbour", "id": id }))
        .await
        .expect(200);
    let query = json!({ "slug": "meadow", "query": { "state": "locked" } });
    let page = meadow.browser.call("users", &query).await.json();
    assert_eq!(page["count"]["Exact"], 0);
}
