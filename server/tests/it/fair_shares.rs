//! Scarce resources are shared: no institution, network or link holds all of a resource while another waits.

use std::sync::Arc;

use futures::{StreamExt as _, future::join_all, stream::FuturesUnordered};
use muster::{
    draft::{AcceptDraft, SignInDraft},
    failure::Failure,
};
use rpc::{accept::Acceptance as _, session::Sessions as _};
use serde_json::{Value, json};
use server::{keys::Token, mailed_links::LinkPage, passwords::Share};
use sqlx::{Postgres, Transaction};
use tokio::task::JoinHandle;

use crate::{
    sign_in::sign_in,
    support::{PASSWORD, Person, Reply, Site},
    timing::caller,
};

/// The number of requests of one institution that wait for its lock on a replica with a connection each.
const CHANGES: i64 = 2;
/// The number of one person's requests that wait without a connection.
const WAITING: usize = 64;

/// Holds the institution's lock, as a chunk of an import does.
async fn lock(site: &Site, slug: &str) -> Transaction<'static, Postgres> {
    let mut tx = site.sql().begin().await.unwrap();
    sqlx::query("SELECT 1 FROM muster.institutions WHERE slug = $1 FOR UPDATE")
        .bind(slug)
        .execute(&mut *tx)
        .await
        .unwrap();
    tx
}

/// Sends this many invitations of one person concurrently.
fn invite(site: &Site, by: &Person, role: &str, many: usize) -> Vec<JoinHandle<Reply>> {
    let invitations = (0..many).map(|number| {
        let browser = by.browser.at(&site.address);
        let row = json!({ "email": format!("person{number}@example.org"), "role": role });
        let arguments = json!({ "slug": by.slug, "draft": { "rows": [row], "note": "" } });
        tokio::spawn(async move { browser.call("invite", &arguments).await })
    });
    invitations.collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_institution_that_waits_for_its_lock_does_not_block_others_or_sign_ins() {
    let site = Site::new().await;
    let harbour = site.institution("Harbour").await;
    let meadow = site.institution("Meadow").await;
    let role = site.role(&harbour, "Basic").await;
    let meadow_role = site.role(&meadow, "Basic").await;
    let held = lock(&site, "harbour").await;
    let waiting = invite(&site, &harbour, &role, 40);
    site.until_waiting(CHANGES).await;

    let list = meadow.browser.get("/i/meadow/users").await;
    list.expect(200);
    let row = json!({ "email": "pia@example.org", "role": meadow_role });
    let arguments = json!({ "slug": "meadow", "draft": { "rows": [row], "note": "" } });
    let invited = meadow.browser.call("invite", &arguments).await.expect(200);
    assert_eq!(invited.json()["rows"][0][1], json!("Invited"));
    sign_in(&site.browser(), &meadow.username, PASSWORD)
        .await
        .expect(200);
    site.browser().get("/healthz").await.expect(200);
    // Reading needs no lock, not even in the same institution.
    harbour.browser.get("/i/harbour/users").await.expect(200);

    assert_eq!(site.waiting().await, CHANGES, "connections that wait");
    assert!(
        waiting.iter().all(|invitation| !invitation.is_finished()),
        "all of this happened while they waited"
    );
    held.rollback().await.unwrap();
    for invitation in waiting {
        let reply = invitation.await.unwrap().expect(200);
        assert_eq!(reply.json()["rows"][0][1], json!("Invited"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_with_a_full_request_queue_is_refused_but_a_colleague_is_not() {
    let site = Site::new().await;
    let harbour = site.institution("Harbour").await;
    let colleague = site
        .member(&harbour, "ole@example.org", "heron.ole", "Administrator")
        .await;
    let role = site.role(&harbour, "Basic").await;
    let held = lock(&site, "harbour").await;
    let past = 10;
    let many = usize::try_from(CHANGES).unwrap() + WAITING + past;
    let mut all: FuturesUnordered<_> = invite(&site, &harbour, &role, many).into_iter().collect();
    for _ in 0..past {
        let refused = all.next().await.unwrap().unwrap().expect(429);
        assert_eq!(refused.refused(), "TooManyTries");
    }
    let of_colleague = invite(&site, &colleague, &role, 1).remove(0);
    site.until_waiting(CHANGES).await;
    held.rollback().await.unwrap();
    of_colleague.await.unwrap().expect(200);
    while let Some(reply) = all.next().await {
        reply.unwrap().expect(200);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_that_wait_for_an_import_use_few_connections() {
    let (site, chief, role) = crate::imports::chief().await;
    let csv = "first_name,last_name,email\nInes,Caro,pia@example.org\n";
    let draft = crate::support::draft(csv.as_bytes(), &role);
    let (import, _) = site.planned(&chief.browser, "harbour", csv, &draft).await;
    let mut held = site.sql().begin().await.unwrap();
    sqlx::query("SELECT 1 FROM muster.imports FOR UPDATE")
        .execute(&mut *held)
        .await
        .unwrap();
    let clicks: Vec<_> = (0..20)
        .map(|_| {
            let browser = chief.browser.at(&site.address);
            let arguments = json!({ "slug": "harbour", "id": import.id });
            tokio::spawn(async move { browser.call("plan_import", &arguments).await })
        })
        .collect();
    site.until_waiting(CHANGES).await;
    sign_in(&site.browser(), &chief.username, PASSWORD)
        .await
        .expect(200);
    chief.browser.get("/i/harbour/users").await.expect(200);
    assert_eq!(site.waiting().await, CHANGES);
    held.rollback().await.unwrap();
    for click in clicks {
        click.await.unwrap().expect(200);
    }
}

/// Accepts an invitation by its link, without HTTP.
fn accept(site: &Site, link: &str, username: &str) -> JoinHandle<Result<(), Failure>> {
    let service = Arc::clone(&site.service);
    let caller = caller(1, None);
    let token = link.rsplit('/').next().and_then(Token::parse).unwrap();
    let ticket = service.keys.link_ticket(LinkPage::Accept, &token.hash());
    let draft: AcceptDraft = {
        let account: Value = crate::support::new_account(username);
        serde_json::from_value(account["draft"].clone()).unwrap()
    };
    tokio::spawn(async move {
        service
            .accept(&caller, &ticket, false, &draft)
            .await
            .map(|_| ())
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn accepting_with_a_taken_username_computes_no_hash_and_is_rate_limited() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    let link = site.invited(&chief, "pia@example.org", "Basic").await;
    let before = site.service.passwords.computed();
    let calls: Vec<_> = (0..180)
        .map(|_| accept(&site, &link, &chief.username))
        .collect();
    let mut taken = 0;
    for answer in join_all(calls).await {
        match answer.unwrap().unwrap_err() {
            Failure::Invalid(problems) => {
                assert_eq!(problems[0].field, "username");
                taken += 1;
            }
            failure => assert!(matches!(failure, Failure::TooManyTries { .. }), "{failure}"),
        }
    }
    assert_eq!(site.service.passwords.computed(), before);
    // Two rate-limit windows count if the clock passes from one to the next during the test.
    assert!((30..=60).contains(&taken), "{taken}");
    site.let_time_pass().await;
    accept(&site, &link, "heron.pia80").await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sign_in_waits_for_only_a_few_of_many_pending_hashes() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    let passwords = &site.service.passwords;
    // From one network, by many links: as many as may wait.
    let crowd: Vec<_> = (0..60_u32)
        .map(|number| {
            let (passwords, share) = (passwords.clone(), Share::of(caller(1, None).ip, number));
            tokio::spawn(async move { passwords.hash(&share, PASSWORD).await })
        })
        .collect();
    crate::support::process::until("the crowd has begun", async || {
        (passwords.computed() > 0).then_some(())
    })
    .await;
    let before = passwords.computed();
    let draft = SignInDraft {
        identifier: chief.username.clone(),
        password: PASSWORD.to_owned(),
        ..SignInDraft::default()
    };
    site.service
        .sign_in(&caller(2, None), &draft)
        .await
        .unwrap();
    let meanwhile = passwords.computed() - before;
    assert!(meanwhile < 30, "{meanwhile} hashes were computed before");
    for hashed in crowd {
        hashed.await.unwrap().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn password_resets_are_rate_limited_for_each_link_and_account() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    let browser = site.browser();
    let ask = json!({ "draft": { "identifier": chief.username } });
    browser.call("ask_reset", &ask).await.expect(200);
    browser.get(&crate::support::link(&site.mail().await)).await;
    // The account's own password is refused, and the link remains valid.
    let draft = json!({ "draft": { "password": PASSWORD } });
    let mut answers = Vec::new();
    for _ in 0..61 {
        let reply = browser.call("reset_password", &draft).await;
        answers.push(reply.status);
        if reply.status == 429 {
            break;
        }
    }
    assert_eq!(answers.last(), Some(&429), "{answers:?}");
    assert!(answers.len() > 30, "{answers:?}");
}
