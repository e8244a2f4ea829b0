//! The process: its database (embedded or external), connection pools, log and shutdown.

use std::{
    io::{IsTerminal as _, stderr},
    net::SocketAddr,
    sync::Arc,
    time::Duration,
};

use leptos::config::{Env, LeptosOptions};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
    time::Instant,
};
use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;

use crate::{
    config::{Config, Database, LogFormat, MailRoute},
    embedded_postgres::{self, EmbeddedPostgres, Kept, Settings},
    error::chain,
    http::{self, BODY_TIME, ConnectionLimits, Http, MailboxKey, PAGE_TIME, TrustedProxies},
    importer::Importer,
    keys::Keys,
    mail::{MailTransport, MailboxTransport, SmtpTransport},
    metrics::Sources,
    service::Service,
    store::{self, DATABASE_START, Role, RoleNames, Store, links},
    worker::Worker,
};

/// The number of connections of a web server and of a worker.
const APP_CONNECTIONS: u32 = 16;
const WORKER_CONNECTIONS: u32 = 8;

/// One clear sentence for a person at a terminal.
pub type Sentence = String;

/// The interval at which another Muster's database is checked for being ready or free.
const LOOK: Duration = Duration::from_millis(100);
const EMBEDDED_DATABASE: &str = "muster";

/// The database of a command.
pub struct Databases {
    embedded: Option<Kept>,
    owner: String,
    app: String,
    worker: String,
    roles: RoleNames,
}

/// What a command does if another Muster process runs the embedded database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InUse {
    /// Uses that database.
    Share,
    /// Refuses: two servers would work on it unnoticed.
    Refuse,
}

impl Databases {
    /// Starts the embedded database or finds the running one, or waits for an external one, and migrates the schema.
    ///
    /// # Errors
    /// Returns a sentence if the database is unreachable, in use by another process, or of a version that can't be
    /// migrated, or if its programs are missing.
    pub async fn open(config: &Config, in_use: InUse) -> Result<Self, Sentence> {
        let databases = Self::find(config, in_use).await?;
        store::migrate_as(&databases.owner, &databases.roles)
            .await
            .map_err(sentence)?;
        Ok(databases)
    }

    /// Creates only the roles, in a database into which a backup is about to be restored.
    ///
    /// # Errors
    /// Same as [`Self::open`].
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
                // Check the other logins first, so that their errors are reported before the owner creates anything.
                // The owner's login is checked next.
                let mut urls = vec![&databases.app, &databases.worker];
                urls.dedup();
                for url in urls.into_iter().filter(|url| **url != databases.owner) {
                    store::check(url).await.map_err(sentence)?;
                }
                Ok(databases)
            }
        }
    }

    /// Opens a pool with the app's role.
    ///
    /// # Errors
    /// Returns a sentence if that fails.
    pub async fn app(&self) -> Result<Store, Sentence> {
        Store::connect_as(&self.app, Role::App, &self.roles, APP_CONNECTIONS)
            .await
            .map_err(sentence)
    }

    /// Opens a pool with the worker's role.
    ///
    /// # Errors
    /// Returns a sentence if that fails.
    pub async fn worker(&self) -> Result<Store, Sentence> {
        Store::connect_as(&self.worker, Role::Worker, &self.roles, WORKER_CONNECTIONS)
            .await
            .map_err(sentence)
    }

    /// Stops the embedded database, if there is one.
    ///
    /// # Errors
    /// Returns a sentence if that fails.
    pub async fn close(self) -> Result<(), Sentence> {
        match self.embedded {
            Some(embedded) => embedded.stop().await.map_err(sentence),
            None => Ok(()),
        }
    }
}

/// Starts the embedded database, or returns the URL of the one that another Muster process runs if `in_use` allows
/// that. Retries for a while, because the other process may be starting or stopping it.
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

/// Initializes the log.
pub fn log(config: &Config) {
    let filter = EnvFilter::try_new(&config.log).unwrap_or_else(|_| EnvFilter::new("info"));
    // Colors are for terminals. In a file they are escape sequences.
    let colors =
        stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|set| set.is_empty());
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(colors)
        .with_writer(stderr);
    http::log_panics();
    // A second initialization (in tests) changes nothing.
    drop(match config.log_format {
        LogFormat::Text => log.try_init(),
        LogFormat::Json => log.json().try_init(),
    });
}

/// Runs the web server and a worker.
///
/// # Errors
/// Returns a sentence if the port is taken or the configuration or the database cannot be used.
pub async fn serve(config: Config) -> Result<(), Sentence> {
    let secret = config.secret().map_err(sentence)?;
    let route = config.mail().map_err(sentence)?;
    let listener = bind(config.listen, "MUSTER_LISTEN").await?;
    let metrics = bind_metrics(&config).await?;
    let stop = stopped_by_signals()?;
    let limits = ConnectionLimits::of_process();
    let trusted_proxies = TrustedProxies::new(config.trusted_proxies.clone());
    let opening = async {
        // Takes up to a second in a debug build. It runs while `while_starting` answers `/healthz`.
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
    let service = Arc::new(
        Service::new(
            &config,
            secret.expose(),
            databases.app().await?,
            matches!(route, MailRoute::Mailbox),
        )
        .map_err(sentence)?,
    );
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
    let sources = Sources::new(Some(Arc::clone(&service)), worker.store.clone());
    let measuring = tokio::spawn(measure(metrics, sources, stop.clone()));
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
        // Under `make dev`, pages listen for changes.
        .env(match std::env::var_os("LEPTOS_WATCH") {
            Some(_) => Env::DEV,
            None => Env::PROD,
        })
        .build();
    let router = http::router(
        Http {
            service,
            options,
            origins,
            trusted_proxies: trusted_proxies.clone(),
            mailbox,
            body_time: BODY_TIME,
            page_time: PAGE_TIME,
        },
        site_root,
    );
    let served = http::serve(listener, router, limits, trusted_proxies, stop.clone()).await;
    stop.cancel();
    drop(working.await);
    drop(importing.await);
    drop(measuring.await);
    databases.close().await?;
    served.map_err(|error| format!("the server stopped: {error}."))
}

/// Runs a worker only: it sends emails and works on imports.
///
/// # Errors
/// Returns a sentence if the configuration or the database cannot be used.
pub async fn work(config: Config) -> Result<(), Sentence> {
    let secret = config.secret().map_err(sentence)?;
    let route = config.mail().map_err(sentence)?;
    let metrics = bind_metrics(&config).await?;
    let stop = stopped_by_signals()?;
    let Some(databases) = opened(&config, &stop).await? else {
        return Ok(());
    };
    let worker = worker(&config, secret.expose(), route, databases.worker().await?)?;
    let importer = Arc::new(Importer {
        store: worker.store.clone(),
        keys: worker.keys.clone(),
    });
    let sources = Sources::new(None, worker.store.clone());
    tokio::join!(
        worker.run(stop.clone()),
        importer.run(stop.clone()),
        measure(metrics, sources, stop)
    );
    databases.close().await
}

async fn bind(address: SocketAddr, variable: &str) -> Result<TcpListener, Sentence> {
    TcpListener::bind(address).await.map_err(|error| {
        format!(
            "can't listen on {address} ({error}); stop the process that uses it, or set {variable} to another address."
        )
    })
}

/// Opens the listener of the metrics, if it is configured.
async fn bind_metrics(config: &Config) -> Result<Option<TcpListener>, Sentence> {
    let Some(address) = config.metrics_listen else {
        return Ok(None);
    };
    let listener = bind(address, "MUSTER_METRICS_LISTEN").await?;
    if !address.ip().is_loopback() {
        tracing::warn!(
            %address,
            "metrics are served without a password to everyone who reaches this address"
        );
    }
    Ok(Some(listener))
}

/// Serves the metrics until `stop`, if they have a listener.
async fn measure(listener: Option<TcpListener>, sources: Sources, stop: CancellationToken) {
    if let Some(listener) = listener
        && let Err(error) = http::serve_metrics(listener, sources, stop).await
    {
        tracing::error!(%error, "the metrics are no longer served");
    }
}

/// Opens the database of a server or worker. Returns `None` if the process is stopped first.
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

/// Prints the URL of Muster, and on the first start the link of the set-up.
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

/// Creates the key of the built-in mailbox and prints the link that opens it.
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

/// Returns the origins from which requests may change data. On a local machine `localhost` and `127.0.0.1` are both
/// allowed.
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

/// Returns a token that is canceled by Ctrl-C or a terminate signal.
///
/// # Errors
/// Returns a sentence if the signals can't be handled.
fn stopped_by_signals() -> Result<CancellationToken, Sentence> {
    // Registered before anything else happens: until then a signal would end the process without a shutdown.
    let mut interrupted = signal(SignalKind::interrupt()).map_err(sentence)?;
    let mut terminated = signal(SignalKind::terminate()).map_err(sentence)?;
    let stop = CancellationToken::new();
    let token = stop.clone();
    tokio::spawn(async move {
        tokio::select! {
            _ = interrupted.recv() => {}
            _ = terminated.recv() => {}
        }
        token.cancel();
    });
    Ok(stop)
}

fn sentence(error: impl std::error::Error + 'static) -> Sentence {
    chain(&error).to_string()
}

fn unreachable(error: sqlx::Error) -> Sentence {
    format!("the database can't be reached: {error}.")
}
