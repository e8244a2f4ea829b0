//! Undo reverts what nobody has used or changed since; the rest stays and is listed.

use serde_json::json;

use crate::support::{Site, draft, link};

#[tokio::test]
async fn undo_reverts_unaccepted_invitations_and_untouched_fields_and_lists_the_rest() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    let role = site.role(&chief, "Basic").await;
    for (email, username) in [
        ("mia@example.org", "heron.nine"),
        ("tom@example.org", "heron.ten"),
    ] {
        site.member(&chief, email, username, "Basic").await;
    }
    let csv = "first_name,last_name,email,phone\n\
        Mia,Sand,mia@example.org,+41791234567\n\
        Tom,Reed,tom@example.org,+41791234568\n\
        Ines,Caro,ines@example.org,\n\
        Ada,Berg,ada@example.org,\n";
    let mut wanted = draft(csv.as_bytes(), &role);
    wanted["options"]["mode"] = json!("both");
    let (import, _) = site.imported(&chief.browser, "harbour", csv, &wanted).await;
    let mails = site.mails().await;
    let to = |email: &str| link(mails.iter().find(|mail| mail.recipient == email).unwrap());
    let ines = site.browser();
    ines.join(&to("ines@example.org"), "heron.eleven").await;
    site.run(
        "UPDATE muster.memberships SET last_name = 'Married' WHERE email = $1",
        "tom@example.org",
    )
    .await;

    chief.browser.does("undo_import", &import).await;
    site.work().await;
    let view = chief.browser.standing(&import).await;
    assert_eq!(
        (&view["state"], &view["undone"]),
        (&json!("undone"), &json!([2, 2])),
        "{view}"
    );
    let names = "SELECT concat_ws(' ', first_name, last_name, phone, status) FROM muster.memberships WHERE email = $1";
    assert_eq!(
        site.text(names, "mia@example.org").await.as_deref(),
        Some("Marty Quist active")
    );
    assert_eq!(
        site.text(names, "tom@example.org").await.as_deref(),
        Some("Marty Married active")
    );
    assert_eq!(
        site.text(names, "ada@example.org").await.as_deref(),
        Some("Ada Berg revoked")
    );
    assert_eq!(
        site.text(names, "ines@example.org").await.as_deref(),
        Some("Marty Quist active")
    );
    let kept = chief.browser.rows(&import, "kept").await;
    assert_eq!(kept.len(), 2, "{kept:?}");
    assert_eq!(kept[0]["reasons"][0]["changed"]["field"], "last_name");
    assert_eq!(kept[1]["reasons"], json!(["accepted"]));
    let ada = site.browser();
    ada.get(&to("ada@example.org")).await;
    assert_eq!(
        ada.call("accept_view", &json!({})).await.status,
        410,
        "her link is dead"
    );
    chief.browser.can_not("undo_import", &import).await;
    chief.browser.can_not("resume_import", &import).await;
}

#[tokio::test]
async fn undo_ends_after_seven_days_and_undoes_the_applied_part_of_a_stopped_import() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    let role = site.role(&chief, "Basic").await;
    let csv = crate::support::importing::people(25);
    let (import, _) = site
        .planned(
            &chief.browser,
            "harbour",
            &csv,
            &draft(csv.as_bytes(), &role),
        )
        .await;
    site.cut(&import, 10).await;
    chief.browser.can_not("undo_import", &import).await;
    chief.browser.does("apply_import", &import).await;
    let importer = site.importer();
    let mut work = importer.claim().await.unwrap().unwrap();
    importer.step(&mut work).await.unwrap();
    chief.browser.does("stop_import", &import).await;
    site.run(
        "UPDATE muster.imports SET applied_at = applied_at - interval '8 days' WHERE id = $1::uuid",
        &import.id,
    )
    .await;
    chief.browser.can_not("undo_import", &import).await;
    site.run(
        "UPDATE muster.imports SET applied_at = applied_at + interval '2 days' WHERE id = $1::uuid",
        &import.id,
    )
    .await;
    chief.browser.does("undo_import", &import).await;
    site.work().await;
    let view = chief.browser.standing(&import).await;
    assert_eq!(
        (&view["state"], &view["undone"]),
        (&json!("undone"), &json!([10, 0]))
    );
    let path = format!("/i/harbour/imports/{}/report.csv", import.id);
    let report = chief.browser.get(&path).await.expect(200).body;
    let results: Vec<&str> = report
        .lines()
        .map(|line| line.split(',').nth(3).unwrap())
        .collect();
    assert_eq!(results[10], "undone", "{report}");
    assert!(
        !results[11..].contains(&"invited"),
        "nobody was invited by what was never applied: {report}"
    );
}

#[tokio::test]
async fn undo_does_not_revoke_invitations_to_roles_that_the_person_cannot_assign() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    let pia = site
        .member(&chief, "pia@example.org", "heron.pia", "Basic")
        .await;
    site.run(
        "UPDATE muster.roles SET permissions = '{view_users,invite_users}' WHERE code = $1",
        "basic",
    )
    .await;
    let role = site.role(&chief, "Basic").await;
    let csv = "first_name,last_name,email,role\n\
        Ines,Caro,ines@example.org,Administrator\n\
        Ada,Sand,ada@example.org,Basic\n";
    let (import, _) = site
        .imported(
            &chief.browser,
            "harbour",
            csv,
            &draft(csv.as_bytes(), &role),
        )
        .await;
    pia.browser.does("undo_import", &import).await;
    site.work().await;
    let view = chief.browser.standing(&import).await;
    assert_eq!(view["undone"], json!([1, 1]), "{view}");
    let kept = chief.browser.rows(&import, "kept").await;
    assert_eq!(
        (&kept[0]["email"], &kept[0]["reasons"]),
        (&json!("ines@example.org"), &json!(["role_not_yours"]))
    );
    let open = "SELECT string_agg(m.email || ' ' || m.status || ' ' || (i.closed_at IS NULL), ', ' ORDER BY m.email)
                FROM muster.invitations i JOIN muster.memberships m ON m.id = i.membership_id
                WHERE m.email IN ('ines@example.org', 'ada@example.org') AND $1 = ''";
    assert_eq!(
        site.text(open, "").await.as_deref(),
        Some("ada@example.org revoked false, ines@example.org invited true")
    );
}

#[tokio::test]
async fn discarding_an_import_deletes_its_file() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    let role = site.role(&chief, "Basic").await;
    let csv = crate::support::importing::people(5);
    let (import, _) = site
        .planned(
            &chief.browser,
            "harbour",
            &csv,
            &draft(csv.as_bytes(), &role),
        )
        .await;
    chief.browser.does("discard_import", &import).await;
    assert_eq!(
        site.count("SELECT count(*) FROM muster.import_parts").await,
        0
    );
    chief.browser.can_not("plan_import", &import).await;
    chief.browser.can_not("apply_import", &import).await;
}

#[tokio::test]
async fn abandoned_files_go_after_a_week_applied_ones_after_a_month_and_counts_stay() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    let role = site.role(&chief, "Basic").await;
    let csv = crate::support::importing::people(5);
    let wanted = || draft(csv.as_bytes(), &role);
    let (applied, _) = site
        .imported(&chief.browser, "harbour", &csv, &wanted())
        .await;
    let (planned, _) = site
        .planned(&chief.browser, "harbour", &csv, &wanted())
        .await;
    let (fresh, _) = site
        .planned(&chief.browser, "harbour", &csv, &wanted())
        .await;
    site.run(
        "UPDATE muster.imports SET applied_at = applied_at - interval '31 days' WHERE id = $1::uuid",
        &applied.id,
    )
    .await;
    site.run(
        "UPDATE muster.imports SET phase_at = phase_at - interval '8 days' WHERE id = $1::uuid",
        &planned.id,
    )
    .await;
    // A half-applied import that was stopped cannot be continued afterwards.
    let others = csv.replace("ines", "tove");
    let wanted = draft(others.as_bytes(), &role);
    let (stopped, _) = site
        .planned(&chief.browser, "harbour", &others, &wanted)
        .await;
    site.cut(&stopped, 2).await;
    chief.browser.does("apply_import", &stopped).await;
    let mut work = site.importer().claim().await.unwrap().unwrap();
    site.importer().step(&mut work).await.unwrap();
    chief.browser.does("stop_import", &stopped).await;
    site.run(
        "UPDATE muster.imports SET applied_at = applied_at - interval '31 days' WHERE id = $1::uuid",
        &stopped.id,
    )
    .await;
    site.importer().sweep().await.unwrap();
    chief.browser.can_not("resume_import", &stopped).await;
    for rows in [
        "SELECT count(DISTINCT import_id) FROM muster.import_parts",
        "SELECT count(DISTINCT import_id) FROM muster.import_rows",
    ] {
        assert_eq!(site.count(rows).await, 1, "{rows}");
    }
    let states = [&applied, &planned, &fresh];
    let mut seen = Vec::new();
    for import in states {
        let view = chief.browser.standing(import).await;
        seen.push((view["state"].clone(), view["plan"]["rows"].clone()));
    }
    assert_eq!(
        seen,
        [
            (json!("done"), json!(5)),
            (json!("discarded"), json!(5)),
            (json!("planned"), json!(5))
        ]
    );
}

/// The planner has no statistics about newly added people, and caches the triggers' plans at the first chunk.
#[tokio::test]
async fn undoing_a_fresh_import_takes_about_as_long_as_applying_it() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    let role = site.role(&chief, "Basic").await;
    let csv = crate::support::importing::people(9000);
    let wanted = draft(csv.as_bytes(), &role);
    let (import, _) = site.planned(&chief.browser, "harbour", &csv, &wanted).await;
    site.cut(&import, 3000).await;
    chief.browser.does("apply_import", &import).await;
    let begun = std::time::Instant::now();
    site.work().await;
    let applied = begun.elapsed();
    chief.browser.does("undo_import", &import).await;
    let begun = std::time::Instant::now();
    site.work().await;
    let undone = begun.elapsed();
    let view = chief.browser.standing(&import).await;
    assert_eq!(view["undone"], json!([9000, 0]), "{view}");
    assert!(undone < applied * 3, "{undone:?} after {applied:?}");
}
