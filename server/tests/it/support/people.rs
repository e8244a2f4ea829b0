//! Institutions and people, created as people create them.

use muster::{draft::SetupDraft, ids::AccountId, institution::Slug};
use serde_json::{Value, json};
use server::{founding, passwords::Share, service::Service, store::links};

use super::{Browser, Site, link};

/// A password that the rules accept.
pub const PASSWORD: &str = "quiet-lamp-over-harbour";

/// A person with a session.
pub struct Person {
    pub browser: Browser,
    pub email: String,
    pub username: String,
    /// The slug of their institution.
    pub slug: String,
}

impl Site {
    /// Creates a session for a person, without the cost of a sign-in.
    pub async fn session(&self, person: &Person) -> Browser {
        let account = sqlx::query_scalar("SELECT id FROM muster.accounts WHERE username = $1")
            .bind(&person.username)
            .fetch_one(self.sql())
            .await
            .unwrap();
        let mut tx = self.service.store.across().await.unwrap();
        let cookie = self
            .service
            .begin_session(&mut tx, AccountId::from_uuid(account), false)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let browser = self.browser();
        let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
        browser.set_cookie(name, value);
        browser
    }

    /// Opens the first-time setup as the first start does; returns the path of its link.
    pub async fn open_setup(&self) -> String {
        let token = self.service.keys.setup();
        let mut tx = self.service.store.across().await.unwrap();
        links::open_setup(&mut tx, &token.hash()).await.unwrap();
        tx.commit().await.unwrap();
        format!("/setup/{}", token.as_str())
    }

    /// Creates an institution, the first by the first-time setup and others as the command line does; returns its main
    /// contact, signed in.
    pub async fn institution(&self, name: &str) -> Person {
        let stem: String = name.chars().filter(char::is_ascii_lowercase).collect();
        let (email, username) = (format!("chief@{stem}.example"), format!("kestrel.{stem}"));
        let service = &self.service;
        let browser = self.browser();
        if self.count("SELECT count(*) FROM muster.institutions").await > 0 {
            self.found_like_the_command_line(service, name, &email, &username)
                .await;
            let signed_in = browser
                .call(
                    "sign_in",
                    &json!({ "draft": { "identifier": email, "password": PASSWORD } }),
                )
                .await;
            assert_eq!(signed_in.status, 200, "{}", signed_in.body);
        } else {
            browser.get(&self.open_setup().await).await;
            let draft = json!({ "draft": {
                "institution_name": name, "time_zone": "Europe/Berlin", "language": "en", "first_name": "Amara",
                "last_name": "Okafor", "email": email, "username": username, "password": PASSWORD,
            }});
            let founded = browser.call("set_up", &draft).await;
            assert_eq!(founded.status, 200, "{}", founded.body);
        }
        let slug = Slug::from_name(name).as_str().to_owned();
        Person {
            browser,
            email,
            username,
            slug,
        }
    }

    async fn found_like_the_command_line(
        &self,
        service: &Service,
        name: &str,
        email: &str,
        username: &str,
    ) {
        let wanted = SetupDraft {
            institution_name: name.to_owned(),
            time_zone: "Europe/London".to_owned(),
            language: "en".to_owned(),
            first_name: "Bela".to_owned(),
            last_name: "Novak".to_owned(),
            email: email.to_owned(),
            username: username.to_owned(),
            password: PASSWORD.to_owned(),
        }
        .parse()
        .unwrap();
        let account = AccountId::from_uuid(uuid::Uuid::now_v7());
        let hash = service
            .passwords
            .hash(&Share::operator(), PASSWORD)
            .await
            .unwrap();
        let mut tx = service.store.across().await.unwrap();
        let new = founding::main_account(&wanted, account, &hash);
        founding::add_account(&mut tx, &new, None).await.unwrap();
        let founding = founding::Founding::of(&wanted, account);
        founding::found(&mut tx, &founding).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// Returns the id of the role with this name, which `by` may assign.
    pub async fn role(&self, by: &Person, name: &str) -> String {
        let roles = by
            .browser
            .call("role_choices", &json!({ "slug": by.slug }))
            .await
            .json();
        let role = roles
            .as_array()
            .unwrap()
            .iter()
            .find(|role| role["name"] == name)
            .unwrap();
        role["id"].as_str().unwrap().to_owned()
    }

    /// Invites as `by`; returns the outcome of the only row.
    pub async fn invite(&self, by: &Person, email: &str, role: &str) -> Value {
        let role = self.role(by, role).await;
        let draft = json!({ "slug": by.slug, "draft": { "rows": [{ "email": email, "role": role }], "note": "" } });
        let reply = by.browser.call("invite", &draft).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        reply.json()["rows"][0][1].clone()
    }

    /// Invites as `by` and sends the message; returns the path of the mailed link.
    pub async fn invited(&self, by: &Person, email: &str, role: &str) -> String {
        assert_eq!(self.invite(by, email, role).await, json!("Invited"));
        link(&self.mail().await)
    }

    /// Invites a new person, who accepts.
    pub async fn member(&self, by: &Person, email: &str, username: &str, role: &str) -> Person {
        let path = self.invited(by, email, role).await;
        let browser = self.browser();
        browser.get(&path).await;
        let accepted = browser.call("accept", &new_account(username)).await;
        assert_eq!(accepted.status, 200, "{}", accepted.body);
        Person {
            browser,
            email: email.to_owned(),
            username: username.to_owned(),
            slug: by.slug.clone(),
        }
    }
}

/// Returns the arguments with which a new person accepts.
pub fn new_account(username: &str) -> Value {
    json!({ "draft": {
        "first_name": "Marty", "last_name": "Quist", "username": username, "password": PASSWORD, "language": "en",
    }})
}
