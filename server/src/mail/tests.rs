//! The effect of other people's text on whole messages. The SMTP conversation is tested in `smtp`.

mod fake_server;
mod smtp;

use chrono::DateTime;
use lettre::message::Mailbox;
use muster::language::Language;
use uuid::Uuid;

use super::{Mail, OutgoingMail, Rendered, compose, message, message_id};

const URL: &str = "https://muster.example.org/accept/canary?a=1&b=2";

fn invitation(institution: &str, inviter: &str, role: &str, note: &str) -> Mail {
    Mail::Invitation {
        institution: institution.to_owned(),
        inviter: inviter.to_owned(),
        role: role.to_owned(),
        expires: "23 November 2026, 14:05 (CET)".to_owned(),
        note: note.to_owned(),
        url: URL.to_owned(),
    }
}

fn harmless() -> Mail {
    invitation("Hill Valley Clinic", "Marty McFly", "Basic", "")
}

fn all() -> Vec<Mail> {
    let (expires, url) = ("23 November 2026, 14:05 (CET)".to_owned(), URL.to_owned());
    vec![
        invitation(
            "Hill Valley Clinic",
            "Marty McFly",
            "Basic",
            "Dear Emmett,\nwelcome!",
        ),
        Mail::LoginDetails {
            institution: "Hill Valley Clinic".to_owned(),
            inviter: "Marty McFly".to_owned(),
            username: "heron.emmett".to_owned(),
            password: "abcd-efgh-jkmn-pqrs".to_owned(),
            expires: expires.clone(),
            once: true,
            url: url.clone(),
        },
        Mail::PasswordReset {
            expires: expires.clone(),
            url: url.clone(),
        },
        Mail::AccountLocked {
            expires: expires.clone(),
            url: url.clone(),
        },
        Mail::PasswordChanged {
            at: expires.clone(),
            url: url.clone(),
        },
        Mail::ConfirmAddress {
            institution: "Hill Valley Clinic".to_owned(),
            expires,
            url,
        },
    ]
}

fn outgoing(rendered: Rendered) -> OutgoingMail {
    OutgoingMail {
        message_id: message_id(Uuid::from_u128(7), "muster.example.org"),
        recipient: "emmett@example.org".to_owned(),
        rendered,
        date: DateTime::from_timestamp(1_795_000_000, 0).unwrap(),
    }
}

fn from() -> Mailbox {
    "Muster <muster@example.org>".parse().unwrap()
}

fn wire(mail: &Mail) -> String {
    let rendered = compose(Language::En, mail).unwrap();
    let message = message::build(&outgoing(rendered), &from()).unwrap();
    String::from_utf8(message.formatted()).unwrap()
}

/// Returns the names of the outermost headers, without continuation lines.
fn headers(wire: &str) -> Vec<&str> {
    let (head, _) = wire.split_once("\r\n\r\n").unwrap();
    head.split("\r\n")
        .filter(|line| !line.starts_with([' ', '\t']))
        .map(|line| line.split_once(':').unwrap().0)
        .collect()
}

#[test]
fn every_mail_is_whole_in_every_language() {
    for language in Language::ALL {
        for mail in all() {
            let rendered = compose(language, &mail).unwrap();
            for text in [&rendered.html, &rendered.text, &rendered.subject] {
                assert!(!text.contains("@@") && !text.contains("{{"), "{text}");
            }
            assert!(rendered.text.contains(URL), "{}", rendered.text);
            assert!(
                rendered
                    .html
                    .contains("https://muster.example.org/accept/canary?a=1&#38;b=2")
            );
            let tag = format!("<html lang=\"{}\" dir=\"ltr\"", language.code());
            assert!(rendered.html.contains(&tag), "{}", &rendered.html[..300]);
        }
    }
}

#[test]
fn an_invitation_says_who_where_as_what_and_until_when() {
    let mail = invitation(
        "Hill Valley Clinic",
        "Marty McFly",
        "Basic",
        "See you on Monday",
    );
    for language in Language::ALL {
        let rendered = compose(language, &mail).unwrap();
        for part in [&rendered.html, &rendered.text] {
            for fact in [
                "Hill Valley Clinic",
                "Marty McFly",
                "Basic",
                "14:05 (CET)",
                "See you on Monday",
            ] {
                assert!(part.contains(fact), "{fact}: {part}");
            }
        }
    }
}

#[test]
fn a_mail_loads_nothing_from_elsewhere() {
    let rendered = compose(Language::En, &harmless()).unwrap();
    for loading in [
        "<img",
        "<link",
        "@import",
        "url(",
        "fonts.googleapis",
        "<script",
    ] {
        assert!(!rendered.html.contains(loading), "{loading}");
    }
}

#[test]
fn line_ends_in_names_make_no_header_and_no_second_message() {
    let usual = wire(&harmless());
    for attack in [
        "X\r\nBcc: evil@example.com",
        "X\nBcc: evil@example.com",
        "X\rBcc: evil@example.com",
        "X\n.\nMAIL FROM:<evil@example.com>",
        "X\r\n.\r\nMAIL FROM:<evil@example.com>",
        "X\n.\r\nY",
        "X\r.\rY",
        "X\u{2028}Bcc: evil@example.com",
        "X\0Y",
    ] {
        let wire = wire(&invitation(attack, attack, attack, attack));
        assert_eq!(headers(&wire), headers(&usual), "{attack:?}");
        assert!(!wire.contains("\r\n.\r\n"), "{attack:?}");
        let bare = wire.replace("\r\n", "");
        assert!(!bare.contains(['\r', '\n', '\0']), "{attack:?}");
    }
}

#[test]
fn a_subject_filled_by_hand_is_one_line_too() {
    let mut rendered = compose(Language::En, &harmless()).unwrap();
    rendered.subject = "X\r\nBcc: evil@example.com\r\n\r\nbody".to_owned();
    rendered.text = "a\r.\rb\n.\nc".to_owned();
    let message = message::build(&outgoing(rendered), &from()).unwrap();
    let text = String::from_utf8(message.formatted()).unwrap();
    assert_eq!(headers(&text), headers(&wire(&harmless())));
    assert!(!text.replace("\r\n", "").contains(['\r', '\n']));
}

#[test]
fn a_message_id_with_anything_in_it_is_refused() {
    let rendered = compose(Language::En, &harmless()).unwrap();
    for attack in ["<a@b>\r\nBcc: x", "a@b", "<a>", "<a@b c>", ""] {
        let mut mail = outgoing(rendered.clone());
        mail.message_id = attack.to_owned();
        assert!(message::build(&mail, &from()).is_err(), "{attack:?}");
    }
}

#[test]
fn a_mail_says_that_no_person_wrote_it_and_carries_its_number() {
    let wire = wire(&harmless());
    assert!(
        wire.contains("\r\nAuto-Submitted: auto-generated\r\n"),
        "{wire}"
    );
    assert!(
        wire.contains("\r\nMessage-ID: <00000000000000000000000000000007@muster.example.org>\r\n")
    );
    assert_eq!(
        wire.matches("Content-Transfer-Encoding: quoted-printable")
            .count(),
        2
    );
}

#[test]
fn html_in_names_is_text() {
    let attack = "<img src=x onerror=alert(1)>\"'&";
    let rendered = compose(Language::En, &invitation(attack, attack, attack, attack)).unwrap();
    assert!(!rendered.html.contains("<img"));
    // Subject, heading and body are escaped once, not twice.
    assert!(rendered.html.contains("&#60;img src=x"));
    assert!(!rendered.html.contains("&#38;#60;"));
}

#[test]
fn what_looks_like_a_place_of_the_layout_is_text() {
    let rendered = compose(
        Language::En,
        &invitation("@@url@@", "@@body@@", "%%", "{{ url }}"),
    )
    .unwrap();
    assert!(rendered.text.contains("@@url@@"));
    let usual = compose(Language::En, &harmless()).unwrap();
    let links = |html: &str| html.matches("canary").count();
    assert_eq!(links(&rendered.html), links(&usual.html));
}

#[test]
fn names_make_no_links_and_do_not_turn_the_direction_round() {
    let attack = "Win at https://evil.example/x or www.evil.example \u{202e}gnp.exe";
    let rendered = compose(Language::En, &invitation(attack, attack, attack, attack)).unwrap();
    let (_, body) = rendered.html.split_once("<body").unwrap();
    for piece in body.split('<').skip(1) {
        // Mail programs make no links of attributes.
        let (_, shown) = piece.split_once('>').unwrap();
        assert!(
            !shown.contains("evil.example") && !shown.contains("https://evil"),
            "{shown}"
        );
    }
    for part in [&rendered.html, &rendered.text, &rendered.subject] {
        assert!(!part.contains('\u{202e}'));
    }
    // Plain text has no means against links; it stays as typed.
    assert!(
        rendered.text.contains("https://evil.example/x")
            && rendered.subject.contains("evil.example")
    );
    assert_eq!(
        rendered.html.matches("href=").count(),
        2,
        "the button and the plain address"
    );
}

/// Returns the text that a reader selects and copies.
fn copied(html: &str) -> String {
    let (_, body) = html.split_once("<body").unwrap();
    body.split('<')
        .skip(1)
        .filter_map(|piece| piece.split_once('>'))
        .map(|(_, text)| text)
        .collect::<String>()
        .replace("&#38;", "&")
}

#[test]
fn what_is_copied_from_a_mail_is_what_was_typed() {
    let note =
        "Rules: https://intranet.example/rules?a=1&b=2 – questions: desk@north.example or 10.0.0.5";
    let rendered = compose(
        Language::En,
        &invitation("Booking.example", "Marty McFly", "Basic", note),
    )
    .unwrap();
    for part in [copied(&rendered.html), rendered.text.clone()] {
        assert!(part.contains(note), "{part}");
        assert!(part.contains("Booking.example"), "{part}");
    }
    assert!(rendered.subject.contains("Booking.example"));
}

#[test]
fn a_mail_has_nothing_hidden_that_counts_as_spam() {
    for language in Language::ALL {
        for mail in all()
            .into_iter()
            .chain([invitation("St.Gallen Clinic", "A.B.", "X", "a.b")])
        {
            let rendered = compose(language, &mail).unwrap();
            for part in [&rendered.html, &rendered.text, &rendered.subject] {
                let invisible = |letter: char| matches!(letter, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{34f}');
                assert!(!part.contains(invisible), "{part}");
            }
            let html = rendered.html.replace(' ', "").to_lowercase();
            for hidden in [
                "font-size:0",
                "display:none",
                "visibility:hidden",
                "opacity:0",
                "max-height:0",
                "&#8203;",
                "&zwnj;",
            ] {
                assert!(!html.contains(hidden), "{hidden}: {}", rendered.html);
            }
        }
    }
}

#[test]
fn stacked_marks_do_not_cover_other_lines_of_a_mail() {
    let stacked = format!("Z{}qx", "\u{301}\u{35f}".repeat(50));
    let rendered = compose(
        Language::En,
        &invitation(&stacked, &stacked, &stacked, &stacked),
    )
    .unwrap();
    for part in [&rendered.html, &rendered.text, &rendered.subject] {
        assert_eq!(
            part.matches("qx").count() * 4,
            part.matches(['\u{301}', '\u{35f}']).count(),
            "{part}"
        );
    }
}
