//! Requests that never wait for another institution's import, which keeps the members and invitations that it changes
//! locked for as long as it writes them.

use std::{future::Future, time::Duration};

use serde_json::json;
use sqlx::{Postgres, Transaction};
use tokio::time::timeout;

use crate::{
    locks::{LOCKS_AFTER, fail},
    sign_in::sign_in,
    support::{PASSWORD, Site, draft},
};

/// Much longer than any of these requests takes, and much shorter than a lock timeout.
const A_MOMENT: Duration = Duration::from_secs(5);

/// Locks the rows of a query in a transaction, as an import does.
async fn held(site: &Site, sql: &'static str, text: &str) -> Transaction<'static, Postgres> {
    let mut tx = site.sql().begin().await.unwrap();
    let rows = sqlx::query(sql)
        .bind(text)
        .fetch_all(&mut *tx)
        .await
        .unwrap();
    assert_eq!(rows.len(), 1);
    tx
}

async fn member_held(site: &Site, email: &str) -> Transaction<'static, Postgres> {
    let sql = "SELECT id FROM muster.memberships WHERE email = $1 FOR NO KEY UPDATE";
    held(site, sql, email).await
}

async fn at_once<T>(what: &str, work: impl Future<Output = T>) -> T {
    timeout(A_MOMENT, work)
        .await
        .unwrap_or_else(|_| panic!("{what} has to wait"))
}

/// Returns whether the lists show the member as locked.
async fn is_listed_as_locked(site: &Site, email: &str) -> bool {
    let sql = "SELECT locked::text FROM muster.memberships WHERE email = $1";
    site.text(sql, email).await.as_deref() == Some("true")
}

#[tokio::test]
async fn locking_and_unlocking_an_account_do_not_wait_for_an_import_that_changes_its_member() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    let pia = site
        .member(&chief, "pia@example.org", "heron.pia", "Basic")
        .await;
    let import = member_held(&site, &pia.email).await;
    let browser = site.browser();
    let failed = fail(&site, &browser, &pia.username, LOCKS_AFTER);
    let answers = at_once("a sign-in", failed).await;
    assert_eq!(answers.last().unwrap(), "Locked");
    import.commit().await.unwrap();
    site.sync_locks().await;
    assert!(is_listed_as_locked(&site, &pia.email).await);

    let import = member_held(&site, &pia.email).await;
    let membership = site.membership(&pia.email).await;
    let unlock = json!({ "slug": pia.slug, "id": membership });
    let unlocked = chief.browser.call("unlock_user", &unlock);
    at_once("an unlock", unlocked).await.expect(200);
    sign_in(&site.browser(), &pia.username, PASSWORD)
        .await
        .expect(200);
    // The worker does not wait either.
    at_once("the worker", site.sync_locks()).await;
    assert!(is_listed_as_locked(&site, &pia.email).await);
    import.commit().await.unwrap();
    site.sync_locks().await;
    assert!(!is_listed_as_locked(&site, &pia.email).await);
}

#[tokio::test]
async fn viewing_an_invitation_does_not_wait_for_a_change_of_it() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    let path = site.invited(&chief, "pia@example.org", "Basic").await;
    let browser = site.browser();
    browser.get(&path).await;
    let sql = "SELECT i.membership_id FROM muster.invitations i JOIN muster.memberships m ON m.id = i.membership_id
               WHERE m.email = $1 FOR NO KEY UPDATE OF i";
    let change = held(&site, sql, "pia@example.org").await;
    at_once("viewing", browser.call("accept_viewed", &json!({})))
        .await
        .expect(200);
    change.commit().await.unwrap();
    browser.call("accept_viewed", &json!({})).await.expect(200);
    let viewed = site
        .count("SELECT count(*) FROM muster.invitations WHERE viewed_at IS NOT NULL")
        .await;
    assert_eq!(viewed, 1);
}

/// A file that updates Pia and gives two new people usernames.
const FILE: &str = "first_name,last_name,email,username\nPia,Holt,pia@example.org,\nInes,Caro,ines@example.org,heron.one\n\
                    Omar,Khan,omar@example.org,heron.two\n";

#[tokio::test]
async fn choosing_a_username_does_not_wait_for_an_import_of_another_institution() {
    for applying in ["row_by_row", "whole"] {
        let site = Site::new().await;
        let harbour = site.institution("Harbour").await;
        let meadow = site.institution("Meadow").await;
        site.member(&harbour, "pia@example.org", "heron.pia", "Basic")
            .await;
        let role = site.role(&harbour, "Basic").await;
        let mut wanted = draft(FILE.as_bytes(), &role);
        wanted["options"]["mode"] = json!("both");
        wanted["options"]["applying"] = json!(applying);
        let (import, _) = site
            .planned(&harbour.browser, "harbour", FILE, &wanted)
            .await;
        let member = member_held(&site, "pia@example.org").await;
        harbour.browser.does("apply_import", &import).await;
        let importer = site.importer();
        let work = tokio::spawn(async move { importer.run_once().await });
        site.until_waiting(1).await;

        let role = site.role(&meadow, "Basic").await;
        let create = |username: &str| {
            let user = json!({
                "first_name": "Ada", "last_name": "Quist", "email": format!("{username}@example.org"),
                "username": username, "phone": "", "role": role,
            });
            json!({ "slug": "meadow", "draft": user })
        };
        let free = create("heron.nine");
        at_once("creating a user", meadow.browser.call("create_user", &free))
            .await
            .expect(200);
        // The names of the import are reserved.
        let taken = create("heron.one");
        let refused = at_once(
            "creating a user",
            meadow.browser.call("create_user", &taken),
        )
        .await;
        assert_eq!(refused.wrong_fields(), ["username"]);

        member.commit().await.unwrap();
        work.await.unwrap().unwrap();
        let view = harbour.browser.standing(&import).await;
        assert_eq!(view["state"], json!("done"), "{view}");
        assert_eq!(view["done"]["invite"], json!(2), "{view}");
        let reserved = site
            .count("SELECT count(*) FROM muster.import_reserved_usernames")
            .await;
        assert_eq!(reserved, 0);
    }
}
