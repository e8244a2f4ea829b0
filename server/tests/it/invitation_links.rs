//! The invitation's link in other hands: scanners, replays, other sessions, other ids.

use reqwest::{Method, header};
use serde_json::json;

use crate::support::{ORIGIN, Site, new_account};

const JOINED: &str = "SELECT count(*) FROM muster.memberships WHERE status = 'active'";
const RECORDED: &str = "SELECT count(*) FROM muster.audit WHERE action = 'invitation.accepted'";

#[tokio::test]
async fn mail_scanners_that_fetch_and_submit_do_not_use_up_the_link() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    let path = site.invited(&chief, "pia@example.org", "Basic").await;
    let scanner = site.browser();
    for _ in 0..20 {
        for method in [Method::HEAD, Method::GET] {
            scanner
                .send(scanner.request(method, &path))
                .await
                .expect(303);
        }
        scanner.get("/accept").await.expect(200);
        scanner.call("accept_view", &json!({})).await.expect(200);
        scanner
            .post("/accept", &[("intent", "accept")])
            .await
            .expect(422);
        scanner
            .call("accept", &json!({ "draft": {} }))
            .await
            .expect(422);
        // A form posted to the link itself has no effect.
        scanner
            .post(&path, &[("intent", "accept"), ("password", "")])
            .await
            .expect(405);
    }
    let about = json!({ "slug": "harbour", "id": site.membership("pia@example.org").await });
    let steps = chief.browser.call("user", &about).await.json()["timeline"].to_string();
    assert!(
        !steps.contains("Viewed"),
        "GET marks nothing as viewed: {steps}"
    );
    let browser = site.browser();
    browser.join(&path, "heron.pia").await;
}

#[tokio::test]
async fn replaying_an_accepted_link_creates_no_second_membership() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    let path = site.invited(&chief, "pia@example.org", "Basic").await;
    let browser = site.browser();
    browser.get(&path).await;
    let cookies = browser.cookies("muster-accept-");
    let (name, ticket) = (&cookies[0], browser.cookie(&cookies[0]).unwrap());
    assert_eq!(cookies.len(), 1);
    browser
        .call("accept", &new_account("heron.pia"))
        .await
        .expect(200);
    assert!(browser.cookies("muster-accept-").is_empty());
    let other = site
        .member(&chief, "otto@example.org", "heron.otto", "Basic")
        .await;
    for replay in [site.browser(), browser, other.browser, chief.browser] {
        let handle = name.strip_prefix("muster-accept-").unwrap();
        replay.set_cookie(name, &ticket);
        replay
            .get(&format!("/accept?link={handle}"))
            .await
            .expect(410);
        for link in [handle, ticket.as_str()] {
            for function in ["accept", "accept_confirm"] {
                let mut arguments = new_account("heron.again");
                arguments["link"] = json!(link);
                let reply = replay.call(function, &arguments).await;
                assert!(matches!(reply.status, 401 | 410), "{}", reply.body);
            }
        }
        replay.get(&path).await;
        for (function, arguments) in [
            ("accept", new_account("heron.again")),
            ("accept_confirm", json!({})),
        ] {
            let reply = replay.call(function, &arguments).await;
            assert!(
                matches!(reply.status, 401 | 410),
                "{function}: {} {}",
                reply.status,
                reply.body
            );
        }
        replay.get("/accept").await.expect(410);
    }
    assert_eq!(site.count(JOINED).await, 3);
    assert_eq!(site.count(RECORDED).await, 2);
}

#[tokio::test]
async fn another_persons_session_cannot_accept_and_the_link_stays_valid() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    let other = site
        .member(&chief, "otto@example.org", "heron.otto", "Basic")
        .await;
    let path = site
        .invited(&chief, "pia@example.org", "Administrator")
        .await;
    for browser in [&other.browser, &chief.browser] {
        browser.get(&path).await;
        let view = browser.call("accept_view", &json!({})).await.json();
        assert_eq!(view["may_confirm"], false);
        assert!(
            view["signed_in_as"].is_string() && view["email"] == "pia@example.org",
            "both addresses are shown"
        );
        for (function, arguments) in [
            ("accept", new_account("heron.pia")),
            ("accept_confirm", json!({})),
        ] {
            assert_eq!(
                browser
                    .call(function, &arguments)
                    .await
                    .expect(422)
                    .refused(),
                "WrongAddress",
                "{function}"
            );
        }
        browser
            .post("/accept", &[("intent", "confirm")])
            .await
            .expect(422);
    }
    let browser = site.browser();
    browser.join(&path, "heron.pia").await;
}

#[tokio::test]
async fn the_request_body_cannot_change_the_invited_person() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    let second = site
        .invited(&chief, "otto@example.org", "Administrator")
        .await;
    let path = site.invited(&chief, "pia@example.org", "Basic").await;
    let otto = site.membership("otto@example.org").await;
    let browser = site.browser();
    browser.get(&path).await;
    let mut arguments = new_account("heron.pia");
    for (name, value) in [
        ("email", "otto@example.org"),
        ("id", otto.as_str()),
        ("membership_id", &otto),
        ("role", "x"),
    ] {
        arguments[name] = json!(value);
        arguments["draft"][name] = json!(value);
    }
    let address = format!(
        "/rpc/accept?id={otto}&email=otto@example.org&token={}",
        second.rsplit('/').next().unwrap()
    );
    let request = browser
        .request(Method::POST, &address)
        .header(header::ORIGIN, ORIGIN)
        .header(header::CONTENT_TYPE, "application/json")
        .body(arguments.to_string());
    let reply = browser.send(request).await;
    assert!(
        reply.status == 200 || (400..500).contains(&reply.status),
        "{}",
        reply.status
    );
    if reply.status != 200 {
        browser
            .call("accept", &new_account("heron.pia"))
            .await
            .expect(200);
    }
    let joined: Vec<(String, String)> = sqlx::query_as(
        "SELECT m.email, a.email FROM muster.memberships m JOIN muster.accounts a ON a.id = m.account_id
         WHERE a.username = 'heron.pia'",
    )
    .fetch_all(site.sql())
    .await
    .unwrap();
    assert_eq!(
        joined,
        [("pia@example.org".to_owned(), "pia@example.org".to_owned())]
    );
    let open = "SELECT status FROM muster.memberships WHERE id = $1::uuid";
    assert_eq!(site.text(open, &otto).await.as_deref(), Some("invited"));
}

#[tokio::test]
async fn a_resend_or_a_revocation_invalidates_every_older_link() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    let first = site.invited(&chief, "pia@example.org", "Basic").await;
    let about = json!({ "slug": "harbour", "id": site.membership("pia@example.org").await });
    let url = chief
        .browser
        .call("copy_link", &about)
        .await
        .expect(200)
        .json()["url"]
        .as_str()
        .unwrap()
        .to_owned();
    let copied = url.strip_prefix(ORIGIN).unwrap().to_owned();
    chief.browser.call("resend", &about).await.expect(200);
    let second = crate::support::link(&site.mail().await);
    let browser = site.browser();
    for (path, status) in [(&first, 410), (&copied, 410), (&second, 200)] {
        browser.get(path).await.expect(303);
        browser.call("accept_view", &json!({})).await.expect(status);
    }
    chief.browser.call("revoke", &about).await.expect(200);
    for path in [&first, &copied, &second] {
        browser.get(path).await;
        browser
            .call("accept", &new_account("heron.pia"))
            .await
            .expect(410);
    }
    assert_eq!(site.count(JOINED).await, 1);
}
