//! Institutions and people, made the way that people make them.

use muster::{draft::SetupDraft, ids::AccountId, institution::Slug};
use serde_json::{Value, json};
use server::{founding, passwords::Share, service::Service, store::links};

use super::{Browser, Site, link};

/// A password that the rules accept.
pub const PASSWORD: &str = "quiet-lamp-over-harbour";

/// Somebody with a session.
pub struct Person {
    /// Their browser.
    pub browser: Browser,
    /// Their address.
    pub email: String,
    /// Their username.
    pub username: String,
    /// Their institution's part of the path.
    pub slug: String,
}

impl Site {
    /// A fresh session of somebody, without the cost of a sign-in.
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

    /// Opens the first set-up, as the first start does; gives its link's path.
    pub async fn open_setup(&self) -> String {
        let token = self.service.keys.setup();
        let mut tx = self.service.store.across().await.unwrap();
        links::open_setup(&mut tx, &token.hash()).await.unwrap();
        tx.commit().await.unwrap();
        format!("/setup/{}", token.as_str())
    }

    /// Founds an institution by the first set-up (for the first) or as the command line does; gives its
    /// main contact, signed in.
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

    /// The id of a role that `by` may give, by its name.
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

    /// `by` invites; gives the outcome of the one row.
    pub async fn invite(&self, by: &Person, email: &str, role: &str) -> Value {
        let role = self.role(by, role).await;
        let draft = json!({ "slug": by.slug, "draft": { "rows": [{ "email": email, "role": role }], "note": "" } });
        let reply = by.browser.call("invite", &draft).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        reply.json()["rows"][0][1].clone()
    }

    /// `by` invites and the worker sends; gives the mailed link's path.
    pub async fn invited(&self, by: &Person, email: &str, role: &str) -> String {
        assert_eq!(self.invite(by, email, role).await, json!("Invited"));
        link(&self.mail().await)
    }

    /// Somebody new who was invited and accepted.
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

/// The arguments with which somebody new accepts.
pub fn new_account(username: &str) -> Value {
    json!({ "draft": {
        "first_name": "Marty", "last_name": "Quist", "username": username, "password": PASSWORD, "language": "en",
    }})
}
