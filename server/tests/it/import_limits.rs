//! Limits of imports: seats under concurrent imports, usernames, and other institutions.

use std::sync::Arc;

use futures::future::join_all;
use reqwest::{Method, header};
use serde_json::json;
use tokio::sync::Barrier;

use crate::{
    imports::chief,
    support::{Import, Site, draft, importing::people},
};

const HELD: &str = "SELECT count(*) FROM muster.memberships m
    LEFT JOIN muster.invitations i ON i.institution_id = m.institution_id AND i.membership_id = m.id
    WHERE m.status = 'active' OR (m.status = 'invited' AND i.expires_at > clock_timestamp())";

async fn set_seats(site: &Site, seats: i32) {
    sqlx::query("UPDATE muster.institutions SET seats = $1")
        .bind(seats)
        .execute(site.sql())
        .await
        .unwrap();
}

#[tokio::test]
async fn a_plan_lists_the_rows_without_a_seat() {
    let (site, chief, role) = chief().await;
    set_seats(&site, 4).await;
    let csv = people(10);
    let (import, view) = site
        .planned(
            &chief.browser,
            "harbour",
            &csv,
            &draft(csv.as_bytes(), &role),
        )
        .await;
    assert_eq!(
        (
            &view["seats_left"],
            &view["plan"]["invite"],
            &view["plan"]["refused"]
        ),
        (&json!(3), &json!(3), &json!(7))
    );
    assert_eq!(
        chief.browser.rows(&import, "refused").await[0]["reasons"],
        json!(["seats_full"])
    );
    // A seat that is taken in the meantime is not given twice.
    site.invite(&chief, "first@example.org", "Basic").await;
    chief.browser.does("apply_import", &import).await;
    site.work().await;
    assert_eq!(site.count(HELD).await, 4);
    assert_eq!(chief.browser.standing(&import).await["done"]["invite"], 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_imports_invitations_and_acceptances_never_exceed_the_seats() {
    let (site, chief, role) = chief().await;
    let mut links = Vec::new();
    for number in 0..2 {
        links.push(
            site.invited(&chief, &format!("early{number}@example.org"), "Basic")
                .await,
        );
    }
    let mut imports = Vec::new();
    for number in 0..3 {
        let csv = people(6).replace("ines", &format!("ines{number}x"));
        let (import, _) = site
            .planned(
                &chief.browser,
                "harbour",
                &csv,
                &draft(csv.as_bytes(), &role),
            )
            .await;
        site.cut(&import, 2).await;
        imports.push(import);
    }
    for import in &imports {
        chief.browser.does("apply_import", import).await;
    }
    set_seats(&site, 5).await;
    let barrier = Arc::new(Barrier::new(14));
    let mut tasks = Vec::new();
    for number in 0..10 {
        let (barrier, browser, role) = (
            Arc::clone(&barrier),
            chief.browser.at(&site.address),
            role.clone(),
        );
        tasks.push(tokio::spawn(async move {
            barrier.wait().await;
            let row = json!({ "email": format!("late{number}@example.org"), "role": role });
            browser
                .call(
                    "invite",
                    &json!({ "slug": "harbour", "draft": { "rows": [row], "note": "" } }),
                )
                .await;
        }));
    }
    for (number, link) in links.into_iter().enumerate() {
        let (barrier, browser) = (Arc::clone(&barrier), site.browser());
        tasks.push(tokio::spawn(async move {
            barrier.wait().await;
            browser.join(&link, &format!("heron.{number:04}")).await;
        }));
    }
    for _ in 0..2 {
        let (barrier, importer) = (Arc::clone(&barrier), site.importer());
        tasks.push(tokio::spawn(async move {
            barrier.wait().await;
            importer.run_once().await.unwrap();
        }));
    }
    for done in join_all(tasks).await {
        done.unwrap();
    }
    site.work().await;
    assert_eq!(site.count(HELD).await, 5);
    for import in &imports {
        assert_eq!(chief.browser.standing(import).await["state"], "done");
    }
}

#[tokio::test]
async fn two_institutions_never_import_the_same_username_concurrently() {
    let (site, chief, role) = chief().await;
    let meadow = site.institution("Meadow").await;
    let csv = "username,first_name,last_name,email\nheron.nine,Ines,Caro,ines@example.org\n";
    let own = site
        .planned(
            &chief.browser,
            "harbour",
            csv,
            &draft(csv.as_bytes(), &role),
        )
        .await;
    let role = site.role(&meadow, "Basic").await;
    let other = site
        .planned(
            &meadow.browser,
            "meadow",
            csv,
            &draft(csv.as_bytes(), &role),
        )
        .await;
    assert_eq!(
        (&own.1["plan"]["invite"], &other.1["plan"]["invite"]),
        (&json!(1), &json!(1))
    );
    chief
        .browser
        .about("apply_import", &own.0)
        .await
        .expect(200);
    meadow
        .browser
        .about("apply_import", &other.0)
        .await
        .expect(200);
    let workers = [site.importer(), site.importer()];
    join_all(
        workers
            .iter()
            .map(|importer| async move { importer.run_once().await.unwrap() }),
    )
    .await;
    assert_eq!(
        site.count("SELECT count(*) FROM muster.invitations WHERE lower(username) = 'heron.nine'")
            .await,
        1
    );
}

#[tokio::test]
async fn parts_reports_and_progress_are_only_for_importers_of_the_institution() {
    let (site, chief, role) = chief().await;
    let meadow = site.institution("Meadow").await;
    let basic = site
        .member(&chief, "basic@example.org", "heron.basic", "Basic")
        .await;
    let csv = people(3);
    let (import, _) = site
        .planned(
            &chief.browser,
            "harbour",
            &csv,
            &draft(csv.as_bytes(), &role),
        )
        .await;
    let own = format!("/i/harbour/imports/{}", import.id);
    let borrowed = format!("/i/meadow/imports/{}", import.id);
    let nobody = site.browser();
    for path in ["/report.csv", "/progress"] {
        for (browser, prefix, status) in [
            (&nobody, &own, 401),
            (&basic.browser, &own, 403),
            (&meadow.browser, &own, 404),
            (&meadow.browser, &borrowed, 404),
            (&chief.browser, &own, 200),
        ] {
            assert_eq!(
                browser.get(&format!("{prefix}{path}")).await.status,
                status,
                "{prefix}{path}"
            );
        }
    }
    for (browser, status) in [
        (&nobody, 401),
        (&basic.browser, 403),
        (&meadow.browser, 404),
        (&chief.browser, 200),
    ] {
        assert_eq!(
            browser.get("/i/harbour/imports/template.csv").await.status,
            status
        );
    }
    let open = chief
        .browser
        .begin("harbour", &draft(csv.as_bytes(), &role))
        .await;
    let as_meadows = Import {
        slug: "meadow".to_owned(),
        id: open.id.clone(),
    };
    nobody.part(&open, 0, csv.as_bytes()).await.expect(401);
    basic
        .browser
        .part(&open, 0, csv.as_bytes())
        .await
        .expect(403);
    meadow
        .browser
        .part(&open, 0, csv.as_bytes())
        .await
        .expect(404);
    meadow
        .browser
        .part(&as_meadows, 0, csv.as_bytes())
        .await
        .expect(404);
    let path = format!("/i/harbour/imports/{}/parts/0", open.id);
    for origin in [None, Some("null"), Some("https://evil.example")] {
        let mut request = chief.browser.request(Method::POST, &path).body(csv.clone());
        if let Some(origin) = origin {
            request = request.header(header::ORIGIN, origin);
        }
        assert_eq!(chief.browser.send(request).await.status, 403, "{origin:?}");
    }
    chief
        .browser
        .part(&open, 0, csv.as_bytes())
        .await
        .expect(204);
}
