//! The main flow with plain forms, without a script.

use crate::support::{PASSWORD, Site, link};

/// Returns whether the page contains the sentence, which is HTML-escaped there.
pub fn says(page: &str, sentence: &str) -> bool {
    page.replace("&amp;", "&")
        .replace("&#x27;", "'")
        .replace("&quot;", "\"")
        .contains(sentence)
}

pub fn accepting<'a>(username: &'a str, password: &'a str) -> [(&'static str, &'a str); 6] {
    [
        ("intent", "accept"),
        ("first_name", "Marty"),
        ("last_name", "Quist"),
        ("username", username),
        ("password", password),
        ("language", "en"),
    ]
}

#[tokio::test]
async fn everything_from_setup_to_the_first_member_works_without_a_script() {
    let site = Site::new().await;
    let set_up = site.open_setup().await;
    let admin = site.browser();
    assert_eq!(admin.get(&set_up).await.expect(303).page(), "/setup");
    admin.get("/setup").await.expect(200);
    let mut form = vec![
        ("intent", "set_up"),
        ("institution_name", "Harbour"),
        ("time_zone", "Europe/Berlin"),
        ("language", "en"),
        ("first_name", "Amara"),
        ("last_name", "Okafor"),
        ("email", "amara@example.org"),
        ("username", "heron.chief"),
        ("password", "short"),
    ];
    let again = admin.post("/setup", &form).await.expect(422);
    assert!(
        again.body.contains("heron.chief") && again.body.contains("amara@example.org"),
        "what was typed stays"
    );
    assert!(says(&again.body, "Use at least 15 characters."));
    form[8] = ("password", PASSWORD);
    assert_eq!(
        admin.post("/setup", &form).await.expect(303).location(),
        "/i/harbour/users"
    );
    admin.get("/i/harbour/users").await.expect(200);
    assert!(admin.cookie("muster").is_some());
    site.browser().get(&set_up).await;
    admin.post("/setup", &form).await.expect(410);

    let page = admin.get("/i/harbour/invite").await.expect(200);
    let role = page
        .body
        .split("value=\"")
        .filter_map(|part| part.get(..36))
        .find(|id| uuid::Uuid::parse_str(id).is_ok());
    let role = role.expect("the page offers roles");
    let form = [
        ("intent", "invite"),
        ("rows[0][email]", "pia@example.org"),
        ("rows[0][role]", role),
        ("rows[1][email]", "not an address"),
        ("rows[1][role]", role),
        ("note", "Welcome!"),
    ];
    let outcome = admin.post("/i/harbour/invite", &form).await.expect(200);
    assert!(says(&outcome.body, "Enter a valid email address."));
    assert!(
        outcome.body.contains("not an address"),
        "the wrong row stays as it was typed"
    );

    let phone = site.browser();
    assert_eq!(
        phone
            .get(&link(&site.mail().await))
            .await
            .expect(303)
            .page(),
        "/accept"
    );
    let page = phone.get("/accept").await.expect(200);
    for said in [
        "Harbour",
        "Amara Okafor",
        "pia@example.org",
        "name=\"username\"",
        "name=\"password\"",
    ] {
        assert!(says(&page.body, said), "{said}");
    }
    let joined = phone
        .post("/accept", &accepting("heron.pia", PASSWORD))
        .await
        .expect(303);
    assert_eq!(joined.location(), "/i/harbour");
    let home = phone.get("/i/harbour").await.expect(200);
    assert!(says(&home.body, "You joined Harbour."));
    assert!(
        !says(&phone.get("/i/harbour").await.body, "You joined Harbour."),
        "once"
    );
    let list = admin.get("/i/harbour/users").await.expect(200);
    assert!(says(&list.body, "Marty Quist") && says(&list.body, "ACTIVE"));
}

#[tokio::test]
async fn an_invalid_form_comes_back_with_its_entries_and_without_the_password() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    let browser = site.browser();
    browser
        .get(&site.invited(&chief, "pia@example.org", "Basic").await)
        .await;
    let secret = "never-back-to-the-page";
    let page = browser
        .post("/accept", &accepting("marty.88x", secret))
        .await
        .expect(422);
    assert!(
        says(
            &page.body,
            "The username can’t contain your name (“marty”)."
        ),
        "{}",
        page.body
    );
    assert!(page.body.contains("marty.88x") && page.body.contains("Quist"));
    assert!(!page.body.contains(secret));
    let page = browser
        .post("/accept", &accepting(&chief.username, secret))
        .await
        .expect(422);
    assert!(says(&page.body, "This username is already taken.") && !page.body.contains(secret));
    let form = [
        ("intent", "sign_in"),
        ("identifier", "heron.pia"),
        ("password", secret),
        ("to", "/profile"),
    ];
    let page = browser.post("/sign-in", &form).await.expect(401);
    assert!(says(&page.body, "Incorrect username, email or password."));
    assert!(page.body.contains("heron.pia") && !page.body.contains(secret));
    let form = [
        ("intent", "change_password"),
        ("current", secret),
        ("password", "another-lamp-by-the-sea"),
    ];
    let page = chief.browser.post("/profile", &form).await.expect(422);
    assert!(says(&page.body, "The current password is incorrect."));
    assert!(!page.body.contains(secret) && !page.body.contains("another-lamp"));
}

#[tokio::test]
async fn rows_can_be_added_without_a_script_and_keep_their_entries() {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    let form = [
        ("intent", "more_rows"),
        ("rows[0][email]", "pia@example.org"),
        ("note", "Hello"),
    ];
    let page = chief
        .browser
        .post("/i/harbour/invite", &form)
        .await
        .expect(200);
    assert!(page.body.contains("pia@example.org") && page.body.contains("rows[5][email]"));
    assert!(site.mails().await.is_empty());
}
