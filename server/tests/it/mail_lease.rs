//! A message belongs to one worker at a time: as long as the worker renews its lease, and only briefly after the worker was
//! killed.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use async_trait::async_trait;
use server::mail::{Delivery, MailTransport, OutgoingMail};
use tokio::sync::Notify;

use crate::support::Site;

/// A mail server that answers only when the test lets it.
#[derive(Default)]
struct Slow {
    begun: Notify,
    answers: Notify,
    tries: AtomicUsize,
}

#[async_trait]
impl MailTransport for Slow {
    async fn deliver(&self, _: &OutgoingMail) -> Delivery {
        self.tries.fetch_add(1, Ordering::SeqCst);
        self.begun.notify_one();
        self.answers.notified().await;
        Delivery::Accepted {
            response: "250 at last".to_owned(),
        }
    }
}

const LEASE: Duration = Duration::from_secs(3);

async fn invited() -> Site {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    site.invite(&chief, "pia@example.org", "Basic").await;
    site
}

/// Returns the seconds until the message may be claimed.
async fn held_for(site: &Site) -> f64 {
    sqlx::query_scalar(
        "SELECT extract(epoch FROM next_at - clock_timestamp())::float8 FROM muster.outbox",
    )
    .fetch_one(site.sql())
    .await
    .unwrap()
}

#[tokio::test]
async fn a_message_of_a_killed_worker_is_retried_within_half_a_minute() {
    let site = invited().await;
    let slow = Arc::new(Slow::default());
    let worker = site.worker(slow.clone()).await;
    let working = tokio::spawn(async move { worker.run_once().await.map(drop) });
    slow.begun.notified().await;
    working.abort();
    assert!(working.await.unwrap_err().is_cancelled());
    let held = held_for(&site).await;
    assert!(held > 0.0 && held <= 30.0, "{held}");
    assert!(site.mails().await.is_empty());
    site.let_time_pass().await;
    assert_eq!(site.mails().await.len(), 1);
}

#[tokio::test]
async fn a_worker_keeps_a_message_that_takes_longer_than_a_lease() {
    let site = invited().await;
    let slow = Arc::new(Slow::default());
    let mut worker = site.worker(slow.clone()).await;
    worker.lease = LEASE;
    let began = Instant::now();
    let working = tokio::spawn(async move { worker.run_once().await });
    slow.begun.notified().await;
    // The initial lease is over, and no other worker can claim the message.
    while began.elapsed() < LEASE + Duration::from_secs(1) {
        assert!(held_for(&site).await > 0.0);
        assert!(site.mails().await.is_empty());
    }
    slow.answers.notify_one();
    assert_eq!(working.await.unwrap().unwrap(), 1);
    assert_eq!(slow.tries.load(Ordering::SeqCst), 1);
    assert_eq!(
        site.count("SELECT count(*) FROM muster.outbox WHERE state = 'sent' AND attempts = 1")
            .await,
        1
    );
}

#[tokio::test]
async fn a_worker_that_loses_its_lease_aborts_the_smtp_session() {
    let site = invited().await;
    let slow = Arc::new(Slow::default());
    let mut worker = site.worker(slow.clone()).await;
    worker.lease = LEASE;
    let working = tokio::spawn(async move { worker.run_once().await });
    slow.begun.notified().await;
    sqlx::query("UPDATE muster.outbox SET fence = fence + 1")
        .execute(site.sql())
        .await
        .unwrap();
    // The server never answers: only the lost lease ends the attempt.
    working.await.unwrap().unwrap();
    assert_eq!(
        site.count("SELECT count(*) FROM muster.outbox WHERE state = 'queued'")
            .await,
        1
    );
    site.let_time_pass().await;
    assert_eq!(site.mails().await.len(), 1);
}
