//! Many concurrent requests over two replicas.

use std::sync::Arc;

use futures::future::join_all;
use serde_json::json;
use tokio::sync::Barrier;

use crate::support::{Browser, ORIGIN, PASSWORD, Person, Site, new_account};

/// Makes the calls at the same moment, half of them on a second replica; returns the statuses.
async fn at_once(
    site: &Site,
    callers: Vec<Browser>,
    call: impl Fn(usize) -> (&'static str, serde_json::Value),
) -> Vec<u16> {
    let replica = site.replica().await;
    let barrier = Arc::new(Barrier::new(callers.len()));
    let calls = callers.into_iter().enumerate().map(|(number, browser)| {
        let browser = if number % 2 == 0 {
            browser
        } else {
            browser.at(&replica)
        };
        let (function, arguments) = call(number);
        let barrier = Arc::clone(&barrier);
        tokio::spawn(async move {
            barrier.wait().await;
            browser.call(function, &arguments).await.status
        })
    });
    join_all(calls)
        .await
        .into_iter()
        .map(Result::unwrap)
        .collect()
}

fn successes(statuses: &[u16]) -> usize {
    statuses.iter().filter(|status| **status == 200).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_of_a_hundred_concurrent_confirmations_succeeds_and_is_audited_once() {
    let site = Site::new().await;
    let harbour = site.institution("Harbour").await;
    let meadow = site.institution("Meadow").await;
    let pia = site
        .member(&meadow, "pia@example.org", "heron.pia", "Basic")
        .await;
    let path = site.invited(&harbour, "pia@example.org", "Basic").await;
    pia.browser.get(&path).await;
    let callers = (0..100).map(|_| pia.browser.at(&site.address)).collect();
    let statuses = at_once(&site, callers, |_| ("accept_confirm", json!({}))).await;
    assert_eq!(successes(&statuses), 1, "{statuses:?}");
    assert!(
        statuses.iter().all(|status| matches!(status, 200 | 410)),
        "{statuses:?}"
    );
    let recorded =
        "SELECT count(*) FROM muster.audit a JOIN muster.institutions i ON i.id = a.institution_id
        WHERE a.action = 'invitation.accepted' AND i.slug = 'harbour'";
    assert_eq!(site.count(recorded).await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_acceptances_create_one_account() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    let path = site.invited(&chief, "pia@example.org", "Basic").await;
    let browser = site.browser();
    browser.get(&path).await;
    let callers = (0..30).map(|_| browser.at(&site.address)).collect();
    let statuses = at_once(&site, callers, |number| {
        ("accept", new_account(&format!("heron.{number:04}")))
    })
    .await;
    assert_eq!(successes(&statuses), 1, "{statuses:?}");
    assert!(
        statuses.iter().all(|status| matches!(status, 200 | 410)),
        "{statuses:?}"
    );
    assert_eq!(site.count("SELECT count(*) FROM muster.accounts").await, 2);
    assert_eq!(
        site.count("SELECT count(*) FROM muster.audit WHERE action = 'invitation.accepted'")
            .await,
        1
    );
}

async fn seats(site: &Site, seats: i32) -> Person {
    let chief = site.institution("Harbour").await;
    sqlx::query("UPDATE muster.institutions SET seats = $1")
        .bind(seats)
        .execute(site.sql())
        .await
        .unwrap();
    chief
}

const HELD: &str = "SELECT count(*) FROM muster.memberships m
    LEFT JOIN muster.invitations i ON i.institution_id = m.institution_id AND i.membership_id = m.id
    WHERE m.status = 'active' OR (m.status = 'invited' AND i.expires_at > clock_timestamp())";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_invitations_never_exceed_the_seats() {
    let site = Site::new().await;
    let chief = seats(&site, 5).await;
    let role = site.role(&chief, "Basic").await;
    let callers = (0..50).map(|_| chief.browser.at(&site.address)).collect();
    at_once(&site, callers, |number| {
        let email = format!("person{number}@example.org");
        ("invite", json!({ "slug": "harbour", "draft": { "rows": [{ "email": email, "role": role }], "note": "" } }))
    })
    .await;
    assert_eq!(site.count(HELD).await, 5);
    assert_eq!(site.mails().await.len(), 4, "the main contact holds one");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn resends_of_expired_invitations_never_exceed_the_seats() {
    let site = Site::new().await;
    let chief = seats(&site, 20).await;
    let mut ids = Vec::new();
    for number in 0..10 {
        let email = format!("person{number}@example.org");
        site.invite(&chief, &email, "Basic").await;
        ids.push(site.membership(&email).await);
    }
    sqlx::query("UPDATE muster.invitations SET expires_at = clock_timestamp()")
        .execute(site.sql())
        .await
        .unwrap();
    sqlx::query("UPDATE muster.institutions SET seats = 5")
        .execute(site.sql())
        .await
        .unwrap();
    let callers = (0..10).map(|_| chief.browser.at(&site.address)).collect();
    let statuses = at_once(&site, callers, |number| {
        ("resend", json!({ "slug": "harbour", "id": ids[number] }))
    })
    .await;
    assert_eq!(successes(&statuses), 4, "{statuses:?}");
    assert_eq!(site.count(HELD).await, 5);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_invitations_of_one_address_create_one_invitation() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    let role = site.role(&chief, "Basic").await;
    let callers = (0..20)
        .map(|_| Browser::at(&chief.browser, &site.address))
        .collect();
    at_once(&site, callers, |_| {
        ("invite", json!({ "slug": "harbour", "draft": { "rows": [{ "email": "pia@example.org", "role": role }], "note": "" } }))
    })
    .await;
    assert_eq!(site.mails().await.len(), 1);
    assert_eq!(
        site.count("SELECT count(*) FROM muster.memberships WHERE email = 'pia@example.org'")
            .await,
        1
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_of_two_concurrent_choices_of_a_username_succeeds() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    let mut callers = Vec::new();
    for number in 0..6 {
        let path = site
            .invited(&chief, &format!("person{number}@example.org"), "Basic")
            .await;
        let browser = Browser::new(&site.address, ORIGIN);
        browser.get(&path).await;
        callers.push(browser);
    }
    let names = [
        "heron.pia",
        "HERON.pia",
        "Heron.Pia",
        "heron.PIA",
        "hEron.pia",
        "heRon.pia",
    ];
    let statuses = at_once(&site, callers, |number| {
        ("accept", new_account(names[number]))
    })
    .await;
    assert_eq!(successes(&statuses), 1, "{statuses:?}");
    assert!(
        statuses.iter().all(|status| matches!(status, 200 | 422)),
        "{statuses:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_setups_create_one_institution() {
    let site = Site::new().await;
    let browser = site.browser();
    browser.get(&site.open_setup().await).await;
    let callers = (0..20).map(|_| browser.at(&site.address)).collect();
    let statuses = at_once(&site, callers, |number| {
        (
            "set_up",
            json!({ "draft": {
                "institution_name": format!("Harbour {number}"), "time_zone": "Europe/Berlin", "language": "en",
                "first_name": "Amara", "last_name": "Okafor", "email": format!("chief{number}@example.org"),
                "username": format!("kestrel.{number:03}"), "password": PASSWORD,
            }}),
        )
    })
    .await;
    assert_eq!(successes(&statuses), 1, "{statuses:?}");
    assert_eq!(
        site.count("SELECT count(*) FROM muster.institutions").await,
        1
    );
    assert_eq!(site.count("SELECT count(*) FROM muster.accounts").await, 1);
}
