//! How rows are matched with people: members, people with an account elsewhere, and roles that may be assigned and taken
//! away.

use serde_json::{Value, json};

use crate::{
    imports::{chief, counts},
    support::draft,
};

#[tokio::test]
async fn members_are_kept_updated_or_invited_according_to_the_options() {
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
async fn members_are_matched_by_username_regardless_of_case() {
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
async fn a_taken_username_is_rejected_without_revealing_who_has_an_account() {
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
async fn a_role_column_cannot_grant_permissions_that_the_importer_lacks() {
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
    // The importer loses a permission before the import is applied: nothing is applied.
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
    // The importer loses a permission while the import is applied: the import stops.
    site.run(
        "UPDATE muster.roles SET permissions = '{view_users,invite_users,edit_users}' WHERE code = $1",
        "basic",
    )
    .await;
    inviter.browser.does("apply_import", &import).await;
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
async fn only_the_main_contact_can_demote_an_administrator_by_import() {
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
