//! A whole Muster on a database of its own: replicas, a worker whose mails stay here, and people.

use std::{
    ffi::OsString,
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use leptos::config::LeptosOptions;
use muster::ids::{AccountId, InstitutionId};
use serde_json::{Value, json};
use server::{
    config::Config,
    http::{self, Http},
    keys::Keys,
    mail::{Delivery, MailTransport, OutgoingMail},
    service::Service,
    store::{Role, Store, links},
    worker::Worker,
};
use sqlx::PgPool;
use tokio_util::sync::CancellationToken;

use super::{
    Browser,
    postgres::{TestDatabase, database},
};

/// The origin that every replica is configured with, whatever its port.
pub const ORIGIN: &str = "http://muster.example";
const SECRET: &[u8] = b"a secret for tests, 32 bytes long";
/// A password that the rules accept.
pub const PASSWORD: &str = "quiet-lamp-over-harbour";

/// A whole Muster.
pub struct Site {
    database: TestDatabase,
    config: Config,
    worker: Worker,
    outbox: Arc<Captured>,
    /// A service on this database, to call without HTTP.
    pub service: Arc<Service>,
    /// The first replica's address.
    pub address: String,
    stop: CancellationToken,
}

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

/// A transport that keeps every mail, and says what it is told to say.
#[derive(Default)]
struct Captured {
    mails: Mutex<Vec<OutgoingMail>>,
    answer: Mutex<Option<Delivery>>,
}

#[async_trait]
impl MailTransport for Captured {
    async fn deliver(&self, mail: &OutgoingMail) -> Delivery {
        if let Some(answer) = self.answer.lock().unwrap().take() {
            return answer;
        }
        self.mails.lock().unwrap().push(mail.clone());
        Delivery::Accepted {
            response: "250 kept".to_owned(),
        }
    }
}

impl Site {
    /// A site without any institution.
    pub async fn new() -> Self {
        let database = database().await;
        let environment: Vec<(OsString, OsString)> = [
            ("MUSTER_ORIGIN", ORIGIN),
            ("DATABASE_URL", database.url.as_str()),
            ("MUSTER_SECRET", "a secret for tests, 32 bytes long"),
            ("MUSTER_SMTP_HOST", "127.0.0.1"),
            ("MUSTER_SMTP_FROM", "Muster <muster@example.org>"),
        ]
        .map(|(name, value)| (name.into(), value.into()))
        .to_vec();
        let config = Config::from_sources(None, environment).unwrap();
        let outbox = Arc::new(Captured::default());
        let transport = Arc::clone(&outbox) as Arc<dyn MailTransport>;
        let worker = worker(&config, &database, transport).await;
        let service = Arc::new(service(&config, &database).await);
        let mut site = Self {
            database,
            config,
            worker,
            outbox,
            service,
            address: String::new(),
            stop: CancellationToken::new(),
        };
        site.address = site.replica().await;
        site
    }

    /// One more replica; gives its address.
    pub async fn replica(&self) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address: SocketAddr = listener.local_addr().unwrap();
        let http = Http {
            service: Arc::new(service(&self.config, &self.database).await),
            options: LeptosOptions::builder().output_name("muster").build(),
            origins: Arc::from([ORIGIN.to_owned()]),
            trusted_proxies: Arc::from([] as [IpAddr; 0]),
        };
        let router = http::router(http, "/nonexistent".into());
        tokio::spawn(http::serve(listener, router, self.stop.clone()));
        format!("http://{address}")
    }

    /// One more worker, with a way out of the test's own.
    pub async fn worker(&self, transport: Arc<dyn MailTransport>) -> Worker {
        worker(&self.config, &self.database, transport).await
    }

    /// A fresh session of somebody, without the cost of a sign-in.
    pub async fn session(&self, person: &Person) -> Browser {
        let account = sqlx::query_scalar("SELECT id FROM muster.accounts WHERE username = $1")
            .bind(&person.username)
            .fetch_one(self.sql())
            .await
            .unwrap();
        let mut tx = self.service.store.across().await.unwrap();
        let cookie = self.service.begin_session(&mut tx, AccountId::from_uuid(account), false).await.unwrap();
        tx.commit().await.unwrap();
        let browser = self.browser();
        let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
        browser.set_cookie(name, value);
        browser
    }

    /// The invitation of the membership ends at this moment.
    pub async fn expire(&self, membership: &str) {
        self.run("UPDATE muster.invitations SET expires_at = clock_timestamp() WHERE membership_id = $1::uuid", membership)
            .await;
    }

    /// Whatever waits in the outbox is due now, and the last resend is long ago.
    pub async fn let_time_pass(&self) {
        for sql in [
            "UPDATE muster.outbox SET next_at = clock_timestamp() WHERE state = 'queued'",
            "UPDATE muster.invitations SET resent_at = resent_at - interval '10 minutes'",
            "TRUNCATE muster.rate_limits",
        ] {
            sqlx::query(sql).execute(self.sql()).await.unwrap();
        }
    }

    /// A statement with one text as `$1`, past row-level security; it must find a row.
    pub async fn run(&self, sql: &'static str, text: &str) {
        let done = sqlx::query(sql).bind(text).execute(self.sql()).await.unwrap();
        assert!(done.rows_affected() > 0, "{sql}: {text}");
    }

    /// The database, past row-level security: for arranging and for looking.
    pub fn sql(&self) -> &PgPool {
        &self.database.pool
    }

    /// The database's address, for a connection of another role.
    pub fn database_url(&self) -> &str {
        &self.database.url
    }

    /// A browser on the first replica.
    pub fn browser(&self) -> Browser {
        Browser::new(&self.address, ORIGIN)
    }

    /// Lets the worker send what is due; gives the mails, oldest first, and forgets them.
    pub async fn mails(&self) -> Vec<OutgoingMail> {
        self.worker.run_once().await.unwrap();
        std::mem::take(&mut *self.outbox.mails.lock().unwrap())
    }

    /// What the mail server says to the next mail.
    pub fn mail_server_says(&self, answer: Delivery) {
        *self.outbox.answer.lock().unwrap() = Some(answer);
    }

    /// The only mail that is due.
    pub async fn mail(&self) -> OutgoingMail {
        let mut mails = self.mails().await;
        assert_eq!(mails.len(), 1, "{mails:?}");
        mails.remove(0)
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
            self.found_like_the_command_line(service, name, &email, &username).await;
            let signed_in = browser.call("sign_in", &json!({ "draft": { "identifier": email, "password": PASSWORD } })).await;
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
        let slug = muster::institution::Slug::from_name(name).as_str().to_owned();
        Person { browser, email, username, slug }
    }

    async fn found_like_the_command_line(&self, service: &Service, name: &str, email: &str, username: &str) {
        use muster::draft::SetupDraft;
        use server::{founding, store::accounts};
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
        let hash = service.passwords.hash(PASSWORD).await.unwrap();
        let mut tx = service.store.across().await.unwrap();
        let new = accounts::NewAccount {
            id: account,
            email: &wanted.email,
            confirmed: true,
            username: &wanted.username,
            password_hash: &hash,
            language: "en",
        };
        founding::add_account(&mut tx, &new, None).await.unwrap();
        let founding = founding::Founding {
            name: &wanted.institution_name,
            time_zone: &wanted.time_zone,
            language: wanted.language,
            first_name: &wanted.first_name,
            last_name: &wanted.last_name,
            email: &wanted.email,
            account,
        };
        founding::found(&mut tx, &founding).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// The id of a role that `by` may give, by its name.
    pub async fn role(&self, by: &Person, name: &str) -> String {
        let roles = by.browser.call("role_choices", &json!({ "slug": by.slug })).await.json();
        let role = roles.as_array().unwrap().iter().find(|role| role["name"] == name).unwrap();
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

    /// The id of the membership with this address.
    pub async fn membership(&self, email: &str) -> String {
        let id: uuid::Uuid = sqlx::query_scalar("SELECT id FROM muster.memberships WHERE email = $1 ORDER BY created_at DESC LIMIT 1")
            .bind(email)
            .fetch_one(self.sql())
            .await
            .unwrap();
        id.to_string()
    }

    /// The institution's id.
    pub async fn institution_id(&self, slug: &str) -> InstitutionId {
        let id = sqlx::query_scalar("SELECT id FROM muster.institutions WHERE slug = $1")
            .bind(slug)
            .fetch_one(self.sql())
            .await
            .unwrap();
        InstitutionId::from_uuid(id)
    }

    /// What a `SELECT` of one text finds.
    pub async fn text(&self, sql: &'static str, text: &str) -> Option<String> {
        sqlx::query_scalar(sql).bind(text).fetch_one(self.sql()).await.unwrap()
    }

    /// What a `SELECT count(*)` counts.
    pub async fn count(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(self.sql()).await.unwrap()
    }
}

async fn worker(config: &Config, database: &TestDatabase, transport: Arc<dyn MailTransport>) -> Worker {
    Worker {
        store: Store::connect(&database.url, Role::Worker, 4).await.unwrap(),
        keys: Keys::new(SECRET).unwrap(),
        origin: config.origin.clone(),
        transport,
    }
}

async fn service(config: &Config, database: &TestDatabase) -> Service {
    let store = Store::connect(&database.url, Role::App, 12).await.unwrap();
    Service::new(config, SECRET, store, false).unwrap()
}

impl Drop for Site {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// The arguments with which somebody new accepts.
pub fn new_account(username: &str) -> Value {
    json!({ "draft": {
        "first_name": "Marty", "last_name": "Quist", "username": username, "password": PASSWORD, "language": "en",
    }})
}

/// The path of the link in a mail; it must lead to the configured origin.
pub fn link(mail: &OutgoingMail) -> String {
    let text = &mail.rendered.text;
    let start = text.find(ORIGIN).unwrap_or_else(|| panic!("no link of ours in {text}"));
    let rest = &text[start + ORIGIN.len()..];
    let end = rest.find(|character: char| character.is_whitespace() || character == '>').unwrap_or(rest.len());
    rest[..end].to_owned()
}
