//! After decline, revoke and remove, an institution keeps the address and the state for 30 days. Name and phone are erased
//! immediately after decline, and ten minutes after revoke and remove. In the end only the audit entries are left.

use serde_json::json;
use uuid::Uuid;

use crate::{
    canary::dump,
    support::{Browser, Person, Site, draft, link, new_account},
};

const FIRST: &str = "Zerlinde";
const LAST: &str = "Quastenflosser";
const PHONE: &str = "+4930555123987";
const USERNAME: &str = "heron.zerli";
const EMAIL: &str = "zerli@example.org";

/// Returns what the whole database still has of the person.
async fn kept(site: &Site) -> Vec<&'static str> {
    let rows = dump(site).await.to_lowercase();
    [FIRST, LAST, PHONE, USERNAME, EMAIL]
        .into_iter()
        .filter(|it| rows.contains(&it.to_lowercase()))
        .collect()
}

/// Imports a person with every field that a file can have; returns the link in their email.
async fn imported(site: &Site, chief: &Person) -> String {
    let csv = format!(
        "email,first_name,last_name,phone,username,ward\n{EMAIL},{FIRST},{LAST},{PHONE},{USERNAME},{LAST} ward\n"
    );
    let role = site.role(chief, "Basic").await;
    let mut wanted = draft(csv.as_bytes(), &role);
    wanted["file_name"] = json!("people.csv");
    site.imported(&chief.browser, &chief.slug, &csv, &wanted)
        .await;
    link(&site.mail().await)
}

async fn about(site: &Site) -> serde_json::Value {
    json!({ "slug": "harbour", "id": site.membership(EMAIL).await })
}

/// Moves the end of the person's membership this far into the past.
async fn later(site: &Site, interval: &'static str) {
    site.run(
        "UPDATE muster.memberships SET ended_at = ended_at - $1::text::interval WHERE ended_at IS NOT NULL",
        interval,
    )
    .await;
    site.erase().await;
}

async fn status(site: &Site) -> Option<String> {
    sqlx::query_scalar("SELECT status FROM muster.memberships WHERE email = $1")
        .bind(EMAIL)
        .fetch_optional(site.sql())
        .await
        .unwrap()
}

/// Asserts that nothing of the membership is left, and that the audit has only the action, the time and the ids.
async fn only_the_record_is_left(site: &Site, id: &str, action: &str) {
    assert_eq!(kept(site).await, Vec::<&str>::new());
    let id: Uuid = id.parse().unwrap();
    let (rows, empty): (i64, i64) = sqlx::query_as(
        "SELECT count(*), count(*) FILTER (WHERE detail = '{}' AND ip IS NULL) FROM muster.audit
         WHERE subject_id = $1",
    )
    .bind(id)
    .fetch_one(site.sql())
    .await
    .unwrap();
    assert!(rows > 0 && rows == empty, "{rows} {empty}");
    let told: bool = sqlx::query_scalar(
        "SELECT EXISTS (SELECT FROM muster.audit WHERE subject_id = $1 AND action = $2)",
    )
    .bind(id)
    .bind(action)
    .fetch_one(site.sql())
    .await
    .unwrap();
    assert!(told, "{action}");
}

#[tokio::test]
async fn a_decline_erases_name_and_phone_immediately_and_the_rest_after_30_days() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    let path = imported(&site, &chief).await;
    assert_eq!(kept(&site).await, [FIRST, LAST, PHONE, USERNAME, EMAIL]);
    let id = site.membership(EMAIL).await;
    let browser = site.browser();
    browser.get(&path).await;
    browser.call("decline", &json!({})).await.expect(200);
    let names: (String, String, Option<String>) = sqlx::query_as(
        "SELECT first_name, last_name, phone FROM muster.memberships WHERE email = $1",
    )
    .bind(EMAIL)
    .fetch_one(site.sql())
    .await
    .unwrap();
    assert_eq!(names, (String::new(), String::new(), None));
    // The worker that the transaction woke cleans up after the import.
    site.erase().await;
    assert_eq!(kept(&site).await, [EMAIL]);
    assert_eq!(status(&site).await.as_deref(), Some("declined"));
    later(&site, "29 days").await;
    assert_eq!(kept(&site).await, [EMAIL]);
    later(&site, "1 day").await;
    assert_eq!(status(&site).await, None);
    only_the_record_is_left(&site, &id, "invitation.declined").await;
}

#[tokio::test]
async fn a_revocation_erases_name_and_phone_after_10_minutes_and_the_rest_after_30_days() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    imported(&site, &chief).await;
    let about = about(&site).await;
    chief.browser.call("revoke", &about).await.expect(200);
    site.erase().await;
    assert_eq!(kept(&site).await, [FIRST, LAST, PHONE, USERNAME, EMAIL]);
    later(&site, "10 minutes").await;
    assert_eq!(kept(&site).await, [EMAIL]);
    assert_eq!(status(&site).await.as_deref(), Some("revoked"));
    later(&site, "30 days").await;
    only_the_record_is_left(&site, about["id"].as_str().unwrap(), "invitation.revoked").await;
}

/// Accepts the invitation by its link, with a unique name.
async fn joined(site: &Site, path: &str) -> Browser {
    let browser = site.browser();
    browser.get(path).await;
    let mut account = new_account(USERNAME);
    account["draft"]["first_name"] = json!(FIRST);
    account["draft"]["last_name"] = json!(LAST);
    browser.call("accept", &account).await.expect(200);
    browser
}

#[tokio::test]
async fn a_removal_erases_name_and_phone_after_10_minutes_and_the_rest_after_30_days() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    let path = imported(&site, &chief).await;
    joined(&site, &path).await;
    let about = about(&site).await;
    chief.browser.call("remove_user", &about).await.expect(200);
    // The account remains: its address and username belong to the person, not to the institution.
    let theirs = [USERNAME, EMAIL];
    site.erase().await;
    assert_eq!(kept(&site).await, [FIRST, LAST, PHONE, USERNAME, EMAIL]);
    later(&site, "10 minutes").await;
    assert_eq!(kept(&site).await, theirs);
    assert_eq!(status(&site).await.as_deref(), Some("removed"));
    later(&site, "30 days").await;
    assert_eq!(status(&site).await, None);
    assert_eq!(kept(&site).await, theirs);
    sqlx::query("DELETE FROM muster.accounts WHERE email = $1")
        .bind(EMAIL)
        .execute(site.sql())
        .await
        .unwrap();
    only_the_record_is_left(&site, about["id"].as_str().unwrap(), "user.removed").await;
}

#[tokio::test]
async fn a_removed_inviter_leaves_a_row_without_personal_data() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    let member = site.member(&chief, EMAIL, USERNAME, "Administrator").await;
    let path = site.invited(&member, "otto@example.org", "Basic").await;
    let otto = site.browser();
    otto.get(&path).await;
    let mut account = new_account("lynx.river");
    account["draft"]["first_name"] = json!("Otto");
    otto.call("accept", &account).await.expect(200);
    let about = about(&site).await;
    chief.browser.call("remove_user", &about).await.expect(200);
    later(&site, "31 days").await;
    // What is left of the row is not erased a second time.
    site.erase().await;
    sqlx::query("DELETE FROM muster.accounts WHERE email = $1")
        .bind(EMAIL)
        .execute(site.sql())
        .await
        .unwrap();
    let rows = dump(&site).await;
    assert!(!rows.contains(EMAIL) && !rows.contains(USERNAME));
    let left: (String, String, Option<Uuid>) = sqlx::query_as(
        "SELECT email, first_name || last_name, account_id FROM muster.memberships WHERE id = $1::text::uuid",
    )
    .bind(about["id"].as_str().unwrap())
    .fetch_one(site.sql())
    .await
    .unwrap();
    assert_eq!(left, (String::new(), String::new(), None));
    // The members they invited are unchanged, and their pages say so.
    let otto = json!({ "slug": "harbour", "id": site.membership("otto@example.org").await });
    chief.browser.call("user", &otto).await.expect(200);
}

#[tokio::test]
async fn a_returning_member_gets_a_new_membership() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    let path = imported(&site, &chief).await;
    let browser = joined(&site, &path).await;
    let before = about(&site).await;
    chief.browser.call("remove_user", &before).await.expect(200);
    later(&site, "10 minutes").await;
    let path = site.invited(&chief, EMAIL, "Basic").await;
    let after = about(&site).await;
    assert_ne!(before["id"], after["id"]);
    browser.get(&path).await;
    browser.call("accept_confirm", &json!({})).await;
    // The end of the first membership is not the end of the second.
    later(&site, "30 days").await;
    let left: Vec<String> =
        sqlx::query_scalar("SELECT id::text FROM muster.memberships WHERE email = $1")
            .bind(EMAIL)
            .fetch_all(site.sql())
            .await
            .unwrap();
    assert_eq!(left, [after["id"].as_str().unwrap()]);
}

#[tokio::test]
async fn the_built_in_mailbox_keeps_no_messages_to_former_members() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    let path = imported(&site, &chief).await;
    sqlx::query(
        "INSERT INTO muster.dev_mailbox (message_id, recipient, subject, text_body, html_body)
         SELECT '<' || replace(message_id::text, '-', '') || '@muster.example>', $1, '', '', '' FROM muster.outbox
         WHERE kind = 'invitation'",
    )
    .bind(EMAIL)
    .execute(site.sql())
    .await
    .unwrap();
    let browser = site.browser();
    browser.get(&path).await;
    browser.call("decline", &json!({})).await.expect(200);
    later(&site, "30 days").await;
    assert_eq!(kept(&site).await, Vec::<&str>::new());
}
