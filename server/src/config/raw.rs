//! The keys as written, with only their names checked.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use config::{FileFormat, Source, Value, ValueKind};
use serde::Deserialize;

use super::{ConfigError, Secret};

pub(super) const DEFAULT_FILE: &str = "muster.toml";

/// Every key, with dots. The names of environment variables follow from these.
pub(super) const KEYS: &[&str] = &[
    "listen",
    "metrics_listen",
    "origin",
    "database_url",
    "worker_database_url",
    "owner_database_url",
    "database_role_prefix",
    "data_dir",
    "postgres_bin_dir",
    "secret",
    "smtp.host",
    "smtp.port",
    "smtp.tls",
    "smtp.username",
    "smtp.password",
    "smtp.from",
    "smtp.ehlo_name",
    "smtp.timeout_seconds",
    "smtp.pool",
    "smtp.ca_file",
    "session.idle_minutes",
    "session.absolute_hours",
    "session.keep_days",
    "argon2_threads",
    "log",
    "log_format",
    "site_root",
    "trusted_proxies",
];

const PREFIX: &str = "MUSTER_";
/// The variable with the file's path. The command line reads it.
const FILE_VARIABLE: &str = "MUSTER_CONFIG";
/// The conventional name of this variable.
const DATABASE_VARIABLE: &str = "DATABASE_URL";

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Raw {
    pub(super) listen: Option<SocketAddr>,
    pub(super) metrics_listen: Option<SocketAddr>,
    pub(super) origin: Option<String>,
    pub(super) database_url: Option<Secret>,
    pub(super) worker_database_url: Option<Secret>,
    pub(super) owner_database_url: Option<Secret>,
    pub(super) database_role_prefix: Option<String>,
    pub(super) data_dir: Option<PathBuf>,
    pub(super) postgres_bin_dir: Option<PathBuf>,
    pub(super) secret: Option<Secret>,
    pub(super) smtp: RawSmtp,
    pub(super) session: RawSession,
    pub(super) argon2_threads: Option<usize>,
    pub(super) log: Option<String>,
    pub(super) log_format: Option<String>,
    pub(super) site_root: Option<PathBuf>,
    pub(super) trusted_proxies: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawSmtp {
    pub(super) host: Option<String>,
    pub(super) port: Option<u16>,
    pub(super) tls: Option<String>,
    pub(super) username: Option<String>,
    pub(super) password: Option<Secret>,
    pub(super) from: Option<String>,
    pub(super) ehlo_name: Option<String>,
    pub(super) timeout_seconds: Option<u64>,
    pub(super) pool: Option<u32>,
    pub(super) ca_file: Option<PathBuf>,
}

impl RawSmtp {
    pub(super) fn is_empty(&self) -> bool {
        self.host.is_none()
            && self.port.is_none()
            && self.tls.is_none()
            && self.username.is_none()
            && self.password.is_none()
            && self.from.is_none()
            && self.ehlo_name.is_none()
            && self.timeout_seconds.is_none()
            && self.pool.is_none()
            && self.ca_file.is_none()
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawSession {
    pub(super) idle_minutes: Option<u64>,
    pub(super) absolute_hours: Option<u64>,
    pub(super) keep_days: Option<u64>,
}

pub(super) fn read(
    file: Option<&Path>,
    environment: impl IntoIterator<Item = (OsString, OsString)>,
) -> Result<Raw, ConfigError> {
    let mut builder = config::Config::builder();
    if let Some(file) = file {
        let source = config::File::from(file)
            .format(FileFormat::Toml)
            .required(true);
        let unusable = |error: config::ConfigError| ConfigError::File {
            file: file.to_owned(),
            reason: without_quote(&error),
        };
        let table = source.collect().map_err(unusable)?;
        let mut found = Vec::new();
        names(&table.into_iter().collect(), "", &mut found);
        if let Some(key) = found.into_iter().find(|key| !KEYS.contains(&key.as_str())) {
            let nearest = nearest(&key, KEYS.iter().copied());
            return Err(ConfigError::UnknownKey {
                file: file.to_owned(),
                key,
                nearest,
            });
        }
        builder = builder.add_source(source);
    }
    for (key, value) in from_environment(environment)? {
        let refused = |error: config::ConfigError| ConfigError::invalid(key, one_line(&error));
        builder = if key == "trusted_proxies" {
            let addresses: Vec<&str> = value
                .split(',')
                .map(str::trim)
                .filter(|part| !part.is_empty())
                .collect();
            builder.set_override(key, addresses).map_err(refused)?
        } else {
            builder.set_override(key, value).map_err(refused)?
        };
    }
    builder
        .build()
        .and_then(config::Config::try_deserialize)
        .map_err(|error| refused_value(&error))
}

/// Returns the keys set by the environment, by their names with dots. An empty variable counts as unset: many tools
/// define unset values that way.
fn from_environment(
    environment: impl IntoIterator<Item = (OsString, OsString)>,
) -> Result<BTreeMap<&'static str, String>, ConfigError> {
    let mut set = BTreeMap::new();
    let mut database_url = None;
    for (name, value) in environment {
        let Some(name) = name.to_str() else { continue };
        if name == FILE_VARIABLE || !(name.starts_with(PREFIX) || name == DATABASE_VARIABLE) {
            continue;
        }
        let Some(value) = value.to_str() else {
            return Err(ConfigError::invalid(name, "is not text"));
        };
        if name == DATABASE_VARIABLE {
            database_url = Some(value.to_owned()).filter(|url| !url.is_empty());
            continue;
        }
        let Some(key) = KEYS.iter().find(|key| variable(key) == name) else {
            let variables: Vec<String> = KEYS.iter().map(|key| variable(key)).collect();
            return Err(ConfigError::UnknownVariable {
                name: name.to_owned(),
                nearest: nearest(name, variables.iter().map(String::as_str)),
            });
        };
        if !value.is_empty() {
            set.insert(*key, value.to_owned());
        }
    }
    if let Some(url) = database_url {
        match set.get("database_url") {
            Some(other) if *other != url => {
                return Err(ConfigError::invalid(
                    "DATABASE_URL",
                    "and MUSTER_DATABASE_URL refer to two different databases; set only one of them",
                ));
            }
            _ => {
                set.insert("database_url", url);
            }
        }
    }
    Ok(set)
}

/// Returns the environment variable of a key: `MUSTER_SMTP_HOST` for `smtp.host`.
fn variable(key: &str) -> String {
    format!("{PREFIX}{}", key.replace('.', "_").to_ascii_uppercase())
}

fn names(table: &BTreeMap<String, Value>, prefix: &str, found: &mut Vec<String>) {
    for (key, value) in table {
        let key = format!("{prefix}{key}");
        match &value.kind {
            ValueKind::Table(inner) => {
                names(
                    &inner.clone().into_iter().collect(),
                    &format!("{key}."),
                    found,
                );
            }
            _ => found.push(key),
        }
    }
}

/// Returns a known name that differs from `name` by a few letters.
fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<String> {
    known
        .map(|candidate| (strsim::levenshtein(name, candidate), candidate))
        .filter(|(distance, _)| *distance <= 3)
        .min()
        .map(|(_, candidate)| candidate.to_owned())
}

/// Describes an invalid value by its key and the expected type.
///
/// The library's text also has the value. A value may be a secret only if it is a string, and keys with strings accept
/// every value.
fn refused_value(error: &config::ConfigError) -> ConfigError {
    if let config::ConfigError::Type {
        key: Some(key),
        expected,
        ..
    } = error
    {
        return ConfigError::invalid(key, format!("must be {expected}"));
    }
    if let config::ConfigError::At {
        key: Some(key),
        error,
        ..
    } = error
    {
        return ConfigError::invalid(
            key,
            format!("has a value that can't be read: {}", one_line(error)),
        );
    }
    ConfigError::invalid(
        "The configuration",
        format!("can't be read: {}", one_line(error)),
    )
}

/// Returns the error of a file and its line, without the quoted line, which may have a password. Quoted lines have a
/// bar after the margin.
fn without_quote(error: &config::ConfigError) -> String {
    let text = error.to_string();
    let margin = |line: &str| {
        line.split_once('|')
            .is_some_and(|(margin, _)| margin.chars().all(|it| it == ' ' || it.is_ascii_digit()))
    };
    let told: Vec<&str> = text
        .lines()
        .filter(|line| !margin(line))
        .flat_map(str::split_whitespace)
        .collect();
    told.join(" ")
}

fn one_line(error: &config::ConfigError) -> String {
    error
        .to_string()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}
