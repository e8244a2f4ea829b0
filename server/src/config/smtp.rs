//! The SMTP settings.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use lettre::message::Mailbox;

use super::raw::RawSmtp;
use super::{ConfigError, Origin, Secret};

/// A mail server and how to connect to it.
#[derive(Debug, Clone)]
pub struct Smtp {
    /// The host name, which its certificate must match.
    pub host: String,
    /// The port.
    pub port: u16,
    /// The encryption of the connection.
    pub tls: SmtpTls,
    /// The username and password, if the server requires them.
    pub credentials: Option<(String, Secret)>,
    /// The sender of Muster's emails.
    pub from: Mailbox,
    /// The name that is sent in EHLO.
    pub ehlo_name: String,
    /// The time limit of one step of the SMTP session.
    pub timeout: Duration,
    /// The maximum number of connections.
    pub pool: u32,
    /// An additional trusted certificate authority (PEM).
    pub ca_file: Option<PathBuf>,
}

/// The encryption of the connection to the mail server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SmtpTls {
    /// Starts in plain text and must switch to TLS before anything is sent; otherwise nothing is sent.
    StartTls,
    /// TLS from the first byte.
    Tls,
    /// No encryption, for a server on this machine or on a private network.
    Off,
}

pub(super) fn check(raw: RawSmtp, origin: &Origin) -> Result<Option<Smtp>, ConfigError> {
    let Some(host) = raw.host.clone() else {
        return if raw.is_empty() {
            Ok(None)
        } else {
            Err(ConfigError::invalid(
                "smtp.host",
                "is not set, but other keys of smtp are",
            ))
        };
    };
    let tls = match raw.tls.as_deref() {
        None | Some("starttls") => SmtpTls::StartTls,
        Some("tls") => SmtpTls::Tls,
        Some("off") => SmtpTls::Off,
        Some(_) => {
            return Err(ConfigError::invalid(
                "smtp.tls",
                "must be `starttls`, `tls` or `off`",
            ));
        }
    };
    let credentials = match (raw.username, raw.password) {
        (None, None) => None,
        (Some(username), Some(password)) => Some((username, password)),
        _ => {
            return Err(ConfigError::invalid(
                "smtp.username and smtp.password",
                "must both be set, or neither",
            ));
        }
    };
    if credentials.is_some() && tls == SmtpTls::Off && !is_loopback(&host) {
        return Err(ConfigError::invalid(
            "smtp.tls",
            "is `off`, so smtp.password would be sent unencrypted; set it to `starttls` or `tls`",
        ));
    }
    let from = raw
        .from
        .ok_or_else(|| {
            ConfigError::invalid(
                "smtp.from",
                "must be set, such as `Muster <muster@example.org>`",
            )
        })?
        .parse::<Mailbox>()
        .map_err(|_| {
            ConfigError::invalid("smtp.from", "must look like `Muster <muster@example.org>`")
        })?;
    let ehlo_name = raw.ehlo_name.unwrap_or_else(|| origin.host().to_owned());
    if !is_host(&ehlo_name) {
        return Err(ConfigError::invalid(
            "smtp.ehlo_name",
            "must be a full host name such as `muster.example.org`, or an IP address",
        ));
    }
    Ok(Some(Smtp {
        host,
        ehlo_name,
        port: raw.port.unwrap_or(match tls {
            SmtpTls::StartTls => 587,
            SmtpTls::Tls => 465,
            SmtpTls::Off => 25,
        }),
        tls,
        credentials,
        from,
        timeout: Duration::from_secs(at_least_one(
            "smtp.timeout_seconds",
            raw.timeout_seconds.unwrap_or(20),
        )?),
        pool: at_least_one("smtp.pool", raw.pool.unwrap_or(4))?,
        ca_file: raw.ca_file,
    }))
}

fn at_least_one<N: PartialEq + From<u8>>(key: &str, value: N) -> Result<N, ConfigError> {
    if value == N::from(0) {
        Err(ConfigError::invalid(key, "must be at least 1"))
    } else {
        Ok(value)
    }
}

/// Returns whether this is a name of ASCII letters, digits, hyphens and dots, or an IP address with or without
/// brackets.
fn is_host(name: &str) -> bool {
    if name.trim_matches(['[', ']']).parse::<IpAddr>().is_ok() {
        return true;
    }
    name.len() <= 253
        && name.split('.').all(|label| {
            !label.is_empty()
                && label
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        })
}

fn is_loopback(host: &str) -> bool {
    host == "localhost"
        || host
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}
