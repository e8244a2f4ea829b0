//! The road of a file: parts, check, plan, apply, report; and what only the server can tell of a row.

use serde_json::{Value, json};

use crate::support::{Person, Site, draft, importing::people};

const FILE: &str = "username,first_name,last_name,email,phone,role,Department\n\
    heron.nine,Pia,Quist,pia@example.org,+41791234567,Basic,Cardiology\n\
    ,Ole,Berg,OLE@Example.org,,,\n\
    heron.x,,Sand,not an address,,,\n\
    heron.nine,Mia,Quist,mia@example.org,,,\n";

async fn chief() -> (Site, Person, String) {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    let role = site.role(&chief, "Basic").await;
    (site, chief, role)
}

/// The counts in the order that people read them.
fn counts(counts: &Value) -> [i64; 6] {
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
async fn a_file_becomes_invitations_and_its_report_names_each_row() {
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

    chief
        .browser
        .about("apply_import", &import)
        .await
        .expect(200);
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
        lines[4].ends_with("refused,username: duplicate (row 1)"),
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
async fn who_was_imported_accepts_with_the_reserved_username_and_is_found_by_it() {
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
async fn members_are_left_alone_changed_or_invited_as_the_options_say() {
    let (site, chief, role) = chief().await;
    site.member(&chief, "pia@example.org", "heron.pia", "Basic")
        .await;
    let csv = "first_name,last_name,email,phone\nPia,Quist,pia@example.org,+41791234567\nOle,Berg,ole@example.org,\n";
    let mut wanted = draft(csv.as_bytes(), &role);
    let (import, view) = site.planned(&chief.browser, "harbour", csv, &wanted).await;
    assert_eq!(counts(&view["plan"]), [2, 1, 0, 1, 0, 0]);
    assert_eq!(
        chief.browser.rows(&import, "warnings").await[0]["reasons"],
        json!(["already_member"])
    );

    wanted["key"] = json!("another-key-for-update");
    wanted["options"]["mode"] = json!("update");
    let (import, view) = site.planned(&chief.browser, "harbour", csv, &wanted).await;
    assert_eq!(counts(&view["plan"]), [2, 0, 1, 0, 1, 0]);
    let changes = chief.browser.rows(&import, "update").await[0]["changes"].clone();
    assert_eq!(
        changes[0],
        json!({ "field": "first_name", "old": "Marty", "new": "Pia" })
    );
    assert_eq!(
        chief.browser.rows(&import, "refused").await[0]["reasons"],
        json!(["no_such_member"])
    );

    wanted["key"] = json!("another-key-for-both-0");
    wanted["options"]["mode"] = json!("both");
    let (_, view) = site.imported(&chief.browser, "harbour", csv, &wanted).await;
    assert_eq!(counts(&view["done"]), [2, 1, 1, 0, 0, 0]);
    let phone = "SELECT phone FROM muster.memberships WHERE email = $1";
    assert_eq!(
        site.text(phone, "pia@example.org").await.as_deref(),
        Some("+41791234567")
    );
}

#[tokio::test]
async fn a_member_is_known_by_username_whatever_the_case() {
    let (site, chief, role) = chief().await;
    site.member(&chief, "pia@example.org", "heron.pia", "Basic")
        .await;
    let csv = "username,first_name,last_name,email\nHERON.Pia,Pia,Quist,other@example.org\n";
    let mut wanted = draft(csv.as_bytes(), &role);
    wanted["options"]["mode"] = json!("update");
    wanted["options"]["match_by"] = json!("username");
    let (import, view) = site.planned(&chief.browser, "harbour", csv, &wanted).await;
    assert_eq!(counts(&view["plan"]), [1, 0, 1, 0, 0, 0]);
    let row = chief.browser.rows(&import, "warnings").await[0].clone();
    assert_eq!(row["reasons"], json!([{ "accounts_own": "email" }]));
}

#[tokio::test]
async fn what_was_changed_since_the_plan_is_refused_with_all_three_values() {
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
    chief
        .browser
        .about("apply_import", &import)
        .await
        .expect(200);
    site.work().await;
    let refused = chief.browser.rows(&import, "refused").await;
    let changed = json!({ "changed": { "field": "first_name", "old": "Marty", "file": "Pia", "current": "Martina" } });
    assert_eq!(refused[0]["reasons"], json!([changed]));
    assert_eq!(refused[1]["reasons"], json!(["already_invited"]));
}

#[tokio::test]
async fn cells_are_mended_and_rows_left_out_beside_the_untouched_bytes() {
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
    chief
        .browser
        .about("apply_import", &import)
        .await
        .expect(409);
    chief
        .browser
        .about("plan_import", &import)
        .await
        .expect(200);
    site.work().await;
    let view = chief.browser.standing(&import).await;
    assert_eq!(counts(&view["plan"]), [4, 3, 0, 0, 0, 1], "{view}");
}

#[tokio::test]
async fn names_that_somebody_has_are_taken_and_nothing_else_of_them_is_told() {
    let (site, chief, role) = chief().await;
    let meadow = site.institution("Meadow").await;
    site.member(&meadow, "pia@example.org", "heron.pia", "Basic")
        .await;
    let state =
        "SELECT md5(string_agg(a::text, ',' ORDER BY id)) FROM muster.accounts a WHERE $1 = ''";
    let before = site.text(state, "").await;
    let csv = "username,first_name,last_name,email\n\
        Heron.Pia,Ines,Caro,ines@example.org\n\
        ,Pia,Quist,pia@example.org\n\
        ,Nobody,Known,nobody@example.org\n";
    let (import, view) = site
        .imported(
            &chief.browser,
            "harbour",
            csv,
            &draft(csv.as_bytes(), &role),
        )
        .await;
    assert_eq!(counts(&view["done"]), [3, 2, 0, 0, 1, 0]);
    let refused = chief.browser.rows(&import, "refused").await;
    assert_eq!(
        refused[0]["reasons"][0]["cell"]["problem"],
        json!({ "Username": "Taken" })
    );
    let rows = chief.browser.rows(&import, "invite").await;
    assert_eq!(
        rows[0]["reasons"], rows[1]["reasons"],
        "who has an account elsewhere looks like who has none"
    );
    assert_eq!(site.text(state, "").await, before, "no account was changed");
    assert_eq!(site.mails().await.len(), 2);
}

#[tokio::test]
async fn a_role_column_gives_nothing_that_the_importer_does_not_hold() {
    let (site, chief, _) = chief().await;
    let inviter = site
        .member(&chief, "pia@example.org", "heron.pia", "Basic")
        .await;
    site.member(&chief, "ole@example.org", "heron.ole", "Administrator")
        .await;
    site.run(
        "UPDATE muster.roles SET permissions = '{view_users,invite_users,edit_users}' WHERE code = $1",
        "basic",
    )
    .await;
    let role = site.role(&inviter, "Basic").await;
    let csv = "first_name,last_name,email,role\n\
        Ines,Caro,ines@example.org,Administrator\n\
        Ada,Sand,ada@example.org,Basic\n\
        Marty,Quist,ole@example.org,Basic\n\
        Marty,Quist,pia@example.org,Administrator\n\
        Tom,Reed,tom@example.org,Emperor\n";
    let mut wanted = draft(csv.as_bytes(), &role);
    wanted["options"]["mode"] = json!("both");
    let (import, view) = site
        .planned(&inviter.browser, "harbour", csv, &wanted)
        .await;
    assert_eq!(counts(&view["plan"]), [5, 1, 0, 0, 4, 0]);
    let refused = inviter.browser.rows(&import, "refused").await;
    for row in &refused[..3] {
        assert_eq!(row["reasons"], json!(["role_not_yours"]), "{row}");
    }
    // The role is taken from the importer before it is applied: nothing of it is.
    site.run(
        "UPDATE muster.roles SET permissions = '{view_users,invite_users}' WHERE code = $1",
        "basic",
    )
    .await;
    inviter
        .browser
        .about("apply_import", &import)
        .await
        .expect(403);
    // And in between: an import that was begun to be applied stops.
    site.run(
        "UPDATE muster.roles SET permissions = '{view_users,invite_users,edit_users}' WHERE code = $1",
        "basic",
    )
    .await;
    inviter
        .browser
        .about("apply_import", &import)
        .await
        .expect(200);
    site.run(
        "UPDATE muster.roles SET permissions = '{view_users}' WHERE code = $1",
        "basic",
    )
    .await;
    site.work().await;
    let view = chief.browser.standing(&import).await;
    assert_eq!(
        (&view["state"], &view["stopped_by"]),
        (&json!("stopped"), &json!("permission"))
    );
    assert_eq!(site.mails().await.len(), 0);
}

#[tokio::test]
async fn an_administrator_is_demoted_by_a_file_only_by_the_main_contact() {
    let (site, chief, role) = chief().await;
    let other = site
        .member(&chief, "other@example.org", "heron.other", "Administrator")
        .await;
    site.member(&chief, "third@example.org", "heron.third", "Administrator")
        .await;
    let csv = format!(
        "email,role\n{},Basic\nother@example.org,Basic\nthird@example.org,Basic\n",
        chief.email
    );
    let mut wanted = draft(csv.as_bytes(), &role);
    wanted["options"]["mode"] = json!("update");
    let (import, _) = site.planned(&other.browser, "harbour", &csv, &wanted).await;
    let refused = other.browser.rows(&import, "refused").await;
    let reasons: Vec<&Value> = refused
        .iter()
        .map(|row| &row["reasons"][0]["guarded"])
        .collect();
    assert_eq!(
        reasons,
        ["main_contact", "own_role", "only_the_main_contact"]
    );
    wanted["key"] = json!("the-main-contacts-own-key");
    let (_, view) = site
        .imported(&chief.browser, "harbour", &csv, &wanted)
        .await;
    assert_eq!(counts(&view["done"]), [3, 0, 2, 0, 1, 0]);
}

#[tokio::test]
async fn a_mapping_is_remembered_for_the_institution_and_for_no_other() {
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
async fn what_is_not_done_yet_is_refused_by_its_field() {
    let (_site, chief, role) = chief().await;
    for (field, code) in [
        ("access", "passwords"),
        ("send", "later"),
        ("applying", "whole"),
    ] {
        let mut wanted = draft(FILE.as_bytes(), &role);
        wanted["options"][field] = json!(code);
        let reply = chief
            .browser
            .call(
                "begin_import",
                &json!({ "slug": "harbour", "draft": wanted }),
            )
            .await;
        assert_eq!(reply.wrong_fields(), [field]);
    }
}

#[tokio::test]
async fn progress_is_told_as_events_and_the_list_has_every_import() {
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
    let template = chief
        .browser
        .get("/i/harbour/imports/template.csv")
        .await
        .expect(200);
    assert_eq!(
        template.body,
        "username,first_name,last_name,email,phone,role,language\r\n"
    );
}
