//! The path of a file: parts, check, plan, apply, report; and what only the server can know about a row.

use std::time::Duration;

use muster::import::{Mapping, Target};
use serde_json::{Value, json};
use server::watching::Watching;

use crate::support::{Person, Site, draft, importing::people, process::until};

const FILE: &str = "username,first_name,last_name,email,phone,role,Department\n\
    heron.nine,Pia,Quist,pia@example.org,+41791234567,Basic,Cardiology\n\
    ,Ole,Berg,OLE@Example.org,,,\n\
    heron.x,,Sand,not an address,,,\n\
    heron.nine,Mia,Quist,mia@example.org,,,\n";

pub async fn chief() -> (Site, Person, String) {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    let role = site.role(&chief, "Basic").await;
    (site, chief, role)
}

/// Returns the counts in the order in which the page shows them.
pub fn counts(counts: &Value) -> [i64; 6] {
    [
        "rows",
        "invite",
        "update",
        "unchanged",
        "refused",
        "left_out",
    ]
    .map(|name| counts[name].as_i64().unwrap_or_else(|| panic!("{counts}")))
}

#[tokio::test]
async fn a_file_becomes_invitations_and_the_report_lists_each_row() {
    let (site, chief, role) = chief().await;
    let mut wanted = draft(FILE.as_bytes(), &role);
    wanted["mapping"]["targets"][6] = json!("attribute");
    let (import, view) = site.planned(&chief.browser, "harbour", FILE, &wanted).await;
    assert_eq!(view["state"], "planned", "{view}");
    assert_eq!(counts(&view["plan"]), [4, 2, 0, 0, 2, 0]);
    assert_eq!(view["headers"][6], "Department");
    assert_eq!(site.mails().await.len(), 0, "a plan changes nothing");

    let refused = chief.browser.rows(&import, "refused").await;
    assert_eq!(refused[0]["row"], 3);
    let cells: Vec<&str> = refused[0]["reasons"]
        .as_array()
        .unwrap()
        .iter()
        .map(|reason| reason["cell"]["column"].as_str().unwrap())
        .collect();
    assert_eq!(cells, ["first_name", "email"]);
    assert_eq!(refused[1]["reasons"][0]["cell"]["same_as"], 1);

    chief.browser.does("apply_import", &import).await;
    site.work().await;
    let view = chief.browser.standing(&import).await;
    assert_eq!(view["state"], "done", "{view}");
    assert_eq!(counts(&view["done"]), [4, 2, 0, 0, 2, 0]);
    let mut to: Vec<String> = site
        .mails()
        .await
        .into_iter()
        .map(|mail| mail.recipient)
        .collect();
    to.sort();
    assert_eq!(to, ["ole@example.org", "pia@example.org"]);
    let attributes = "SELECT attributes ->> 'Department' FROM muster.memberships WHERE email = $1";
    assert_eq!(
        site.text(attributes, "pia@example.org").await.as_deref(),
        Some("Cardiology")
    );
    // Stored attributes are searchable, and shown with the person.
    let ask = json!({ "slug": "harbour", "q": "cardiol" });
    let found = chief.browser.call("find_users", &ask).await;
    let found = found.expect(200).json();
    assert_eq!(
        (found.as_array().unwrap().len(), found[0]["email"].as_str()),
        (1, Some("pia@example.org"))
    );
    let about = json!({ "slug": "harbour", "id": found[0]["id"] });
    let person = chief.browser.call("user", &about).await;
    assert_eq!(
        person.expect(200).json()["attributes"],
        json!([["Department", "Cardiology"]])
    );

    let report = chief
        .browser
        .get(&format!("/i/harbour/imports/{}/report.csv", import.id))
        .await
        .expect(200);
    let lines: Vec<&str> = report.body.lines().collect();
    assert_eq!(
        lines[0],
        "username,first_name,last_name,email,phone,role,Department,Result,Detail"
    );
    assert_eq!(
        lines[1],
        "heron.nine,Pia,Quist,pia@example.org,+41791234567,Basic,Cardiology,invited,"
    );
    assert!(
        lines[4].ends_with("refused,Username also in row 1"),
        "{}",
        lines[4]
    );
    let failed = chief
        .browser
        .get(&format!(
            "/i/harbour/imports/{}/report.csv?only=failed",
            import.id
        ))
        .await
        .expect(200);
    assert_eq!(failed.body.lines().count(), 3);
}

#[tokio::test]
async fn an_imported_person_gets_the_reserved_username_and_is_found_by_it() {
    let (site, chief, role) = chief().await;
    let csv = "username,first_name,last_name,email\nheron.nine,Pia,Quist,pia@example.org\n";
    site.imported(
        &chief.browser,
        "harbour",
        csv,
        &draft(csv.as_bytes(), &role),
    )
    .await;
    let found = chief
        .browser
        .call("find_users", &json!({ "slug": "harbour", "q": "heron.ni" }))
        .await;
    assert_eq!(found.expect(200).json()[0]["email"], "pia@example.org");
    let path = crate::support::link(&site.mail().await);
    let browser = site.browser();
    browser.join(&path, "heron.nine").await;
    assert_eq!(
        site.count("SELECT count(*) FROM muster.memberships WHERE status = 'active' AND last_name = 'Quist'").await,
        1
    );
}

#[tokio::test]
async fn a_field_changed_since_the_plan_is_rejected_with_all_three_values() {
    let (site, chief, role) = chief().await;
    site.member(&chief, "pia@example.org", "heron.pia", "Basic")
        .await;
    let csv = "first_name,last_name,email\nPia,Quist,pia@example.org\nOle,Berg,ole@example.org\n";
    let mut wanted = draft(csv.as_bytes(), &role);
    wanted["options"]["mode"] = json!("both");
    let (import, _) = site.planned(&chief.browser, "harbour", csv, &wanted).await;
    site.run(
        "UPDATE muster.memberships SET first_name = 'Martina' WHERE email = $1",
        "pia@example.org",
    )
    .await;
    site.invite(&chief, "ole@example.org", "Basic").await;
    chief.browser.does("apply_import", &import).await;
    site.work().await;
    let refused = chief.browser.rows(&import, "refused").await;
    let changed = json!({ "changed": { "field": "first_name", "old": "Marty", "file": "Pia", "current": "Martina" } });
    assert_eq!(refused[0]["reasons"], json!([changed]));
    assert_eq!(refused[1]["reasons"], json!(["already_invited"]));
}

#[tokio::test]
async fn corrections_and_skipped_rows_apply_without_changing_the_uploaded_file() {
    let (site, chief, role) = chief().await;
    let (import, _) = site
        .planned(
            &chief.browser,
            "harbour",
            FILE,
            &draft(FILE.as_bytes(), &role),
        )
        .await;
    let edits = json!({
        "edits": [
            { "row": 3, "column": "email", "value": "sand@example.org" },
            { "row": 3, "column": "first_name", "value": "Ada" },
            { "row": 3, "column": "username", "value": "kestrel.seven" },
            { "row": 4, "column": "username", "value": "heron.other" },
        ],
        "left_out": [1],
    });
    let arguments = json!({ "slug": "harbour", "id": import.id, "draft": edits });
    chief
        .browser
        .call("edit_import", &arguments)
        .await
        .expect(200);
    chief.browser.can_not("apply_import", &import).await;
    chief.browser.does("plan_import", &import).await;
    site.work().await;
    let view = chief.browser.standing(&import).await;
    assert_eq!(counts(&view["plan"]), [4, 3, 0, 0, 0, 1], "{view}");
}

#[tokio::test]
async fn failed_rows_are_exported_with_their_corrections_and_reasons() {
    let (site, chief, role) = chief().await;
    let csv = "username,first_name,last_name,email\nzz,'@Pia,Quist,pia@example.org\n";
    let draft = draft(csv.as_bytes(), &role);
    let (import, _) = site.planned(&chief.browser, "harbour", csv, &draft).await;
    let edits = json!({ "slug": "harbour", "id": import.id, "draft": {
        "edits": [{ "row": 1, "column": "last_name", "value": "=Quist" }], "left_out": []
    } });
    chief.browser.call("edit_import", &edits).await.expect(200);
    chief.browser.does("plan_import", &import).await;
    site.work().await;
    let report = async |only: &str| {
        let path = format!("/i/harbour/imports/{}/report.csv{only}", import.id);
        chief.browser.get(&path).await.expect(200).body
    };
    let said = "pia@example.org,refused,Fewer than 6 characters";
    assert_eq!(
        report("?only=failed").await.lines().nth(1),
        Some(format!("zz,'@Pia,'=Quist,{said}").as_str())
    );
    assert_eq!(
        report("").await.lines().nth(1),
        Some(format!("zz,'@Pia,Quist,{said}").as_str())
    );
}

#[tokio::test]
async fn a_column_mapping_is_remembered_for_its_institution_only() {
    let (site, chief, role) = chief().await;
    let meadow = site.institution("Meadow").await;
    let mut wanted = draft(FILE.as_bytes(), &role);
    wanted["mapping"]["targets"][6] = json!("attribute");
    site.planned(&chief.browser, "harbour", FILE, &wanted).await;
    let headers = json!([
        "User Name",
        "FIRST NAME",
        "Last-Name",
        "E-Mail",
        "phone",
        "role",
        "department"
    ]);
    let ask = |slug: &str| json!({ "slug": slug, "headers": headers });
    let own = chief
        .browser
        .call("remembered_mapping", &ask("harbour"))
        .await
        .expect(200)
        .json();
    assert_eq!(own["mapping"], wanted["mapping"]);
    let other = meadow
        .browser
        .call("remembered_mapping", &ask("meadow"))
        .await
        .expect(200)
        .json();
    assert_eq!(other["mapping"], Value::Null);
}

#[tokio::test]
async fn progress_is_sent_as_events_and_the_list_shows_every_import() {
    let (site, chief, role) = chief().await;
    let csv = people(30);
    let (import, _) = site
        .imported(
            &chief.browser,
            "harbour",
            &csv,
            &draft(csv.as_bytes(), &role),
        )
        .await;
    let events = chief
        .browser
        .get(&format!("/i/harbour/imports/{}/progress", import.id))
        .await
        .expect(200);
    let data = events.body.strip_prefix("data: ").unwrap().trim();
    let view: Value = serde_json::from_str(data).unwrap();
    assert_eq!(
        (&view["state"], &view["progress"]),
        (&json!("done"), &json!(30))
    );
    let list = chief
        .browser
        .call("imports", &json!({ "slug": "harbour" }))
        .await
        .expect(200)
        .json();
    assert_eq!(
        (&list[0]["id"], &list[0]["counts"]["invite"]),
        (&json!(import.id), &json!(30))
    );
}

#[tokio::test]
async fn the_template_has_every_column_and_the_custom_ones_of_the_institution() {
    let (site, chief, role) = chief().await;
    let csv = "first_name,last_name,email,Ward\nInes,Caro,ines@example.org,\"7, north\"\n";
    let mut wanted = draft(csv.as_bytes(), &role);
    wanted["mapping"]["targets"][3] = json!("attribute");
    site.imported(&chief.browser, "harbour", csv, &wanted).await;
    let template = chief
        .browser
        .get("/i/harbour/imports/template.csv")
        .await
        .expect(200);
    assert_eq!(
        template.body,
        "username,first_name,last_name,email,phone,role,language,change_password,Ward\r\n"
    );
    // The template's headers are recognized when it is uploaded.
    let headers: Vec<&str> = template.body.trim_end().split(',').collect();
    let targets = Mapping::guess(&headers, &[]).targets;
    let known = |target: &Target| matches!(target, Target::Column(_));
    assert!(targets[..8].iter().all(known), "{targets:?}");
}

#[tokio::test]
async fn progress_arrives_immediately_and_listening_ends_with_the_last_watcher() {
    let (site, chief, role) = chief().await;
    let csv = people(3);
    let mut draft = draft(csv.as_bytes(), &role);
    let browser = &chief.browser;
    let import = browser.upload("harbour", csv.as_bytes(), &draft).await;
    draft["key"] = json!(uuid::Uuid::now_v7().to_string());
    let other = browser.upload("harbour", csv.as_bytes(), &draft).await;

    let watching = Watching::new(site.importer().store);
    let mut watcher = watching.watch();
    let listening = async || {
        let listen = "SELECT count(*) FROM pg_stat_activity
                      WHERE datname = current_database() AND query LIKE 'LISTEN%muster_import_steps%'";
        sqlx::query_scalar::<_, i64>(listen)
            .fetch_one(site.sql())
            .await
            .unwrap()
    };
    until("somebody listens", async || {
        (listening().await == 1).then_some(())
    })
    .await;
    drop(watching.watch());
    assert_eq!(listening().await, 1, "one connection for all who watch");

    // The watcher is notified of this import and not of the other, and does not need to poll.
    let id = import.id.parse().unwrap();
    let step = tokio::spawn(async move {
        watcher.step_of(id).await;
        watcher
    });
    let mut beside = watching.watch();
    chief.browser.does("plan_import", &other).await;
    site.work().await;
    let other = other.id.parse().unwrap();
    let heard = tokio::time::timeout(Duration::from_secs(30), beside.step_of(other));
    heard.await.unwrap();
    drop(beside);
    assert!(!step.is_finished());
    chief.browser.does("plan_import", &import).await;
    site.work().await;
    let watcher = tokio::time::timeout(Duration::from_secs(30), step)
        .await
        .unwrap()
        .unwrap();
    drop(watcher);
    until("nobody listens", async || {
        (listening().await == 0).then_some(())
    })
    .await;
}
