//! F4 and abuse 25: what a mail server can do to us, and what comes of it.

use std::time::Duration;

use muster::language::Language;

use super::fake_server::{Behaviour, FakeServer};
use super::{from, harmless, outgoing};
use crate::config::{Smtp, SmtpTls};
use crate::mail::{Delivery, MailTransport, OutgoingMail, SmtpTransport, compose};

fn transport(port: u16, tls: SmtpTls) -> SmtpTransport {
    SmtpTransport::new(&Smtp {
        host: "localhost".to_owned(),
        port,
        tls,
        credentials: None,
        from: from(),
        timeout: Duration::from_millis(500),
        pool: 2,
        ca_file: None,
    })
    .unwrap()
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
    assert!(
        matches!(delivery, Delivery::Transient { .. }),
        "{delivery:?}"
    );
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

#[tokio::test]
async fn a_4xx_is_tried_again_later_and_a_5xx_never() {
    for (behaviour, transient) in [
        (
            &[Behaviour::RecipientAnswer("450 4.2.1 mailbox busy")],
            true,
        ),
        (&[Behaviour::TextAnswer("451 4.3.0 try later")], true),
        (
            &[Behaviour::RecipientAnswer("550 5.1.1 no such user")],
            false,
        ),
        (&[Behaviour::TextAnswer("554 5.7.1 not wanted")], false),
        // our own sign-in: an operator's business, not this recipient's
        (
            &[Behaviour::RecipientAnswer(
                "530 5.7.0 authentication required",
            )],
            true,
        ),
    ] {
        let server = FakeServer::start(behaviour).await;
        match transport(server.port, SmtpTls::Off).deliver(&mail()).await {
            Delivery::Transient { response } => assert!(transient, "{response}"),
            Delivery::Refused { response } => {
                assert!(!transient, "{response}");
                assert!(
                    response.contains("no such user") || response.contains("not wanted"),
                    "{response}"
                );
            }
            accepted @ Delivery::Accepted { .. } => panic!("{accepted:?}"),
        }
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
        assert!(
            matches!(delivery, Delivery::Transient { .. }),
            "{delivery:?}"
        );
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
