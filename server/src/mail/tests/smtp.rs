//! Failures of a mail server and their outcomes.

use std::time::Duration;

use muster::language::Language;

use super::fake_server::{Behaviour, FakeServer};
use super::{from, harmless, outgoing};
use crate::config::{Smtp, SmtpTls};
use crate::mail::{Blocked, Cause, Delivery, MailTransport, OutgoingMail, SmtpTransport, compose};

fn transport(port: u16, tls: SmtpTls) -> SmtpTransport {
    SmtpTransport::new(&settings(port, tls)).unwrap()
}

fn settings(port: u16, tls: SmtpTls) -> Smtp {
    Smtp {
        host: "localhost".to_owned(),
        port,
        tls,
        credentials: None,
        from: from(),
        ehlo_name: "muster.example.org".to_owned(),
        timeout: Duration::from_millis(500),
        pool: 2,
        ca_file: None,
    }
}

fn mail() -> OutgoingMail {
    outgoing(compose(Language::En, &harmless()).unwrap())
}

fn message_ids(texts: &[String]) -> Vec<&str> {
    texts
        .iter()
        .filter_map(|text| text.lines().find(|line| line.starts_with("Message-ID:")))
        .collect()
}

#[tokio::test]
async fn a_mail_that_is_taken_says_what_the_server_said() {
    let server = FakeServer::start(&[Behaviour::Accepting]).await;
    let delivery = transport(server.port, SmtpTls::Off).deliver(&mail()).await;
    let Delivery::Accepted { response } = delivery else {
        panic!("{delivery:?}");
    };
    assert!(response.contains("taken as 4711"), "{response}");
    assert_eq!(server.texts().len(), 1);
    let recipients: Vec<String> = server
        .heard()
        .into_iter()
        .filter(|command| command.starts_with("RCPT"))
        .collect();
    assert_eq!(recipients, ["RCPT TO:<emmett@example.org>"]);
}

#[tokio::test]
async fn a_server_without_starttls_is_sent_nothing() {
    let server = FakeServer::start(&[Behaviour::Accepting]).await;
    let delivery = transport(server.port, SmtpTls::StartTls)
        .deliver(&mail())
        .await;
    assert_eq!(blocked(delivery), (Cause::Tls, true));
    assert_eq!(server.texts(), Vec::<String>::new());
    let said_too_much = |command: &String| {
        ["MAIL", "RCPT", "DATA", "AUTH"]
            .iter()
            .any(|verb| command.starts_with(verb))
    };
    assert!(
        !server.heard().iter().any(said_too_much),
        "{:?}",
        server.heard()
    );
}

/// Returns the objection and whether it applies to every message.
fn blocked(delivery: Delivery) -> (Cause, bool) {
    match delivery {
        Delivery::Blocked(Blocked { cause, certain, .. }) => (cause, certain),
        other => panic!("{other:?}"),
    }
}

async fn answered(behaviour: &'static [Behaviour]) -> Delivery {
    let server = FakeServer::start(behaviour).await;
    let mut settings = settings(server.port, SmtpTls::Off);
    settings.credentials = Some(("muster".to_owned(), "canary".to_owned().into()));
    SmtpTransport::new(&settings)
        .unwrap()
        .deliver(&mail())
        .await
}

macro_rules! answers {
    ($($command:literal $answer:literal),* $(,)?) => {
        [$((&[Behaviour::Answer($command, $answer)] as &'static [Behaviour], $answer)),*]
    };
}

#[tokio::test]
async fn what_is_about_the_recipient_is_the_recipients() {
    for (behaviour, answer) in answers![
        "RCPT" "550 5.1.1 no such user",
        "RCPT" "550 5.1.1 <sender@relay.helo.example>: Recipient address rejected: User unknown",
        "RCPT" "550 no such user here",
        "RCPT" "553 sorry, that mailbox is not here",
        "RCPT" "550 5.2.1 mailbox disabled",
        "RCPT" "552 5.2.2 mailbox full",
        "RCPT" "550 5.4.1 Recipient address rejected: Access denied",
        "RCPT" "550 5.5.0 Requested action not taken: mailbox unavailable",
        "RCPT" "556 5.1.10 null MX",
        "TEXT" "552 5.3.4 message too big",
        "TEXT" "550 5.1.1 no such user",
    ] {
        let delivery = answered(behaviour).await;
        assert!(
            matches!(delivery, Delivery::Refused { .. }),
            "{answer}: {delivery:?}"
        );
    }
    for (behaviour, answer) in answers![
        "RCPT" "450 4.2.1 mailbox busy",
        "RCPT" "451 4.7.1 Greylisted, please come back",
        "RCPT" "452 4.2.2 mailbox full",
        "RCPT" "421 4.7.0 try again later, closing connection",
        "TEXT" "451 4.3.0 try later",
        "TEXT" "421 4.3.2 shutting down",
    ] {
        let delivery = answered(behaviour).await;
        assert!(
            matches!(delivery, Delivery::Transient { .. }),
            "{answer}: {delivery:?}"
        );
    }
}

#[tokio::test]
async fn what_comes_before_the_recipient_is_ours_whatever_the_message() {
    for (cause, cases) in [
        (
            Cause::Greeting,
            &answers![
                "GREETING" "554 no service for you",
                "EHLO" "504 5.5.2 <box>: Helo command rejected: need fully-qualified hostname",
                "EHLO" "550 5.7.1 invalid HELO",
                "MAIL" "504 5.5.2 <box>: Helo command rejected: need fully-qualified hostname",
                "RCPT" "504 5.5.2 <box>: Helo command rejected: need fully-qualified hostname",
            ][..],
        ),
        (
            Cause::Connection,
            &answers![
                "GREETING" "421 4.3.2 too many connections",
                "EHLO" "421 4.3.2 shutting down",
                "MAIL" "421 4.3.2 shutting down",
                "MAIL" "452 4.3.1 insufficient storage",
            ][..],
        ),
        (
            Cause::Authentication,
            &answers![
                "AUTH" "535 5.7.8 authentication failed",
                "AUTH" "454 4.7.0 temporary authentication failure",
                "MAIL" "530 5.7.0 authentication required",
                "RCPT" "530 5.7.0 authentication required",
                "TEXT" "530 5.7.0 must issue a STARTTLS command first",
            ][..],
        ),
        (
            Cause::Sender,
            &answers![
                "MAIL" "554 Message rejected: Email address is not verified",
                "MAIL" "550 5.7.1 not allowed",
                "MAIL" "553 5.7.1 <muster@example.org>: Sender address rejected: not owned by user",
            ][..],
        ),
        (
            Cause::Relay,
            &answers!["MAIL" "550 5.7.1 Unable to relay"][..],
        ),
    ] {
        for (behaviour, answer) in cases {
            assert_eq!(
                blocked(answered(behaviour).await),
                (cause, true),
                "{answer}"
            );
        }
    }
}

#[tokio::test]
async fn what_is_about_the_whole_message_is_not_the_recipients_at_once() {
    for (cause, cases) in [
        (
            Cause::Relay,
            &answers![
                "RCPT" "550 5.7.1 relaying denied",
                "RCPT" "554 5.7.1 <emmett@example.org>: Relay access denied",
                "RCPT" "454 4.7.1 <emmett@example.org>: Relay access denied",
                "RCPT" "550 relay not permitted",
            ][..],
        ),
        (
            Cause::Sender,
            &answers![
                "RCPT" "550 5.1.8 <muster@example.org>: Sender address rejected: Domain not found",
                "RCPT" "450 4.1.8 <muster@example.org>: Sender address rejected: Domain not found",
                "TEXT" "554 Message rejected: Email address is not verified",
            ][..],
        ),
        (
            Cause::Greeting,
            &answers![
                "RCPT" "550 5.7.1 <box>: Helo command rejected: Host not found",
                "RCPT" "554 5.7.1 <unknown[192.0.2.1]>: Client host rejected: Access denied",
            ][..],
        ),
        (
            Cause::Policy,
            &answers![
                "RCPT" "550 5.7.1 refused by policy",
                "RCPT" "554 blocked by a block list",
                "TEXT" "550 5.7.1 message content rejected",
                "TEXT" "554 5.7.1 not wanted",
                "TEXT" "550 5.4.5 daily sending quota exceeded",
                "DATA" "550 5.7.26 unauthenticated email is not accepted",
            ][..],
        ),
    ] {
        for (behaviour, answer) in cases {
            assert_eq!(
                blocked(answered(behaviour).await),
                (cause, false),
                "{answer}"
            );
        }
    }
}

#[tokio::test]
async fn the_name_in_ehlo_is_the_configured_one() {
    for (name, said) in [
        ("muster.example.org", "EHLO muster.example.org"),
        ("192.0.2.1", "EHLO [192.0.2.1]"),
        ("[::1]", "EHLO [IPv6:::1]"),
    ] {
        let server = FakeServer::start(&[Behaviour::Accepting]).await;
        let mut settings = settings(server.port, SmtpTls::Off);
        settings.ehlo_name = name.to_owned();
        let transport = SmtpTransport::new(&settings).unwrap();
        for _ in 0..2 {
            let delivery = transport.deliver(&mail()).await;
            assert!(
                matches!(delivery, Delivery::Accepted { .. }),
                "{delivery:?}"
            );
        }
        let heard = server.heard();
        // One session for both messages: the connection stays open.
        assert_eq!(heard.iter().filter(|it| it.starts_with("EHLO")).count(), 1);
        assert_eq!(heard[0], said);
        assert_eq!(server.texts().len(), 2);
    }
}

#[tokio::test]
async fn a_line_that_breaks_after_the_text_is_tried_again_with_the_same_message_id() {
    let server = FakeServer::start(&[Behaviour::CutAfterData, Behaviour::Accepting]).await;
    let transport = transport(server.port, SmtpTls::Off);
    let mail = mail();
    let first = transport.deliver(&mail).await;
    assert!(matches!(first, Delivery::Transient { .. }), "{first:?}");
    let second = transport.deliver(&mail).await;
    assert!(matches!(second, Delivery::Accepted { .. }), "{second:?}");
    let texts = server.texts();
    let ids = message_ids(&texts);
    assert_eq!(ids.len(), 2);
    assert_eq!(ids[0], ids[1]);
}

#[tokio::test]
async fn a_server_that_is_down_or_says_nothing_is_tried_again_later() {
    let gone = {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        listener.local_addr().unwrap().port()
    };
    let silent = FakeServer::start(&[Behaviour::Silent]).await;
    for port in [gone, silent.port] {
        let delivery = transport(port, SmtpTls::Off).deliver(&mail()).await;
        assert_eq!(blocked(delivery), (Cause::Connection, true));
    }
}

#[tokio::test]
async fn a_recipient_that_is_no_address_is_refused_without_a_connection() {
    let server = FakeServer::start(&[Behaviour::Accepting]).await;
    let mut mail = mail();
    mail.recipient = "emmett@example.org>\r\nRCPT TO:<evil@example.com".to_owned();
    let delivery = transport(server.port, SmtpTls::Off).deliver(&mail).await;
    assert!(matches!(delivery, Delivery::Refused { .. }), "{delivery:?}");
    assert!(server.heard().is_empty());
}
