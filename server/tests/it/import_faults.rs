//! Work that is killed, paused or retried ends like undisturbed work. A step is one transaction, so dropping the work
//! between two steps has the effect of `kill -9`.

use serde_json::json;
use server::importer::{Importer, Stepped};

use crate::support::{Import, Person, Site, draft, importing::people};

/// Everything that an import leaves, except ids and times: compared with an undisturbed run.
const STATE: &str = "SELECT md5(
    (SELECT string_agg(concat_ws('|', m.email, m.status, m.first_name, m.last_name, m.phone, r.name, m.version, i.username,
        i.epoch, i.closed_at IS NULL, (SELECT count(*) FROM muster.outbox o WHERE o.membership_id = m.id)), ';' ORDER BY m.email, m.status)
     FROM muster.memberships m JOIN muster.roles r ON r.institution_id = m.institution_id AND r.id = m.role_id
     LEFT JOIN muster.invitations i ON i.institution_id = m.institution_id AND i.membership_id = m.id)
    || (SELECT string_agg(concat_ws('|', number, verdict, reasons, undone), ';' ORDER BY number) FROM muster.import_rows)
    || coalesce((SELECT string_agg(concat_ws('|', phase, number, counts), ';' ORDER BY phase, number)
                 FROM muster.import_chunks), '')
    || (SELECT concat_ws('|', state, plan, done, undone, progress) FROM muster.imports)
    || (SELECT count(*) FROM muster.audit WHERE action LIKE 'import.%') || $1)";

/// A file of 35 rows in chunks of ten: updated members, invited people, rejected rows.
async fn place() -> (Site, Person, Import) {
    let refused = "Ines,Again,ines4@example.org\n,,nothing\n";
    place_of(&(people(33) + refused), "row_by_row").await
}

async fn place_of(csv: &str, applying: &str) -> (Site, Person, Import) {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    site.member(&chief, "ines3@example.org", "heron.nine", "Basic")
        .await;
    site.member(&chief, "ines17@example.org", "heron.ten", "Basic")
        .await;
    let role = site.role(&chief, "Basic").await;
    let mut wanted = draft(csv.as_bytes(), &role);
    wanted["options"]["mode"] = json!("both");
    wanted["options"]["applying"] = json!(applying);
    let import = chief
        .browser
        .upload("harbour", csv.as_bytes(), &wanted)
        .await;
    site.cut(&import, 10).await;
    chief.browser.does("plan_import", &import).await;
    (site, chief, import)
}

/// Works, and is killed after every `steps` steps; the next worker continues after the lease has expired.
async fn work(site: &Site, steps: Option<usize>) {
    loop {
        let Some(mut work) = site.importer().claim().await.unwrap() else {
            return;
        };
        let mut left = steps.unwrap_or(usize::MAX);
        while left > 0 && site.importer().step(&mut work).await.unwrap() == Stepped::More {
            left -= 1;
        }
        drop(work);
        forget_leases(site).await;
    }
}

async fn forget_leases(site: &Site) {
    sqlx::query("UPDATE muster.imports SET leased_until = clock_timestamp() WHERE leased_until > clock_timestamp()")
        .execute(site.sql())
        .await
        .unwrap();
}

/// Runs an import through all phases, killed after every `steps` steps; returns the state after each phase.
async fn life(
    (site, chief, import): (Site, Person, Import),
    steps: Option<usize>,
) -> Vec<Option<String>> {
    let mut states = Vec::new();
    work(&site, steps).await;
    states.push(site.text(STATE, "").await);
    chief.browser.does("apply_import", &import).await;
    work(&site, steps).await;
    states.push(site.text(STATE, "").await);
    site.run(
        "UPDATE muster.memberships SET first_name = 'Touched' WHERE email = $1",
        "ines17@example.org",
    )
    .await;
    chief.browser.does("undo_import", &import).await;
    work(&site, steps).await;
    states.push(site.text(STATE, "").await);
    let view = chief.browser.standing(&import).await;
    assert_eq!(view["state"], "undone", "{view}");
    states
}

#[tokio::test]
async fn an_import_and_its_undo_survive_a_kill_after_each_step() {
    let undisturbed = life(place().await, None).await;
    assert!(undisturbed.iter().all(Option::is_some));
    for steps in [1, 2, 3] {
        assert_eq!(
            life(place().await, Some(steps)).await,
            undisturbed,
            "killed after every {steps}"
        );
    }
}

#[tokio::test]
async fn an_all_or_nothing_import_survives_a_kill_after_each_step() {
    let place = || async { place_of(&people(35), "whole").await };
    let undisturbed = life(place().await, None).await;
    // Except for the reservations on the way, the result equals that of a partial import.
    assert_eq!(
        undisturbed,
        life(place_of(&people(35), "row_by_row").await, None).await
    );
    for steps in [1, 2, 3, 4] {
        assert_eq!(
            life(place().await, Some(steps)).await,
            undisturbed,
            "killed after every {steps}"
        );
    }
}

#[tokio::test]
async fn a_check_that_fails_repeatedly_is_stopped_and_reported() {
    let (site, chief, import) = place().await;
    for statement in [
        "CREATE FUNCTION muster.fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'fails'; END $$",
        "CREATE TRIGGER fail BEFORE INSERT ON muster.import_rows EXECUTE FUNCTION muster.fail()",
    ] {
        sqlx::query(statement).execute(site.sql()).await.unwrap();
    }
    let mut tries = 0;
    while let Some(mut work) = site.importer().claim().await.unwrap() {
        let failed = site.importer().step(&mut work).await.is_err();
        tries += u32::from(failed);
        assert!(tries < 20, "tried without end");
        forget_leases(&site).await;
    }
    let view = chief.browser.standing(&import).await;
    assert_eq!(view["state"], "refused", "{view}");
    assert_eq!(view["stopped_by"], "trouble", "after {tries} tries");
}

#[tokio::test]
async fn a_connection_lost_during_a_chunk_leaves_nothing_of_the_chunk() {
    let (site, chief, import) = place().await;
    site.work().await;
    chief.browser.does("apply_import", &import).await;
    // The third statement of a chunk fails, whatever the chunk has written before.
    sqlx::query(
        "CREATE FUNCTION muster.fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
             IF (SELECT count(*) FROM muster.outbox WHERE kind = 'invitation') > 12 THEN RAISE 'cut'; END IF; RETURN NULL; END $$",
    )
    .execute(site.sql())
    .await
    .unwrap();
    sqlx::query("CREATE TRIGGER fail AFTER INSERT ON muster.audit FOR EACH STATEMENT EXECUTE FUNCTION muster.fail()")
        .execute(site.sql())
        .await
        .unwrap();
    assert!(site.importer().run_once().await.is_err());
    let (made, mails) = (
        "SELECT count(*) FROM muster.memberships WHERE status = 'invited'",
        "SELECT count(*) FROM muster.outbox WHERE kind = 'invitation' AND state = 'queued'",
    );
    assert_eq!(site.count(made).await, site.count(mails).await);
    assert_eq!(
        site.count(made).await,
        9,
        "the first chunk, whole, and nothing of the second"
    );
    sqlx::query("DROP TRIGGER fail ON muster.audit")
        .execute(site.sql())
        .await
        .unwrap();
    forget_leases(&site).await;
    site.work().await;
    assert_eq!(chief.browser.standing(&import).await["state"], "done");
}

#[tokio::test]
async fn a_database_restart_ends_all_earlier_leases() {
    let (site, chief, import) = place().await;
    site.work().await;
    chief.browser.does("apply_import", &import).await;
    let (before, after): (Importer, Importer) = (site.importer(), site.importer());
    let mut old = before.claim().await.unwrap().unwrap();
    assert_eq!(before.step(&mut old).await.unwrap(), Stepped::More);
    assert!(after.claim().await.unwrap().is_none());
    sqlx::query(
        "UPDATE muster.imports SET last_slice_at = pg_postmaster_start_time() - interval '1 s'",
    )
    .execute(site.sql())
    .await
    .unwrap();
    let mut new = after.claim().await.unwrap().unwrap();
    assert_eq!(
        before.step(&mut old).await.unwrap(),
        Stepped::TurnedAway,
        "the one from before may be there still"
    );
    assert_eq!(after.step(&mut new).await.unwrap(), Stepped::More);
}

#[tokio::test]
async fn a_worker_with_an_expired_lease_cannot_write() {
    let (site, chief, import) = place().await;
    site.work().await;
    chief.browser.does("apply_import", &import).await;
    let (paused, other): (Importer, Importer) = (site.importer(), site.importer());
    let mut late = paused.claim().await.unwrap().unwrap();
    assert_eq!(paused.step(&mut late).await.unwrap(), Stepped::More);
    assert!(
        other.claim().await.unwrap().is_none(),
        "as long as the lease holds nobody else works"
    );
    forget_leases(&site).await;
    let mut taken_up = other.claim().await.unwrap().unwrap();
    assert_eq!(paused.step(&mut late).await.unwrap(), Stepped::TurnedAway);
    while other.step(&mut taken_up).await.unwrap() == Stepped::More {}
    assert_eq!(paused.step(&mut late).await.unwrap(), Stepped::TurnedAway);
    let chunks = "SELECT count(*) FROM muster.import_chunks WHERE phase = 'apply'";
    assert_eq!(site.count(chunks).await, 4);
}

#[tokio::test]
async fn a_stopped_import_writes_nothing_until_it_is_resumed() {
    let (site, chief, import) = place().await;
    site.work().await;
    chief.browser.does("apply_import", &import).await;
    let importer = site.importer();
    let mut work = importer.claim().await.unwrap().unwrap();
    assert_eq!(importer.step(&mut work).await.unwrap(), Stepped::More);
    chief.browser.does("stop_import", &import).await;
    assert_eq!(importer.step(&mut work).await.unwrap(), Stepped::TurnedAway);
    site.work().await;
    let view = chief.browser.standing(&import).await;
    assert_eq!(
        (&view["state"], &view["progress"]),
        (&json!("stopped"), &json!(10))
    );
    chief.browser.does("resume_import", &import).await;
    site.work().await;
    let view = chief.browser.standing(&import).await;
    assert_eq!(
        (&view["state"], &view["done"]["rows"]),
        (&json!("done"), &json!(35))
    );
}

#[tokio::test]
async fn a_retried_upload_is_idempotent_and_a_changed_one_is_refused() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    let role = site.role(&chief, "Basic").await;
    let csv = people(3);
    let wanted = draft(csv.as_bytes(), &role);
    let browser = &chief.browser;
    let import = browser.begin("harbour", &wanted).await;
    browser.part(&import, 0, csv.as_bytes()).await.expect(204);
    browser.part(&import, 0, csv.as_bytes()).await.expect(204);
    let other = csv.replace("Caro 2", "Caro 9");
    browser.part(&import, 0, other.as_bytes()).await.expect(409);
    let arguments = json!({ "slug": "harbour", "draft": wanted });
    let again = browser
        .call("begin_import", &arguments)
        .await
        .expect(200)
        .json();
    assert_eq!(again, json!({ "id": import.id, "parts": [0] }));
    let mut changed = arguments.clone();
    changed["draft"]["file_name"] = json!("other.csv");
    browser.call("begin_import", &changed).await.expect(409);
    // Ten concurrent requests with one key create one import.
    let mut fresh = arguments.clone();
    fresh["draft"]["key"] = json!("one-key-for-ten-clicks");
    let calls = (0..10).map(|_| browser.call("begin_import", &fresh));
    let ids: std::collections::BTreeSet<String> = futures::future::join_all(calls)
        .await
        .into_iter()
        .map(|reply| reply.expect(200).json()["id"].to_string())
        .collect();
    assert_eq!(ids.len(), 1);
    // A double click on the next buttons, or a lost response.
    browser.does("plan_import", &import).await;
    browser.does("plan_import", &import).await;
    site.work().await;
    browser.does("apply_import", &import).await;
    browser.does("apply_import", &import).await;
    site.work().await;
    let view = browser.standing(&import).await;
    assert_eq!(site.mails().await.len(), 3, "{view}");
}

#[tokio::test]
async fn applying_matches_the_plan_with_an_invalid_last_row() {
    let (site, chief, import) = place().await;
    site.work().await;
    let plan = chief.browser.standing(&import).await["plan"].clone();
    chief.browser.does("apply_import", &import).await;
    site.work().await;
    let view = chief.browser.standing(&import).await;
    assert_eq!(view["done"], plan);
    assert_eq!(
        chief.browser.rows(&import, "refused").await.last().unwrap()["row"],
        35
    );
}
