//! Client addresses behind proxies: limits and the audit use the client's address, and local-only content is never shown
//! through a proxy or under another host name.

use reqwest::{Method, header};
use serde_json::{Value, json};

use crate::support::{Browser, ORIGIN, Replica, Reply, Site, site::Running};

/// Password reset requests of one client before it is limited.
const RESETS: usize = 30;

async fn behind_a_proxy(site: &Site, listen: Option<&'static str>, trusted: &str) -> Running {
    site.replica_with(Replica {
        listen,
        trusted_proxies: vec![trusted.parse().unwrap()],
        ..Replica::default()
    })
    .await
}

async fn reset(browser: &Browser, number: usize, forwarded: &[String]) -> Reply {
    let draft = json!({ "draft": { "identifier": format!("nobody.{number}") } });
    let mut request = browser.call_of("ask_reset", &draft);
    for line in forwarded {
        request = request.header("x-forwarded-for", line);
    }
    browser.send(request).await
}

/// Returns the clients that were counted.
async fn counted(site: &Site) -> Vec<String> {
    sqlx::query_scalar(
        "SELECT DISTINCT key FROM muster.rate_limits WHERE key LIKE 'reset from %' ORDER BY 1",
    )
    .fetch_all(site.sql())
    .await
    .unwrap()
}

#[tokio::test]
async fn a_client_cannot_evade_its_limit_with_forged_headers() {
    let ways: [fn(usize) -> Vec<String>; 6] = [
        |number| vec![format!("9.9.9.{number}, 198.51.100.7:5{number:04}")],
        |number| vec![format!("9.9.9.{number}"), "\"198.51.100.7:77\"".to_owned()],
        |number| vec![format!("9.9.9.{number}, unknown")],
        |number| vec![format!("9.9.9.{number}, _hidden{number}")],
        // The addresses of one customer.
        |number| vec![format!("9.9.9.{number}, [2001:db8:1:2:{number}::1]:443")],
        |number| vec![format!("2001:db8:1:2:ffff::{number}")],
    ];
    for (way, forwarded) in ways.into_iter().enumerate() {
        let site = Site::new().await;
        let proxied = behind_a_proxy(&site, None, "127.0.0.0/8").await;
        let browser = Browser::new(&proxied.address, ORIGIN);
        let mut refused = 0;
        for number in 0..RESETS + 10 {
            let reply = reset(&browser, number, &forwarded(number)).await;
            refused += usize::from(reply.status == 429);
        }
        let counted = counted(&site).await;
        assert_eq!(counted.len(), 1, "way {way}: {counted:?}");
        // A second window may have begun in the meantime.
        let windows =
            site.count("SELECT count(*) FROM muster.rate_limits WHERE key LIKE 'reset from %'");
        assert!(
            refused > 0 || windows.await > 1,
            "way {way}: nobody was told to wait"
        );
    }
}

#[tokio::test]
async fn a_proxy_is_recognized_by_its_ipv4_address_on_a_dual_stack_listener() {
    let site = Site::new().await;
    let proxied = behind_a_proxy(&site, Some("[::]:0"), "127.0.0.1/32").await;
    let browser = Browser::new(&proxied.address, ORIGIN);
    reset(&browser, 1, &["198.51.100.7".to_owned()])
        .await
        .expect(200);
    assert_eq!(counted(&site).await, ["reset from 198.51.100.7"]);
    let direct = site
        .replica_with(Replica {
            listen: Some("[::]:0"),
            ..Replica::default()
        })
        .await;
    let browser = Browser::new(&direct.address, ORIGIN);
    reset(&browser, 2, &["198.51.100.8".to_owned()])
        .await
        .expect(200);
    assert_eq!(
        counted(&site).await,
        ["reset from 127.0.0.1", "reset from 198.51.100.7"]
    );
}

#[tokio::test]
async fn the_mailbox_opens_only_with_the_link_printed_at_startup() {
    let site = Site::new().await;
    for listen in ["127.0.0.1:0", "[::]:0"] {
        let replica = site
            .replica_with(Replica {
                listen: Some(listen),
                origin: Some("http://127.0.0.1:PORT"),
                mailbox: true,
                ..Replica::default()
            })
            .await;
        let link = replica.mailbox_link.as_deref().unwrap();
        let browser = Browser::new(&replica.address, &replica.address);
        let pages = ["/dev/mailbox", "/dev/mailbox/1", "/dev/mailbox/1/html"];
        for page in pages {
            browser.get(page).await.expect(404);
        }
        browser.call("mailbox", &json!({})).await.expect(404);
        let wrong = format!("/dev/mailbox/open/{}", "A".repeat(43));
        browser.get(&wrong).await.expect(404);
        assert_eq!(
            browser.get(link).await.expect(303).location(),
            "/dev/mailbox"
        );
        browser.get("/dev/mailbox").await.expect(200);
        let mails = browser.call("mailbox", &json!({})).await.expect(200).json();
        assert_eq!(mails, Value::Array(Vec::new()));
        // With another host name, as in DNS rebinding, or through a proxy.
        let port = replica.address.rsplit(':').next().unwrap();
        for (name, value) in [
            ("host", format!("evil.example:{port}")),
            ("host", "muster.example.org".to_owned()),
            ("x-real-ip", "203.0.113.7".to_owned()),
            ("x-forwarded-for", "203.0.113.7".to_owned()),
            ("via", "1.1 proxy".to_owned()),
        ] {
            for page in pages {
                let request = browser.request(Method::GET, page).header(name, &value);
                assert_eq!(
                    browser.send(request).await.status,
                    404,
                    "{page} {name} {value}"
                );
            }
            let request = browser.call_of("mailbox", &json!({})).header(name, &value);
            assert_eq!(browser.send(request).await.status, 404, "{name} {value}");
        }
        assert!(browser.cookie("muster-mailbox").is_some());
    }
}

#[tokio::test]
async fn the_mailbox_has_no_link_if_the_origin_is_another_host() {
    let site = Site::new().await;
    let replica = site
        .replica_with(Replica {
            mailbox: true,
            ..Replica::default()
        })
        .await;
    assert_eq!(replica.mailbox_link, None);
    let browser = Browser::new(&replica.address, ORIGIN);
    let request = browser
        .request(Method::GET, "/dev/mailbox")
        .header(header::HOST, "muster.example");
    assert_eq!(browser.send(request).await.status, 404);
}
