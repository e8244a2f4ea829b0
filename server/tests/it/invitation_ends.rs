//! How invitations end: by expiry, by the invited person, by an administrator; and what is released then.

use serde_json::{Value, json};

use crate::{
    invitations::{about, opened},
    support::{Person, Site, new_account},
};

async fn state(by: &Person, about: &Value) -> Value {
    by.browser.call("user", about).await.expect(200).json()["row"]["state"].clone()
}

#[tokio::test]
async fn an_invitation_expires_at_its_stated_time_by_the_database_clock() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    let path = site.invited(&chief, "pia@example.org", "Basic").await;
    let id = about(&site, "pia@example.org").await;
    let life: f64 = sqlx::query_scalar(
        "SELECT extract(epoch FROM expires_at - sent_at)::float8 FROM muster.invitations",
    )
    .fetch_one(site.sql())
    .await
    .unwrap();
    assert!((life - 86_400.0).abs() < 0.001, "{life}");
    assert_eq!(state(&chief, &id).await["state"], "PENDING");
    let browser = opened(&site, &path).await;
    site.expire(id["id"].as_str().unwrap()).await;
    browser
        .call("accept", &new_account("heron.pia"))
        .await
        .expect(410);
    let view = browser
        .call("accept_view", &json!({}))
        .await
        .expect(200)
        .json();
    assert!(
        view["seconds_left"].as_i64().unwrap() <= 0,
        "who holds the link sees that it has expired: {view}"
    );
    let row = state(&chief, &id).await;
    assert_eq!(row["state"], "INVITE EXPIRED");
    assert!(row["until"].is_object());
    sqlx::query(
        "UPDATE muster.invitations SET expires_at = clock_timestamp() + interval '30 seconds'",
    )
    .execute(site.sql())
    .await
    .unwrap();
    browser
        .call("accept", &new_account("heron.pia"))
        .await
        .expect(200);
    assert_eq!(state(&chief, &id).await["state"], "ACTIVE");
}

#[tokio::test]
async fn a_new_invitation_can_be_requested_once_after_expiry_and_the_list_shows_it() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    let path = site.invited(&chief, "pia@example.org", "Basic").await;
    let id = about(&site, "pia@example.org").await;
    let browser = opened(&site, &path).await;
    browser.call("ask_again", &json!({})).await.expect(200);
    assert_eq!(
        state(&chief, &id).await["asked_again"],
        false,
        "it is still open"
    );
    site.expire(id["id"].as_str().unwrap()).await;
    for _ in 0..3 {
        browser.call("ask_again", &json!({})).await.expect(200);
    }
    assert_eq!(state(&chief, &id).await["asked_again"], true);
    assert_eq!(
        site.count("SELECT count(*) FROM muster.audit WHERE action = 'invitation.asked_again'")
            .await,
        1
    );
    chief.browser.call("resend", &id).await.expect(200);
    assert_eq!(state(&chief, &id).await["asked_again"], false);
}

#[tokio::test]
async fn a_declined_or_revoked_invitation_is_closed_for_everybody() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    for (email, by_person) in [("pia@example.org", true), ("otto@example.org", false)] {
        let path = site.invited(&chief, email, "Basic").await;
        let id = about(&site, email).await;
        let browser = opened(&site, &path).await;
        if by_person {
            browser.call("decline", &json!({})).await.expect(200);
        } else {
            chief.browser.call("revoke", &id).await.expect(200);
        }
        for function in ["accept_view", "accept_viewed", "decline", "ask_again"] {
            assert_eq!(
                browser
                    .call(function, &json!({}))
                    .await
                    .expect(410)
                    .refused(),
                "InvalidLink"
            );
        }
        browser
            .call("accept", &new_account("heron.pia"))
            .await
            .expect(410);
        for function in ["resend", "revoke", "copy_link"] {
            assert_eq!(
                chief
                    .browser
                    .call(function, &id)
                    .await
                    .expect(409)
                    .refused(),
                "Conflict",
                "{function}"
            );
        }
        chief.browser.call("user", &id).await.expect(404);
        // Inviting again creates a new invitation.
        assert_eq!(site.invite(&chief, email, "Basic").await, json!("Invited"));
        site.mails().await;
    }
}

#[tokio::test]
async fn a_reserved_username_is_available_again_after_the_invitation_ends() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    let role = site.role(&chief, "Basic").await;
    let user = |email: &str, username: &str| {
        json!({ "slug": "harbour", "draft": {
            "first_name": "Ines", "last_name": "Caro", "email": email, "username": username, "role": role,
        }})
    };
    let browser = opened(
        &site,
        &site.invited(&chief, "pia@example.org", "Basic").await,
    )
    .await;
    for (email, username, ends) in [
        ("a@example.org", "heron.one", true),
        ("b@example.org", "heron.two", false),
    ] {
        chief
            .browser
            .call("create_user", &user(email, username))
            .await
            .expect(200);
        let second = user("c@example.org", &username.to_uppercase());
        assert_eq!(
            chief
                .browser
                .call("create_user", &second)
                .await
                .wrong_fields(),
            ["username"]
        );
        let taken = browser
            .call("username_taken", &json!({ "username": username }))
            .await
            .expect(200);
        assert_eq!(taken.json(), true);
        assert_eq!(
            browser
                .call("accept", &new_account(username))
                .await
                .wrong_fields(),
            ["username"]
        );
        let id = about(&site, email).await;
        if ends {
            site.expire(id["id"].as_str().unwrap()).await;
        } else {
            chief.browser.call("revoke", &id).await.expect(200);
        }
        let taken = browser
            .call("username_taken", &json!({ "username": username }))
            .await
            .expect(200);
        assert_eq!(taken.json(), false);
    }
    browser
        .call("accept", &new_account("Heron.One"))
        .await
        .expect(200);
    // The person who had reserved it chooses another one when the invitation is renewed.
    let id = about(&site, "a@example.org").await;
    chief.browser.call("resend", &id).await.expect(200);
    let mails = site.mails().await;
    let browser = opened(&site, &crate::support::link(mails.last().unwrap())).await;
    let proposal = browser.call("accept_view", &json!({})).await.json()["proposal"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_ne!(proposal.to_lowercase(), "heron.one");
}

/// The clock of a replica is irrelevant. Two replicas are queried in turn around the expiry time, which only the database's
/// clock decides; neither reports the invitation as open after the other has reported it as expired.
#[tokio::test]
async fn all_replicas_agree_on_the_expiry() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    let path = site.invited(&chief, "pia@example.org", "Basic").await;
    let here = opened(&site, &path).await;
    let there = here.at(&site.replica().await);
    let id = site.membership("pia@example.org").await;
    site.run(
        "UPDATE muster.invitations SET expires_at = clock_timestamp() + interval '1 second' WHERE membership_id = $1::uuid",
        &id,
    )
    .await;
    let mut over = Vec::new();
    while over.len() < 20 {
        let browser = if over.len() % 2 == 0 { &here } else { &there };
        let view = browser
            .call("accept_view", &json!({}))
            .await
            .expect(200)
            .json();
        let ended = view["seconds_left"].as_i64().unwrap() <= 0;
        assert!(ended || over.is_empty(), "it was over and lives again");
        if ended {
            over.push(view);
        }
    }
    for browser in [&here, &there] {
        browser
            .call("accept", &new_account("heron.pia"))
            .await
            .expect(410);
    }
}
