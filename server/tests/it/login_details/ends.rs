//! When login details expire, and how sign-in attempts with them are limited.

use super::*;

#[tokio::test]
async fn login_details_expire_14_days_after_sending_by_the_database_clock() {
    let (site, chief, _) = chief().await;
    import(&site, &chief, FILE).await;
    // The email waits for three days.
    site.run(
        "UPDATE muster.invitations SET expires_at = expires_at - interval '3 days' WHERE $1 = ''",
        "",
    )
    .await;
    site.mail_server_says(Delivery::Transient {
        response: "450 later".to_owned(),
    });
    assert_eq!(site.mails().await.len(), 0);
    let left = "SELECT (expires_at > clock_timestamp() + interval '14 days - 2 minutes' AND expires_at <= clock_timestamp() + interval '14 days')::text
        FROM muster.invitations WHERE $1 <> ''";
    assert_eq!(about(&site, left).await.as_deref(), Some("true"));
    let until = "SELECT expires_at::text || encode(password_hash, 'hex') FROM muster.invitations WHERE $1 <> ''";
    let first = about(&site, until).await;
    site.let_time_pass().await;
    let details = Details::of(&site.mail().await);
    assert_eq!(
        about(&site, until).await,
        first,
        "another try of the mail is the same mail"
    );
    site.expire(&site.membership("pia@example.org").await).await;
    refused(&site, &details).await;
    assert_eq!(site.count("SELECT count(*) FROM muster.accounts").await, 1);
    // The server's clock is irrelevant.
    site.run("UPDATE muster.invitations SET expires_at = clock_timestamp() + interval '5 seconds' WHERE $1 = ''", "").await;
    details.sign_in(&site.browser()).await.expect(200);
}

#[tokio::test]
async fn a_resend_creates_a_new_password_and_invalidates_the_old_one() {
    let (site, chief, _) = chief().await;
    let older = mailed(&site, &chief).await;
    let about = json!({ "slug": "harbour", "id": site.membership("pia@example.org").await });
    chief.browser.call("resend", &about).await.expect(200);
    refused(&site, &older).await;
    let newer = Details::of(&site.mail().await);
    assert_ne!(older.password, newer.password);
    refused(&site, &older).await;
    newer.sign_in(&site.browser()).await.expect(200);
}

#[tokio::test]
async fn login_details_end_with_the_invitation_and_with_the_removal_of_the_sender() {
    let (site, chief, _) = chief().await;
    let deputy = site
        .member(&chief, "ole@example.org", "heron.ole", "Administrator")
        .await;
    let details = mailed(&site, &deputy).await;
    let id = json!({ "slug": "harbour", "id": site.membership("ole@example.org").await });
    chief.browser.call("remove_user", &id).await.expect(200);
    refused(&site, &details).await;
    let about = json!({ "slug": "harbour", "id": site.membership("pia@example.org").await });
    chief.browser.call("resend", &about).await.expect(200);
    let details = Details::of(&site.mail().await);
    chief.browser.call("revoke", &about).await.expect(200);
    refused(&site, &details).await;
    assert_eq!(site.count("SELECT count(*) FROM muster.accounts").await, 2);
}

#[tokio::test]
async fn login_details_must_match_exactly_and_failures_are_counted() {
    let (site, chief, _) = chief().await;
    let details = mailed(&site, &chief).await;
    for (identifier, password) in [
        ("heron.pia", details.password.as_str()),
        (&chief.email, &details.password),
        (&chief.username, &details.password),
        ("Heron.Pia", &details.password.to_uppercase()),
    ] {
        sign_in(&site.browser(), identifier, password)
            .await
            .expect(401);
    }
    for _ in 0..8 {
        sign_in(&site.browser(), "Heron.Pia", "wrong")
            .await
            .expect(401);
    }
    let reply = sign_in(&site.browser(), "Heron.Pia", "wrong").await;
    assert_eq!(reply.refused(), "Locked");
    let reply = details.sign_in(&site.browser()).await;
    assert_eq!(
        reply.refused(),
        "TooManyTries",
        "a try that waits costs nothing and finds nothing"
    );
    site.run(
        "UPDATE muster.sign_in_failures SET blocked_until = clock_timestamp() WHERE $1 = ''",
        "",
    )
    .await;
    details.sign_in(&site.browser()).await.expect(200);
}

#[tokio::test]
async fn one_of_many_concurrent_first_sign_ins_succeeds() {
    let (site, chief, _) = chief().await;
    let details = mailed(&site, &chief).await;
    let other = site.replica().await;
    let browsers: Vec<Browser> = (0..8)
        .map(|number| {
            if number % 2 == 0 {
                site.browser()
            } else {
                site.browser().at(&other)
            }
        })
        .collect();
    let tries = browsers.iter().map(|browser| details.sign_in(browser));
    let replies = futures::future::join_all(tries).await;
    let mut statuses: Vec<u16> = replies.iter().map(|reply| reply.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 401, 401, 401, 401, 401, 401, 401]);
    assert_eq!(site.count("SELECT count(*) FROM muster.accounts").await, 2);
    assert_eq!(
        site.count("SELECT count(*) FROM muster.audit WHERE action = 'invitation.accepted'")
            .await,
        1
    );
}
