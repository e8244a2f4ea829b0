//! No request panics, on any thread. A panic in any test ends the run (`support::panics`).

use std::time::Duration;

use futures::{StreamExt as _, stream};
use reqwest::{Client, Method, redirect::Policy};

use crate::{
    functions::world,
    pages::{PAGES, filled},
    support::{draft, importing::people},
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
