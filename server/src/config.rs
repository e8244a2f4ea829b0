//! The configuration: `muster.toml`, overridden by environment variables.
//!
//! To add a key: add a field in `config/raw.rs` and its name in `raw::KEYS`, check the value here, and add a line to
//! `docs/OPERATIONS.md`. The environment variable follows from the name: `smtp.host` is `MUSTER_SMTP_HOST`.

mod database;
mod error;
mod origin;
mod raw;
mod secret;
mod smtp;
#[cfg(test)]
mod tests;

use std::ffi::OsString;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

pub use error::ConfigError;
pub use origin::Origin;
pub use secret::{Secret, SecretKey};
pub use smtp::{Smtp, SmtpTls};

use database::postgres_url;
use ipnet::{IpNet, Ipv4Net};
use raw::Raw;
use tracing_subscriber::EnvFilter;

use crate::store::RoleNames;

/// The default log filter. It hides the notices of Postgres about migrations that are already applied.
const DEFAULT_LOG: &str = "info,sqlx::postgres::notice=warn";

/// The checked configuration.
#[derive(Debug, Clone)]
pub struct Config {
    /// The address that the server listens on.
    pub listen: SocketAddr,
    /// The address that the metrics are served on, if they are served.
    pub metrics_listen: Option<SocketAddr>,
    /// The origin in the browser's address bar and in every mailed link.
    pub origin: Origin,
    /// The database: the embedded one, or an external one.
    pub database: Database,
    /// The names of Muster's roles in the database server.
    pub role_names: RoleNames,
    /// The folder for the data of this machine: the key and the embedded database.
    pub data_dir: PathBuf,
    /// How long sessions last.
    pub session: Session,
    /// The number of passwords hashed at once. Each takes 19 MiB.
    pub argon2_threads: usize,
    /// A `tracing` filter, such as `info` or `server=debug,info`.
    pub log: String,
    /// The format of log lines.
    pub log_format: LogFormat,
    /// The folder of the built stylesheet, WebAssembly and icons, if it is not the default.
    pub site_root: Option<PathBuf>,
    /// The networks whose requests may name the client's address in `X-Forwarded-For`.
    pub trusted_proxies: Vec<IpNet>,
    secret: Option<Secret>,
    smtp: Option<Smtp>,
}

/// The kind of database.
#[derive(Debug, Clone)]
pub enum Database {
    /// The one that Muster starts and stops.
    Embedded {
        /// The folder of `postgres` and `initdb`, if it is configured.
        bin_dir: Option<PathBuf>,
    },
    /// One that is operated separately.
    External {
        /// For the web server.
        url: Secret,
        /// For the worker, if it has its own login.
        worker_url: Option<Secret>,
        /// For migrations, if the owner has its own login.
        owner_url: Option<Secret>,
    },
}

/// The lifetimes of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Session {
    /// The session ends after this time without a request.
    pub idle: Duration,
    /// The session ends after this time in any case.
    pub absolute: Duration,
    /// The absolute limit if "keep me signed in" was ticked.
    pub keep: Duration,
}

/// The format of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// The destination of emails.
#[derive(Debug, Clone)]
pub enum MailRoute {
    /// An SMTP server.
    Smtp(Smtp),
    /// The built-in mailbox, for evaluation.
    Mailbox,
}

impl Config {
    /// Reads `file` (by default `muster.toml` in the working directory, if it exists), overridden by the environment.
    ///
    /// # Errors
    ///
    /// Returns an error if the file can't be read, a key is unknown, or a value is invalid.
    pub fn load(file: Option<&Path>) -> Result<Self, ConfigError> {
        let default = Path::new(raw::DEFAULT_FILE);
        let file = file.or_else(|| default.is_file().then_some(default));
        Self::from_sources(file, std::env::vars_os())
    }

    /// Reads `file`, overridden by the given environment instead of the process environment.
    ///
    /// # Errors
    ///
    /// Same as [`Config::load`].
    pub fn from_sources(
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Result<Self, ConfigError> {
        Self::check(raw::read(file, environment)?)
    }

    fn check(raw: Raw) -> Result<Self, ConfigError> {
        let listen = raw
            .listen
            .unwrap_or_else(|| SocketAddr::from((Ipv4Addr::LOCALHOST, 3000)));
        let metrics_listen = raw.metrics_listen;
        if metrics_listen.is_some_and(|metrics| overlaps(metrics, listen)) {
            return Err(ConfigError::invalid(
                "metrics_listen",
                "is the address of the public server (`listen`); set another port, because anyone could read the metrics there",
            ));
        }
        let origin = match &raw.origin {
            Some(origin) => Origin::parse(origin)?,
            None => Origin::of_listener(listen)?,
        };
        let data_dir = raw.data_dir.unwrap_or_else(|| PathBuf::from(".muster"));
        let data_dir = std::path::absolute(&data_dir)
            .map_err(|_| ConfigError::invalid("data_dir", "is not a valid path"))?;
        let database = match raw.database_url {
            Some(url) => Database::External {
                url: postgres_url("database_url", &url)?,
                worker_url: optional_url("worker_database_url", raw.worker_database_url)?,
                owner_url: optional_url("owner_database_url", raw.owner_database_url)?,
            },
            None if raw.worker_database_url.is_some() || raw.owner_database_url.is_some() => {
                return Err(ConfigError::invalid(
                    "worker_database_url or owner_database_url",
                    "is set, but database_url is not: set DATABASE_URL too, or neither for the embedded database",
                ));
            }
            None => Database::Embedded {
                bin_dir: raw.postgres_bin_dir,
            },
        };
        if let Some(secret) = &raw.secret {
            secret::check(secret)?;
        }
        let smtp = smtp::check(raw.smtp, &origin)?;
        let role_names = match raw.database_role_prefix.as_deref() {
            None => RoleNames::default(),
            Some(prefix) => RoleNames::parse(prefix).ok_or_else(|| {
                ConfigError::invalid(
                    "database_role_prefix",
                    "must start with a lowercase letter, contain only lowercase letters, digits and underscores, be at most \
                     50 characters long, and not start with `pg_`",
                )
            })?,
        };
        Ok(Self {
            listen,
            metrics_listen,
            origin,
            database,
            role_names,
            data_dir,
            session: session(&raw.session)?,
            argon2_threads: threads(raw.argon2_threads)?,
            log: log_filter(raw.log)?,
            log_format: match raw.log_format.as_deref() {
                None | Some("text") => LogFormat::Text,
                Some("json") => LogFormat::Json,
                Some(_) => {
                    return Err(ConfigError::invalid(
                        "log_format",
                        "must be `text` or `json`",
                    ));
                }
            },
            site_root: raw.site_root,
            trusted_proxies: raw
                .trusted_proxies
                .iter()
                .map(|network| proxy(network))
                .collect::<Result<_, _>>()?,
            secret: raw.secret,
            smtp,
        })
    }

    /// Returns whether Muster runs its own database.
    pub fn is_embedded(&self) -> bool {
        matches!(self.database, Database::Embedded { .. })
    }

    /// Returns the key from which links and hashes are derived.
    ///
    /// With the embedded database it is generated once and stored in `data_dir/secret`, readable only by its owner. It
    /// is not generated if a database already exists, which needs its own key.
    ///
    /// # Errors
    ///
    /// Returns an error if an external database is used without a configured key, if the file can't be read or written,
    /// or if the key is missing although a database exists.
    pub fn secret(&self) -> Result<SecretKey, ConfigError> {
        match (&self.secret, self.is_embedded()) {
            (Some(secret), _) => Ok(SecretKey::from(secret)),
            (None, true) => secret::kept_in(&self.data_dir),
            (None, false) => Err(ConfigError::Missing(
                "Set MUSTER_SECRET to at least 32 random characters (for example from `openssl rand -base64 32`): \
                 with a database of your own, every replica needs the same key.",
            )),
        }
    }

    /// Returns the destination of emails.
    ///
    /// # Errors
    ///
    /// Returns an error if an external database is used without an SMTP server.
    pub fn mail(&self) -> Result<MailRoute, ConfigError> {
        match (&self.smtp, self.is_embedded()) {
            (Some(smtp), _) => Ok(MailRoute::Smtp(smtp.clone())),
            (None, true) => Ok(MailRoute::Mailbox),
            (None, false) => Err(ConfigError::Missing(
                "Set MUSTER_SMTP_HOST and MUSTER_SMTP_FROM: with a database of your own, Muster starts only with a \
                 mail server, because invitations can't be sent without one.",
            )),
        }
    }
}

fn log_filter(set: Option<String>) -> Result<String, ConfigError> {
    let filter = set.unwrap_or_else(|| DEFAULT_LOG.to_owned());
    match EnvFilter::try_new(&filter) {
        Ok(_) => Ok(filter),
        Err(_) => Err(ConfigError::invalid(
            "log",
            "must be a `tracing` filter, such as `info` or `server=debug,info`",
        )),
    }
}

/// Returns whether two listeners would use the same address. They never do on port 0, for which the system chooses free
/// ports.
fn overlaps(one: SocketAddr, other: SocketAddr) -> bool {
    let (first, second) = (one.ip().to_canonical(), other.ip().to_canonical());
    let is_same_host = first == second || first.is_unspecified() || second.is_unspecified();
    one.port() == other.port() && one.port() != 0 && is_same_host
}

/// Parses a network (`172.16.0.0/12`) or a single address. An IPv4-mapped address becomes IPv4.
fn proxy(text: &str) -> Result<IpNet, ConfigError> {
    /// The number of bits before the IPv4 address in an IPv4-mapped one.
    const MAPPED_BITS: u8 = 96;
    let invalid = || {
        ConfigError::invalid(
            "trusted_proxies",
            "must be addresses or networks, such as `10.0.0.1` or `172.16.0.0/12`",
        )
    };
    let network = match text.parse::<IpAddr>() {
        Ok(address) => IpNet::from(address),
        Err(_) => text.parse().map_err(|_| invalid())?,
    };
    match (network.network().to_canonical(), network.prefix_len()) {
        (IpAddr::V4(address), bits @ MAPPED_BITS..) if matches!(network, IpNet::V6(_)) => {
            let network = Ipv4Net::new(address, bits - MAPPED_BITS).map_err(|_| invalid())?;
            Ok(network.into())
        }
        _ => Ok(network.trunc()),
    }
}

fn optional_url(key: &'static str, url: Option<Secret>) -> Result<Option<Secret>, ConfigError> {
    url.map(|url| postgres_url(key, &url)).transpose()
}

fn session(raw: &raw::RawSession) -> Result<Session, ConfigError> {
    const MINUTE: u64 = 60;
    // One year. A longer time is a typing error and could overflow an interval of the database.
    const LONGEST: u64 = 366 * 24 * 60 * MINUTE;
    let limit = |key, value: u64, unit: u64| match value.checked_mul(unit) {
        Some(seconds @ 1..=LONGEST) => Ok(Duration::from_secs(seconds)),
        _ => Err(ConfigError::invalid(
            key,
            "must be greater than 0 and at most one year",
        )),
    };
    let session = Session {
        idle: limit(
            "session.idle_minutes",
            raw.idle_minutes.unwrap_or(30),
            MINUTE,
        )?,
        absolute: limit(
            "session.absolute_hours",
            raw.absolute_hours.unwrap_or(12),
            60 * MINUTE,
        )?,
        keep: limit(
            "session.keep_days",
            raw.keep_days.unwrap_or(30),
            24 * 60 * MINUTE,
        )?,
    };
    if session.idle > session.absolute {
        return Err(ConfigError::invalid(
            "session.idle_minutes",
            "must not be longer than session.absolute_hours",
        ));
    }
    Ok(session)
}

fn threads(set: Option<usize>) -> Result<usize, ConfigError> {
    match set {
        Some(0) => Err(ConfigError::invalid("argon2_threads", "must be at least 1")),
        Some(threads) => Ok(threads),
        // One core is left for pages, so that sign-ins never starve them.
        None => Ok(std::thread::available_parallelism()
            .map_or(1, |cores| cores.get().saturating_sub(1).max(1))),
    }
}
