//! Malformed tokens and request bodies.

use serde_json::{Value, json};

use crate::support::{Site, new_account};

#[tokio::test]
async fn a_token_with_a_changed_bit_is_answered_like_any_invalid_link() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    let path = site.invited(&chief, "pia@example.org", "Basic").await;
    let token = path.strip_prefix("/accept/").unwrap();
    assert_eq!(token.len(), 43);
    let browser = site.browser();
    let mut answers = Vec::new();
    for place in 0..token.len() {
        let mut changed: Vec<char> = token.chars().collect();
        changed[place] = if changed[place] == 'A' { 'B' } else { 'A' };
        let changed: String = changed.into_iter().collect();
        browser.get(&format!("/accept/{changed}")).await.expect(303);
        for function in ["accept_view", "accept_viewed", "decline", "ask_again"] {
            answers.push(browser.call(function, &json!({})).await.expect(410).body);
        }
        answers.push(
            browser
                .call("accept", &new_account("heron.pia"))
                .await
                .expect(410)
                .body,
        );
    }
    browser
        .get(&format!("/accept/{}", token.to_lowercase()))
        .await;
    answers.push(
        browser
            .call("accept_view", &json!({}))
            .await
            .expect(410)
            .body,
    );
    let id = site.membership("pia@example.org").await;
    chief
        .browser
        .call("revoke", &json!({ "slug": "harbour", "id": id }))
        .await
        .expect(200);
    browser.get(&path).await;
    answers.push(
        browser
            .call("accept_view", &json!({}))
            .await
            .expect(410)
            .body,
    );
    answers.dedup();
    assert_eq!(
        answers,
        ["\"InvalidLink\""],
        "changed and revoked look alike"
    );
}

#[tokio::test]
async fn a_malformed_token_is_refused_and_no_earlier_one_is_used_instead() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    let path = site.invited(&chief, "pia@example.org", "Basic").await;
    let browser = site.browser();
    for bad in [
        "null",
        "undefined",
        "[]",
        "%00",
        "a%2Fb",
        "..%2F..",
        "' OR ''='",
        &"A".repeat(44),
        &"A".repeat(8000),
    ] {
        browser.get(&path).await.expect(303);
        let reply = browser
            .get(&format!("/accept/{}", bad.replace(' ', "%20")))
            .await;
        assert!(
            reply.status == 303 || (400..500).contains(&reply.status),
            "{bad}: {}",
            reply.status
        );
        if reply.status == 303 {
            browser
                .call("accept", &new_account("heron.pia"))
                .await
                .expect(410);
        }
    }
    let cookies = browser.cookies("muster-accept-");
    assert_eq!(cookies.len(), 1, "the good link's cookie stays");
    let handle = cookies[0].strip_prefix("muster-accept-").unwrap();
    let mut arguments = new_account("heron.pia");
    for bad in [
        "",
        "null",
        "[]",
        "A",
        &"A".repeat(43),
        &"A".repeat(86),
        &"A".repeat(9000),
    ] {
        browser.set_cookie(&cookies[0], bad);
        for link in [handle, bad] {
            arguments["link"] = json!(link);
            browser.call("accept", &arguments).await.expect(410);
        }
    }
    browser.set_cookie(&cookies[0], &"A".repeat(1 << 20));
    let reply = browser.get("/accept").await;
    assert!((400..500).contains(&reply.status), "{}", reply.status);
    assert_eq!(
        site.count("SELECT count(*) FROM muster.memberships WHERE status = 'active'")
            .await,
        1
    );
}

#[tokio::test]
async fn a_malformed_request_body_is_refused() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    let browser = site.browser();
    browser
        .get(&site.invited(&chief, "pia@example.org", "Basic").await)
        .await;
    let long = "A".repeat(1 << 20);
    let bodies: [Value; 8] = [
        json!(null),
        json!([]),
        json!({}),
        json!({ "draft": null }),
        json!({ "draft": [] }),
        json!({ "draft": { "username": ["heron.pia"] } }),
        json!({ "draft": { "username": { "0": "heron.pia" }, "password": 7 } }),
        json!({ "draft": { "username": long } }),
    ];
    for body in bodies {
        let reply = browser.call("accept", &body).await;
        let shown: String = body.to_string().chars().take(80).collect();
        assert!(
            (400..500).contains(&reply.status),
            "{shown}: {} {}",
            reply.status,
            reply.body
        );
    }
    for body in [
        "intent=accept&username[]=heron.pia",
        "intent=accept&username=a&username=b",
        "intent[]=accept",
        "%ff=%ff",
    ] {
        let reply = browser.post_raw("/accept", body).await;
        assert!(
            (400..500).contains(&reply.status),
            "{body}: {}",
            reply.status
        );
    }
    browser
        .call("accept", &new_account("heron.pia"))
        .await
        .expect(200);
}
