//! A mailed link whose cookie is in another browser, or lost; and characters appended to a link.

use serde_json::json;

use crate::{
    link_tabs::Tab,
    locks::{LOCKS_AFTER, fail},
    no_script::{accepting, says},
    sign_in::sign_in,
    support::{Browser, ORIGIN, PASSWORD, Site, link, new_account},
};

const NEW: &str = "another-lamp-by-the-sea";
const OPEN_AGAIN: &str = "Open the link in the email again";

/// A link of each kind: its path, its page, the page's form and the values typed into it.
type Opened = (
    String,
    &'static str,
    &'static str,
    Vec<(&'static str, &'static str)>,
);

async fn one_of_each() -> (Site, Vec<Opened>) {
    let site = Site::new().await;
    let setup = site.open_setup().await;
    let form = vec![
        ("institution_name", "Harbour"),
        ("time_zone", "Europe/Berlin"),
        ("language", "en"),
        ("first_name", "Amara"),
        ("last_name", "Okafor"),
        ("email", "amara@example.org"),
        ("username", "heron.chief"),
        ("password", PASSWORD),
    ];
    (site, vec![(setup, "/setup", "set_up", form)])
}

/// Returns the links that need an institution.
async fn the_others(site: &Site) -> Vec<Opened> {
    let chief = site.institution("Meadow").await;
    let mut links = Vec::new();
    let draft = json!({ "draft": { "identifier": chief.username } });
    site.browser().call("ask_reset", &draft).await.expect(200);
    let path = link(&site.mail().await);
    links.push((path, "/reset", "reset_password", vec![("password", NEW)]));
    let pia = site
        .member(&chief, "pia@example.org", "heron.pia", "Basic")
        .await;
    fail(site, &site.browser(), &pia.username, LOCKS_AFTER).await;
    links.push((link(&site.mail().await), "/unlock", "unlock", Vec::new()));
    site.invited(&chief, "otto@example.org", "Basic").await;
    let about = json!({ "slug": "meadow", "id": site.membership("otto@example.org").await });
    let copied = chief.browser.call("copy_link", &about).await.expect(200);
    let copied = copied.json()["url"].as_str().unwrap().to_owned();
    let otto = site.browser();
    otto.join(copied.strip_prefix(ORIGIN).unwrap(), "heron.otto")
        .await;
    otto.call("confirm_address", &json!({})).await.expect(200);
    let path = link(&site.mail().await);
    links.push((path, "/confirm", "confirm", vec![("password", NEW)]));
    let path = site.invited(&chief, "nora@example.org", "Basic").await;
    let typed = accepting("heron.nora", PASSWORD).to_vec();
    links.push((path, "/accept", "accept", typed));
    links
}

#[tokio::test]
async fn the_form_of_a_link_page_works_without_the_cookie_while_its_link_is_valid() {
    let (site, mut links) = one_of_each().await;
    let mut more = None;
    while let Some((path, page, intent, typed)) = links.pop() {
        let browser = site.browser();
        let tab = Tab::open(&browser, &path).await;
        assert!(tab.address.starts_with(page));
        assert_eq!(browser.cookies("muster-").len(), 1);
        browser.lose_cookies("muster-");
        if typed.iter().any(|(name, _)| *name == "password") {
            // An invalid entry: what was typed is shown again, and the form still works.
            let wrong: Vec<_> = typed
                .iter()
                .map(|(name, value)| (*name, if *name == "password" { "short" } else { *value }))
                .collect();
            let again = tab.send(&browser, intent, &wrong).await.expect(422);
            for (name, value) in &typed {
                let kept = *name == "intent" || *name == "password" || again.body.contains(value);
                assert!(kept, "{page}: {name} is lost");
            }
            let again = Tab {
                address: tab.address.clone(),
                page: again.body,
            };
            assert!(!again.link(intent).is_empty());
            // From now on the URL works in this browser too.
            Tab::at(&browser, &tab.address).await;
            browser.lose_cookies("muster-");
        }
        tab.send(&browser, intent, &typed).await.expect(303);
        if more.is_none() {
            more = Some(());
            // The second institution is created as the command line does it.
            links = the_others(&site).await;
        }
    }
}

#[tokio::test]
async fn the_functions_of_a_link_page_work_without_the_cookie() {
    let site = Site::new().await;
    let links = the_others(&site).await;
    for (path, page, intent, _) in links {
        let browser = site.browser();
        let tab = Tab::open(&browser, &path).await;
        browser.lose_cookies("muster-");
        let link = tab.link(intent);
        let (function, mut arguments) = match page {
            "/accept" => ("accept", new_account("heron.nora")),
            "/reset" => ("reset_password", json!({ "draft": { "password": NEW } })),
            "/unlock" => ("unlock", json!({})),
            _ => ("confirm", json!({ "draft": { "password": NEW } })),
        };
        if page != "/unlock" {
            let asked = json!({ "link": link, "password": NEW, "hints": [] });
            browser.call("password_strength", &asked).await.expect(200);
        }
        arguments["link"] = json!(link);
        browser.call(function, &arguments).await.expect(200);
    }
}

#[tokio::test]
async fn a_link_page_without_its_cookie_asks_to_open_the_link_again() {
    let site = Site::new().await;
    let links = the_others(&site).await;
    for (path, page, intent, typed) in links {
        let first = site.browser();
        let tab = Tab::open(&first, &path).await;
        let second = site.browser();
        for address in [tab.address.as_str(), page] {
            let moved = second.get(address).await.expect(410);
            assert!(says(&moved.body, OPEN_AGAIN), "{address}: {}", moved.body);
            assert!(!moved.body.contains("withdrawn"), "{address}");
        }
        let again = Tab::open(&second, &path).await;
        again.send(&second, intent, &typed).await.expect(303);
    }
}

#[tokio::test]
async fn a_cookie_is_valid_as_long_as_its_link() {
    let site = Site::new().await;
    let links = the_others(&site).await;
    for (path, page, ..) in links {
        let opened = site.browser().get(&path).await.expect(303);
        let cookie = opened.headers["set-cookie"].to_str().unwrap().to_owned();
        let age = cookie.split("Max-Age=").nth(1).unwrap();
        let age: u64 = age.split(';').next().unwrap().parse().unwrap();
        let life = if page == "/reset" { 1800 } else { 24 * 3600 };
        assert!((life - 120..=life).contains(&age), "{page}: {age}");
    }
}

#[tokio::test]
async fn characters_appended_to_a_link_are_ignored() {
    let site = Site::new().await;
    let links = the_others(&site).await;
    for (path, page, ..) in links {
        let (start, token) = path.split_at(path.len() - 43);
        let (left, right) = token.split_at(20);
        for shape in [
            format!("{path}."),
            format!("{path},"),
            format!("{path})"),
            format!("{path}%29."),
            format!("{path}%3E"),
            format!("{path}/"),
            format!("{path}/?utm_source=mail"),
            format!("{path}?utm_source=mail"),
            format!("{path}%20"),
            format!("{path}%20%20and%20so%20on"),
            format!("{path}%0D%0A"),
            format!("{path}%E2%80%8B"),
            format!("{path}%FF"),
            format!("{start}%3C{token}%3E"),
            format!("{start}{left}%0D%0A{right}"),
            format!("{start}{left}%20{right}."),
        ] {
            let browser = site.browser();
            let opened = browser.get(&shape).await.expect(303);
            assert_eq!(opened.page(), page, "{shape}");
            browser.get(opened.location()).await.expect(200);
        }
    }
}

#[tokio::test]
async fn an_invalid_link_removes_no_cookie() {
    let site = Site::new().await;
    let links = the_others(&site).await;
    for (path, page, intent, typed) in links {
        let browser = site.browser();
        let tab = Tab::open(&browser, &path).await;
        let before = browser.cookies("muster-");
        let unknown = "A".repeat(43);
        for bad in ["x", "null", "%00", &path[path.len() - 20..], &unknown] {
            let opened = browser.get(&format!("{page}/{bad}")).await.expect(303);
            let dead = browser.get(opened.location()).await.expect(410);
            assert!(!says(&dead.body, OPEN_AGAIN), "{bad}");
        }
        assert_eq!(browser.cookies("muster-"), before);
        let again = Tab::at(&browser, &tab.address).await;
        again.send(&browser, intent, &typed).await.expect(303);
    }
}

async fn signed_in_elsewhere(site: &Site) -> (Browser, Tab) {
    let chief = site.institution("Harbour").await;
    let path = site.invited(&chief, "pia@example.org", "Basic").await;
    let tab = Tab::open(&chief.browser, &path).await;
    (chief.browser, tab)
}

#[tokio::test]
async fn signing_out_on_an_invitation_page_returns_to_it() {
    let site = Site::new().await;
    let (browser, tab) = signed_in_elsewhere(&site).await;
    assert!(says(
        &tab.page,
        "This invitation is for a different email address"
    ));
    let to = tab.hidden("sign_out");
    let fields: Vec<(&str, &str)> = to
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let out = browser.post("/sign-out", &fields).await.expect(303);
    assert_eq!(out.location(), tab.address);
    let again = Tab::at(&browser, &tab.address).await;
    let typed = accepting("heron.pia", PASSWORD);
    again.send(&browser, "accept", &typed).await.expect(303);
}

#[tokio::test]
async fn signing_out_never_redirects_to_another_site() {
    let site = Site::new().await;
    for to in ["https://evil.example", "//evil.example", "/\\evil.example"] {
        let out = site.browser().post("/sign-out", &[("to", to)]).await;
        assert_eq!(out.expect(303).location(), "/sign-in", "{to}");
    }
}

#[tokio::test]
async fn a_form_keeps_its_entries_when_another_person_signs_in_and_can_be_resubmitted() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    let path = site.invited(&chief, "pia@example.org", "Basic").await;
    let browser = site.browser();
    let tab = Tab::open(&browser, &path).await;
    sign_in(&browser, &chief.username, PASSWORD)
        .await
        .expect(200);
    let typed = accepting("heron.pia", PASSWORD);
    let page = tab.send(&browser, "accept", &typed).await.expect(422).body;
    assert!(says(
        &page,
        "This invitation is for a different email address"
    ));
    assert!(page.contains("heron.pia") && page.contains("Quist"));
    let again = Tab {
        address: tab.address,
        page,
    };
    let joined = again.send(&browser, "accept", &typed).await.expect(303);
    assert_eq!(joined.location(), "/i/harbour");
    let profile = browser.call("profile", &json!({})).await.expect(200).json();
    assert_eq!(profile["email"], "pia@example.org");
}

#[tokio::test]
async fn a_used_link_says_already_joined_only_to_the_person_who_joined() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    let path = site.invited(&chief, "pia@example.org", "Basic").await;
    let browser = site.browser();
    let tab = Tab::open(&browser, &path).await;
    let typed = accepting("heron.pia", PASSWORD);
    tab.send(&browser, "accept", &typed).await.expect(303);
    let told = "You already joined Harbour";
    // With Back, by the email, and by submitting the page's form again.
    let back = browser.get(&tab.address).await.body;
    let opened = browser.get(&path).await.expect(303).location().to_owned();
    let opened = browser.get(&opened).await.body;
    let sent = tab.send(&browser, "accept", &typed).await.body;
    for page in [back, opened, sent] {
        // The rendered page separates dynamic texts with markers.
        let page = page.replace("<!>", "");
        assert!(says(&page, told) && says(&page, "Open Harbour"), "{page}");
        assert!(page.contains("href=\"/i/harbour\""));
    }
    for other in [site.browser(), chief.browser] {
        let opened = other.get(&path).await.expect(303).location().to_owned();
        for address in [&opened, &tab.address] {
            let page = other.get(address).await.expect(410).body;
            assert!(!says(&page, told) && !page.contains("Harbour"), "{page}");
        }
    }
}
