//! A complete Muster on a database of its own: replicas, a worker whose messages are captured, and people.

use std::{
    ffi::OsString,
    path::PathBuf,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use ipnet::IpNet;
use leptos::config::{Env, LeptosOptions};
use muster::ids::InstitutionId;
use server::{
    config::{Config, Origin},
    http::{self, BODY_TIME, ConnectionLimits, Http, MailboxKey, PAGE_TIME, TrustedProxies},
    importer::Importer,
    keys::Keys,
    mail::{Delivery, MailTransport, OutgoingMail},
    service::Service,
    store::{Role, Store},
    worker::Worker,
};
use sqlx::PgPool;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::{
    Browser,
    postgres::{TestDatabase, database},
    process::{SECRET, until},
};

/// The origin of every replica, whatever its port.
pub const ORIGIN: &str = "http://muster.example";

/// A complete Muster.
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

/// The configuration of a replica.
pub struct Replica {
    /// The address to listen on, if not a free port of 127.0.0.1.
    pub listen: Option<&'static str>,
    /// The origin, if not [`ORIGIN`]; `PORT` in it is the port that the replica listens on.
    pub origin: Option<&'static str>,
    /// The folder with the site's files, if any.
    pub site_root: Option<PathBuf>,
    /// The proxies whose forwarded addresses are trusted.
    pub trusted_proxies: Vec<IpNet>,
    /// Whether it has the built-in mailbox.
    pub mailbox: bool,
    /// The limits of its connections.
    pub limits: ConnectionLimits,
    /// The time from a request's headers to the end of its body.
    pub body_time: Duration,
    /// The time limit for rendering a page.
    pub page_time: Duration,
}

impl Default for Replica {
    fn default() -> Self {
        Self {
            listen: None,
            origin: None,
            site_root: None,
            trusted_proxies: Vec::new(),
            mailbox: false,
            limits: ConnectionLimits::of_process(),
            body_time: BODY_TIME,
            page_time: PAGE_TIME,
        }
    }
}

/// A running replica.
pub struct Running {
    /// The replica's address.
    pub address: String,
    /// The path that opens its mailbox.
    pub mailbox_link: Option<String>,
    /// Stops the replica.
    pub stop: CancellationToken,
    /// Completes when the replica has stopped.
    pub served: JoinHandle<std::io::Result<()>>,
}

/// A transport that captures every message and returns a configured result.
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
    /// Creates a site without an institution.
    pub async fn new() -> Self {
        Self::on(database().await).await
    }

    /// Creates a site on this database.
    pub async fn on(database: TestDatabase) -> Self {
        super::panics::end_the_run();
        let environment: Vec<(OsString, OsString)> = [
            ("MUSTER_ORIGIN", ORIGIN),
            ("DATABASE_URL", database.url.as_str()),
            ("MUSTER_SECRET", SECRET),
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

    /// Starts another replica; returns its address.
    pub async fn replica(&self) -> String {
        let replica = self.replica_with(Replica::default()).await;
        // It serves until the site is dropped.
        drop(replica.served);
        replica.address
    }

    /// Starts another replica with this configuration.
    pub async fn replica_with(&self, replica: Replica) -> Running {
        let listen = replica.listen.unwrap_or("127.0.0.1:0");
        let listener = tokio::net::TcpListener::bind(listen).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let address = format!("http://127.0.0.1:{port}");
        let mut config = self.config.clone();
        if let Some(origin) = replica.origin {
            config.origin = Origin::parse(&origin.replace("PORT", &port.to_string())).unwrap();
        }
        let origins = [config.origin.as_str().to_owned()];
        let (mailbox, mailbox_link) = replica
            .mailbox
            .then(|| MailboxKey::new(&config.origin, &origins).unwrap())
            .flatten()
            .unzip();
        let store = Store::connect(&self.database.url, Role::App, 12)
            .await
            .unwrap();
        let service = Service::new(&config, SECRET.as_bytes(), store, replica.mailbox).unwrap();
        let trusted = TrustedProxies::new(replica.trusted_proxies);
        let http = Http {
            service: Arc::new(service),
            options: LeptosOptions::builder()
                .output_name("muster")
                .env(Env::PROD)
                .build(),
            origins: origins.into(),
            trusted_proxies: trusted.clone(),
            mailbox,
            body_time: replica.body_time,
            page_time: replica.page_time,
        };
        let site_root = replica.site_root.unwrap_or_else(|| "/nonexistent".into());
        let router = http::router(http, site_root);
        let stop = self.stop.child_token();
        let served = http::serve(listener, router, replica.limits, trusted, stop.clone());
        Running {
            address,
            mailbox_link,
            stop,
            served: tokio::spawn(served),
        }
    }

    /// Returns the service of another replica, to call without HTTP.
    pub async fn another_service(&self) -> Arc<Service> {
        Arc::new(service(&self.config, &self.database).await)
    }

    /// Waits until this many connections wait for a lock.
    pub async fn until_waiting(&self, connections: i64) {
        until("as many wait for a lock", async || {
            (self.waiting().await >= connections).then_some(())
        })
        .await;
    }

    /// Returns how many connections wait for a lock.
    pub async fn waiting(&self) -> i64 {
        self.count(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
        )
        .await
    }

    /// Creates another worker with the test's own transport.
    pub async fn worker(&self, transport: Arc<dyn MailTransport>) -> Worker {
        worker(&self.config, &self.database, transport).await
    }

    /// Creates a worker for imports.
    pub fn importer(&self) -> Importer {
        Importer {
            store: self.worker.store.clone(),
            keys: self.worker.keys.clone(),
        }
    }

    /// Deletes data that is no longer needed, as the worker does.
    pub async fn sweep(&self) {
        self.worker.sweep().await.unwrap();
    }

    /// Erases the data of former members that has exceeded its retention, as a worker does.
    pub async fn erase(&self) {
        self.worker.erase().await.unwrap();
    }

    /// Marks members of locked accounts, as a worker does.
    pub async fn sync_locks(&self) {
        self.worker.sync_locks().await.unwrap();
    }

    /// Expires the invitation of the membership.
    pub async fn expire(&self, membership: &str) {
        self.run("UPDATE muster.invitations SET expires_at = clock_timestamp() WHERE membership_id = $1::uuid", membership)
            .await;
    }

    /// Makes every message in the outbox due, and the last resend long ago.
    pub async fn let_time_pass(&self) {
        for sql in [
            "UPDATE muster.outbox SET next_at = clock_timestamp() WHERE state = 'queued'",
            "UPDATE muster.invitations SET resent_at = resent_at - interval '10 minutes'",
            "UPDATE muster.mail_pauses SET until = clock_timestamp()",
            "TRUNCATE muster.rate_limits",
        ] {
            sqlx::query(sql).execute(self.sql()).await.unwrap();
        }
    }

    /// Runs a statement with one text as `$1`, without row-level security; it must affect a row.
    pub async fn run(&self, sql: &'static str, text: &str) {
        let done = sqlx::query(sql)
            .bind(text)
            .execute(self.sql())
            .await
            .unwrap();
        assert!(done.rows_affected() > 0, "{sql}: {text}");
    }

    /// The database without row-level security: for arranging and asserting.
    pub fn sql(&self) -> &PgPool {
        &self.database.pool
    }

    /// Returns the database's URL, for a connection of another role.
    pub fn database_url(&self) -> &str {
        &self.database.url
    }

    /// Creates a browser on the first replica.
    pub fn browser(&self) -> Browser {
        Browser::new(&self.address, ORIGIN)
    }

    /// Lets the worker send what is due; returns the captured messages, oldest first, and clears them.
    pub async fn mails(&self) -> Vec<OutgoingMail> {
        self.worker.run_once().await.unwrap();
        std::mem::take(&mut *self.outbox.mails.lock().unwrap())
    }

    /// Sets the mail server's response to the next message.
    pub fn mail_server_says(&self, answer: Delivery) {
        *self.outbox.answer.lock().unwrap() = Some(answer);
    }

    /// Returns the only message that is due.
    pub async fn mail(&self) -> OutgoingMail {
        let mut mails = self.mails().await;
        assert_eq!(mails.len(), 1, "{mails:?}");
        mails.remove(0)
    }

    /// Returns the id of the membership with this address.
    pub async fn membership(&self, email: &str) -> String {
        let id: uuid::Uuid = sqlx::query_scalar(
            "SELECT id FROM muster.memberships WHERE email = $1 ORDER BY created_at DESC LIMIT 1",
        )
        .bind(email)
        .fetch_one(self.sql())
        .await
        .unwrap();
        id.to_string()
    }

    /// Returns the institution's id.
    pub async fn institution_id(&self, slug: &str) -> InstitutionId {
        let id = sqlx::query_scalar("SELECT id FROM muster.institutions WHERE slug = $1")
            .bind(slug)
            .fetch_one(self.sql())
            .await
            .unwrap();
        InstitutionId::from_uuid(id)
    }

    /// Returns the text that a `SELECT` finds.
    pub async fn text(&self, sql: &'static str, text: &str) -> Option<String> {
        sqlx::query_scalar(sql)
            .bind(text)
            .fetch_one(self.sql())
            .await
            .unwrap()
    }

    /// Returns the result of a `SELECT count(*)`.
    pub async fn count(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(self.sql()).await.unwrap()
    }
}

async fn worker(
    config: &Config,
    database: &TestDatabase,
    transport: Arc<dyn MailTransport>,
) -> Worker {
    let store = Store::connect(&database.url, Role::Worker, 4)
        .await
        .unwrap();
    let keys = Keys::new(SECRET.as_bytes()).unwrap();
    Worker::new(store, keys, config.origin.clone(), transport)
}

async fn service(config: &Config, database: &TestDatabase) -> Service {
    let store = Store::connect(&database.url, Role::App, 12).await.unwrap();
    Service::new(config, SECRET.as_bytes(), store, false).unwrap()
}

impl Drop for Site {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// Returns the path of the link in a message; it must lead to the configured origin.
pub fn link(mail: &OutgoingMail) -> String {
    let text = &mail.rendered.text;
    let start = text
        .find(ORIGIN)
        .unwrap_or_else(|| panic!("no link of ours in {text}"));
    let rest = &text[start + ORIGIN.len()..];
    let end = rest
        .find(|character: char| character.is_whitespace() || character == '>')
        .unwrap_or(rest.len());
    rest[..end].to_owned()
}
