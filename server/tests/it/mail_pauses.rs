//! If a refusal is our fault and not the recipient's, sending pauses on every replica and resumes after the fault is fixed.

use serde_json::{Value, json};

use crate::support::{
    Person, Site, draft,
    importing::people,
    mail_server::{MailServer, Refusal},
};

async fn states(site: &Site) -> Vec<(String, i64)> {
    sqlx::query_as("SELECT state, count(*) FROM muster.outbox GROUP BY state ORDER BY state")
        .fetch_all(site.sql())
        .await
        .unwrap()
}

async fn refused_invitations(site: &Site) -> i64 {
    site.count("SELECT count(*) FROM muster.invitations WHERE mail_state = 'refused'")
        .await
}

async fn pauses(site: &Site) -> Vec<(String, bool)> {
    sqlx::query_as(
        "SELECT cause, scope = '00000000-0000-0000-0000-000000000000' FROM muster.mail_pauses ORDER BY since",
    )
    .fetch_all(site.sql())
    .await
    .unwrap()
}

async fn attention(chief: &Person) -> Value {
    chief
        .browser
        .call("attention", &json!({ "slug": chief.slug }))
        .await
        .expect(200)
        .json()
}

async fn import(site: &Site, chief: &Person, count: usize) {
    let csv = people(count);
    let role = site.role(chief, "Basic").await;
    let wanted = draft(csv.as_bytes(), &role);
    site.imported(&chief.browser, &chief.slug, &csv, &wanted)
        .await;
}

#[tokio::test]
async fn a_server_side_refusal_rejects_no_recipients_of_an_import() {
    let refusals: [(Refusal, &str); 6] = [
        (
            ("EHLO", "504 5.5.2 <box>: Helo command rejected"),
            "greeting",
        ),
        (
            (
                "MAIL",
                "554 Message rejected: Email address is not verified",
            ),
            "sender",
        ),
        (("MAIL", "550 5.7.1 not allowed"), "sender"),
        (("RCPT", "550 5.7.1 relaying denied"), "relay"),
        (
            (
                "TEXT",
                "554 Message rejected: Email address is not verified",
            ),
            "sender",
        ),
        (("TEXT", "550 5.7.1 blocked by policy"), "policy"),
    ];
    for (refusal, cause) in refusals {
        let site = Site::new().await;
        let chief = site.institution("Harbour").await;
        import(&site, &chief, 200).await;
        let server = MailServer::refusing(refusal).await;
        let worker = site.worker(server.transport()).await;
        for _ in 0..5 {
            worker.run_once().await.unwrap();
            assert_eq!(
                states(&site).await,
                [("queued".to_owned(), 200)],
                "{refusal:?}"
            );
            assert_eq!(refused_invitations(&site).await, 0, "{refusal:?}");
            site.let_time_pass().await;
        }
        assert_eq!(pauses(&site).await[0].0, cause, "{refusal:?}");
        assert!(
            server.conversations() <= 5,
            "one message at a time: {}",
            server.conversations()
        );
        let seen = attention(&chief).await;
        assert_eq!(seen["refused"]["count"], 0);
        assert!(seen["mail_paused"]["text"].is_string(), "{seen}");

        server.fix();
        worker.run_once().await.unwrap();
        // The messages that were tried become due a little later than the others.
        site.let_time_pass().await;
        worker.run_once().await.unwrap();
        assert_eq!(
            states(&site).await,
            [("sent".to_owned(), 200)],
            "{refusal:?}"
        );
        assert_eq!(server.recipients().len(), 200, "each once");
        assert_eq!(pauses(&site).await, []);
        assert_eq!(attention(&chief).await["mail_paused"], Value::Null);
    }
}

#[tokio::test]
async fn home_and_the_lists_show_administrators_that_email_is_delayed() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    site.invite(&chief, "pia@example.org", "Basic").await;
    let pages = ["/i/harbour", "/i/harbour/users", "/i/harbour/invitations"];
    for path in pages {
        let page = chief.browser.get(path).await.expect(200);
        assert!(!page.body.contains("Email is delayed"), "{path}");
    }
    let server = MailServer::refusing(("EHLO", "504 5.5.2 no")).await;
    site.worker(server.transport())
        .await
        .run_once()
        .await
        .unwrap();
    for path in pages {
        let page = chief.browser.get(path).await.expect(200);
        assert!(page.body.contains("Email is delayed"), "{path}");
    }
    sqlx::query("UPDATE muster.accounts SET language = 'de'")
        .execute(site.sql())
        .await
        .unwrap();
    for path in pages {
        let page = chief.browser.get(path).await.expect(200);
        assert!(page.body.contains("E-Mails verzögern sich"), "{path}");
    }
}

#[tokio::test]
async fn a_rejected_recipient_pauses_nothing() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    site.invite(&chief, "pia@example.org", "Basic").await;
    let server = MailServer::refusing(("RCPT", "550 5.1.1 no such user")).await;
    site.worker(server.transport())
        .await
        .run_once()
        .await
        .unwrap();
    assert_eq!(states(&site).await, [("refused".to_owned(), 1)]);
    assert_eq!(pauses(&site).await, []);
    assert_eq!(attention(&chief).await["refused"]["count"], 1);
}

#[tokio::test]
async fn a_busy_mail_server_rejects_no_address() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    site.invite(&chief, "pia@example.org", "Basic").await;
    let server = MailServer::refusing(("MAIL", "421 4.3.2 shutting down")).await;
    let worker = site.worker(server.transport()).await;
    // More attempts than a message is allowed.
    for _ in 0..25 {
        worker.run_once().await.unwrap();
        assert_eq!(states(&site).await, [("queued".to_owned(), 1)]);
        site.let_time_pass().await;
    }
    server.fix();
    worker.run_once().await.unwrap();
    assert_eq!(states(&site).await, [("sent".to_owned(), 1)]);
}

#[tokio::test]
async fn only_one_worker_tries_one_message_while_sending_is_paused() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    for name in ["pia", "otto", "ines"] {
        site.invite(&chief, &format!("{name}@example.org"), "Basic")
            .await;
    }
    let server = MailServer::refusing(("EHLO", "504 5.5.2 no")).await;
    let workers = [
        site.worker(server.transport()).await,
        site.worker(server.transport()).await,
        site.worker(server.transport()).await,
    ];
    workers[0].run_once().await.unwrap();
    let before = server.conversations();
    for worker in &workers {
        assert_eq!(
            worker.run_once().await.unwrap(),
            0,
            "it pauses on every replica"
        );
    }
    assert_eq!(server.conversations(), before);
    site.let_time_pass().await;
    let [a, b, c] = &workers;
    let tried = tokio::join!(a.run_once(), b.run_once(), c.run_once());
    assert_eq!(tried.0.unwrap() + tried.1.unwrap() + tried.2.unwrap(), 1);
    assert_eq!(server.conversations(), before + 1);
}

#[tokio::test]
async fn a_single_message_refused_by_policy_delays_no_others_and_finally_fails() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    let meadow = site.institution("Meadow").await;
    let role = site.role(&chief, "Basic").await;
    let rows = json!([{ "email": "pia@example.org", "role": role }]);
    let poison = json!({ "slug": "harbour", "draft": { "rows": rows, "note": "poison" } });
    chief.browser.call("invite", &poison).await.expect(200);
    let server = MailServer::refusing(("TEXT", "550 5.7.1 content rejected"))
        .await
        .only("poison");
    let worker = site.worker(server.transport()).await;
    worker.run_once().await.unwrap();
    assert_eq!(pauses(&site).await, [("policy".to_owned(), false)]);
    assert_eq!(attention(&meadow).await["mail_paused"], Value::Null);
    // It delays nobody: no other institution, and in the end not its own.
    site.invite(&meadow, "otto@example.org", "Basic").await;
    worker.run_once().await.unwrap();
    assert_eq!(server.recipients().len(), 1);
    site.invite(&chief, "ines@example.org", "Basic").await;
    site.let_time_pass().await;
    worker.run_once().await.unwrap();
    site.let_time_pass().await;
    worker.run_once().await.unwrap();
    assert_eq!(
        states(&site).await,
        [("refused".to_owned(), 1), ("sent".to_owned(), 2)]
    );
    assert_eq!(refused_invitations(&site).await, 1);
}

#[tokio::test]
async fn a_relay_refusal_never_counts_as_a_rejected_address() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    site.invite(&chief, "pia@example.org", "Basic").await;
    let server = MailServer::refusing(("RCPT", "554 5.7.1 Relay access denied")).await;
    let worker = site.worker(server.transport()).await;
    for _ in 0..3 {
        worker.run_once().await.unwrap();
        site.let_time_pass().await;
    }
    assert_eq!(states(&site).await, [("queued".to_owned(), 1)]);
    server.fix();
    worker.run_once().await.unwrap();
    assert_eq!(states(&site).await, [("sent".to_owned(), 1)]);
}

#[tokio::test]
async fn policy_refusals_in_several_institutions_pause_sending_and_reject_nobody() {
    let site = Site::new().await;
    let mut chiefs = Vec::new();
    for name in ["Harbour", "Meadow", "Orchard"] {
        chiefs.push(site.institution(name).await);
    }
    site.mails().await;
    for (chief, email) in
        chiefs
            .iter()
            .zip(["pia@example.org", "otto@example.org", "ines@example.org"])
    {
        site.invite(chief, email, "Basic").await;
    }
    let server = MailServer::refusing(("TEXT", "554 5.7.1 your address is on a block list")).await;
    let worker = site.worker(server.transport()).await;
    for _ in 0..4 {
        worker.run_once().await.unwrap();
        site.let_time_pass().await;
    }
    assert!(pauses(&site).await.contains(&("policy".to_owned(), true)));
    assert_eq!(refused_invitations(&site).await, 0);
    server.fix();
    for _ in 0..3 {
        worker.run_once().await.unwrap();
        site.let_time_pass().await;
    }
    assert_eq!(server.recipients().len(), 3);
    assert_eq!(pauses(&site).await, []);
}
