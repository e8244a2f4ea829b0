//! Names and notes that people type are rendered as text everywhere.

use serde_json::json;

use crate::support::{Site, link, new_account};

const BREAKS: [&str; 9] = [
    "X\r\nBcc: evil@example.com",
    "X\nBcc: evil@example.com",
    "X\rBcc: evil@example.com",
    "X\n.\nMAIL FROM:<evil@example.com>",
    "X\r\n.\r\nQUIT",
    "X\u{2028}Y",
    "X\u{85}Y",
    "X\0Y",
    "X\u{202e}Y",
];

#[tokio::test]
async fn line_breaks_and_control_characters_in_names_are_refused_on_entry() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    let role = site.role(&chief, "Basic").await;
    let browser = site.browser();
    browser
        .get(&site.invited(&chief, "pia@example.org", "Basic").await)
        .await;
    for attack in BREAKS {
        for field in ["first_name", "last_name"] {
            let mut accept = new_account("heron.pia");
            accept["draft"][field] = json!(attack);
            assert_eq!(
                browser.call("accept", &accept).await.wrong_fields(),
                [field],
                "{attack:?}"
            );
            let mut user = json!({ "slug": "harbour", "draft": {
                "first_name": "Ines", "last_name": "Caro", "email": "ines@example.org", "role": role,
            }});
            user["draft"][field] = json!(attack);
            assert_eq!(
                chief
                    .browser
                    .call("create_user", &user)
                    .await
                    .wrong_fields(),
                [field],
                "{attack:?}"
            );
        }
        let body = [
            ("intent", "accept"),
            ("first_name", attack),
            ("last_name", "Quist"),
            ("username", "heron.pia"),
        ];
        browser.post("/accept", &body).await.expect(422);
    }
    assert!(site.mails().await.is_empty());
    assert_eq!(site.count("SELECT count(*) FROM muster.accounts").await, 1);
}

#[tokio::test]
async fn a_stored_name_with_a_line_break_adds_no_line_to_an_email() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    for attack in BREAKS {
        if attack.contains('\0') {
            continue; // Postgres cannot store it.
        }
        site.run("UPDATE muster.institutions SET name = $1", attack)
            .await;
        site.run(
            "UPDATE muster.memberships SET first_name = $1 WHERE status = 'active'",
            attack,
        )
        .await;
        let email = format!("person{}@example.org", attack.len());
        site.invite(&chief, &email, "Basic").await;
        for mail in site.mails().await {
            let subject = mail.rendered.subject.clone();
            assert!(
                !subject.contains(['\r', '\n', '\u{2028}', '\u{85}', '\u{202e}']),
                "{subject:?}"
            );
            let text = &mail.rendered.text;
            assert!(
                !text.lines().any(|line| line == "."
                    || line.starts_with("Bcc:")
                    || line.starts_with("MAIL ")),
                "{text}"
            );
            assert!(link(&mail).starts_with("/accept/"));
        }
    }
}

#[tokio::test]
async fn markup_and_links_in_names_and_notes_have_no_effect() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    let role = site.role(&chief, "Basic").await;
    let markup =
        "</title></script><img src=x onerror=alert(1)><a href=https://evil.example>here</a>{{url}}";
    let user = json!({ "slug": "harbour", "draft": {
        "first_name": markup, "last_name": "https://evil.example/pay", "email": "ines@example.org", "role": role,
    }});
    chief.browser.call("create_user", &user).await.expect(200);
    let note = "Click https://evil.example now\r\n<script>alert(1)</script>\r\n.\r\nQUIT";
    let rows = json!([{ "email": "otto@example.org", "role": role }]);
    let invite = json!({ "slug": "harbour", "draft": { "rows": rows, "note": note } });
    chief.browser.call("invite", &invite).await.expect(200);
    site.run(
        "UPDATE muster.memberships SET first_name = $1, last_name = '' WHERE status = 'active'",
        markup,
    )
    .await;
    let mails = site.mails().await;
    assert_eq!(mails.len(), 2);
    for mail in &mails {
        let html = &mail.rendered.html;
        assert!(
            !html.contains("<img src=x")
                && !html.contains("<script")
                && !html.contains("<a href=https://evil"),
            "{html}"
        );
        assert!(!html.contains("href=\"https://evil"), "{html}");
    }
    let browser = site.browser();
    browser.get(&link(&mails[0])).await;
    let id = site.membership("ines@example.org").await;
    for page in [
        browser.get("/accept").await.expect(200),
        chief.browser.get("/i/harbour/users").await.expect(200),
        chief
            .browser
            .get(&format!("/i/harbour/users/{id}"))
            .await
            .expect(200),
        chief.browser.get("/i/harbour").await.expect(200),
    ] {
        assert!(
            !page.body.contains("<img src=x") && !page.body.contains("<a href=https://evil"),
            "{}",
            page.body
        );
        // The state in the page for its script is escaped, too.
        for script in page.body.split("<script").skip(1) {
            let inside = script.split("</script>").next().unwrap();
            assert!(!inside.contains("<img src=x"), "{inside}");
        }
    }
}

#[tokio::test]
async fn an_invitation_states_inviter_institution_role_expiry_and_how_to_reply() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    let role = site.role(&chief, "Basic").await;
    let rows = json!([{ "email": "pia@example.org", "role": role }]);
    let invite =
        json!({ "slug": "harbour", "draft": { "rows": rows, "note": "See you on Monday!" } });
    chief.browser.call("invite", &invite).await.expect(200);
    let mail = site.mail().await;
    assert_eq!(mail.recipient, "pia@example.org");
    for part in [&mail.rendered.text, &mail.rendered.html] {
        for said in [
            "Amara Okafor",
            "Harbour",
            "Basic",
            "See you on Monday!",
            "CE",
        ] {
            assert!(part.contains(said), "{said} is missing in {part}");
        }
        assert!(part.contains(&link(&mail)));
    }
    sqlx::query("UPDATE muster.institutions SET language = 'de'")
        .execute(site.sql())
        .await
        .unwrap();
    site.invite(&chief, "otto@example.org", "Basic").await;
    let german = site.mail().await;
    assert_ne!(
        german.rendered.subject, mail.rendered.subject,
        "in the institution's language"
    );
    assert!(german.rendered.text.contains("Uhr"));
}
