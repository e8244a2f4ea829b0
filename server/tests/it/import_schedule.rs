//! The time at which an import's invitations are sent is set, changed and removed, whatever the sending job is doing.

use serde_json::{Value, json};

use crate::{
    import_later::{MAILS, WAITING, about, imported, states},
    imports::chief,
    no_script::says,
    support::{Browser, Import, Reply, Site, draft, importing::people},
};

const EARLIER: &str = "2037-07-01T09:00";
const LATER: &str = "2038-01-04T10:30";

async fn schedule(browser: &Browser, import: &Import, time: &str) -> Reply {
    let arguments = json!({ "slug": import.slug, "id": import.id, "draft": { "send_at": time } });
    browser.call("schedule_import", &arguments).await
}

/// Moves the import's scheduled time into the past.
async fn due(site: &Site, import: &Import) {
    let due = "UPDATE muster.imports SET send_at = clock_timestamp() WHERE id = $1::uuid";
    site.run(due, &import.id).await;
}

fn shown(view: &Value) -> (&Value, &Value, &Value) {
    (
        &view["waiting"],
        &view["sends_at"]["text"],
        &view["send_at"],
    )
}

#[tokio::test]
async fn a_schedule_can_be_changed_removed_and_set_again_and_every_page_shows_it() {
    let (site, chief, role) = chief().await;
    let import = imported(&site, &chief, &role, &people(3), Some(EARLIER)).await;
    let browser = &chief.browser;
    let view = browser.standing(&import).await;
    assert_eq!(
        shown(&view),
        (&json!(3), &json!("Wed 1 Jul 2037, 09:00"), &json!(EARLIER))
    );
    assert_eq!(view["may_schedule"], true);

    schedule(browser, &import, LATER).await.expect(200);
    let view = browser.standing(&import).await;
    assert_eq!(
        shown(&view),
        (&json!(3), &json!("Mon 4 Jan 2038, 10:30"), &json!(LATER))
    );
    let row = &states(browser, "not-notified").await[0];
    assert_eq!(row["state"]["sends_at"]["text"], "Mon 4 Jan 2038, 10:30");

    browser.does("unschedule_import", &import).await;
    // A second click finds it done.
    browser.does("unschedule_import", &import).await;
    let view = browser.standing(&import).await;
    assert_eq!(shown(&view), (&json!(3), &Value::Null, &json!("")));
    assert_eq!(
        (&view["may_send"], &view["may_schedule"]),
        (&json!(true), &json!(true))
    );
    assert_eq!(site.importer().send_due().await.unwrap(), 0);
    assert_eq!((site.count(WAITING).await, site.count(MAILS).await), (3, 0));

    schedule(browser, &import, EARLIER).await.expect(200);
    due(&site, &import).await;
    site.work().await;
    assert_eq!(site.mails().await.len(), 3);
    let recorded = "SELECT count(*) FROM muster.audit WHERE action = 'import.scheduled'";
    assert_eq!(
        site.count(recorded).await,
        3,
        "each change, and no second click"
    );
}

#[tokio::test]
async fn an_invalid_or_past_time_changes_nothing() {
    let (site, chief, role) = chief().await;
    let import = imported(&site, &chief, &role, &people(2), Some(EARLIER)).await;
    for (time, problem) in [
        ("", "Required"),
        ("2020-01-01T09:00", "Past"),
        ("noon", "Unknown"),
        // The daylight-saving change skips this time.
        ("2037-03-29T02:30", "Unknown"),
    ] {
        let refused = schedule(&chief.browser, &import, time).await.expect(422);
        assert!(
            refused.body.contains("send_at") && refused.body.contains(problem),
            "{time}: {}",
            refused.body
        );
    }
    let view = chief.browser.standing(&import).await;
    assert_eq!(view["send_at"], EARLIER);
}

#[tokio::test]
async fn the_schedule_of_a_plan_can_be_changed_before_it_is_applied() {
    let (site, chief, role) = chief().await;
    let browser = &chief.browser;
    let csv = people(2);
    let mut wanted = draft(csv.as_bytes(), &role);
    wanted["options"]["send"] = json!("later");
    let (import, view) = site.planned(browser, "harbour", &csv, &wanted).await;
    assert_eq!(
        (&view["may_schedule"], &view["may_send"]),
        (&json!(true), &json!(false))
    );
    schedule(browser, &import, LATER).await.expect(200);
    let path = format!("/i/harbour/imports/{}", import.id);
    let page = browser.get(&path).await.expect(200);
    let then = "After you apply, invitations are sent automatically on Mon 4 Jan 2038, 10:30 CET.";
    assert!(says(&page.body, then), "{}", page.body);
    browser.does("unschedule_import", &import).await;
    let page = browser.get(&path).await.expect(200);
    let then = "After you apply, invitations wait until someone sends them.";
    assert!(says(&page.body, then), "{}", page.body);
    schedule(browser, &import, LATER).await.expect(200);
    browser.does("apply_import", &import).await;
    schedule(browser, &import, EARLIER).await.expect(409);
    site.work().await;
    assert_eq!(browser.standing(&import).await["send_at"], LATER);
    due(&site, &import).await;
    site.work().await;
    assert_eq!(site.mails().await.len(), 2);

    // An import that is mailed immediately has no schedule.
    let csv = csv.replace("ines", "otto");
    let wanted = draft(csv.as_bytes(), &role);
    let (import, view) = site.planned(browser, "harbour", &csv, &wanted).await;
    assert_eq!(view["may_schedule"], false);
    schedule(browser, &import, LATER).await.expect(409);
    browser.can_not("unschedule_import", &import).await;
}

#[tokio::test]
async fn scheduling_works_with_forms_and_reports_that_invitations_were_already_sent() {
    let (site, chief, role) = chief().await;
    let import = imported(&site, &chief, &role, &people(2), Some(EARLIER)).await;
    let path = format!("/i/harbour/imports/{}", import.id);
    let set = |time| [("intent", "schedule_import"), ("send_at", time)];
    let browser = &chief.browser;
    let page = browser.get(&path).await.expect(200);
    assert!(page.body.contains(EARLIER), "the field has the time");
    let page = browser
        .post(&path, &set("2020-01-01T09:00"))
        .await
        .expect(422);
    assert!(
        page.body.contains("2020-01-01T09:00") && says(&page.body, "This time is in the past."),
        "what was typed stays, with what is wrong: {}",
        page.body
    );
    let page = browser.post(&path, &set(LATER)).await.expect(200);
    let sentence = "2 invitations haven’t been sent yet. \
        They will be sent automatically on Mon 4 Jan 2038, 10:30 CET.";
    assert!(says(&page.body, sentence), "{}", page.body);
    let none = [("intent", "unschedule_import")];
    let page = browser.post(&path, &none).await.expect(200);
    let sentence = "They will be sent automatically";
    assert!(!says(&page.body, sentence), "{}", page.body);

    browser.post(&path, &set(LATER)).await.expect(200);
    due(&site, &import).await;
    site.work().await;
    let sentence = "There is nothing left to send. It has already been sent or revoked.";
    for form in [&set(LATER)[..], &none[..], &[("intent", "send_import")][..]] {
        let page = browser.post(&path, form).await.expect(409);
        assert!(says(&page.body, sentence), "{form:?}: {}", page.body);
    }
    assert_eq!(site.mails().await.len(), 2);
}

#[tokio::test]
async fn a_schedule_change_during_the_job_sends_all_invitations_once_or_none() {
    let (site, chief, role) = chief().await;
    let (mut sent, mut kept) = (0, 0);
    for round in 0..12 {
        let csv = people(6).replace("ines", &format!("round{round}.ines"));
        let import = imported(&site, &chief, &role, &csv, Some(EARLIER)).await;
        due(&site, &import).await;
        let before = site.count(MAILS).await;
        let (one, other) = (site.importer(), site.importer());
        let browser = &chief.browser;
        let change = async {
            match round % 2 {
                0 => schedule(browser, &import, LATER).await,
                _ => browser.about("unschedule_import", &import).await,
            }
        };
        let (reply, first, second) = tokio::join!(change, one.send_due(), other.send_due());
        let by_job = first.unwrap() + second.unwrap();
        // The later one finds what the other left.
        site.work().await;
        let mailed = site.count(MAILS).await - before;
        let waiting = browser.standing(&import).await["waiting"].clone();
        match reply.status {
            200 => {
                assert_eq!((by_job, mailed, waiting), (0, 0, json!(6)), "round {round}");
                kept += 1;
            }
            409 => {
                assert_eq!(reply.refused(), "NothingToSend");
                assert_eq!((by_job, mailed, waiting), (6, 6, json!(0)), "round {round}");
                sent += 1;
            }
            other => panic!("round {round}: {other} {}", reply.body),
        }
    }
    println!("the job came first {sent} times, the change {kept} times");
}

#[tokio::test]
async fn the_job_skips_an_import_whose_schedule_is_being_changed() {
    let (site, chief, role) = chief().await;
    let import = imported(&site, &chief, &role, &people(2), Some(EARLIER)).await;
    due(&site, &import).await;
    let mut change = site.sql().begin().await.unwrap();
    sqlx::query("UPDATE muster.imports SET send_at = NULL WHERE id = $1::uuid")
        .bind(&import.id)
        .execute(&mut *change)
        .await
        .unwrap();
    assert_eq!(site.importer().send_due().await.unwrap(), 0);
    change.commit().await.unwrap();
    assert_eq!(site.importer().send_due().await.unwrap(), 0);
    assert_eq!(site.count(MAILS).await, 0);
}

#[tokio::test]
async fn nothing_is_sent_if_the_scheduler_has_lost_the_permission_to_invite() {
    let (site, chief, role) = chief().await;
    let import = imported(&site, &chief, &role, &people(2), Some(EARLIER)).await;
    let helper = site
        .member(&chief, "helper@example.org", "heron.helm", "Administrator")
        .await;
    let theirs = site.session(&helper).await;
    schedule(&theirs, &import, LATER).await.expect(200);
    let id = site.membership("helper@example.org").await;
    let kept_out = chief.browser.call("deactivate_user", &about(&id)).await;
    kept_out.expect(200);
    due(&site, &import).await;
    site.work().await;
    assert_eq!(
        (site.count(WAITING).await, site.mails().await.len()),
        (2, 0)
    );
    let view = chief.browser.standing(&import).await;
    assert_eq!(shown(&view), (&json!(2), &Value::Null, &json!("")));
    assert_eq!(view["may_send"], true, "it waits for somebody who may");
}
