//! Addresses and usernames that look alike or fold to the same text.

use serde_json::{Value, json};

use crate::{
    sign_in::sign_in,
    support::{PASSWORD, Person, Site, link, new_account},
};

async fn outcome(site: &Site, by: &Person, email: &str) -> Value {
    site.invite(by, email, "Basic").await
}

async fn reset_mails(site: &Site, identifier: &str) -> Vec<String> {
    let arguments = json!({ "draft": { "identifier": identifier } });
    let reply = site.browser().call("ask_reset", &arguments).await;
    assert!(
        matches!(reply.status, 200 | 422),
        "{identifier}: {}",
        reply.body
    );
    site.let_time_pass().await;
    site.mails()
        .await
        .into_iter()
        .map(|mail| mail.recipient)
        .collect()
}

#[tokio::test]
async fn addresses_are_canonicalized_then_checked_then_compared() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    assert_eq!(
        outcome(&site, &chief, "mike@example.org").await,
        json!("Invited")
    );
    assert_eq!(
        outcome(&site, &chief, "zoe@m\u{fc}ller.example").await,
        json!("Invited")
    );
    assert_eq!(
        outcome(&site, &chief, "zoe@stra\u{df}e.example").await,
        json!("Invited")
    );
    // The same address in other spellings: uppercase letters, spaces, NFD, and full-width or zero-width characters in the
    // domain.
    for same in [
        " MIKE@EXAMPLE.ORG ",
        "mike@\u{ff45}xample.org",
        "zoe@mu\u{308}ller.example",
        "zoe@M\u{dc}LLER.example",
        "zoe@xn--mller-kva.example",
        "zoe@XN--MLLER-KVA.example",
        "mike@example.org\u{200b}",
    ] {
        let outcome = outcome(&site, &chief, same).await;
        assert!(outcome["AlreadyInvited"].is_object(), "{same}: {outcome}");
    }
    // Addresses that only look or fold alike: refused, or another mailbox.
    for bad in [
        "m\u{131}ke@example.org",
        "M\u{130}KE@example.org",
        "mi\u{212a}e@example.org",
        "m\u{456}ke@example.org",
        "mike\u{ff20}example.org",
        "mike@example\u{3002}org\u{0}",
        "mike@example.org,otto@example.org",
        "mike@example.org\r\nBcc: otto@example.org",
    ] {
        let outcome = outcome(&site, &chief, bad).await;
        assert!(outcome["Invalid"].is_array(), "{bad:?}: {outcome}");
    }
    assert_eq!(
        outcome(&site, &chief, "zoe@strasse.example").await,
        json!("Invited"),
        "ss is no \u{df}"
    );
    let to: Vec<String> = site
        .mails()
        .await
        .into_iter()
        .map(|mail| mail.recipient)
        .collect();
    let stored = [
        "mike@example.org",
        "zoe@xn--mller-kva.example",
        "zoe@xn--strae-oqa.example",
        "zoe@strasse.example",
    ];
    assert_eq!(to, stored, "mail goes to the stored form");
}

#[tokio::test]
async fn an_address_that_folds_like_another_gets_no_access_to_its_account() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    site.member(&chief, "mike@example.org", "heron.mike", "Basic")
        .await;
    assert_eq!(
        reset_mails(&site, "MIKE@Example.org").await,
        ["mike@example.org"],
        "to the stored address only"
    );
    for alike in [
        "m\u{131}ke@example.org",
        "M\u{130}KE@example.org",
        "mi\u{212a}e@example.org",
        "mike@examp\u{4cf}e.org",
        "mike@example.org.evil.example",
        "mike@example.org@evil.example",
        "mike@example.org, evil@example.com",
        "mike+x@example.org",
        "m.ike@example.org",
    ] {
        assert!(reset_mails(&site, alike).await.is_empty(), "{alike}");
        let reply = sign_in(&site.browser(), alike, PASSWORD).await;
        assert!(
            matches!(reply.status, 401 | 422),
            "{alike}: {}",
            reply.status
        );
    }
}

#[tokio::test]
async fn an_identifier_given_twice_or_as_a_list_is_refused_and_no_email_is_sent() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    let browser = site.browser();
    let lists = [
        json!({ "draft": { "identifier": [chief.email, "evil@example.com"] } }),
        json!({ "draft": { "identifier": { "0": chief.email, "1": "evil@example.com" } } }),
        json!({ "draft": [chief.email, "evil@example.com"] }),
        json!([{ "identifier": chief.email }, { "identifier": "evil@example.com" }]),
    ];
    for arguments in lists {
        let reply = browser.call("ask_reset", &arguments).await;
        assert!(
            (400..500).contains(&reply.status),
            "{arguments}: {} {}",
            reply.status,
            reply.body
        );
    }
    let twice = format!(
        r#"{{"draft":{{"identifier":"{}","identifier":"evil@example.com"}}}}"#,
        chief.email
    );
    let request = browser
        .request(reqwest::Method::POST, "/rpc/ask_reset")
        .header("origin", crate::support::ORIGIN)
        .header("content-type", "application/json")
        .body(twice);
    assert_eq!(browser.send(request).await.status, 400);
    let email = chief.email.replace('@', "%40");
    for body in [
        format!("intent=ask_reset&identifier={email}&identifier=evil%40example.com"),
        format!("intent=ask_reset&identifier[]={email}&identifier[]=evil%40example.com"),
        format!("intent=ask_reset&identifier[0]={email}&identifier[1]=evil%40example.com"),
    ] {
        let reply = browser.post_raw("/forgotten", &body).await;
        assert!(
            (400..500).contains(&reply.status),
            "{body}: {}",
            reply.status
        );
    }
    assert!(site.mails().await.is_empty());
}

#[tokio::test]
async fn a_username_that_is_an_address_or_looks_like_another_is_refused() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    site.member(&chief, "kestrel@example.org", "Heron.Eighty", "Basic")
        .await;
    let browser = site.browser();
    browser
        .get(&site.invited(&chief, "pia@example.org", "Basic").await)
        .await;
    for username in [
        "kestrel@example.org",
        "KESTREL@EXAMPLE.ORG",
        "kestrel@example",
        "kestrel\u{ff20}example.org",
        "kestrel.example.org",
        "heron.eighty",
        "HERON.EIGHTY",
        "Heron.Eighty",
        " Heron.Eighty ",
        "her\u{43e}n.eighty",
        "\u{ff28}eron.eighty",
        "heron.eighty\u{200b}",
        "heron\u{0}eighty",
    ] {
        let wrong = browser
            .call("accept", &new_account(username))
            .await
            .wrong_fields();
        assert!(
            wrong.iter().all(|field| field == "username"),
            "{username:?}: {wrong:?}"
        );
    }
    // Still a different username: usernames are never normalized.
    browser
        .call("accept", &new_account("her.oneighty"))
        .await
        .expect(200);
    sign_in(&site.browser(), "her.oneighty", PASSWORD)
        .await
        .expect(200);
    sign_in(&site.browser(), "heroneighty", PASSWORD)
        .await
        .expect(401);
}

#[tokio::test]
async fn a_username_equal_to_the_local_part_of_an_address_is_not_taken_as_the_address() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    let victim = site
        .member(&chief, "kestrel88@example.org", "heron.victim", "Basic")
        .await;
    site.member(&chief, "pia@example.org", "kestrel88", "Basic")
        .await;
    let mails = reset_mails(&site, "kestrel88").await;
    assert_eq!(mails, ["pia@example.org"]);
    assert_eq!(
        reset_mails(&site, "kestrel88@example.org").await,
        [victim.email]
    );
    let browser = site.browser();
    browser
        .call(
            "ask_reset",
            &json!({ "draft": { "identifier": "kestrel88" } }),
        )
        .await
        .expect(200);
    browser.get(&link(&site.mail().await)).await;
    let view = browser.call("reset_view", &json!({})).await.json();
    assert_eq!(view["username"], "kestrel88");
}
