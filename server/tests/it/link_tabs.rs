//! A form does what its page showed: several mailed links in one browser, each in its own tab, and pages of an account
//! after another one has signed in.

use serde_json::{Value, json};

use crate::{
    locks::{LOCKS_AFTER, fail},
    no_script::{accepting, says},
    sign_in::sign_in,
    support::{Browser, PASSWORD, Person, Reply, Site, link, new_account},
};

const NEW: &str = "another-lamp-by-the-sea";

/// A tab: the URL that the link led to, and the page there.
pub struct Tab {
    /// The page's URL.
    pub address: String,
    /// The page's HTML.
    pub page: String,
}

impl Tab {
    /// Opens a mailed link.
    pub async fn open(browser: &Browser, path: &str) -> Self {
        let address = browser.get(path).await.expect(303).location().to_owned();
        Self::at(browser, &address).await
    }

    /// Loads the URL again.
    pub async fn at(browser: &Browser, address: &str) -> Self {
        let page = browser.get(address).await.expect(200).body;
        Self {
            address: address.to_owned(),
            page,
        }
    }

    /// Returns the hidden fields of the form with this intent.
    pub fn hidden(&self, intent: &str) -> Vec<(String, String)> {
        let form = self
            .page
            .split("<form")
            .find(|form| form.contains(&format!("name=\"intent\" value=\"{intent}\"")))
            .unwrap_or_else(|| panic!("no form {intent} in {}", self.page));
        let form = form.split("</form>").next().unwrap();
        form.split("<input")
            .skip(1)
            .filter_map(|input| {
                let tag = input.split('>').next().unwrap();
                let value = |name: &str| {
                    let start = tag.find(&format!(" {name}=\""))? + name.len() + 3;
                    Some(tag[start..].split('"').next().unwrap().to_owned())
                };
                (value("type")? == "hidden")
                    .then(|| (value("name").unwrap(), value("value").unwrap()))
            })
            .collect()
    }

    /// Returns the link's handle from the hidden fields of this form.
    pub fn link(&self, intent: &str) -> String {
        self.hidden_field(intent, "link")
    }

    fn hidden_field(&self, intent: &str, field: &str) -> String {
        let hidden = self.hidden(intent);
        let (_, value) = hidden.iter().find(|(name, _)| name == field).unwrap();
        value.clone()
    }

    /// Submits the form with the typed values, as a browser does.
    pub async fn send(&self, browser: &Browser, intent: &str, typed: &[(&str, &str)]) -> Reply {
        let hidden = self.hidden(intent);
        let typed = typed.iter().filter(|(name, _)| *name != "intent");
        let fields: Vec<(&str, &str)> = hidden
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .chain(typed.copied())
            .collect();
        browser.post(&self.address, &fields).await
    }
}

struct Two {
    site: Site,
    north: Person,
    south: Person,
    browser: Browser,
    north_tab: Tab,
    south_tab: Tab,
}

/// Two institutions invite one person, who opens both links in one browser, South's last.
async fn two() -> Two {
    let site = Site::new().await;
    let north = site.institution("North").await;
    let south = site.institution("South").await;
    let to_north = site.invited(&north, "pia@example.org", "Basic").await;
    let to_south = site.invited(&south, "pia@example.org", "Basic").await;
    let browser = site.browser();
    let north_tab = Tab::open(&browser, &to_north).await;
    let south_tab = Tab::open(&browser, &to_south).await;
    Two {
        site,
        north,
        south,
        browser,
        north_tab,
        south_tab,
    }
}

impl Two {
    /// Returns the person's states in North and South.
    async fn states(&self) -> [String; 2] {
        let state = |slug: &'static str| async move {
            self.site
                .text(
                    "SELECT m.status FROM muster.memberships m JOIN muster.institutions i ON i.id = m.institution_id
                     WHERE i.slug = $1 AND m.email = 'pia@example.org' ORDER BY m.created_at DESC LIMIT 1",
                    slug,
                )
                .await
                .unwrap()
        };
        [state("north").await, state("south").await]
    }
}

fn named(mut arguments: Value, link: &str) -> Value {
    arguments["link"] = json!(link);
    arguments
}

#[tokio::test]
async fn each_tab_keeps_showing_its_own_invitation() {
    let two = two().await;
    assert_ne!(two.north_tab.address, two.south_tab.address);
    for _ in 0..2 {
        for (tab, name) in [(&two.north_tab, "North"), (&two.south_tab, "South")] {
            let again = Tab::at(&two.browser, &tab.address).await;
            assert!(says(&again.page, &format!("Join {name}")), "{name}");
        }
    }
}

#[tokio::test]
async fn accepting_in_the_older_tab_accepts_the_invitation_that_it_shows() {
    for script in [false, true] {
        let two = two().await;
        if script {
            let arguments = named(new_account("heron.pia"), &two.north_tab.link("accept"));
            let joined = two.browser.call("accept", &arguments).await.expect(200);
            assert_eq!(joined.json()["Joined"]["to"], "/i/north");
        } else {
            let typed = accepting("heron.pia", PASSWORD);
            let joined = two.north_tab.send(&two.browser, "accept", &typed).await;
            assert_eq!(joined.expect(303).location(), "/i/north");
        }
        assert_eq!(
            two.states().await,
            ["active", "invited"],
            "script: {script}"
        );
        // The other tab's invitation is unchanged and fits the account that now exists.
        let south = Tab::at(&two.browser, &two.south_tab.address).await;
        let joined = south.send(&two.browser, "confirm", &[]).await;
        assert_eq!(joined.expect(303).location(), "/i/south");
        assert_eq!(two.states().await, ["active", "active"]);
    }
}

#[tokio::test]
async fn declining_in_the_older_tab_declines_the_invitation_that_it_shows() {
    for script in [false, true] {
        let two = two().await;
        if script {
            let about = json!({ "link": two.north_tab.link("decline") });
            two.browser.call("decline", &about).await.expect(200);
        } else {
            let declined = two.north_tab.send(&two.browser, "decline", &[]).await;
            assert!(says(&declined.expect(200).body, "Invitation declined"));
        }
        assert_eq!(two.states().await[1], "invited", "script: {script}");
        Tab::at(&two.browser, &two.south_tab.address).await;
        two.browser.get(&two.north_tab.address).await.expect(410);
    }
}

#[tokio::test]
async fn requesting_a_new_invitation_in_the_older_tab_asks_the_institution_it_shows() {
    for script in [false, true] {
        let two = two().await;
        sqlx::query("UPDATE muster.invitations SET expires_at = clock_timestamp()")
            .execute(two.site.sql())
            .await
            .unwrap();
        let north = Tab::at(&two.browser, &two.north_tab.address).await;
        Tab::at(&two.browser, &two.south_tab.address).await;
        if script {
            let about = json!({ "link": north.link("ask_again") });
            two.browser.call("ask_again", &about).await.expect(200);
        } else {
            north.send(&two.browser, "ask_again", &[]).await.expect(200);
        }
        let asked = "SELECT string_agg(i.slug, ',') FROM muster.invitations v
            JOIN muster.institutions i ON i.id = v.institution_id WHERE v.asked_again_at IS NOT NULL AND $1 = ''";
        assert_eq!(
            two.site.text(asked, "").await.as_deref(),
            Some("north"),
            "script: {script}"
        );
    }
}

#[tokio::test]
async fn confirming_in_the_older_tab_joins_the_institution_that_it_shows() {
    for script in [false, true] {
        let two = two().await;
        let west = two.site.institution("West").await;
        let pia = two
            .site
            .member(&west, "pia@example.org", "heron.pia", "Basic")
            .await;
        sign_in(&two.browser, &pia.username, PASSWORD)
            .await
            .expect(200);
        let north = Tab::at(&two.browser, &two.north_tab.address).await;
        Tab::at(&two.browser, &two.south_tab.address).await;
        if script {
            let about = json!({ "link": north.link("confirm") });
            let joined = two.browser.call("accept_confirm", &about).await.expect(200);
            assert_eq!(joined.json()["to"], "/i/north");
        } else {
            let joined = north.send(&two.browser, "confirm", &[]).await;
            assert_eq!(joined.expect(303).location(), "/i/north");
        }
        let state = "SELECT m.status FROM muster.memberships m JOIN muster.institutions i ON i.id = m.institution_id
            WHERE i.slug = 'south' AND m.email = $1";
        let south = two.site.text(state, "pia@example.org").await;
        assert_eq!(south.as_deref(), Some("invited"), "script: {script}");
    }
}

#[tokio::test]
async fn a_reset_changes_only_the_password_of_the_account_shown() {
    for script in [false, true] {
        let site = Site::new().await;
        let first = site.institution("North").await;
        let second = site.institution("South").await;
        let browser = site.browser();
        let mut tabs = Vec::new();
        for person in [&first, &second] {
            let draft = json!({ "draft": { "identifier": person.username } });
            browser.call("ask_reset", &draft).await.expect(200);
            tabs.push(Tab::open(&browser, &link(&site.mail().await)).await);
            assert!(tabs.last().unwrap().page.contains(&person.username));
        }
        if script {
            let arguments = named(
                json!({ "draft": { "password": NEW } }),
                &tabs[0].link("reset_password"),
            );
            browser.call("reset_password", &arguments).await.expect(200);
        } else {
            let typed = [("password", NEW)];
            tabs[0]
                .send(&browser, "reset_password", &typed)
                .await
                .expect(303);
        }
        sign_in(&site.browser(), &first.username, NEW)
            .await
            .expect(200);
        sign_in(&site.browser(), &second.username, PASSWORD)
            .await
            .expect(200);
        sign_in(&site.browser(), &second.username, NEW)
            .await
            .expect(401);
        // The other link has not been redeemed.
        Tab::at(&browser, &tabs[1].address).await;
    }
}

#[tokio::test]
async fn an_unlock_unlocks_the_account_shown() {
    for script in [false, true] {
        let site = Site::new().await;
        let chief = site.institution("North").await;
        let browser = site.browser();
        let mut tabs = Vec::new();
        for (email, username) in [
            ("pia@example.org", "heron.pia"),
            ("otto@example.org", "heron.otto"),
        ] {
            let person = site.member(&chief, email, username, "Basic").await;
            fail(&site, &site.browser(), &person.username, LOCKS_AFTER).await;
            tabs.push(Tab::open(&browser, &link(&site.mail().await)).await);
        }
        if script {
            let about = json!({ "link": tabs[0].link("unlock") });
            browser.call("unlock", &about).await.expect(200);
        } else {
            tabs[0].send(&browser, "unlock", &[]).await.expect(303);
        }
        let locked = "SELECT username FROM muster.accounts WHERE locked_at IS NOT NULL AND $1 = ''";
        assert_eq!(site.text(locked, "").await.as_deref(), Some("heron.otto"));
    }
}

#[tokio::test]
async fn a_link_reference_of_one_page_does_nothing_on_another() {
    let two = two().await;
    let accept = two.north_tab.link("accept");
    for (function, arguments) in [
        ("reset_password", json!({ "draft": { "password": NEW } })),
        ("unlock", json!({})),
        ("confirm", json!({ "draft": { "password": NEW } })),
        ("set_up", json!({ "draft": {} })),
    ] {
        let reply = two.browser.call(function, &named(arguments, &accept)).await;
        assert_eq!(reply.expect(410).refused(), "LinkMissing", "{function}");
    }
}

#[tokio::test]
async fn a_form_that_shows_an_outdated_role_is_not_accepted_and_shows_the_new_one() {
    for script in [false, true] {
        let two = two().await;
        let id: uuid::Uuid = sqlx::query_scalar(
            "SELECT m.id FROM muster.memberships m JOIN muster.institutions i ON i.id = m.institution_id
             WHERE i.slug = 'north' AND m.email = 'pia@example.org'",
        )
        .fetch_one(two.site.sql())
        .await
        .unwrap();
        let role = two.site.role(&two.north, "Administrator").await;
        let about = json!({ "slug": "north", "id": id });
        let row = two
            .north
            .browser
            .call("user", &about)
            .await
            .expect(200)
            .json();
        let mut edit = about.clone();
        edit["draft"] = json!({
            "first_name": "Ines", "last_name": "Caro", "role": role, "version": row["version"].to_string(),
        });
        let edited = two.north.browser.call("edit_user", &edit).await.expect(200);
        assert!(edited.body.contains("Saved"), "{}", edited.body);
        let arguments = named(new_account("heron.pia"), &two.north_tab.link("accept"));
        if script {
            let refused = two.browser.call("accept", &arguments).await.expect(409);
            assert_eq!(refused.refused(), "PageOutdated");
        } else {
            let typed = accepting("heron.pia", PASSWORD);
            let again = two.north_tab.send(&two.browser, "accept", &typed).await;
            let again = again.expect(409).body;
            assert!(says(
                &again,
                "The invitation has changed since you opened this page."
            ));
            assert!(says(&again, "Administrator"), "the new role is shown");
            assert!(again.contains("heron.pia"), "what was typed stays");
        }
        assert_eq!(two.states().await, ["invited", "invited"]);
        assert_eq!(
            two.site.count("SELECT count(*) FROM muster.accounts").await,
            2
        );
        // The page that is shown then does what it shows.
        let again = Tab::at(&two.browser, &two.north_tab.address).await;
        let typed = accepting("heron.pia", PASSWORD);
        again.send(&two.browser, "accept", &typed).await.expect(303);
        assert_eq!(two.south.slug, "south");
    }
}

#[tokio::test]
async fn a_browser_keeps_only_the_newest_links_but_older_forms_still_work() {
    let site = Site::new().await;
    let chief = site.institution("North").await;
    let browser = site.browser();
    let mut tabs = Vec::new();
    for number in 0..20 {
        let email = format!("person{number}@example.org");
        let path = site.invited(&chief, &email, "Basic").await;
        tabs.push(Tab::open(&browser, &path).await);
    }
    assert_eq!(browser.cookies("muster-accept-").len(), 16);
    browser.get(&tabs[0].address).await.expect(410);
    Tab::at(&browser, &tabs[19].address).await;
    let typed = accepting("heron.pia", PASSWORD);
    tabs[0].send(&browser, "accept", &typed).await.expect(303);
}

/// Two people of an institution, and a browser in which Pia opened `path` and Otto signed in afterwards.
async fn signed_in_again(path: &str, arrange: &'static str) -> (Site, Browser, Tab) {
    let site = Site::new().await;
    let chief = site.institution("North").await;
    for (email, username) in [
        ("pia@example.org", "heron.pia"),
        ("otto@example.org", "heron.otto"),
    ] {
        site.member(&chief, email, username, "Basic").await;
        site.run(arrange, username).await;
    }
    site.mails().await;
    let browser = site.browser();
    sign_in(&browser, "heron.pia", PASSWORD).await.expect(200);
    let tab = Tab::at(&browser, path).await;
    assert!(tab.page.contains("heron.pia"));
    sign_in(&browser, "heron.otto", PASSWORD).await.expect(200);
    (site, browser, tab)
}

/// Submits the form, which must be refused and, without script, show the page of the account that is signed in.
async fn other_account(
    (browser, tab): (&Browser, &Tab),
    script: bool,
    intent: &str,
    typed: &[(&str, &str)],
) {
    if script {
        let draft: serde_json::Map<String, Value> = typed
            .iter()
            .map(|(name, value)| ((*name).to_owned(), json!(value)))
            .collect();
        let account = tab.hidden_field(intent, "account");
        let arguments = json!({ "account": account, "draft": draft });
        let refused = browser.call(intent, &arguments).await.expect(409);
        assert_eq!(refused.refused(), "OtherAccount", "{intent}");
    } else {
        let again = tab.send(browser, intent, typed).await.expect(409).body;
        assert!(
            says(&again, "You’ve signed in to another account"),
            "{intent}"
        );
        assert!(again.contains("heron.otto") && !again.contains("heron.pia"));
    }
}

#[tokio::test]
async fn a_password_is_chosen_only_for_the_account_shown() {
    let choosing = "UPDATE muster.accounts SET must_change_password = true WHERE username = $1";
    for script in [false, true] {
        let (site, browser, tab) = signed_in_again("/new-password", choosing).await;
        let typed = [("password", NEW)];
        other_account((&browser, &tab), script, "choose_password", &typed).await;
        for username in ["heron.pia", "heron.otto"] {
            let elsewhere = site.browser();
            sign_in(&elsewhere, username, NEW).await.expect(401);
        }
        assert!(site.mails().await.is_empty());
        // The page that is shown then does what it shows.
        let again = Tab::at(&browser, "/new-password").await;
        let chosen = again.send(&browser, "choose_password", &typed).await;
        chosen.expect(303);
        let elsewhere = site.browser();
        sign_in(&elsewhere, "heron.otto", NEW).await.expect(200);
        sign_in(&elsewhere, "heron.pia", NEW).await.expect(401);
    }
}

#[tokio::test]
async fn the_profile_changes_only_the_account_shown() {
    let unconfirmed =
        "UPDATE muster.accounts SET unconfirmed_email = email, email = NULL WHERE username = $1";
    let change = [("current", PASSWORD), ("password", NEW)];
    for script in [false, true] {
        let (site, browser, tab) = signed_in_again("/profile", unconfirmed).await;
        let otto = async || {
            let account = "SELECT concat_ws(' ', language, password_hash) FROM muster.accounts WHERE username = $1";
            site.text(account, "heron.otto").await
        };
        let before = otto().await;
        for (intent, typed) in [
            ("choose_language", &[("language", "de")][..]),
            ("change_password", &change[..]),
            ("confirm_address", &[][..]),
        ] {
            other_account((&browser, &tab), script, intent, typed).await;
        }
        assert_eq!(otto().await, before);
        assert!(site.mails().await.is_empty());
        // The same person may sign in again in another tab.
        let again = Tab::at(&browser, "/profile").await;
        sign_in(&browser, "heron.otto", PASSWORD).await.expect(200);
        again
            .send(&browser, "change_password", &change)
            .await
            .expect(200);
        again
            .send(&browser, "confirm_address", &[])
            .await
            .expect(200);
        let language = [("language", "de")];
        again
            .send(&browser, "choose_language", &language)
            .await
            .expect(303);
    }
}
