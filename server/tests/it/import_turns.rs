//! Imports of many institutions run side by side; the files of one institution run one after another.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::support::{Import, Person, Site, draft, importing::people, process::until};

/// Uploads a file that waits for its check, in chunks of this many rows.
async fn waiting(site: &Site, person: &Person, rows: usize, chunk: u32) -> Import {
    let role = site.role(person, "Basic").await;
    let csv = people(rows);
    let import = person
        .browser
        .upload(&person.slug, csv.as_bytes(), &draft(csv.as_bytes(), &role))
        .await;
    site.cut(&import, chunk).await;
    person.browser.does("plan_import", &import).await;
    import
}

#[tokio::test]
async fn imports_run_one_at_a_time_per_institution_and_in_parallel_across_institutions() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    let meadow = site.institution("Meadow").await;
    for (person, times) in [(&chief, 1), (&meadow, 2)] {
        for _ in 0..times {
            waiting(&site, person, 5, 5).await;
        }
    }
    let importer = site.importer();
    let first = importer.claim().await.unwrap();
    let second = importer.claim().await.unwrap();
    assert!(
        first.is_some() && second.is_some(),
        "two institutions, side by side"
    );
    assert!(
        importer.claim().await.unwrap().is_none(),
        "and each one's second waits"
    );
}

#[tokio::test]
async fn a_small_file_is_not_blocked_by_large_files_in_every_slot() {
    let site = Site::new().await;
    let mut large = Vec::new();
    for name in ["Harbour", "Meadow", "Orchard"] {
        let chief = site.institution(name).await;
        // One step for each row, so that the check takes long.
        let import = waiting(&site, &chief, 3000, 1).await;
        large.push((chief, import));
    }
    let (importer, stop) = (Arc::new(site.importer()), CancellationToken::new());
    let working = tokio::spawn(importer.run(stop.clone()));
    for (chief, import) in &large {
        until("each of the large ones has begun", async || {
            let view = chief.browser.standing(import).await;
            (view["progress"].as_u64()? > 0).then_some(())
        })
        .await;
    }

    let pharmacy = site.institution("Pharmacy").await;
    let small = waiting(&site, &pharmacy, 5, 5).await;
    until("the small one has its plan", async || {
        let view = pharmacy.browser.standing(&small).await;
        (view["state"] == "planned").then_some(())
    })
    .await;
    for (chief, import) in &large {
        let view = chief.browser.standing(import).await;
        assert_eq!(view["state"], "checking", "and the large ones still go on");
    }
    stop.cancel();
    working.await.unwrap();
}
