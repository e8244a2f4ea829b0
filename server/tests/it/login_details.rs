//! Login details: generated temporary passwords that are mailed, and the first sign-in with them.

use muster::draft::SignInDraft;
use rpc::session::Sessions as _;
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

mod ends;
mod known;
mod secrets;

const FILE: &str = "username,first_name,last_name,email\nHeron.Pia,Ines,Caro,pia@example.org\n";

/// The login details in the email.
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

/// Returns the draft of an import that mails login details.
fn wanted(csv: &str, role: &str) -> Value {
    let mut wanted = draft(csv.as_bytes(), role);
    wanted["options"]["access"] = json!("passwords");
    wanted
}

/// Imports with login details; applies the rows that were not rejected.
async fn import(site: &Site, by: &Person, csv: &str) {
    let role = site.role(by, "Basic").await;
    let (_, view) = site
        .imported(&by.browser, &by.slug, csv, &wanted(csv, &role))
        .await;
    assert_eq!(view["state"], "done", "{view}");
}

/// Imports one person and reads the email.
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

/// Returns a value of the only invitation.
async fn about(site: &Site, what: &'static str) -> Option<String> {
    site.text(what, "pia@example.org").await
}

/// Returns what an administrator sees of a person, without ids, addresses and times.
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
async fn the_first_sign_in_creates_the_account_and_the_membership() {
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
    for text in [&mail.rendered.text, &shown(&mail.rendered.html)] {
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
async fn the_first_sign_in_works_with_forms() {
    let (site, chief, _) = chief().await;
    let details = mailed(&site, &chief).await;
    let browser = site.browser();
    // The email address works as well as the username.
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

/// Creates a world with an administrator who signed in with login details and has not chosen a password yet.
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
async fn nothing_else_is_possible_until_a_password_is_chosen() {
    let (world, browser) = choosing().await;
    let state = "SELECT (SELECT count(*) FROM muster.memberships) + (SELECT count(*) FROM muster.audit)
        + (SELECT count(*) FROM muster.import_edits) + (SELECT count(*) FROM muster.invitations WHERE closed_at IS NULL)";
    let before = world.site.count(state).await;
    let mut wrong = Vec::new();
    for (name, arguments, statuses) in FUNCTIONS {
        // Allowed: the functions of the password form, and signing out.
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
    // The same session has the same restriction on another replica. Signing out ends it.
    let other = browser.at(&world.site.replica().await);
    assert_eq!(
        other.get("/i/harbour").await.expect(303).location(),
        "/new-password"
    );
    browser.call("sign_out", &json!({})).await.expect(200);
    other.call("choose_view", &json!({})).await.expect(401);
}

#[tokio::test]
async fn a_password_that_was_never_chosen_can_be_reset_by_email() {
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
async fn the_temporary_password_can_be_kept_if_the_file_allows_it() {
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
    assert!(text.contains("valid until you change it"), "{text}");
    let browser = site.browser();
    let reply = stays.sign_in(&browser).await.expect(200);
    assert_eq!(reply.json()["to"], "/i/harbour");
    browser.get("/i/harbour").await.expect(200);
    assert_eq!(
        browser.get("/new-password").await.expect(303).location(),
        "/"
    );
    stays.sign_in(&site.browser()).await.expect(200);
    // It is stored hashed like every password, and in no other form.
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

/// Returns the text of a document as it is selected and copied.
fn shown(html: &str) -> String {
    html.split('<')
        .map(|piece| piece.split_once('>').map_or(piece, |(_, text)| text))
        .collect()
}
