//! Keeping out, letting in, removing, demoting: who may, and that it holds at once and everywhere (abuse 10,
//! 31; rows A1, B5, B6).

use serde_json::{Value, json};

use crate::{
    invitations::about,
    support::{Person, Site, new_account},
};

struct Place {
    site: Site,
    /// The main contact.
    chief: Person,
    /// Another administrator.
    other: Person,
    basic: Person,
}

async fn place() -> Place {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    let other = site
        .member(&chief, "other@example.org", "heron.other", "Administrator")
        .await;
    let basic = site
        .member(&chief, "basic@example.org", "heron.basic", "Basic")
        .await;
    Place {
        site,
        chief,
        other,
        basic,
    }
}

impl Place {
    async fn call(&self, by: &Person, function: &str, email: &str) -> crate::support::Reply {
        by.browser
            .call(function, &about(&self.site, email).await)
            .await
    }

    async fn view(&self, email: &str) -> Value {
        let view = self.call(&self.chief, "user", email).await;
        view.expect(200).json()
    }

    /// The arguments that give the role and leave the rest as it is.
    async fn with_role(&self, email: &str, role: &str) -> Value {
        let view = self.view(email).await;
        let mut arguments = about(&self.site, email).await;
        arguments["draft"] = json!({
            "first_name": view["first_name"], "last_name": view["last_name"], "phone": view["phone"],
            "role": self.site.role(&self.chief, role).await, "version": view["version"].to_string(),
        });
        arguments
    }
}

#[tokio::test]
async fn from_the_removal_on_nothing_of_the_institution_opens_on_any_replica() {
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
        // The account stays the person's own.
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
async fn who_was_removed_can_be_invited_again_as_another_membership() {
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
async fn whoever_is_deactivated_is_out_until_let_in_again() {
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
        "Changed"
    );
    place
        .call(&place.other, "reactivate_user", "basic@example.org")
        .await
        .expect(200);
    place.basic.browser.get("/i/harbour").await.expect(200);
}

#[tokio::test]
async fn letting_in_again_takes_a_seat() {
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
async fn an_administrator_is_ended_by_the_main_contact_alone_and_the_main_contact_by_nobody() {
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
async fn nobody_changes_their_own_role_and_the_main_contacts_is_nobodys_to_change() {
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
async fn of_two_who_change_one_person_the_second_is_told_and_overwrites_nothing() {
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

#[tokio::test]
async fn what_a_removed_deactivated_or_demoted_administrator_sent_is_dead() {
    let place = place().await;
    for (number, way) in ["remove", "deactivate", "demote"].into_iter().enumerate() {
        let (email, username) = (format!("{way}@example.org"), format!("heron.{way}"));
        let sender = place
            .site
            .member(&place.chief, &email, &username, "Administrator")
            .await;
        let invited = format!("pia{number}@example.org");
        let path = place.site.invited(&sender, &invited, "Basic").await;
        let browser = place.site.browser();
        browser.get(&path).await;
        match way {
            "remove" => place.call(&place.chief, "remove_user", &email).await,
            "deactivate" => place.call(&place.chief, "deactivate_user", &email).await,
            _ => {
                let demoted = place.with_role(&email, "Basic").await;
                place.chief.browser.call("edit_user", &demoted).await
            }
        }
        .expect(200);
        browser
            .call("accept", &new_account(&format!("stork.{number:03}")))
            .await
            .expect(410);
        // Sent again in another's name, it works, and outlives what becomes of its first sender.
        place.site.let_time_pass().await;
        place
            .call(&place.chief, "resend", &invited)
            .await
            .expect(200);
        let browser = place.site.browser();
        browser
            .get(&crate::support::link(&place.site.mail().await))
            .await;
        browser
            .call("accept", &new_account(&format!("stork.{number:03}")))
            .await
            .expect(200);
    }
}

#[tokio::test]
async fn a_corrected_address_gets_the_only_living_link() {
    let place = place().await;
    let old = place
        .site
        .invited(&place.chief, "pai@example.org", "Basic")
        .await;
    let mut arguments = about(&place.site, "pai@example.org").await;
    arguments["draft"] = json!({ "email": "basic@example.org" });
    let taken = place.chief.browser.call("resend", &arguments).await;
    assert_eq!(taken.wrong_fields(), ["email"]);
    arguments["draft"] = json!({ "email": "no address" });
    let wrong = place.chief.browser.call("resend", &arguments).await;
    assert_eq!(wrong.wrong_fields(), ["email"]);
    // At once: whom the last mail did not reach is not kept waiting.
    arguments["draft"] = json!({ "email": "Pia@Example.org" });
    place
        .chief
        .browser
        .call("resend", &arguments)
        .await
        .expect(200);
    let mail = place.site.mail().await;
    assert_eq!(mail.recipient, "pia@example.org");
    let browser = place.site.browser();
    browser.get(&old).await;
    browser
        .call("accept", &new_account("heron.pia"))
        .await
        .expect(410);
    browser.get(&crate::support::link(&mail)).await;
    browser
        .call("accept", &new_account("heron.pia"))
        .await
        .expect(200);
    assert_eq!(
        place.view("pia@example.org").await["row"]["email_confirmed"],
        true
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_administrator_who_is_removed_while_inviting_leaves_no_living_invitation() {
    let place = place().await;
    let role = place.site.role(&place.chief, "Basic").await;
    let removal = about(&place.site, "other@example.org").await;
    let sender = std::sync::Arc::new(place.other.browser.at(&place.site.replica().await));
    let invites = (0..20).map(|number| {
        let (sender, role) = (std::sync::Arc::clone(&sender), role.clone());
        tokio::spawn(async move {
            let rows = json!([{ "email": format!("pia{number}@example.org"), "role": role }]);
            let draft = json!({ "slug": "harbour", "draft": { "rows": rows, "note": "" } });
            sender.call("invite", &draft).await.status
        })
    });
    let invites: Vec<_> = invites.collect();
    place
        .chief
        .browser
        .call("remove_user", &removal)
        .await
        .expect(200);
    for invite in invites {
        let status = invite.await.unwrap();
        assert!(matches!(status, 200 | 404), "{status}");
    }
    let living = "SELECT count(*) FROM muster.invitations i
        JOIN muster.memberships m ON m.institution_id = i.institution_id AND m.id = i.inviter_id
        WHERE m.status = 'removed' AND i.closed_at IS NULL AND i.expires_at > clock_timestamp()";
    assert_eq!(place.site.count(living).await, 0);
}

#[tokio::test]
async fn several_are_ended_at_once_each_with_an_outcome_of_its_own() {
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
