//! What happens to open invitations when their sender is removed or deactivated, or their address was mistyped.

use serde_json::json;

use crate::{
    invitations::about,
    support::{link, new_account, place},
};

#[tokio::test]
async fn invitations_of_a_removed_deactivated_or_demoted_administrator_are_invalid() {
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
        // Resent in another administrator's name, it works and is independent of its first sender.
        place.site.let_time_pass().await;
        place
            .call(&place.chief, "resend", &invited)
            .await
            .expect(200);
        let browser = place.site.browser();
        browser
            .join(
                &link(&place.site.mail().await),
                &format!("stork.{number:03}"),
            )
            .await;
    }
}

#[tokio::test]
async fn a_corrected_address_gets_the_only_valid_link() {
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
    // Immediately: a person who did not get the last email does not have to wait.
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
    browser.join(&link(&mail), "heron.pia").await;
    assert_eq!(
        place.view("pia@example.org").await["row"]["email_confirmed"],
        true
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_administrator_removed_while_inviting_leaves_no_open_invitation() {
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
