//! All-or-nothing imports: one rejected row stops the whole import, and until the last step nobody sees any of it.

use serde_json::{Value, json};
use server::importer::Stepped;

use crate::{
    imports::chief,
    support::{Import, Person, Site, draft, importing::people},
};

/// Everything that people could see or be mailed about.
const SEEN: &str =
    "SELECT md5(concat((SELECT string_agg(m::text, ';' ORDER BY m.id) FROM muster.memberships m),
    (SELECT count(*) FROM muster.invitations), (SELECT count(*) FROM muster.outbox),
    (SELECT count(*) FROM muster.membership_search_terms), $1::text))";
const HELD: &str = "SELECT (SELECT coalesce(sum(reserved_seats), 0) FROM muster.imports) + (SELECT count(*) FROM muster.import_reserved_usernames)";

/// 24 new people, one with a username, and one updated member; in chunks of ten.
fn file() -> String {
    let rows = people(24)
        .replace('\n', ",\n")
        .replacen("email,", "email,username", 1);
    rows.replacen("ines5@example.org,", "ines5@example.org,heron.five", 1)
        + "Mia,Sand,mia@example.org,\n"
}

async fn planned(site: &Site, chief: &Person, role: &str, csv: &str) -> (Import, Value) {
    let mut wanted = draft(csv.as_bytes(), role);
    wanted["options"]["mode"] = json!("both");
    wanted["options"]["applying"] = json!("whole");
    let import = chief
        .browser
        .upload("harbour", csv.as_bytes(), &wanted)
        .await;
    site.cut(&import, 10).await;
    chief.browser.does("plan_import", &import).await;
    site.work().await;
    let view = chief.browser.standing(&import).await;
    (import, view)
}

/// Runs the import up to its last step.
async fn held(site: &Site, chief: &Person, import: &Import) {
    chief.browser.does("apply_import", import).await;
    let importer = site.importer();
    let mut work = importer.claim().await.unwrap().unwrap();
    for _ in 0..3 {
        assert_eq!(importer.step(&mut work).await.unwrap(), Stepped::More);
    }
    forget_leases(site).await;
}

async fn forget_leases(site: &Site) {
    sqlx::query("UPDATE muster.imports SET leased_until = clock_timestamp() WHERE leased_until > clock_timestamp()")
        .execute(site.sql())
        .await
        .unwrap();
}

async fn place() -> (Site, Person, String, Import) {
    let (site, chief, role) = chief().await;
    site.member(&chief, "mia@example.org", "heron.nine", "Basic")
        .await;
    let (import, view) = planned(&site, &chief, &role, &file()).await;
    assert_eq!(
        (
            &view["plan"]["invite"],
            &view["plan"]["update"],
            &view["may_apply"]
        ),
        (&json!(24), &json!(1), &json!(true)),
        "{view}"
    );
    (site, chief, role, import)
}

#[tokio::test]
async fn everything_becomes_visible_at_the_last_step_and_nothing_before() {
    let (site, chief, role, import) = place().await;
    let before = site.text(SEEN, "").await;
    held(&site, &chief, &import).await;
    assert_eq!(site.text(SEEN, "").await, before);
    let browser = &chief.browser;
    let found = json!({ "slug": "harbour", "q": "ines" });
    assert_eq!(browser.call("find_users", &found).await.json(), json!([]));
    let row = &browser.rows(&import, "invite").await[0];
    assert_eq!(
        row["user"],
        Value::Null,
        "there is no page to be led to: {row}"
    );
    let view = browser.standing(&import).await;
    assert_eq!(
        (&view["done"], &view["progress"]),
        (&Value::Null, &json!(25)),
        "{view}"
    );

    site.work().await;
    let view = browser.standing(&import).await;
    assert_eq!(view["state"], "done", "{view}");
    assert_eq!(view["done"], view["plan"]);
    assert_eq!(site.mails().await.len(), 24);
    let name =
        "SELECT concat_ws(' ', first_name, last_name) FROM muster.memberships WHERE email = $1";
    assert_eq!(
        site.text(name, "mia@example.org").await.as_deref(),
        Some("Mia Sand")
    );
    assert_eq!(site.count(HELD).await, 0);
    assert_eq!(
        browser
            .call("find_users", &found)
            .await
            .json()
            .as_array()
            .unwrap()
            .len(),
        8
    );
    // It can be undone like any other import.
    browser.does("undo_import", &import).await;
    site.work().await;
    assert_eq!(browser.standing(&import).await["undone"], json!([25, 0]));
    drop(role);
}

#[tokio::test]
async fn seats_and_usernames_are_reserved_before_the_last_step_but_not_counted_as_used() {
    let (site, chief, role, import) = place().await;
    site.run(
        "UPDATE muster.institutions SET seats = 27 WHERE slug = $1",
        "harbour",
    )
    .await;
    held(&site, &chief, &import).await;
    let browser = &chief.browser;
    let home = browser
        .call("attention", &json!({ "slug": "harbour" }))
        .await
        .json();
    assert_eq!(home["seats"], json!([2, 27]));
    assert_eq!(
        site.invite(&chief, "one@example.org", "Basic").await,
        json!("Invited")
    );
    assert_eq!(
        site.invite(&chief, "two@example.org", "Basic").await,
        json!("SeatsFull")
    );
    let person = json!({ "first_name": "A", "last_name": "B", "email": "b@example.org", "phone": "",
        "username": "Heron.Five", "role": role });
    let taken = browser
        .call(
            "create_user",
            &json!({ "slug": "harbour", "draft": person }),
        )
        .await
        .expect(422);
    assert!(taken.body.contains("Taken"), "{}", taken.body);
    site.work().await;
    assert_eq!(browser.standing(&import).await["state"], "done");
    let home = browser
        .call("attention", &json!({ "slug": "harbour" }))
        .await
        .json();
    assert_eq!(home["seats"], json!([27, 27]));
}

#[tokio::test]
async fn a_plan_with_rejected_rows_is_not_applied_until_they_are_skipped() {
    let (site, chief, role) = chief().await;
    let csv = people(12) + "Ines,Again,ines4@example.org\n,,nothing\n";
    let (import, view) = planned(&site, &chief, &role, &csv).await;
    let browser = &chief.browser;
    assert_eq!(
        (
            &view["plan"]["refused"],
            &view["may_apply"],
            &view["may_leave_out"]
        ),
        (&json!(2), &json!(false), &json!(true))
    );
    browser.can_not("apply_import", &import).await;
    let page = browser
        .get(&format!("/i/harbour/imports/{}", import.id))
        .await
        .expect(200);
    assert!(page.body.contains("leave_out_refused"), "{}", page.body);
    let form = [("intent", "leave_out_refused")];
    let path = format!("/i/harbour/imports/{}", import.id);
    browser.post(&path, &form).await.expect(200);
    site.work().await;
    let view = browser.standing(&import).await;
    assert_eq!(
        (&view["plan"]["left_out"], &view["plan"]["refused"]),
        (&json!(2), &json!(0))
    );
    browser.can_not("leave_out_refused", &import).await;
    browser.does("apply_import", &import).await;
    site.work().await;
    assert_eq!(browser.standing(&import).await["done"]["invite"], 12);
}

#[tokio::test]
async fn a_row_rejected_during_apply_leaves_nothing_of_the_import_and_is_listed() {
    for late in [false, true] {
        let (site, chief, _, import) = place().await;
        let browser = &chief.browser;
        if late {
            held(&site, &chief, &import).await;
        }
        site.invite(&chief, "ines23@example.org", "Basic").await;
        site.mails().await;
        let before = site.text(SEEN, "").await;
        if !late {
            browser.does("apply_import", &import).await;
        }
        site.work().await;
        let view = browser.standing(&import).await;
        assert_eq!(
            (&view["state"], &view["done"]),
            (&json!("failed"), &Value::Null),
            "{view}"
        );
        assert_eq!(site.text(SEEN, "").await, before, "late: {late}");
        assert_eq!(site.count(HELD).await, 0);
        let refused = browser.rows(&import, "refused").await;
        assert_eq!(refused.len(), 1, "{refused:?}");
        assert_eq!(refused[0]["email"], "ines23@example.org");
        assert_eq!(refused[0]["reasons"], json!(["already_invited"]));
        browser.can_not("apply_import", &import).await;
        // Planned again, that row only names an existing person.
        browser.does("leave_out_refused", &import).await;
        site.work().await;
        browser.does("apply_import", &import).await;
        site.work().await;
        let view = browser.standing(&import).await;
        assert_eq!(
            (&view["state"], &view["done"]["invite"]),
            (&json!("done"), &json!(23)),
            "{view}"
        );
    }
}

#[tokio::test]
async fn an_import_fails_if_the_seats_are_reduced_before_the_last_step() {
    let (site, chief, _, import) = place().await;
    held(&site, &chief, &import).await;
    let set = "UPDATE muster.institutions SET seats = 10 WHERE slug = $1";
    site.run(set, "harbour").await;
    site.work().await;
    let view = chief.browser.standing(&import).await;
    assert_eq!(view["state"], "failed", "{view}");
    assert_eq!(view["plan"]["refused"], 16, "{view}");
    assert_eq!(site.mails().await.len(), 0);
}

#[tokio::test]
async fn an_import_fails_if_a_member_was_changed_since_the_plan() {
    let (site, chief, _, import) = place().await;
    held(&site, &chief, &import).await;
    site.run(
        "UPDATE muster.memberships SET last_name = 'Married' WHERE email = $1",
        "mia@example.org",
    )
    .await;
    site.work().await;
    assert_eq!(chief.browser.standing(&import).await["state"], "failed");
    let refused = chief.browser.rows(&import, "refused").await;
    assert_eq!(
        refused[0]["reasons"][0]["changed"]["current"], "Married",
        "{refused:?}"
    );
    assert_eq!(site.mails().await.len(), 0);
}

#[tokio::test]
async fn a_stopped_import_releases_its_reservations_and_can_restart_or_be_discarded() {
    let (site, chief, _, import) = place().await;
    let browser = &chief.browser;
    held(&site, &chief, &import).await;
    assert_eq!(site.count(HELD).await, 25);
    browser.does("stop_import", &import).await;
    assert_eq!(site.count(HELD).await, 0);
    browser.can_not("undo_import", &import).await;
    browser.does("resume_import", &import).await;
    assert_eq!(browser.standing(&import).await["progress"], 0);
    let importer = site.importer();
    let mut work = importer.claim().await.unwrap().unwrap();
    assert_eq!(importer.step(&mut work).await.unwrap(), Stepped::More);
    browser.does("stop_import", &import).await;
    let before = site.text(SEEN, "").await;
    browser.does("discard_import", &import).await;
    site.work().await;
    assert_eq!(site.text(SEEN, "").await, before);
    assert_eq!(site.count(HELD).await, 0);
}

#[tokio::test]
async fn an_interrupted_last_step_leaves_nothing_and_is_repeated() {
    let (site, chief, _, import) = place().await;
    let before = site.text(SEEN, "").await;
    chief.browser.does("apply_import", &import).await;
    // The second chunk of the last step fails, whatever the chunk has written before.
    for sql in [
        "CREATE FUNCTION muster.fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
             IF (SELECT count(*) FROM muster.import_chunks) > 1 THEN RAISE 'cut'; END IF; RETURN NULL; END $$",
        "CREATE TRIGGER fail AFTER INSERT ON muster.import_chunks FOR EACH STATEMENT EXECUTE FUNCTION muster.fail()",
    ] {
        sqlx::query(sql).execute(site.sql()).await.unwrap();
    }
    assert!(site.importer().run_once().await.is_err());
    assert_eq!(site.text(SEEN, "").await, before);
    assert_eq!(
        site.count(HELD).await,
        25,
        "what is held stays held for whoever goes on"
    );
    sqlx::query("DROP TRIGGER fail ON muster.import_chunks")
        .execute(site.sql())
        .await
        .unwrap();
    forget_leases(&site).await;
    site.work().await;
    let view = chief.browser.standing(&import).await;
    assert_eq!(
        (&view["state"], &view["done"]["rows"]),
        (&json!("done"), &json!(25))
    );
    assert_eq!(site.mails().await.len(), 24);
}

#[tokio::test]
async fn an_all_or_nothing_import_can_be_sent_later() {
    let (site, chief, role) = chief().await;
    let csv = people(12);
    let mut wanted = draft(csv.as_bytes(), &role);
    wanted["options"]["applying"] = json!("whole");
    wanted["options"]["send"] = json!("later");
    let (import, view) = site
        .imported(&chief.browser, "harbour", &csv, &wanted)
        .await;
    assert_eq!(
        (&view["state"], &view["waiting"]),
        (&json!("done"), &json!(12)),
        "{view}"
    );
    assert_eq!(site.mails().await.len(), 0);
    chief.browser.does("send_import", &import).await;
    site.work().await;
    assert_eq!(site.mails().await.len(), 12);
}
