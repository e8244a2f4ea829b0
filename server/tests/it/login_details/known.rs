//! Login details of people who already have an account.

use super::*;

#[tokio::test]
async fn a_person_with_an_account_is_invited_and_the_institution_sees_no_difference() {
    let (site, chief, _) = chief().await;
    site.member(&chief, "known@example.org", "heron.known", "Basic")
        .await;
    let meadow = site.institution("Meadow").await;
    let before =
        "SELECT md5(string_agg(a::text, ',' ORDER BY id)) FROM muster.accounts a WHERE $1 = ''";
    let accounts = site.text(before, "").await;
    let csv = "username,first_name,last_name,email\n\
        Robin.One,Ines,Caro,known@example.org\nRobin.Two,Ines,Caro,nobody@example.org\n";
    let role = site.role(&meadow, "Basic").await;
    let (import, view) = site
        .imported(&meadow.browser, "meadow", csv, &wanted(csv, &role))
        .await;
    assert_eq!(counts(&view["done"]), [2, 2, 0, 0, 0, 0]);
    let rows = meadow.browser.rows(&import, "invite").await;
    assert_eq!(rows[0]["reasons"], rows[1]["reasons"]);
    let mails = site.mails().await;
    let to = |email: &str| mails.iter().find(|mail| mail.recipient == email).unwrap();
    assert_eq!(mails.len(), 2);
    let details = Details::of(to("nobody@example.org"));
    let path = link(to("known@example.org"));
    assert!(path.starts_with("/accept/"), "{path}");
    assert_eq!(
        site.text(before, "").await,
        accounts,
        "no account was changed"
    );
    // Nobody sees that the page was opened: a person with login details has no invitation page.
    let browser = site.browser();
    browser.get(&path).await;
    browser.call("accept_viewed", &json!({})).await.expect(200);
    assert_eq!(
        seen(&meadow, &site, "known@example.org").await,
        seen(&meadow, &site, "nobody@example.org").await
    );
    let ends = "SELECT (max(expires_at) - min(expires_at) < interval '1 minute' AND count(password_hash) = 2
        AND count(DISTINCT mail_state) = 1)::text FROM muster.invitations WHERE login_details AND $1 = ''";
    assert_eq!(site.text(ends, "").await.as_deref(), Some("true"));
    sign_in(&browser, "heron.known", PASSWORD).await.expect(200);
    browser.call("accept_confirm", &json!({})).await.expect(200);
    browser.get("/i/meadow").await.expect(200);
    details.sign_in(&site.browser()).await.expect(200);
}

#[tokio::test]
async fn a_person_who_has_since_created_an_account_signs_in_and_confirms() {
    let (site, chief, _) = chief().await;
    let details = mailed(&site, &chief).await;
    let meadow = site.institution("Meadow").await;
    site.member(&meadow, "pia@example.org", "robin.pia", "Basic")
        .await;
    let accounts = site.count("SELECT count(*) FROM muster.accounts").await;
    for identifier in ["Heron.Pia", "pia@example.org"] {
        let browser = site.browser();
        let reply = sign_in(&browser, identifier, &details.password)
            .await
            .expect(200);
        let to = reply.json()["to"].as_str().unwrap().to_owned();
        assert!(to.starts_with("/sign-in?to=/accept%3Flink%3D"), "{to}");
        assert!(
            browser.cookie("muster").is_none(),
            "nobody is signed in by it"
        );
    }
    assert_eq!(
        site.count("SELECT count(*) FROM muster.accounts").await,
        accounts
    );
    let browser = site.browser();
    details.sign_in(&browser).await.expect(200);
    sign_in(&browser, "robin.pia", PASSWORD).await.expect(200);
    browser.call("accept_confirm", &json!({})).await.expect(200);
    browser.get("/i/harbour").await.expect(200);
    refused(&site, &details).await;
}
