//! Counters and checks under concurrent requests: a value that was read is checked again before it is used.

use std::sync::Arc;

use futures::future::join_all;
use muster::{draft::SignInDraft, failure::Failure};
use rpc::{Answer, session::Sessions as _};
use serde_json::json;
use server::{
    service::Service,
    store::sign_in_failures::{self, Attempt},
};
use sqlx::{Postgres, Transaction};
use tokio::task::JoinHandle;

use crate::{
    sign_in::sign_in,
    support::{Browser, PASSWORD, Person, Reply, Site, link, process::until},
    timing::caller,
};

const LOCKS_AFTER: u64 = 10;

type SignedIn = Result<Answer<rpc::session::Go>, Failure>;

/// Signs in from an IP address of its own.
fn try_in(
    service: &Arc<Service>,
    number: u32,
    identifier: &str,
    password: &str,
) -> JoinHandle<SignedIn> {
    let service = Arc::clone(service);
    let draft = SignInDraft {
        identifier: identifier.to_owned(),
        password: password.to_owned(),
        ..SignInDraft::default()
    };
    tokio::spawn(async move { service.sign_in(&caller(number, None), &draft).await })
}

fn address(number: usize) -> u32 {
    u32::try_from(number).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_ten_of_a_hundred_concurrent_guesses_over_two_replicas_are_compared() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    let replicas = [site.another_service().await, site.another_service().await];
    let compared = || -> u64 { replicas.iter().map(|it| it.passwords.compared()).sum() };
    for round in 0..3 {
        let name = format!("heron.pia{round}");
        let person = site
            .member(&chief, &format!("pia{round}@example.org"), &name, "Basic")
            .await;
        let before = compared();
        let mut guesses: Vec<_> = (0..100)
            .map(|number| try_in(&replicas[number % 2], address(number), &name, "wrong"))
            .collect();
        until("ten are counted", async || {
            let counted = site
                .count("SELECT coalesce(max(failures), 0)::bigint FROM muster.sign_in_failures")
                .await;
            (counted >= 10).then_some(())
        })
        .await;
        // Correct attempts by both identifiers, while the first ten may still be compared.
        guesses.extend((0..10).map(|number| {
            let identifier = [&name, &person.email][number % 2];
            try_in(
                &replicas[number % 2],
                address(100 + number),
                identifier,
                PASSWORD,
            )
        }));
        let answers = join_all(guesses).await;
        let failures = |wanted: fn(&Failure) -> bool| {
            answers
                .iter()
                .filter(|answer| answer.as_ref().unwrap().as_ref().is_err_and(wanted))
                .count()
        };
        assert_eq!(failures(|_| true), answers.len(), "nobody got in");
        assert_eq!(failures(|failure| *failure == Failure::SignInFailed), 9);
        assert!(failures(|failure| *failure == Failure::Locked) >= 1);
        assert!(compared() - before <= LOCKS_AFTER, "round {round}");
        assert_eq!(
            site.count("SELECT count(*) FROM muster.accounts WHERE locked_at IS NOT NULL")
                .await,
            round + 1
        );
        site.run(
            "UPDATE muster.sign_in_failures SET blocked_until = clock_timestamp() WHERE $1 <> ''",
            "all",
        )
        .await;
        let late = try_in(&replicas[0], 200, &name, PASSWORD).await.unwrap();
        assert_eq!(late.unwrap_err(), Failure::Locked);
        sqlx::query("TRUNCATE muster.sign_in_failures")
            .execute(site.sql())
            .await
            .unwrap();
        assert_eq!(site.mails().await.len(), 1, "one link to unlock");
    }
}

#[tokio::test]
async fn a_successful_sign_in_clears_only_the_failures_counted_before_it() {
    let site = Site::new().await;
    let mut tx = site.service.store.across().await.unwrap();
    let key = [7; 32];
    for number in 1..=6 {
        let counted = sign_in_failures::reserve(&mut tx, &key).await.unwrap();
        assert_eq!(counted, Attempt::Counted(number));
    }
    sign_in_failures::succeeded(&mut tx, &key, 4).await.unwrap();
    let counted = sign_in_failures::reserve(&mut tx, &key).await.unwrap();
    assert_eq!(counted, Attempt::Counted(3), "two stay");
    sign_in_failures::withdraw(&mut tx, &key).await.unwrap();
    sign_in_failures::succeeded(&mut tx, &key, 2).await.unwrap();
    for number in 1..=10 {
        let counted = sign_in_failures::reserve(&mut tx, &key).await.unwrap();
        assert_eq!(counted, Attempt::Counted(number), "all were forgotten");
    }
    let blocked = sign_in_failures::reserve(&mut tx, &key).await.unwrap();
    assert_eq!(blocked, Attempt::Blocked(1));
}

/// Changes the account like a concurrent request that has not committed yet.
async fn changing(
    site: &Site,
    sql: &'static str,
    username: &str,
) -> Transaction<'static, Postgres> {
    let mut tx = site.sql().begin().await.unwrap();
    let done = sqlx::query(sql)
        .bind(username)
        .execute(&mut *tx)
        .await
        .unwrap();
    assert_eq!(done.rows_affected(), 1);
    tx
}

/// Makes a call, commits the change when the call waits for it, and returns the reply.
async fn overtaken(
    site: &Site,
    browser: Browser,
    function: &'static str,
    arguments: serde_json::Value,
    change: Transaction<'static, Postgres>,
) -> Reply {
    let call = tokio::spawn(async move { browser.call(function, &arguments).await });
    site.until_waiting(1).await;
    change.commit().await.unwrap();
    call.await.unwrap()
}

#[tokio::test]
async fn a_sign_in_fails_if_the_account_is_locked_or_the_password_changed_during_it() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    let before = site.count("SELECT count(*) FROM muster.sessions").await;
    for sql in [
        "UPDATE muster.accounts SET locked_at = clock_timestamp() WHERE username = $1",
        "UPDATE muster.accounts SET locked_at = NULL, password_hash = password_hash || 'x' WHERE username = $1",
    ] {
        let change = changing(&site, sql, &chief.username).await;
        let draft = json!({ "draft": { "identifier": chief.username, "password": PASSWORD } });
        let reply = overtaken(&site, site.browser(), "sign_in", draft, change).await;
        assert_eq!(reply.expect(401).refused(), "SignInFailed");
        sqlx::query("UPDATE muster.accounts SET locked_at = NULL")
            .execute(site.sql())
            .await
            .unwrap();
    }
    assert_eq!(
        site.count("SELECT count(*) FROM muster.sessions").await,
        before
    );
}

/// Returns the arguments of a password change.
fn new_password() -> serde_json::Value {
    json!({ "draft": { "current": PASSWORD, "password": "another-lamp-over-harbour" } })
}

#[tokio::test]
async fn a_password_replaced_during_its_check_cannot_change_the_password() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    let sql = "UPDATE muster.accounts SET password_hash = password_hash || 'x' WHERE username = $1";
    let change = changing(&site, sql, &chief.username).await;
    let browser = chief.browser.at(&site.address);
    let reply = overtaken(&site, browser, "change_password", new_password(), change).await;
    reply.expect(401);
    let kept = "SELECT right(password_hash, 1) FROM muster.accounts WHERE username = $1";
    assert_eq!(site.text(kept, &chief.username).await.as_deref(), Some("x"));
}

#[tokio::test]
async fn a_session_that_ends_during_the_password_check_changes_nothing() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    let sql = "DELETE FROM muster.sessions WHERE account_id = (SELECT id FROM muster.accounts WHERE username = $1)";
    let change = changing(&site, sql, &chief.username).await;
    let browser = chief.browser.at(&site.address);
    let reply = overtaken(&site, browser, "change_password", new_password(), change).await;
    reply.expect(401);
    sign_in(&site.browser(), &chief.username, PASSWORD)
        .await
        .expect(200);
}

#[tokio::test]
async fn a_link_replaced_during_a_decline_does_not_decline() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    let path = site.invited(&chief, "pia@example.org", "Basic").await;
    let browser = site.browser();
    browser.get(&path).await;
    // A resend as another request sees it: the institution is locked, and the token has changed.
    let mut change = site.sql().begin().await.unwrap();
    for sql in [
        "SELECT 1 FROM muster.institutions FOR UPDATE",
        "UPDATE muster.invitations SET epoch = epoch + 1, token_hash = sha256('another')",
    ] {
        sqlx::query(sql).execute(&mut *change).await.unwrap();
    }
    let reply = overtaken(&site, browser, "decline", json!({}), change).await;
    reply.expect(410);
    assert_eq!(
        site.count("SELECT count(*) FROM muster.invitations WHERE closed_at IS NULL")
            .await,
        1
    );
}

#[tokio::test]
async fn attempts_from_before_an_unlock_do_not_lock_the_account_again() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    let key = |account: &uuid::Uuid| site.service.keys.sign_in_counter(account.as_bytes());
    let account: uuid::Uuid =
        sqlx::query_scalar("SELECT id FROM muster.accounts WHERE username = $1")
            .bind(&chief.username)
            .fetch_one(site.sql())
            .await
            .unwrap();
    // The tenth attempt waits for the lock and then finds the account unlocked.
    let mut tx = site.service.store.across().await.unwrap();
    for _ in 0..9 {
        sign_in_failures::reserve(&mut tx, &key(&account))
            .await
            .unwrap();
    }
    tx.commit().await.unwrap();
    let mut end = changing(
        &site,
        "UPDATE muster.accounts SET language = 'en' WHERE username = $1",
        &chief.username,
    )
    .await;
    let service = Arc::clone(&site.service);
    let tenth = try_in(&service, 1, &chief.username, "wrong");
    site.until_waiting(1).await;
    sqlx::query("DELETE FROM muster.sign_in_failures")
        .execute(&mut *end)
        .await
        .unwrap();
    end.commit().await.unwrap();
    assert_eq!(tenth.await.unwrap().unwrap_err(), Failure::Locked);
    assert_eq!(
        site.count("SELECT count(*) FROM muster.accounts WHERE locked_at IS NOT NULL")
            .await,
        0
    );
    sign_in(&site.browser(), &chief.username, PASSWORD)
        .await
        .expect(200);
}

#[tokio::test]
async fn the_current_password_is_refused_as_the_new_one_in_a_change_and_a_reset() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    let other = site.session(&chief).await;
    let same = json!({ "draft": { "current": PASSWORD, "password": PASSWORD } });
    let reply = chief.browser.call("change_password", &same).await;
    assert_eq!(reply.wrong_fields(), ["password"]);
    let form = [
        ("intent", "change_password"),
        ("current", PASSWORD),
        ("password", PASSWORD),
    ];
    let page = chief.browser.post("/profile", &form).await.expect(422);
    assert!(
        page.body.contains("This is your current password."),
        "{}",
        page.body
    );
    other.call("profile", &json!({})).await.expect(200);

    let browser = site.browser();
    let ask = json!({ "draft": { "identifier": chief.username } });
    browser.call("ask_reset", &ask).await.expect(200);
    browser.get(&link(&site.mail().await)).await;
    let reply = browser
        .call(
            "reset_password",
            &json!({ "draft": { "password": PASSWORD } }),
        )
        .await;
    assert_eq!(reply.wrong_fields(), ["password"]);
    let wanted = json!({ "draft": { "password": "another-lamp-over-harbour" } });
    browser.call("reset_password", &wanted).await.expect(200);
}

#[tokio::test]
async fn a_password_signs_in_in_any_unicode_normalization_form() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    let forms = [
        "K\u{e4}sekuchen bei Zo\u{eb} 7",
        "Ka\u{308}sekuchen bei Zoe\u{308} 7",
    ];
    let mut current = PASSWORD;
    for chosen in forms {
        set(&chief, current, chosen).await;
        for typed in forms {
            sign_in(&site.browser(), &chief.username, typed)
                .await
                .expect(200);
        }
        // The other form is the current password, and is accepted as such.
        let other = forms.iter().find(|form| **form != chosen).unwrap();
        let same = json!({ "draft": { "current": other, "password": chosen } });
        let reply = chief.browser.call("change_password", &same).await;
        assert_eq!(reply.wrong_fields(), ["password"]);
        set(&chief, other, PASSWORD).await;
        current = PASSWORD;
    }
}

async fn set(person: &Person, current: &str, password: &str) {
    let draft = json!({ "draft": { "current": current, "password": password } });
    person
        .browser
        .call("change_password", &draft)
        .await
        .expect(200);
}
