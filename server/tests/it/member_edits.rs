//! Permission to remove, demote or edit members, and two people who do it at the same time.

use serde_json::json;

use crate::support::place;

#[tokio::test]
async fn only_the_main_contact_can_remove_an_administrator_and_nobody_the_main_contact() {
    let place = place().await;
    let third = place
        .site
        .member(
            &place.chief,
            "third@example.org",
            "heron.third",
            "Administrator",
        )
        .await;
    for function in ["remove_user", "deactivate_user"] {
        let refused = place
            .call(&third, function, "other@example.org")
            .await
            .expect(403);
        assert_eq!(refused.json()["Guarded"], "only_the_main_contact");
        for by in [&third, &place.chief] {
            let refused = place
                .call(by, function, &place.chief.email)
                .await
                .expect(403);
            assert_eq!(refused.json()["Guarded"], "main_contact");
        }
        assert_eq!(
            place
                .call(&place.basic, function, "other@example.org")
                .await
                .refused(),
            "Forbidden"
        );
    }
    let view = place.call(&third, "user", "other@example.org").await.json();
    assert_eq!(view["ending_refused"]["Guarded"], "only_the_main_contact");
    let demoted = place.with_role("other@example.org", "Basic").await;
    let refused = third.browser.call("edit_user", &demoted).await.expect(403);
    assert_eq!(refused.json()["Guarded"], "only_the_main_contact");
    place
        .chief
        .browser
        .call("edit_user", &demoted)
        .await
        .expect(200);
    place
        .other
        .browser
        .get("/i/harbour/users")
        .await
        .expect(403);
    place
        .call(&place.chief, "remove_user", "third@example.org")
        .await
        .expect(200);
}

#[tokio::test]
async fn nobody_can_change_their_own_role_or_that_of_the_main_contact() {
    let place = place().await;
    let own = place.with_role("other@example.org", "Basic").await;
    let refused = place
        .other
        .browser
        .call("edit_user", &own)
        .await
        .expect(403);
    assert_eq!(refused.json()["Guarded"], "own_role");
    let chiefs = place.with_role(&place.chief.email, "Basic").await;
    let refused = place
        .other
        .browser
        .call("edit_user", &chiefs)
        .await
        .expect(403);
    assert_eq!(refused.json()["Guarded"], "main_contact");
}

#[tokio::test]
async fn the_second_of_two_concurrent_edits_gets_a_conflict_and_overwrites_nothing() {
    let place = place().await;
    let mut first = place.with_role("basic@example.org", "Basic").await;
    let mut second = first.clone();
    first["draft"]["first_name"] = json!("Ines");
    second["draft"]["phone"] = json!("+49 30 1234567");
    let saved = place
        .other
        .browser
        .call("edit_user", &first)
        .await
        .expect(200);
    assert_eq!(saved.json(), json!("Saved"));
    let conflict = place
        .chief
        .browser
        .call("edit_user", &second)
        .await
        .expect(200)
        .json();
    assert_eq!(conflict["Conflict"]["by"], "Marty Quist");
    assert_eq!(conflict["Conflict"]["now"]["first_name"], "Ines");
    let view = place.view("basic@example.org").await;
    assert_eq!(
        (&view["first_name"], &view["phone"]),
        (&json!("Ines"), &json!(""))
    );
    second["draft"]["version"] = conflict["Conflict"]["now"]["version"].clone();
    second["draft"]["first_name"] = json!("Ines");
    place
        .chief
        .browser
        .call("edit_user", &second)
        .await
        .expect(200);
    assert_eq!(
        place.view("basic@example.org").await["phone"],
        "+49301234567"
    );
}
