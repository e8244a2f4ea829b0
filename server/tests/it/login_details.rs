//! Login details: passwords that Muster makes and mails, and the first sign-in with them.

use app::backend::Sessions as _;
use muster::draft::SignInDraft;
use serde_json::{Value, json};
use server::mail::{Delivery, OutgoingMail};

use crate::{
    canary::dump,
    functions::{FUNCTIONS, World, world},
    imports::{chief, counts},
    pages,
    sign_in::sign_in,
    support::{Browser, PASSWORD, Person, Site, draft, link, logs},
    timing::caller,
};

const FILE: &str = "username,first_name,last_name,email\nHeron.Pia,Ines,Caro,pia@example.org\n";

/// What the mail says to sign in with.
struct Details {
    username: String,
    password: String,
}

impl Details {
    fn of(mail: &OutgoingMail) -> Self {
        let line = |name: &str| {
            let text = &mail.rendered.text;
            let found = text.lines().find_map(|line| line.trim().strip_prefix(name));
            found
                .unwrap_or_else(|| panic!("no {name} in {text}"))
                .to_owned()
        };
        Self {
            username: line("Username: "),
            password: line("Password: "),
        }
    }

    async fn sign_in(&self, browser: &Browser) -> crate::support::Reply {
        sign_in(browser, &self.username, &self.password).await
    }
}

/// The draft of an import that mails login details.
fn wanted(csv: &str, role: &str) -> Value {
    let mut wanted = draft(csv.as_bytes(), role);
    wanted["options"]["access"] = json!("passwords");
    wanted
}

/// Imports with login details; what was not refused is applied.
async fn import(site: &Site, by: &Person, csv: &str) {
    let role = site.role(by, "Basic").await;
    let (_, view) = site
        .imported(&by.browser, &by.slug, csv, &wanted(csv, &role))
        .await;
    assert_eq!(view["state"], "done", "{view}");
}

/// Imports one person and reads their mail.
async fn mailed(site: &Site, by: &Person) -> Details {
    import(site, by, FILE).await;
    Details::of(&site.mail().await)
}

async fn refused(site: &Site, details: &Details) {
    for identifier in [details.username.as_str(), "pia@example.org"] {
        let reply = sign_in(&site.browser(), identifier, &details.password).await;
        assert_eq!(reply.expect(401).refused(), "SignInFailed");
    }
}

async fn choose(browser: &Browser, password: &str) -> crate::support::Reply {
    let draft = json!({ "draft": { "password": password } });
    browser.call("choose_password", &draft).await
}

/// What can be told of the one invitation.
async fn about(site: &Site, what: &'static str) -> Option<String> {
    site.text(what, "pia@example.org").await
}

#[tokio::test]
async fn the_first_sign_in_makes_the_account_and_the_membership() {
    let (site, chief, _) = chief().await;
    import(&site, &chief, FILE).await;
    let hash = "SELECT i.password_hash::text FROM muster.invitations i JOIN muster.memberships m ON m.id = i.membership_id
        WHERE m.email = $1";
    assert_eq!(
        about(&site, hash).await,
        None,
        "no password is made before it is mailed"
    );
    let mail = site.mail().await;
    assert_eq!(mail.rendered.subject, "Your login details for Harbour");
    let details = Details::of(&mail);
    assert_eq!(details.username, "Heron.Pia");
    for text in [&mail.rendered.text, &mail.rendered.html] {
        for said in [
            &details.username,
            &details.password,
            "/sign-in",
            "works once, until",
        ] {
            assert!(text.contains(said), "{said} in {text}");
        }
        assert!(!text.contains("/accept/"));
    }
    assert!(about(&site, hash).await.is_some());
    assert_eq!(site.count("SELECT count(*) FROM muster.accounts").await, 1);

    let browser = site.browser();
    let reply = details.sign_in(&browser).await.expect(200);
    assert_eq!(reply.json()["to"], "/new-password");
    let account = "SELECT username || ' ' || (email IS NOT NULL) || ' ' || must_change_password || ' ' || language
        FROM muster.accounts WHERE email = $1";
    assert_eq!(
        about(&site, account).await.as_deref(),
        Some("Heron.Pia true true en")
    );
    let member = "SELECT status || ' ' || first_name || ' ' || last_name FROM muster.memberships WHERE email = $1";
    assert_eq!(
        about(&site, member).await.as_deref(),
        Some("active Ines Caro")
    );

    assert_eq!(choose(&browser, "short").await.wrong_fields(), ["password"]);
    let again = choose(&browser, &details.password).await;
    assert_eq!(
        again.json()["Invalid"][0]["problem"],
        json!({ "Password": "Mailed" })
    );
    let chosen = choose(&browser, PASSWORD).await.expect(200);
    assert_eq!(chosen.json()["to"], "/i/harbour");
    browser.get("/i/harbour").await.expect(200);
    assert!(
        site.mail()
            .await
            .rendered
            .subject
            .contains("password was changed")
    );
    choose(&browser, PASSWORD).await.expect(401);
    sign_in(&site.browser(), "PIA@Example.org", PASSWORD)
        .await
        .expect(200);
    refused(&site, &details).await;
}

#[tokio::test]
async fn without_script_the_same_forms_lead_the_same_way() {
    let (site, chief, _) = chief().await;
    let details = mailed(&site, &chief).await;
    let browser = site.browser();
    // The address does as well as the username.
    let form = [
        ("intent", "sign_in"),
        ("identifier", "PIA@Example.org"),
        ("password", &details.password),
    ];
    let to = browser.post("/sign-in", &form).await.expect(303);
    assert_eq!(to.location(), "/new-password");
    let page = browser.get("/new-password").await.expect(200).body;
    assert!(
        page.contains("Choose a new password") && page.contains("Heron.Pia"),
        "{page}"
    );
    let form = [("intent", "choose_password"), ("password", "short")];
    let page = browser.post("/new-password", &form).await.expect(422).body;
    assert!(
        page.contains("Use at least 15 characters") || page.contains("15"),
        "{page}"
    );
    let form = [("intent", "choose_password"), ("password", PASSWORD)];
    let home = browser.post("/new-password", &form).await.expect(303);
    assert_eq!(home.location(), "/i/harbour");
    browser.get("/i/harbour").await.expect(200);
    assert_eq!(
        browser.get("/new-password").await.expect(303).location(),
        "/"
    );
}

/// A world with an administrator who came by login details and has not chosen a password yet.
async fn choosing() -> (World, Browser) {
    let world = world().await;
    let role = world.site.role(&world.chief, "Administrator").await;
    let (_, view) = world
        .site
        .imported(
            &world.chief.browser,
            &world.chief.slug,
            FILE,
            &wanted(FILE, &role),
        )
        .await;
    assert_eq!(view["state"], "done", "{view}");
    let mails = world.site.mails().await;
    let mail = mails
        .iter()
        .find(|mail| mail.recipient == "pia@example.org");
    let browser = world.site.browser();
    Details::of(mail.unwrap())
        .sign_in(&browser)
        .await
        .expect(200);
    (world, browser)
}

#[tokio::test]
async fn before_a_password_is_chosen_nothing_else_can_be_done() {
    let (world, browser) = choosing().await;
    let state = "SELECT (SELECT count(*) FROM muster.memberships) + (SELECT count(*) FROM muster.audit)
        + (SELECT count(*) FROM muster.import_edits) + (SELECT count(*) FROM muster.invitations WHERE closed_at IS NULL)";
    let before = world.site.count(state).await;
    let mut wrong = Vec::new();
    for (name, arguments, statuses) in FUNCTIONS {
        // The meter of the form, and what ends the session.
        let expected = match *name {
            "choose_view" | "password_strength" | "username_taken" => 200,
            "choose_password" => 422,
            "sign_out" => continue,
            _ => statuses[0],
        };
        let arguments = if *name == "choose_password" {
            json!({ "draft": { "password": "short" } })
        } else {
            arguments(&world)
        };
        let reply = browser.call(name, &arguments).await;
        if reply.status != expected {
            wrong.push(format!("{name}: {expected} expected, {}", reply.status));
        }
    }
    for (path, _) in pages::PAGES.iter().chain(pages::ROUTES) {
        let path = pages::filled(path, &world);
        let reply = browser.get(&path).await;
        let expected = match path.as_str() {
            "/new-password" | "/healthz" => 200,
            "/dev/mailbox/1/html" | "/no-such-page" => 404,
            path if path.contains("/imports/")
                && (path.ends_with("csv") || path.ends_with("progress")) =>
            {
                401
            }
            path if path.ends_with("/token") => 303,
            _ => {
                if reply.status == 303 && reply.location() != "/new-password" {
                    wrong.push(format!("{path} leads to {}", reply.location()));
                }
                303
            }
        };
        if reply.status != expected {
            wrong.push(format!("GET {path}: {expected} expected, {}", reply.status));
        }
    }
    for (path, body, _) in pages::FORMS {
        let (path, body) = (pages::filled(path, &world), pages::filled(body, &world));
        if matches!(path.as_str(), "/sign-out" | "/theme" | "/new-password") {
            continue;
        }
        let reply = browser.post_raw(&path, &body).await;
        let expected = if path.contains("/parts/") { 401 } else { 303 };
        if reply.status != expected || expected == 303 && reply.location() != "/new-password" {
            wrong.push(format!("POST {path} {body}: {}", reply.status));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(world.site.count(state).await, before);
    // The same session in another replica is no freer; signing out ends it.
    let other = browser.at(&world.site.replica().await);
    assert_eq!(
        other.get("/i/harbour").await.expect(303).location(),
        "/new-password"
    );
    browser.call("sign_out", &json!({})).await.expect(200);
    other.call("choose_view", &json!({})).await.expect(401);
}

#[tokio::test]
async fn a_password_that_was_never_chosen_is_replaced_by_mail() {
    let (world, browser) = choosing().await;
    let ask = json!({ "draft": { "identifier": "pia@example.org" } });
    world
        .site
        .browser()
        .call("ask_reset", &ask)
        .await
        .expect(200);
    let other = world.site.browser();
    other.get(&link(&world.site.mail().await)).await;
    let new = json!({ "draft": { "password": PASSWORD } });
    other.call("reset_password", &new).await.expect(200);
    assert_eq!(
        browser.get("/i/harbour").await.expect(303).location(),
        "/sign-in?to=/i/harbour"
    );
    sign_in(&other, "Heron.Pia", PASSWORD).await.expect(200);
    other.get("/i/harbour").await.expect(200);
}

#[tokio::test]
async fn where_the_file_says_so_the_mailed_password_stays() {
    let (site, chief, _) = chief().await;
    let csv = "username,first_name,last_name,email,change password next time\n\
        Heron.Pia,Ines,Caro,pia@example.org,0\nRobin.Two,Ole,Berg,ole@example.org,1\n";
    import(&site, &chief, csv).await;
    let mails = site.mails().await;
    let of = |email: &str| Details::of(mails.iter().find(|mail| mail.recipient == email).unwrap());
    let (stays, once) = (of("pia@example.org"), of("ole@example.org"));
    let text = &mails
        .iter()
        .find(|mail| mail.recipient == "pia@example.org")
        .unwrap()
        .rendered
        .text;
    assert!(text.contains("stays yours until you change it"), "{text}");
    let browser = site.browser();
    let reply = stays.sign_in(&browser).await.expect(200);
    assert_eq!(reply.json()["to"], "/i/harbour");
    browser.get("/i/harbour").await.expect(200);
    assert_eq!(
        browser.get("/new-password").await.expect(303).location(),
        "/"
    );
    stays.sign_in(&site.browser()).await.expect(200);
    // It is kept as passwords are, and no other way.
    assert_eq!(
        site.count("SELECT count(*) FROM muster.invitations WHERE password_hash IS NOT NULL")
            .await,
        1
    );
    let change = json!({ "draft": { "current": stays.password, "password": PASSWORD } });
    browser.call("change_password", &change).await.expect(200);
    refused(&site, &stays).await;
    let reply = once.sign_in(&site.browser()).await.expect(200);
    assert_eq!(reply.json()["to"], "/new-password");
    once.sign_in(&site.browser()).await.expect(401);
}

#[tokio::test]
async fn details_live_14_days_from_their_mail_by_the_databases_clock() {
    let (site, chief, _) = chief().await;
    import(&site, &chief, FILE).await;
    // The mail waits three days.
    site.run(
        "UPDATE muster.invitations SET expires_at = expires_at - interval '3 days' WHERE $1 = ''",
        "",
    )
    .await;
    site.mail_server_says(Delivery::Transient {
        response: "450 later".to_owned(),
    });
    assert_eq!(site.mails().await.len(), 0);
    let left = "SELECT (expires_at > clock_timestamp() + interval '14 days - 2 minutes' AND expires_at <= clock_timestamp() + interval '14 days')::text
        FROM muster.invitations WHERE $1 <> ''";
    assert_eq!(about(&site, left).await.as_deref(), Some("true"));
    let until = "SELECT expires_at::text || encode(password_hash, 'hex') FROM muster.invitations WHERE $1 <> ''";
    let first = about(&site, until).await;
    site.let_time_pass().await;
    let details = Details::of(&site.mail().await);
    assert_eq!(
        about(&site, until).await,
        first,
        "another try of the mail is the same mail"
    );
    site.expire(&site.membership("pia@example.org").await).await;
    refused(&site, &details).await;
    assert_eq!(site.count("SELECT count(*) FROM muster.accounts").await, 1);
    // A clock of the server's has no say.
    site.run("UPDATE muster.invitations SET expires_at = clock_timestamp() + interval '5 seconds' WHERE $1 = ''", "").await;
    details.sign_in(&site.browser()).await.expect(200);
}

#[tokio::test]
async fn sending_again_makes_another_password_and_the_older_one_is_dead() {
    let (site, chief, _) = chief().await;
    let older = mailed(&site, &chief).await;
    let about = json!({ "slug": "harbour", "id": site.membership("pia@example.org").await });
    chief.browser.call("resend", &about).await.expect(200);
    refused(&site, &older).await;
    let newer = Details::of(&site.mail().await);
    assert_ne!(older.password, newer.password);
    refused(&site, &older).await;
    newer.sign_in(&site.browser()).await.expect(200);
}

#[tokio::test]
async fn details_end_with_their_invitation_and_with_whoever_sent_it() {
    let (site, chief, _) = chief().await;
    let deputy = site
        .member(&chief, "ole@example.org", "heron.ole", "Administrator")
        .await;
    let details = mailed(&site, &deputy).await;
    let id = json!({ "slug": "harbour", "id": site.membership("ole@example.org").await });
    chief.browser.call("remove_user", &id).await.expect(200);
    refused(&site, &details).await;
    let about = json!({ "slug": "harbour", "id": site.membership("pia@example.org").await });
    chief.browser.call("resend", &about).await.expect(200);
    let details = Details::of(&site.mail().await);
    chief.browser.call("revoke", &about).await.expect(200);
    refused(&site, &details).await;
    assert_eq!(site.count("SELECT count(*) FROM muster.accounts").await, 2);
}

#[tokio::test]
async fn only_the_exact_username_and_password_count_and_wrong_ones_are_counted() {
    let (site, chief, _) = chief().await;
    let details = mailed(&site, &chief).await;
    for (identifier, password) in [
        ("heron.pia", details.password.as_str()),
        (&chief.email, &details.password),
        (&chief.username, &details.password),
        ("Heron.Pia", &details.password.to_uppercase()),
    ] {
        sign_in(&site.browser(), identifier, password)
            .await
            .expect(401);
    }
    for _ in 0..8 {
        sign_in(&site.browser(), "Heron.Pia", "wrong")
            .await
            .expect(401);
    }
    let reply = sign_in(&site.browser(), "Heron.Pia", "wrong").await;
    assert_eq!(reply.refused(), "Locked");
    let reply = details.sign_in(&site.browser()).await;
    assert_eq!(
        reply.refused(),
        "TooManyTries",
        "a try that waits costs nothing and finds nothing"
    );
    site.run(
        "UPDATE muster.sign_in_failures SET blocked_until = clock_timestamp() WHERE $1 = ''",
        "",
    )
    .await;
    details.sign_in(&site.browser()).await.expect(200);
}

#[tokio::test]
async fn of_many_first_sign_ins_at_once_one_succeeds() {
    let (site, chief, _) = chief().await;
    let details = mailed(&site, &chief).await;
    let other = site.replica().await;
    let browsers: Vec<Browser> = (0..8)
        .map(|number| {
            if number % 2 == 0 {
                site.browser()
            } else {
                site.browser().at(&other)
            }
        })
        .collect();
    let tries = browsers.iter().map(|browser| details.sign_in(browser));
    let replies = futures::future::join_all(tries).await;
    let mut statuses: Vec<u16> = replies.iter().map(|reply| reply.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 401, 401, 401, 401, 401, 401, 401]);
    assert_eq!(site.count("SELECT count(*) FROM muster.accounts").await, 2);
    assert_eq!(
        site.count("SELECT count(*) FROM muster.audit WHERE action = 'invitation.accepted'")
            .await,
        1
    );
}

/// What an administrator sees of somebody, but for ids, addresses and the clock's.
async fn seen(by: &Person, site: &Site, email: &str) -> Value {
    let id = site.membership(email).await;
    let mut view = by
        .browser
        .call("user", &json!({ "slug": by.slug, "id": id }))
        .await
        .expect(200)
        .json();
    for (parent, fields) in [
        ("/row", ["id", "email", "username"].as_slice()),
        ("/row/sent", &["at"]),
        ("/row/state", &["seconds_left", "until"]),
    ] {
        for field in fields {
            view.pointer_mut(parent).unwrap()[*field] = Value::Null;
        }
    }
    for step in view["timeline"].as_array_mut().unwrap() {
        step["at"] = Value::Null;
    }
    view
}

#[tokio::test]
async fn whose_address_has_an_account_is_invited_and_the_institution_sees_the_same() {
    let (site, chief, _) = chief().await;
    site.member(&chief, "known@example.org", "heron.known", "Basic")
        .await;
    let meadow = site.institution("Meadow").await;
    let before =
        "SELECT md5(string_agg(a::text, ',' ORDER BY id)) FROM muster.accounts a WHERE $1 = ''";
    let accounts = site.text(before, "").await;
    let csv = "username,first_name,last_name,email\n\
        Robin.One,Ines,Caro,known@example.org\nRobin.Two,Ines,Caro,nobody@example.org\n";
    let role = site.role(&meadow, "Basic").await;
    let (import, view) = site
        .imported(&meadow.browser, "meadow", csv, &wanted(csv, &role))
        .await;
    assert_eq!(counts(&view["done"]), [2, 2, 0, 0, 0, 0]);
    let rows = meadow.browser.rows(&import, "invite").await;
    assert_eq!(rows[0]["reasons"], rows[1]["reasons"]);
    let mails = site.mails().await;
    let to = |email: &str| mails.iter().find(|mail| mail.recipient == email).unwrap();
    assert_eq!(mails.len(), 2);
    let details = Details::of(to("nobody@example.org"));
    let path = link(to("known@example.org"));
    assert!(path.starts_with("/accept/"), "{path}");
    assert_eq!(
        site.text(before, "").await,
        accounts,
        "no account was changed"
    );
    // Looking at the page is seen of nobody: who gets details has no page to look at.
    let browser = site.browser();
    browser.get(&path).await;
    browser.call("accept_viewed", &json!({})).await.expect(200);
    assert_eq!(
        seen(&meadow, &site, "known@example.org").await,
        seen(&meadow, &site, "nobody@example.org").await
    );
    let ends = "SELECT (max(expires_at) - min(expires_at) < interval '1 minute' AND count(password_hash) = 2
        AND count(DISTINCT mail_state) = 1)::text FROM muster.invitations WHERE login_details AND $1 = ''";
    assert_eq!(site.text(ends, "").await.as_deref(), Some("true"));
    sign_in(&browser, "heron.known", PASSWORD).await.expect(200);
    browser.call("accept_confirm", &json!({})).await.expect(200);
    browser.get("/i/meadow").await.expect(200);
    details.sign_in(&site.browser()).await.expect(200);
}

#[tokio::test]
async fn who_made_an_account_meanwhile_signs_in_to_it_and_confirms() {
    let (site, chief, _) = chief().await;
    let details = mailed(&site, &chief).await;
    let meadow = site.institution("Meadow").await;
    site.member(&meadow, "pia@example.org", "robin.pia", "Basic")
        .await;
    let accounts = site.count("SELECT count(*) FROM muster.accounts").await;
    for identifier in ["Heron.Pia", "pia@example.org"] {
        let browser = site.browser();
        let reply = sign_in(&browser, identifier, &details.password)
            .await
            .expect(200);
        assert_eq!(reply.json()["to"], "/sign-in?to=/accept");
        assert!(
            browser.cookie("muster").is_none(),
            "nobody is signed in by it"
        );
    }
    assert_eq!(
        site.count("SELECT count(*) FROM muster.accounts").await,
        accounts
    );
    let browser = site.browser();
    details.sign_in(&browser).await.expect(200);
    sign_in(&browser, "robin.pia", PASSWORD).await.expect(200);
    browser.call("accept_confirm", &json!({})).await.expect(200);
    browser.get("/i/harbour").await.expect(200);
    refused(&site, &details).await;
}

#[tokio::test]
async fn a_row_needs_a_username_and_of_members_the_column_changes_nothing() {
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
async fn every_sign_in_costs_one_hash_whatever_it_finds() {
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
async fn a_mailed_password_is_in_its_mail_and_nowhere_else() {
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
async fn details_that_wait_have_no_password_before_they_are_sent() {
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
async fn the_report_says_that_accounts_are_made() {
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
    assert!(page.expect(200).body.contains("accounts made"));
}
