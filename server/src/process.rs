//! The running process: its database (embedded or given), its pools, its log, and how it ends.

use std::{
    io::{IsTerminal as _, stderr},
    net::SocketAddr,
    sync::Arc,
    time::Duration,
};

use leptos::config::{Env, LeptosOptions};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;

use crate::{
    config::{Config, Database, LogFormat, MailRoute},
    embedded_postgres::{self, EmbeddedPostgres, Kept, Settings},
    http::{self, BODY_TIME, ConnectionLimits, Http, MailboxKey, TrustedProxies},
    importer::Importer,
    keys::Keys,
    mail::{MailTransport, MailboxTransport, SmtpTransport},
    service::Service,
    store::{self, DATABASE_START, Role, RoleNames, Store, links},
    worker::Worker,
};

/// Connections of a serving process and of a worker.
const APP_CONNECTIONS: u32 = 16;
const WORKER_CONNECTIONS: u32 = 8;

/// One clear sentence for a person at a terminal.
pub type Sentence = String;

/// Between two looks at whether another Muster's database is ready or free.
const LOOK: Duration = Duration::from_millis(100);
const EMBEDDED_DATABASE: &str = "muster";

/// The database that a command works on.
pub struct Databases {
    embedded: Option<Kept>,
    owner: String,
    app: String,
    worker: String,
    roles: RoleNames,
}

/// What a command does where another Muster runs the embedded database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InUse {
    /// It works on that one.
    Share,
    /// It refuses: it would serve and work beside the other without saying so.
    Refuse,
}

impl Databases {
    /// Starts the embedded database where none is given, or finds the running one; waits for a given one that is not up yet;
    /// and brings the schema up to date.
    ///
    /// # Errors
    /// A sentence: unreachable, no binaries, taken by another process, an older version's schema.
    pub async fn open(config: &Config, in_use: InUse) -> Result<Self, Sentence> {
        let databases = Self::find(config, in_use).await?;
        store::migrate_as(&databases.owner, &databases.roles)
            .await
            .map_err(sentence)?;
        Ok(databases)
    }

    /// Creates the roles alone, in a database that a backup is about to be restored into.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub async fn create_roles(config: &Config) -> Result<(), Sentence> {
        let databases = Self::find(config, InUse::Share).await?;
        let created = store::create_roles(&databases.owner, &databases.roles, DATABASE_START);
        created.await.map_err(sentence)?;
        databases.close().await
    }

    async fn find(config: &Config, in_use: InUse) -> Result<Self, Sentence> {
        let roles = config.role_names.clone();
        match &config.database {
            Database::Embedded { bin_dir } => {
                let settings = Settings {
                    data_dir: config.data_dir.clone(),
                    bin_dir: bin_dir.clone(),
                    ephemeral: false,
                };
                let (embedded, url) = start_or_find(settings, in_use).await?;
                Ok(Self {
                    embedded,
                    owner: url.clone(),
                    app: url.clone(),
                    worker: url,
                    roles,
                })
            }
            Database::External {
                url,
                worker_url,
                owner_url,
            } => {
                let databases = Self {
                    embedded: None,
                    app: url.expose().to_owned(),
                    worker: worker_url.as_ref().unwrap_or(url).expose().to_owned(),
                    owner: owner_url.as_ref().unwrap_or(url).expose().to_owned(),
                    roles,
                };
                // Before anything is created by one login what another one finds wrong is said. The owner's is checked next.
                let mut urls = vec![&databases.app, &databases.worker];
                urls.dedup();
                for url in urls.into_iter().filter(|url| **url != databases.owner) {
                    store::check(url).await.map_err(sentence)?;
                }
                Ok(databases)
            }
        }
    }

    /// A pool as the app.
    ///
    /// # Errors
    /// A sentence.
    pub async fn app(&self) -> Result<Store, Sentence> {
        Store::connect_as(&self.app, Role::App, &self.roles, APP_CONNECTIONS)
            .await
            .map_err(sentence)
    }

    /// A pool as the worker.
    ///
    /// # Errors
    /// A sentence.
    pub async fn worker(&self) -> Result<Store, Sentence> {
        Store::connect_as(&self.worker, Role::Worker, &self.roles, WORKER_CONNECTIONS)
            .await
            .map_err(sentence)
    }

    /// Stops the embedded database, where there is one.
    ///
    /// # Errors
    /// A sentence.
    pub async fn close(self) -> Result<(), Sentence> {
        match self.embedded {
            Some(embedded) => embedded.stop().await.map_err(sentence),
            None => Ok(()),
        }
    }
}

/// Starts the embedded database; where another Muster runs it, gives that one's address, if that will do. Either may take a
/// moment: the other one may be starting or stopping it.
async fn start_or_find(
    settings: Settings,
    in_use: InUse,
) -> Result<(Option<Kept>, String), Sentence> {
    let deadline = Instant::now() + DATABASE_START;
    loop {
        let taken = match EmbeddedPostgres::start(settings.clone()).await {
            Ok(embedded) => {
                if let Some(notice) = embedded.notice() {
                    tracing::info!("{notice}");
                }
                embedded
                    .ensure_database(EMBEDDED_DATABASE)
                    .await
                    .map_err(sentence)?;
                let url = embedded.url(EMBEDDED_DATABASE);
                return Ok((Some(embedded.kept()), url));
            }
            Err(taken @ embedded_postgres::Error::InUse { .. }) if in_use == InUse::Share => taken,
            Err(error) => return Err(sentence(error)),
        };
        let running = embedded_postgres::running_url(&settings.data_dir, EMBEDDED_DATABASE);
        if let Some(url) = running.map_err(sentence)?
            && embedded_postgres::exists(&url).await
        {
            return Ok((None, url));
        }
        if Instant::now() > deadline {
            return Err(sentence(taken));
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// Begins the log.
pub fn log(config: &Config) {
    let filter = EnvFilter::try_new(&config.log).unwrap_or_else(|_| EnvFilter::new("info"));
    // Colors are for a person at a terminal: in a file they are escape sequences.
    let colors =
        stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|set| set.is_empty());
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(colors)
        .with_writer(stderr);
    http::log_panics();
    // A second beginning (in tests) changes nothing.
    drop(match config.log_format {
        LogFormat::Text => log.try_init(),
        LogFormat::Json => log.json().try_init(),
    });
}

/// Serves pages, with a worker beside.
///
/// # Errors
/// A sentence: a taken port, no mail route, no database.
pub async fn serve(config: Config) -> Result<(), Sentence> {
    let secret = config.secret().map_err(sentence)?;
    let route = config.mail().map_err(sentence)?;
    let listener = tokio::net::TcpListener::bind(config.listen).await.map_err(|error| {
        format!(
            "can't listen on {} ({error}); stop the process that uses it, or set MUSTER_LISTEN to another address.",
            config.listen
        )
    })?;
    let stop = stopped_by_signals();
    let limits = ConnectionLimits::of_process();
    let trusted_proxies = TrustedProxies::new(config.trusted_proxies.clone());
    let opening = async {
        // Up to a second in a debug build. Done while `/healthz` is still answered by `while_starting`.
        let paths = tokio::task::spawn_blocking(http::page_paths);
        let opened = opened(&config, &stop).await;
        paths.await.map_err(sentence)?;
        opened
    };
    let opened = if config.is_embedded() {
        opening.await
    } else {
        let (limits, trusted) = (limits.clone(), trusted_proxies.clone());
        let is_https = config.origin.is_https();
        http::while_starting(&listener, limits, trusted, is_https, opening).await
    };
    let Some(databases) = opened? else {
        return Ok(());
    };
    let service = Service::new(
        &config,
        secret.expose(),
        databases.app().await?,
        matches!(route, MailRoute::Mailbox),
    )
    .map_err(sentence)?;
    announce(&service, &config).await?;
    let origins = origins(&config);
    let mailbox = match route {
        MailRoute::Mailbox => open_mailbox(&service, &origins)?,
        MailRoute::Smtp(_) => None,
    };

    let worker = worker(&config, secret.expose(), route, databases.worker().await?)?;
    let importer = Arc::new(Importer {
        store: worker.store.clone(),
        keys: worker.keys.clone(),
    });
    let working = tokio::spawn(worker.run(stop.clone()));
    let importing = tokio::spawn(importer.run(stop.clone()));
    let site_root = config
        .site_root
        .clone()
        .unwrap_or_else(|| "target/site".into());
    let options = LeptosOptions::builder()
        .output_name("muster")
        .site_root(site_root.to_string_lossy())
        .site_pkg_dir("pkg")
        .site_addr(config.listen)
        // As `make dev` runs it: pages listen for changes.
        .env(match std::env::var_os("LEPTOS_WATCH") {
            Some(_) => Env::DEV,
            None => Env::PROD,
        })
        .build();
    let router = http::router(
        Http {
            service: Arc::new(service),
            options,
            origins,
            trusted_proxies: trusted_proxies.clone(),
            mailbox,
            body_time: BODY_TIME,
        },
        site_root,
    );
    let served = http::serve(listener, router, limits, trusted_proxies, stop.clone()).await;
    stop.cancel();
    drop(working.await);
    drop(importing.await);
    databases.close().await?;
    served.map_err(|error| format!("the server stopped: {error}."))
}

/// Sends mail and works on imports only.
///
/// # Errors
/// A sentence.
pub async fn work(config: Config) -> Result<(), Sentence> {
    let secret = config.secret().map_err(sentence)?;
    let route = config.mail().map_err(sentence)?;
    let stop = stopped_by_signals();
    let Some(databases) = opened(&config, &stop).await? else {
        return Ok(());
    };
    let worker = worker(&config, secret.expose(), route, databases.worker().await?)?;
    let importer = Arc::new(Importer {
        store: worker.store.clone(),
        keys: worker.keys.clone(),
    });
    tokio::join!(worker.run(stop.clone()), importer.run(stop));
    databases.close().await
}

/// The databases of a process that serves or works, or nothing where it is stopped while it waits for them.
async fn opened(config: &Config, stop: &CancellationToken) -> Result<Option<Databases>, Sentence> {
    tokio::select! {
        databases = Databases::open(config, InUse::Refuse) => databases.map(Some),
        () = stop.cancelled() => Ok(None),
    }
}

fn worker(
    config: &Config,
    secret: &[u8],
    route: MailRoute,
    store: Store,
) -> Result<Arc<Worker>, Sentence> {
    let transport: Arc<dyn MailTransport> = match route {
        MailRoute::Smtp(smtp) => Arc::new(SmtpTransport::new(&smtp).map_err(sentence)?),
        MailRoute::Mailbox => Arc::new(MailboxTransport::new(Arc::new(store.clone()))),
    };
    let keys = Keys::new(secret).map_err(sentence)?;
    let worker = Worker::new(store, keys, config.origin.clone(), transport);
    Ok(Arc::new(worker))
}

/// Says where Muster is, and on the first start how to set it up.
async fn announce(service: &Service, config: &Config) -> Result<(), Sentence> {
    let token = service.keys.setup();
    let opened = async {
        let mut tx = service.store.across().await?;
        if links::any_institution(&mut tx).await? {
            return Ok(false);
        }
        links::open_setup(&mut tx, &token.hash()).await?;
        tx.commit().await?;
        Ok::<_, sqlx::Error>(true)
    };
    let first_start = opened.await.map_err(unreachable)?;
    println!("Muster is running at {}", config.origin);
    if first_start {
        println!(
            "Set it up with this link: {}",
            service.address(&format!("/setup/{}", token.as_str()))
        );
    }
    Ok(())
}

/// Makes the key of the built-in mailbox, and prints the link that opens it.
fn open_mailbox(service: &Service, origins: &[String]) -> Result<Option<MailboxKey>, Sentence> {
    let made = MailboxKey::new(&service.origin, origins).map_err(sentence)?;
    if let Some((key, path)) = made {
        println!(
            "Emails go to the built-in mailbox. Open it in a browser on this machine: {}",
            service.address(&path)
        );
        return Ok(Some(key));
    }
    println!(
        "Emails are not delivered, and the built-in mailbox is disabled: it is available only if `origin` is this machine. \
         Set MUSTER_SMTP_HOST and MUSTER_SMTP_FROM."
    );
    Ok(None)
}

/// The origins whose pages may send. On a person's own machine `localhost` and `127.0.0.1` are one.
fn origins(config: &Config) -> Arc<[String]> {
    let mut origins = vec![config.origin.as_str().to_owned()];
    if config.is_embedded() && config.listen.ip().is_loopback() {
        origins.extend(
            ["localhost", "127.0.0.1"].map(|name| format!("http://{}", local(name, config.listen))),
        );
    }
    origins.into()
}

fn local(name: &str, listen: SocketAddr) -> String {
    match listen.port() {
        80 => name.to_owned(),
        port => format!("{name}:{port}"),
    }
}

/// Ends with the first Ctrl-C or a terminate signal.
fn stopped_by_signals() -> CancellationToken {
    let stop = CancellationToken::new();
    let token = stop.clone();
    tokio::spawn(async move {
        let terminated = async {
            match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
                Ok(mut signal) => {
                    signal.recv().await;
                }
                Err(_) => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            () = terminated => {}
        }
        token.cancel();
    });
    stop
}

fn sentence(error: impl std::fmt::Display) -> Sentence {
    error.to_string()
}

fn unreachable(error: sqlx::Error) -> Sentence {
    format!("the database can't be reached: {error}.")
}
