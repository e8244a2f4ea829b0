//! Mail when the mail server or a worker fails.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use serde_json::{Value, json};
use server::{
    mail::{Delivery, MailTransport, OutgoingMail},
    store::outbox,
};
use sqlx::PgPool;

use crate::support::{Person, Site, draft, importing::people, link};

fn later() -> Delivery {
    Delivery::Transient {
        response: "451 try again".to_owned(),
    }
}

fn never() -> Delivery {
    Delivery::Refused {
        response: "550 no such mailbox".to_owned(),
    }
}

/// A transport that stores every message and always returns the same result; `meanwhile` runs while it sends.
struct Way {
    tried: Mutex<Vec<OutgoingMail>>,
    says: Delivery,
    meanwhile: Option<(PgPool, &'static str)>,
}

#[async_trait]
impl MailTransport for Way {
    async fn deliver(&self, mail: &OutgoingMail) -> Delivery {
        self.tried.lock().unwrap().push(mail.clone());
        if let Some((pool, sql)) = &self.meanwhile {
            sqlx::query(*sql).execute(pool).await.unwrap();
        }
        self.says.clone()
    }
}

fn way(says: Delivery, meanwhile: Option<(PgPool, &'static str)>) -> Arc<Way> {
    Arc::new(Way {
        tried: Mutex::default(),
        says,
        meanwhile,
    })
}

async fn pia(site: &Site, chief: &Person) -> Value {
    assert_eq!(
        site.invite(chief, "pia@example.org", "Basic").await,
        json!("Invited")
    );
    json!({ "slug": "harbour", "id": site.membership("pia@example.org").await })
}

async fn mail_state(chief: &Person, about: &Value) -> String {
    let view = chief.browser.call("user", about).await.expect(200).json();
    view["row"]["state"]["mail"].as_str().unwrap().to_owned()
}

async fn queue(site: &Site) -> Vec<(String, i32, String)> {
    sqlx::query_as("SELECT state, attempts, response FROM muster.outbox ORDER BY id")
        .fetch_all(site.sql())
        .await
        .unwrap()
}

#[tokio::test]
async fn a_transient_failure_is_retried_with_the_same_message_id_and_link() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    let about = pia(&site, &chief).await;
    assert_eq!(mail_state(&chief, &about).await, "Queued");
    let way = way(later(), None);
    let worker = site.worker(way.clone()).await;
    for attempt in 1..=3 {
        worker.run_once().await.unwrap();
        assert_eq!(
            queue(&site).await,
            [("queued".to_owned(), attempt, "451 try again".to_owned())]
        );
        assert_eq!(mail_state(&chief, &about).await, "Delayed");
        let waits: bool = sqlx::query_scalar(
            "SELECT next_at > clock_timestamp() + interval '3 seconds' FROM muster.outbox",
        )
        .fetch_one(site.sql())
        .await
        .unwrap();
        assert!(waits, "it backs off");
        assert_eq!(worker.run_once().await.unwrap(), 0);
        site.let_time_pass().await;
    }
    let sent = site.mail().await;
    assert_eq!(mail_state(&chief, &about).await, "Sent");
    let tried = way.tried.lock().unwrap().clone();
    assert_eq!(tried.len(), 3);
    for mail in tried {
        assert_eq!(
            (&mail.message_id, link(&mail)),
            (&sent.message_id, link(&sent))
        );
    }
    let browser = site.browser();
    browser.join(&link(&sent), "heron.pia").await;
}

#[tokio::test]
async fn an_account_email_has_the_same_link_at_every_attempt() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    let browser = site.browser();
    browser
        .call(
            "ask_reset",
            &json!({ "draft": { "identifier": chief.username } }),
        )
        .await
        .expect(200);
    let way = way(later(), None);
    let worker = site.worker(way.clone()).await;
    worker.run_once().await.unwrap();
    site.let_time_pass().await;
    let sent = site.mail().await;
    let tried = way.tried.lock().unwrap().clone();
    assert_eq!(
        (&tried[0].message_id, link(&tried[0])),
        (&sent.message_id, link(&sent))
    );
    assert_eq!(
        site.count("SELECT count(*) FROM muster.account_links")
            .await,
        1
    );
    browser.get(&link(&sent)).await;
    browser.call("reset_view", &json!({})).await.expect(200);
}

#[tokio::test]
async fn a_permanent_rejection_is_shown_and_not_retried() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    let about = pia(&site, &chief).await;
    site.mail_server_says(never());
    assert!(site.mails().await.is_empty());
    assert_eq!(mail_state(&chief, &about).await, "Refused");
    let view = chief.browser.call("user", &about).await.json();
    assert!(
        view["timeline"].to_string().contains("550 no such mailbox"),
        "{view}"
    );
    let list = chief
        .browser
        .call("users", &json!({ "slug": "harbour" }))
        .await;
    assert!(list.body.contains("Refused"));
    site.let_time_pass().await;
    assert!(site.mails().await.is_empty());
    assert_eq!(
        view["row"]["state"]["state"], "PENDING",
        "the state is another matter than the mail"
    );
}

#[tokio::test]
async fn messages_of_revoked_accepted_or_expired_invitations_are_dropped() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    let about = pia(&site, &chief).await;
    chief.browser.call("revoke", &about).await.expect(200);
    assert!(site.mails().await.is_empty());
    let about = pia(&site, &chief).await;
    site.expire(about["id"].as_str().unwrap()).await;
    assert!(site.mails().await.is_empty());
    let states: Vec<String> = queue(&site)
        .await
        .into_iter()
        .map(|(state, ..)| state)
        .collect();
    assert_eq!(states, ["dropped", "dropped"]);
}

#[tokio::test]
async fn a_newer_message_replaces_the_older_one() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    let about = pia(&site, &chief).await;
    let worker = site.worker(way(later(), None)).await;
    worker.run_once().await.unwrap();
    chief.browser.call("resend", &about).await.expect(200);
    site.let_time_pass().await;
    let sent = site.mail().await;
    let states: Vec<String> = queue(&site)
        .await
        .into_iter()
        .map(|(state, ..)| state)
        .collect();
    assert_eq!(states, ["dropped", "sent"]);
    let browser = site.browser();
    browser.get(&link(&sent)).await;
    browser.call("accept_view", &json!({})).await.expect(200);
}

#[tokio::test]
async fn a_worker_that_has_lost_its_lease_writes_nothing() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    let about = pia(&site, &chief).await;
    for says in [
        never(),
        later(),
        Delivery::Accepted {
            response: "250 late".to_owned(),
        },
    ] {
        // While it sends, its lease expires and another worker claims the row.
        let taken = "UPDATE muster.outbox SET fence = fence + 1, attempts = attempts + 1, response = 'taken up'";
        let worker = site
            .worker(way(says, Some((site.sql().clone(), taken))))
            .await;
        worker.run_once().await.unwrap();
        let rows = queue(&site).await;
        assert_eq!(
            (rows[0].0.as_str(), rows[0].2.as_str()),
            ("queued", "taken up")
        );
        assert_eq!(mail_state(&chief, &about).await, "Queued");
        site.let_time_pass().await;
    }
    assert_eq!(site.mails().await.len(), 1);
    assert_eq!(mail_state(&chief, &about).await, "Sent");
}

#[tokio::test]
async fn the_result_of_an_older_message_is_not_applied_to_the_newer_one() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    let about = pia(&site, &chief).await;
    // Resent while the first message is being sent: the rejection applies to the first one.
    let renewed = "UPDATE muster.invitations SET epoch = 2";
    let worker = site
        .worker(way(never(), Some((site.sql().clone(), renewed))))
        .await;
    worker.run_once().await.unwrap();
    assert_eq!(mail_state(&chief, &about).await, "Queued");
}

#[tokio::test]
async fn pages_do_not_wait_for_the_mail_server() {
    struct Stuck;
    #[async_trait]
    impl MailTransport for Stuck {
        async fn deliver(&self, _: &OutgoingMail) -> Delivery {
            std::future::pending().await
        }
    }
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    let about = pia(&site, &chief).await;
    let worker = site.worker(Arc::new(Stuck)).await;
    let stuck = tokio::spawn(async move { worker.run_once().await.map(drop) });
    chief.browser.call("resend", &about).await.expect(200);
    assert_eq!(
        site.invite(&chief, "otto@example.org", "Basic").await,
        json!("Invited")
    );
    assert_eq!(mail_state(&chief, &about).await, "Queued");
    stuck.abort();
}

#[tokio::test]
async fn an_empty_outbox_is_not_polled() {
    let site = Site::new().await;
    let next_in = async || {
        let mut tx = site.importer().store.across().await.unwrap();
        outbox::next_in(&mut tx).await.unwrap()
    };
    assert_eq!(next_in().await, None);
    let chief = site.institution("Harbour").await;
    pia(&site, &chief).await;
    assert_eq!(next_in().await, Some(0.0));
    site.mail().await;
    assert_eq!(next_in().await, None);
}

#[tokio::test]
async fn urgent_messages_precede_bulk_messages_and_institutions_take_turns() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    let meadow = site.institution("Meadow").await;
    site.mails().await;
    for (person, count, names) in [(&chief, 5, "harbour"), (&meadow, 2, "meadow")] {
        let csv = people(count).replace("ines", names);
        let role = site.role(person, "Basic").await;
        let wanted = draft(csv.as_bytes(), &role);
        site.imported(&person.browser, &person.slug, &csv, &wanted)
            .await;
    }
    site.run(
        "INSERT INTO muster.outbox (kind, identifier, message_id)
         SELECT 'reset', email, gen_random_uuid() FROM muster.accounts WHERE email = $1",
        &chief.email,
    )
    .await;
    let way = way(
        Delivery::Accepted {
            response: "250 ok".to_owned(),
        },
        None,
    );
    site.worker(way.clone()).await.run_once().await.unwrap();
    let whom: Vec<String> = way
        .tried
        .lock()
        .unwrap()
        .iter()
        .map(|mail| {
            mail.recipient
                .chars()
                .take_while(|it| it.is_alphabetic())
                .collect()
        })
        .collect();
    let chief: String = chief
        .email
        .chars()
        .take_while(|it| it.is_alphabetic())
        .collect();
    let turns = [
        "harbour", "meadow", "harbour", "meadow", "harbour", "harbour", "harbour",
    ];
    assert_eq!(whom[0], chief);
    assert_eq!(whom[1..], turns);
}
