//! No request panics, on any thread. A panic in any test ends the run (`support::panics`).

use std::{task::Poll, time::Duration};

use futures::{StreamExt as _, stream};
use muster::failure::Failure;
use reqwest::{Client, Method, redirect::Policy};
use server::error::{Error, boundary};

use crate::{
    functions::world,
    pages::{PAGES, filled},
    support::{Replica, Site, draft, importing::people},
};

/// Requests for each page. A former panic closed 25 of 200 requests for an import's page without a response.
const REQUESTS: usize = 200;
const AT_ONCE: usize = 8;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_page_answers_200_requests_without_keep_alive() {
    let mut world = world().await;
    let browser = world.site.session(&world.chief).await;
    let csv = people(3);
    let planned = draft(csv.as_bytes(), &world.role);
    let (import, _) = world
        .site
        .planned(&browser, "harbour", &csv, &planned)
        .await;
    world.import = import.id.clone();
    // Each request has its own connection.
    let client = Client::builder()
        .pool_max_idle_per_host(0)
        .redirect(Policy::none())
        .timeout(Duration::from_mins(1))
        .build()
        .unwrap();
    for (pattern, statuses) in PAGES {
        let (path, expected) = match *pattern {
            "/i/:slug/imports/:id" => (format!("/i/harbour/imports/{}", import.id), 200),
            pattern => (filled(pattern, &world), statuses[3]),
        };
        let request = browser.request(Method::GET, &path).build().unwrap();
        let answers = stream::iter(0..REQUESTS)
            .map(|_| client.execute(request.try_clone().unwrap()))
            .buffer_unordered(AT_ONCE)
            .then(async |response| {
                let response = response.map_err(|error| error.to_string())?;
                let status = response.status().as_u16();
                let text = response.text().await.map_err(|error| error.to_string())?;
                Ok::<_, String>((status, text.contains("</html>") || status == 303))
            })
            .collect::<Vec<_>>()
            .await;
        let wrong: Vec<_> = answers
            .into_iter()
            .filter(|answer| *answer != Ok((expected, true)))
            .collect();
        assert!(
            wrong.is_empty(),
            "{path}: {} of {REQUESTS}: {:?}",
            wrong.len(),
            wrong.first()
        );
    }
}

#[tokio::test]
async fn a_panic_in_a_service_is_an_internal_error() {
    let broken = std::future::poll_fn(|_| -> Poll<Result<(), Error>> { panic!("on purpose") });
    let failed = boundary("broken", broken).await;
    let Err(Failure::Internal { incident }) = failed else {
        panic!("{failed:?}");
    };
    assert_eq!(incident.len(), 32);
}

#[tokio::test]
async fn a_page_that_never_ends_is_answered_within_its_time() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    let replica = Replica {
        page_time: Duration::from_millis(500),
        ..Replica::default()
    };
    let browser = chief.browser.at(&site.replica_with(replica).await.address);
    browser.get("/i/harbour/users").await.expect(200);
    let mut other = site.sql().begin().await.unwrap();
    sqlx::query("LOCK TABLE muster.roles")
        .execute(&mut *other)
        .await
        .unwrap();
    let request = browser
        .request(Method::GET, "/i/harbour/users")
        .header("accept", "text/html");
    let late = browser.send(request).await.expect(500);
    let incident = late.body.split(|letter: char| !letter.is_ascii_hexdigit());
    assert!(
        incident.into_iter().any(|word| word.len() == 32),
        "{}",
        late.body
    );
    drop(other);
    browser.get("/i/harbour/users").await.expect(200);
}
