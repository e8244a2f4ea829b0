//! The cost of login details, where they are stored, and what is recorded about them.

use super::*;

#[tokio::test]
async fn rows_need_a_username_and_the_password_column_does_not_affect_members() {
    let (site, chief, role) = chief().await;
    site.member(&chief, "ole@example.org", "heron.ole", "Basic")
        .await;
    let csv = "username,first_name,last_name,email,change password next time\n\
        ,Ines,Caro,pia@example.org,1\n,Marty,Quist,ole@example.org,1\n";
    let mut wanted = wanted(csv, &role);
    wanted["options"]["mode"] = json!("both");
    let (import, view) = site.planned(&chief.browser, "harbour", csv, &wanted).await;
    assert_eq!(counts(&view["plan"]), [2, 0, 0, 1, 1, 0]);
    let refused = chief.browser.rows(&import, "refused").await;
    assert_eq!(refused[0]["reasons"][0]["cell"]["column"], "username");
    let warned = chief.browser.rows(&import, "warnings").await;
    assert_eq!(
        warned[0]["reasons"],
        json!([{ "accounts_own": "change_password" }])
    );
    chief.browser.does("apply_import", &import).await;
    site.work().await;
    assert_eq!(site.mails().await.len(), 0);
    sign_in(&site.browser(), "heron.ole", PASSWORD)
        .await
        .expect(200);
}

#[tokio::test]
async fn every_sign_in_computes_exactly_one_hash() {
    let (site, chief, _) = chief().await;
    let csv = "username,first_name,last_name,email,change password next time\n\
        Robin.One,Ines,Caro,one@example.org,1\nRobin.Two,Ines,Caro,two@example.org,0\n\
        Robin.Three,Ines,Caro,three@example.org,1\n";
    import(&site, &chief, csv).await;
    let mails = site.mails().await;
    let of = |email: &str| {
        let mail = mails.iter().find(|mail| mail.recipient == email);
        Details::of(mail.unwrap()).password
    };
    let (one, two, three) = (
        of("one@example.org"),
        of("two@example.org"),
        of("three@example.org"),
    );
    let meadow = site.institution("Meadow").await;
    site.member(&meadow, "three@example.org", "heron.three", "Basic")
        .await;
    for (what, identifier, password, is_known) in [
        ("an account", chief.username.as_str(), PASSWORD, true),
        ("a wrong password", &chief.username, "wrong", false),
        ("nobody", "heron.nobody", "wrong", false),
        ("another's details", &chief.username, &one, false),
        ("details with a wrong password", "Robin.One", "wrong", false),
        ("details", "Robin.One", &one, true),
        ("spent details", "Robin.One", &one, false),
        ("details that stay", "two@example.org", &two, true),
        ("details that have stayed", "Robin.Two", &two, true),
        (
            "details of who has an account by now",
            "Robin.Three",
            &three,
            true,
        ),
        ("the same by the address", "three@example.org", &three, true),
    ] {
        let draft = SignInDraft {
            identifier: identifier.to_owned(),
            password: password.to_owned(),
            ..SignInDraft::default()
        };
        let before = site.service.passwords.computed();
        let answer = site.service.sign_in(&caller(1, None), &draft).await;
        assert_eq!(answer.is_ok(), is_known, "{what}");
        assert_eq!(site.service.passwords.computed() - before, 1, "{what}");
    }
}

#[tokio::test]
async fn a_temporary_password_appears_only_in_its_email() {
    logs::keep();
    let (site, chief, _) = chief().await;
    let role = site.role(&chief, "Basic").await;
    let (run, _) = site
        .imported(&chief.browser, "harbour", FILE, &wanted(FILE, &role))
        .await;
    let mail = site.mail().await;
    assert!(!mail.rendered.subject.contains(&Details::of(&mail).password));
    let details = Details::of(&mail);
    sign_in(&site.browser(), "Heron.Pai", &details.password)
        .await
        .expect(401);
    let mut shown = String::new();
    let id = site.membership("pia@example.org").await;
    for (function, arguments) in [
        (
            "users",
            json!({ "slug": "harbour", "query": { "q": "pia" } }),
        ),
        ("user", json!({ "slug": "harbour", "id": id })),
        ("attention", json!({ "slug": "harbour" })),
        ("import_view", json!({ "slug": "harbour", "id": run.id })),
        (
            "import_rows",
            json!({ "slug": "harbour", "id": run.id, "kind": "invite", "after": 0 }),
        ),
    ] {
        shown += &chief
            .browser
            .call(function, &arguments)
            .await
            .expect(200)
            .body;
    }
    for path in [
        format!("/users/{id}"),
        format!("/imports/{}", run.id),
        format!("/imports/{}/report.csv", run.id),
    ] {
        shown += &chief
            .browser
            .get(&format!("/i/harbour{path}"))
            .await
            .expect(200)
            .body;
    }
    let waiting = dump(&site).await;
    let browser = site.browser();
    let signed_in = details.sign_in(&browser).await.expect(200);
    let form = [
        ("intent", "choose_password"),
        ("password", details.password.as_str()),
    ];
    let page = browser.post("/new-password", &form).await.expect(422);
    choose(&browser, PASSWORD).await.expect(200);
    let canary = &details.password;
    for (place, text) in [
        ("what an administrator sees", shown),
        ("the database before", waiting),
        ("the database after", dump(&site).await),
        (
            "the answer",
            format!("{:?}{}", signed_in.headers, signed_in.body),
        ),
        ("the page", page.body),
        ("the log", logs::kept()),
    ] {
        assert!(
            !text.contains(canary.as_str()),
            "the password is in {place}"
        );
    }
}

#[tokio::test]
async fn login_details_have_no_password_before_they_are_sent() {
    let (site, chief, role) = chief().await;
    let mut later = wanted(FILE, &role);
    later["options"]["send"] = json!("later");
    let (import, _) = site.imported(&chief.browser, "harbour", FILE, &later).await;
    assert_eq!(site.mails().await.len(), 0);
    let made = "SELECT count(password_hash)::text FROM muster.invitations WHERE login_details AND $1 <> ''";
    assert_eq!(about(&site, made).await.as_deref(), Some("0"));
    let view = seen(&chief, &site, "pia@example.org").await;
    assert_eq!(view["login_details"], true);
    assert_eq!(view["timeline"], json!([]), "nothing was sent: {view}");

    chief.browser.does("send_import", &import).await;
    site.importer().send_due().await.unwrap();
    let details = Details::of(&site.mail().await);
    let left = "SELECT (expires_at - clock_timestamp() BETWEEN interval '14 days - 2 minutes' AND interval '14 days')::text
        FROM muster.invitations WHERE $1 <> ''";
    assert_eq!(about(&site, left).await.as_deref(), Some("true"));
    let view = seen(&chief, &site, "pia@example.org").await;
    assert_eq!(view["timeline"][0]["step"], json!("DetailsSent"), "{view}");
    details.sign_in(&site.browser()).await.expect(200);
}

#[tokio::test]
async fn the_report_shows_that_accounts_are_created() {
    let (site, chief, role) = chief().await;
    let (import, _) = site
        .planned(&chief.browser, "harbour", FILE, &wanted(FILE, &role))
        .await;
    let path = format!("/i/harbour/imports/{}/report.csv", import.id);
    let report = chief.browser.get(&path).await.expect(200).body;
    assert!(
        report.lines().nth(1).unwrap().ends_with(",make_account,"),
        "{report}"
    );
    chief.browser.does("apply_import", &import).await;
    site.work().await;
    let report = chief.browser.get(&path).await.expect(200).body;
    assert!(
        report.lines().nth(1).unwrap().ends_with(",account_made,"),
        "{report}"
    );
    let page = chief
        .browser
        .get(&format!("/i/harbour/imports/{}", import.id))
        .await;
    assert!(page.expect(200).body.contains("accounts created"));
}

#[tokio::test]
async fn a_temporary_password_tolerates_copying_and_typing_at_the_cost_of_one_hash() {
    let (site, chief, _) = chief().await;
    let as_copied: [fn(&str) -> String; 6] = [
        |password| format!(" {password}"),
        |password| format!("\t{password}\r\n"),
        |password| format!("{password}\u{a0}"),
        |password| format!("{password}\u{200b}"),
        |password| password.replace('-', ""),
        |password| {
            let typed = password.replace('-', " \u{2013} ");
            typed.replace('5', "s").replace('2', "z").replace('8', "b")
        },
    ];
    let mut csv = "username,first_name,last_name,email,change password next time\n".to_owned();
    for number in 0..as_copied.len() {
        use std::fmt::Write as _;
        let once = 1 - number % 2;
        writeln!(
            csv,
            "Robin.{number}00,Ines,Caro,pia{number}@example.org,{once}"
        )
        .unwrap();
    }
    import(&site, &chief, &csv).await;
    let mails = site.mails().await;
    assert_eq!(mails.len(), as_copied.len());
    for (number, change) in as_copied.iter().enumerate() {
        let address = format!("pia{number}@example.org");
        let mail = mails.iter().find(|mail| mail.recipient == address).unwrap();
        let details = Details::of(mail);
        let typed = change(&details.password);
        let computed = site.service.passwords.computed();
        let draft = SignInDraft {
            identifier: address.clone(),
            password: typed.clone(),
            ..SignInDraft::default()
        };
        let caller = caller(1, None);
        site.service.sign_in(&caller, &draft).await.unwrap();
        assert_eq!(site.service.passwords.computed() - computed, 1, "{typed:?}");
        if number % 2 == 0 {
            continue;
        }
        // The temporary password stays valid and is still compared tolerantly. The person's own password is compared
        // exactly.
        for again in [&details.password, &typed] {
            sign_in(&site.browser(), &address, again).await.expect(200);
        }
        let browser = site.browser();
        sign_in(&browser, &address, &typed).await.expect(200);
        let change =
            |password: &str| json!({ "draft": { "current": typed, "password": password } });
        let same = change(&details.password.replace('-', " "));
        let reply = browser.call("change_password", &same).await;
        assert_eq!(reply.wrong_fields(), ["password"]);
        let own = "abcd-efgh-jkmn-pqrs";
        browser
            .call("change_password", &change(own))
            .await
            .expect(200);
        sign_in(&site.browser(), &address, own).await.expect(200);
        for other in [
            "abcdefghjkmnpqrs",
            "ABCD-EFGH-JKMN-PQRS",
            " abcd-efgh-jkmn-pqrs",
        ] {
            sign_in(&site.browser(), &address, other).await.expect(401);
        }
    }
}
