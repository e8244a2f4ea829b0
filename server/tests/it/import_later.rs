//! Waiting invitations: nobody is notified before an administrator sends them or their scheduled time comes.

use serde_json::{Value, json};

use crate::{
    imports::chief,
    support::{Browser, Import, Person, Site, draft, importing::people, link},
};

pub const WAITING: &str = "SELECT count(*) FROM muster.invitations
    WHERE sent_at IS NULL AND expires_at = 'infinity' AND closed_at IS NULL";
pub const MAILS: &str = "SELECT count(*) FROM muster.outbox WHERE kind = 'invitation'";

/// Imports a file whose invitations are sent manually, or at a scheduled time.
pub async fn imported(site: &Site, by: &Person, role: &str, csv: &str, at: Option<&str>) -> Import {
    let mut wanted = draft(csv.as_bytes(), role);
    wanted["options"]["send"] = json!(at.map_or("later", |_| "job"));
    wanted["options"]["send_at"] = json!(at.unwrap_or_default());
    let (import, view) = site.imported(&by.browser, &by.slug, csv, &wanted).await;
    assert_eq!(view["state"], "done", "{view}");
    import
}

pub async fn states(browser: &Browser, state: &str) -> Vec<Value> {
    let arguments = json!({ "slug": "harbour", "query": { "state": state } });
    let page = browser.call("users", &arguments).await.expect(200).json();
    let rows = page["rows"].as_array().unwrap().clone();
    assert_eq!(page["count"]["Exact"], json!(rows.len()), "{page}");
    rows
}

pub fn about(id: &str) -> Value {
    json!({ "slug": "harbour", "id": id, "draft": { "email": "" } })
}

const NAMED: &str = "username,first_name,last_name,email\n\
    heron.nine,Ines,Caro,ines@example.org\n\
    heron.ten,Ole,Berg,ole@example.org\n";

#[tokio::test]
async fn a_waiting_invitation_is_listed_reserves_seat_and_username_and_is_not_mailed() {
    let (site, chief, role) = chief().await;
    site.run(
        "UPDATE muster.institutions SET seats = 3 WHERE slug = $1",
        "harbour",
    )
    .await;
    let import = imported(&site, &chief, &role, NAMED, None).await;
    assert_eq!((site.count(WAITING).await, site.count(MAILS).await), (2, 0));
    let browser = &chief.browser;

    let rows = states(browser, "not-notified").await;
    assert_eq!(rows.len(), 2);
    assert_eq!(rows[0]["state"]["state"], "NOT NOTIFIED");
    assert_eq!(rows[0]["state"]["mail"], "None");
    assert_eq!(rows[0]["username"], "heron.nine", "{rows:?}");
    assert_eq!(states(browser, "pending").await.len(), 0);
    assert_eq!(states(browser, "expired").await.len(), 0);
    assert_eq!(states(browser, "invited").await.len(), 2);
    let found = json!({ "slug": "harbour", "query": { "q": "heron", "state": "not-notified" } });
    let found = browser.call("users", &found).await.expect(200).json();
    assert_eq!(found["count"]["Exact"], 2);

    let home = browser
        .call("attention", &json!({ "slug": "harbour" }))
        .await;
    let home = home.expect(200).json();
    assert_eq!(
        (&home["unsent"]["count"], &home["seats"]),
        (&json!(2), &json!([3, 3]))
    );
    assert_eq!(
        (&home["expiring"]["count"], &home["expired"]["count"]),
        (&json!(0), &json!(0))
    );
    assert_eq!(
        site.invite(&chief, "more@example.org", "Basic").await,
        json!("SeatsFull")
    );
    site.run(
        "UPDATE muster.institutions SET seats = 9 WHERE slug = $1",
        "harbour",
    )
    .await;
    let person = json!({ "first_name": "A", "last_name": "B", "email": "b@example.org", "phone": "",
        "username": "Heron.Nine", "role": role });
    let taken = browser
        .call(
            "create_user",
            &json!({ "slug": "harbour", "draft": person }),
        )
        .await
        .expect(422);
    assert!(taken.body.contains("Taken"), "{}", taken.body);

    let ines = site.membership("ines@example.org").await;
    let user = browser.call("user", &about(&ines)).await.expect(200).json();
    assert_eq!(user["row"]["state"]["state"], "NOT NOTIFIED");
    assert_eq!(
        (&user["row"]["sent"], &user["timeline"]),
        (&Value::Null, &json!([]))
    );
    // An unsent invitation has no expiry time, so a copied link would never expire.
    let copied = browser.call("copy_link", &about(&ines)).await.expect(409);
    assert_eq!(copied.refused(), "NotSent");
    let page = browser
        .get(&format!("/i/harbour/users/{ines}"))
        .await
        .expect(200);
    assert!(page.body.contains("NOT NOTIFIED"), "{}", page.body);
    let view = browser.standing(&import).await;
    assert_eq!(
        (&view["waiting"], &view["may_send"], &view["sending"]),
        (&json!(2), &json!(true), &json!(false))
    );
}

#[tokio::test]
async fn an_invitation_sent_from_the_user_page_starts_its_lifetime_at_that_moment() {
    let (site, chief, role) = chief().await;
    imported(&site, &chief, &role, NAMED, None).await;
    let browser = &chief.browser;
    let ines = site.membership("ines@example.org").await;
    let mut wish = about(&ines);
    wish["draft"]["email"] = json!("ines.caro@example.org");
    let sent = browser.call("resend", &wish).await.expect(200).json();
    assert!(sent["Sent"].is_object(), "{sent}");
    let mail = site.mail().await;
    assert_eq!(mail.recipient, "ines.caro@example.org");
    let life = "SELECT (expires_at - sent_at = interval '24 hours')::text FROM muster.invitations WHERE membership_id = $1::uuid";
    assert_eq!(site.text(life, &ines).await.as_deref(), Some("true"));
    assert_eq!(states(browser, "pending").await.len(), 1);
    assert_eq!(states(browser, "not-notified").await.len(), 1);
    let user = browser.call("user", &about(&ines)).await.json();
    assert_eq!(user["timeline"][0]["step"], "Invited", "{user}");
    // A double click does not send twice.
    let again = browser
        .call("resend", &about(&ines))
        .await
        .expect(200)
        .json();
    assert!(again["TooSoon"].is_object(), "{again}");
    browser.call("copy_link", &about(&ines)).await.expect(200);
    site.browser().join(&link(&mail), "heron.nine").await;
    assert_eq!(states(browser, "active").await.len(), 2);
}

#[tokio::test]
async fn selected_invitations_are_sent_in_bulk() {
    let (site, chief, role) = chief().await;
    imported(&site, &chief, &role, &people(3), None).await;
    let ids = [
        site.membership("ines0@example.org").await,
        site.membership("ines2@example.org").await,
    ];
    let draft = json!({ "slug": "harbour", "draft": { "action": "resend", "ids": ids } });
    let report = chief
        .browser
        .call("bulk_users", &draft)
        .await
        .expect(200)
        .json();
    assert_eq!(
        report["Done"]["done"].as_array().unwrap().len(),
        2,
        "{report}"
    );
    assert_eq!(site.mails().await.len(), 2);
    assert_eq!(site.count(WAITING).await, 1);
}

#[tokio::test]
async fn concurrent_workers_send_the_invitations_of_an_import_once() {
    let (site, chief, role) = chief().await;
    let import = imported(&site, &chief, &role, &people(40), None).await;
    let browser = &chief.browser;
    browser.does("send_import", &import).await;
    let view = browser.standing(&import).await;
    assert_eq!(
        (&view["sending"], &view["may_send"]),
        (&json!(true), &json!(false))
    );
    let (one, other) = (site.importer(), site.importer());
    let sent = futures::future::try_join_all([one.send_due(), other.send_due(), one.send_due()]);
    assert_eq!(sent.await.unwrap().iter().sum::<u64>(), 40);
    assert_eq!(one.send_due().await.unwrap(), 0);
    let mails = site.mails().await;
    assert_eq!(mails.len(), 40);
    let lives = "SELECT count(*) FROM muster.invitations
        WHERE expires_at - sent_at = interval '24 hours' AND sent_at > created.at
        "
    .replace("created.at", "(SELECT applied_at FROM muster.imports)");
    let lives: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(lives))
        .fetch_one(site.sql())
        .await
        .unwrap();
    assert_eq!(lives, 40);
    let audited = "SELECT count(*) FROM muster.audit WHERE action = 'import.sent'";
    assert_eq!(site.count(audited).await, 1);
    let view = browser.standing(&import).await;
    assert_eq!(
        (&view["waiting"], &view["sending"], &view["may_send"]),
        (&json!(0), &json!(false), &json!(false))
    );
    browser.can_not("send_import", &import).await;
    site.browser().join(&link(&mails[7]), "heron.nine").await;
}

#[tokio::test]
async fn a_job_sends_at_the_scheduled_time_and_a_past_time_is_refused() {
    let (site, chief, role) = chief().await;
    let browser = &chief.browser;
    let csv = people(3);
    let mut wanted = draft(csv.as_bytes(), &role);
    wanted["options"]["send"] = json!("job");
    for (at, problem) in [
        ("", "Required"),
        ("2020-01-01T09:00", "Past"),
        ("noon", "Unknown"),
    ] {
        wanted["options"]["send_at"] = json!(at);
        let arguments = json!({ "slug": "harbour", "draft": wanted });
        let refused = browser.call("begin_import", &arguments).await.expect(422);
        assert!(
            refused.body.contains("send_at") && refused.body.contains(problem),
            "{}",
            refused.body
        );
    }
    wanted["options"]["send_at"] = json!("2037-07-01T09:00");
    let (import, _) = site.planned(browser, "harbour", &csv, &wanted).await;
    let path = format!("/i/harbour/imports/{}", import.id);
    let page = browser.get(&path).await.expect(200);
    assert!(
        page.body.contains("Wed 1 Jul 2037, 09:00 CEST"),
        "{}",
        page.body
    );
    browser.does("apply_import", &import).await;
    site.work().await;
    let view = browser.standing(&import).await;
    assert_eq!(view["sends_at"]["text"], "Wed 1 Jul 2037, 09:00", "{view}");
    assert_eq!(view["sends_at"]["zone"], "CEST");
    let row = &states(browser, "not-notified").await[0];
    assert_eq!(
        row["state"]["sends_at"]["text"], "Wed 1 Jul 2037, 09:00",
        "{row}"
    );
    assert_eq!(site.importer().send_due().await.unwrap(), 0);
    site.run(
        "UPDATE muster.imports SET send_at = clock_timestamp() WHERE id = $1::uuid",
        &import.id,
    )
    .await;
    site.work().await;
    assert_eq!(site.mails().await.len(), 3);
    assert_eq!(states(browser, "pending").await.len(), 3);
    let left = "SELECT count(*) FROM muster.imports WHERE send_at IS NOT NULL";
    assert_eq!(
        site.count(left).await,
        0,
        "what is done is not looked at again"
    );
}

#[tokio::test]
async fn invitations_of_an_undone_import_are_never_sent() {
    let (site, chief, role) = chief().await;
    let import = imported(&site, &chief, &role, &people(3), Some("2037-07-01T09:00")).await;
    chief.browser.does("undo_import", &import).await;
    site.work().await;
    assert_eq!(
        chief.browser.standing(&import).await["undone"],
        json!([3, 0])
    );
    site.run(
        "UPDATE muster.imports SET send_at = clock_timestamp() WHERE id = $1::uuid",
        &import.id,
    )
    .await;
    site.work().await;
    assert_eq!(site.count(MAILS).await, 0);
    assert_eq!(states(&chief.browser, "not-notified").await.len(), 0);
    chief.browser.can_not("send_import", &import).await;
}

#[tokio::test]
async fn waiting_invitations_of_a_removed_administrator_can_be_sent_by_another() {
    let (site, chief, role) = chief().await;
    let helper = site
        .member(&chief, "helper@example.org", "heron.helm", "Administrator")
        .await;
    let import = imported(&site, &helper, &role, &people(2), Some("2037-07-01T09:00")).await;
    let id = site.membership("helper@example.org").await;
    chief
        .browser
        .call("remove_user", &about(&id))
        .await
        .expect(200);
    assert_eq!(states(&chief.browser, "expired").await.len(), 2);
    site.run(
        "UPDATE muster.imports SET send_at = clock_timestamp() WHERE id = $1::uuid",
        &import.id,
    )
    .await;
    site.work().await;
    site.mails().await;
    assert_eq!(states(&chief.browser, "pending").await.len(), 0);
    let ines = site.membership("ines0@example.org").await;
    let sent = chief
        .browser
        .call("resend", &about(&ines))
        .await
        .expect(200)
        .json();
    assert!(sent["Sent"].is_object(), "{sent}");
    assert_eq!(site.mail().await.recipient, "ines0@example.org");
}

#[tokio::test]
async fn a_sender_who_loses_the_permission_before_sending_sends_nothing() {
    let (site, chief, role) = chief().await;
    let import = imported(&site, &chief, &role, &people(2), None).await;
    let helper = site
        .member(&chief, "helper@example.org", "heron.helm", "Administrator")
        .await;
    let theirs = site.session(&helper).await;
    theirs.does("send_import", &import).await;
    let id = site.membership("helper@example.org").await;
    chief
        .browser
        .call("deactivate_user", &about(&id))
        .await
        .expect(200);
    site.work().await;
    assert_eq!(site.mails().await.len(), 0);
    // It waits again, until somebody with the permission sends it in their own name. The form alone can do so too.
    let path = format!("/i/harbour/imports/{}", import.id);
    let form = [("intent", "send_import")];
    let page = chief.browser.post(&path, &form).await.expect(200);
    assert!(
        page.body.contains("2 invitations are being sent"),
        "{}",
        page.body
    );
    site.work().await;
    let mails = site.mails().await;
    assert_eq!(mails.len(), 2);
    assert!(
        mails[0].rendered.text.contains("Amara Okafor"),
        "{}",
        mails[0].rendered.text
    );
}
