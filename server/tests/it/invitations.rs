//! Inviting: rows and their outcomes, seats, resends, and what the invited person sees.

use serde_json::{Value, json};

use crate::support::{Browser, Person, Site, new_account};

async fn invite(by: &Person, rows: Value) -> Value {
    let draft = json!({ "slug": by.slug, "draft": { "rows": rows, "note": "" } });
    by.browser.call("invite", &draft).await.expect(200).json()["rows"].clone()
}

pub async fn about(site: &Site, email: &str) -> Value {
    json!({ "slug": "harbour", "id": site.membership(email).await })
}

/// Returns a browser that has opened the link.
pub async fn opened(site: &Site, path: &str) -> Browser {
    let browser = site.browser();
    browser.get(path).await.expect(303);
    browser
}

#[tokio::test]
async fn each_row_has_its_own_outcome() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    let basic = site.role(&chief, "Basic").await;
    site.invited(&chief, "invited@example.org", "Basic").await;
    site.invited(&chief, "expired@example.org", "Basic").await;
    let (invited, expired) = (
        site.membership("invited@example.org").await,
        site.membership("expired@example.org").await,
    );
    site.expire(&expired).await;
    let row = |email: &str| json!({ "email": email, "role": basic });
    let rows = json!([
        row("new@example.org"),
        row(""),
        row(" NEW@Example.ORG "),
        row("not an address"),
        row("invited@example.org"),
        row("expired@example.org"),
        row(&chief.email),
        { "email": "norole@example.org", "role": "" },
        { "email": "badrole@example.org", "role": uuid::Uuid::now_v7().to_string() },
        row("last@example.org"),
    ]);
    let outcomes = invite(&chief, rows).await;
    let outcome = |number: u64| {
        let rows = outcomes.as_array().unwrap();
        rows.iter()
            .find(|row| row[0] == number)
            .map(|row| row[1].clone())
    };
    assert_eq!(outcome(0), Some(json!("Invited")));
    assert_eq!(outcome(1), None, "an empty row is passed over");
    assert_eq!(outcome(2).unwrap()["Invalid"][0]["problem"], "Duplicate");
    assert_eq!(outcome(3).unwrap()["Invalid"][0]["field"], "rows.3.email");
    assert_eq!(
        outcome(4),
        Some(json!({ "AlreadyInvited": { "id": invited, "expired": false } }))
    );
    assert_eq!(
        outcome(5),
        Some(json!({ "AlreadyInvited": { "id": expired, "expired": true } }))
    );
    let chief_id = site.membership(&chief.email).await;
    assert_eq!(
        outcome(6),
        Some(json!({ "AlreadyMember": { "to": format!("/i/harbour/users/{chief_id}") } }))
    );
    assert_eq!(outcome(7).unwrap()["Invalid"][0]["problem"], "Required");
    assert_eq!(outcome(8).unwrap()["Invalid"][0]["problem"], "Unknown");
    assert_eq!(outcome(9), Some(json!("Invited")));
    let to: Vec<String> = site
        .mails()
        .await
        .into_iter()
        .map(|mail| mail.recipient)
        .collect();
    assert_eq!(to, ["new@example.org", "last@example.org"]);
}

#[tokio::test]
async fn seats_are_never_exceeded_and_are_free_again_after_expiry() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    sqlx::query("UPDATE muster.institutions SET seats = 3")
        .execute(site.sql())
        .await
        .unwrap();
    let role = site.role(&chief, "Basic").await;
    let rows: Vec<Value> = (0..4)
        .map(|number| json!({ "email": format!("p{number}@example.org"), "role": role }))
        .collect();
    let outcomes = invite(&chief, json!(rows)).await;
    let words: Vec<&str> = outcomes
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row[1].as_str().unwrap())
        .collect();
    assert_eq!(words, ["Invited", "Invited", "SeatsFull", "SeatsFull"]);
    let user = json!({ "slug": "harbour", "draft": {
        "first_name": "Ines", "last_name": "Caro", "email": "ines@example.org", "role": role,
    }});
    assert_eq!(
        chief
            .browser
            .call("create_user", &user)
            .await
            .expect(409)
            .refused(),
        "SeatsFull"
    );
    let first = site.membership("p0@example.org").await;
    site.expire(&first).await;
    chief.browser.call("create_user", &user).await.expect(200);
    let resent = chief
        .browser
        .call("resend", &json!({ "slug": "harbour", "id": first }))
        .await;
    assert_eq!(resent.expect(409).refused(), "SeatsFull");
    let second = about(&site, "p1@example.org").await;
    chief.browser.call("revoke", &second).await.expect(200);
    chief
        .browser
        .call("resend", &json!({ "slug": "harbour", "id": first }))
        .await
        .expect(200);
}

#[tokio::test]
async fn a_second_resend_within_five_minutes_changes_nothing() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    let first = site.invited(&chief, "pia@example.org", "Basic").await;
    let id = about(&site, "pia@example.org").await;
    let reply = chief.browser.call("resend", &id).await.expect(200).json();
    assert!(
        reply["Sent"].is_object(),
        "the first may follow at once: {reply}"
    );
    let second = crate::support::link(&site.mail().await);
    assert_ne!(first, second);
    for _ in 0..20 {
        let reply = chief.browser.call("resend", &id).await.expect(200).json();
        let seconds = reply["TooSoon"]["seconds"].as_u64().unwrap();
        assert!((1..=300).contains(&seconds), "{reply}");
    }
    assert!(site.mails().await.is_empty());
    opened(&site, &second)
        .await
        .call("accept_view", &json!({}))
        .await
        .expect(200);
    site.let_time_pass().await;
    assert!(chief.browser.call("resend", &id).await.json()["Sent"].is_object());
    let third = crate::support::link(&site.mail().await);
    opened(&site, &second)
        .await
        .call("accept_view", &json!({}))
        .await
        .expect(410);
    opened(&site, &third)
        .await
        .call("accept", &new_account("heron.pia"))
        .await
        .expect(200);
    assert_eq!(
        chief
            .browser
            .call("resend", &id)
            .await
            .expect(409)
            .refused(),
        "Conflict"
    );
}

#[tokio::test]
async fn the_page_suggests_the_inviters_entries_and_the_reserved_username() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    let role = site.role(&chief, "Administrator").await;
    let user = json!({ "slug": "harbour", "draft": {
        "first_name": "Ines", "last_name": "Caro", "email": "ines@example.org", "phone": "+49 30 1234567",
        "username": "heron.eighty", "role": role,
    }});
    let to = chief
        .browser
        .call("create_user", &user)
        .await
        .expect(200)
        .json()["to"]
        .clone();
    assert_eq!(
        to,
        format!(
            "/i/harbour/users/{}",
            site.membership("ines@example.org").await
        )
    );
    let browser = opened(&site, &crate::support::link(&site.mail().await)).await;
    let view = browser
        .call("accept_view", &json!({}))
        .await
        .expect(200)
        .json();
    for (field, value) in [
        ("institution", "Harbour"),
        ("inviter", "Amara Okafor"),
        ("role", "Administrator"),
        ("email", "ines@example.org"),
        ("first_name", "Ines"),
        ("last_name", "Caro"),
        ("proposal", "heron.eighty"),
    ] {
        assert_eq!(view[field], value);
    }
    let left = view["seconds_left"].as_i64().unwrap();
    assert!((86_300..=86_400).contains(&left));
    // The username reserved for this person is not reported to them as taken.
    let taken = browser
        .call("username_taken", &json!({ "username": "heron.eighty" }))
        .await
        .expect(200);
    assert_eq!(taken.json(), false);
    browser.call("accept_viewed", &json!({})).await.expect(200);
    let id = about(&site, "ines@example.org").await;
    let timeline = chief.browser.call("user", &id).await.json()["timeline"].to_string();
    assert!(timeline.contains("Viewed"), "{timeline}");
}
