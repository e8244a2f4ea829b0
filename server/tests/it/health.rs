//! `/healthz` reports within a second that the database is unreachable: load balancers do not wait longer.

use std::time::{Duration, Instant};

use crate::support::{
    Site,
    postgres::{OwnCluster, TestDatabase, database},
    process::until,
    wire::{How, Moment, Wire},
};

/// Requests `/healthz`; returns the status, which must arrive within a second.
async fn health(site: &Site) -> u16 {
    let begun = Instant::now();
    let status = site.browser().get("/healthz").await.status;
    assert!(
        begun.elapsed() < Duration::from_secs(1),
        "{:?}",
        begun.elapsed()
    );
    status
}

#[tokio::test]
async fn the_health_check_fails_within_a_second_during_a_database_outage_and_recovers() {
    let mut cluster = OwnCluster::new().await;
    let site = Site::on(cluster.database().await).await;
    assert_eq!(health(&site).await, 200);
    cluster.stop_immediately().await;
    for _ in 0..5 {
        assert_eq!(health(&site).await, 503);
    }
    cluster.start().await;
    until("healthy again", async || {
        (health(&site).await == 200).then_some(())
    })
    .await;
}

#[tokio::test]
async fn the_health_check_fails_within_a_second_if_the_database_does_not_respond() {
    let direct = database().await;
    let wire = Wire::to(&direct.url).await;
    let site = Site::on(TestDatabase::reached_by(wire.url(&direct.url), &direct.url)).await;
    assert_eq!(health(&site).await, 200);
    // The next statement of any connection gets no response.
    let moment = Moment {
        after: b"",
        on: b"",
        nth: 1,
        how: How::Unsent,
    };
    let silent = wire.moment(moment);
    assert_eq!(health(&site).await, 503);
    silent.await.unwrap();
}
