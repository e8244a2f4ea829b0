//! The address under which people reach Muster: scheme, host and port, as a browser writes an `Origin`.

use std::fmt;
use std::net::SocketAddr;

use super::ConfigError;

/// A checked origin, written exactly as a browser would write it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    text: String,
    host: String,
    https: bool,
}

impl Origin {
    /// Reads an origin.
    ///
    /// # Errors
    ///
    /// It is not `http://` or `https://`, a host, and perhaps a port: nothing may follow, not even a slash.
    pub fn parse(raw: &str) -> Result<Self, ConfigError> {
        let invalid = |reason: &str| ConfigError::invalid("origin", reason);
        let uri: http::Uri = raw
            .parse()
            .map_err(|_| invalid("must look like `https://muster.example.org`"))?;
        let https = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err(invalid("must start with `https://` or `http://`")),
        };
        let after_scheme = raw.split_once("://").map_or("", |(_, rest)| rest);
        if after_scheme.ends_with('/') {
            return Err(invalid("must not end with a slash"));
        }
        if after_scheme.contains(['/', '?', '#', '@']) {
            return Err(invalid(
                "must be a scheme, a host and an optional port, with nothing after it",
            ));
        }
        let host = uri
            .host()
            .filter(|host| !host.is_empty())
            .ok_or_else(|| invalid("has no host"))?
            .to_ascii_lowercase();
        // A browser leaves the scheme's own port out, and what it sends is compared with this.
        let port = uri
            .port_u16()
            .filter(|port| *port != if https { 443 } else { 80 })
            .map_or_else(String::new, |port| format!(":{port}"));
        let scheme = if https { "https" } else { "http" };
        Ok(Self {
            text: format!("{scheme}://{host}{port}"),
            host,
            https,
        })
    }

    /// The origin of a server that nobody gave one: reachable on this machine.
    pub(super) fn of_listener(listen: SocketAddr) -> Result<Self, ConfigError> {
        if listen.ip().is_unspecified() {
            // "Every address of this machine" is nothing that a browser could open.
            Self::parse(&format!("http://localhost:{}", listen.port()))
        } else {
            Self::parse(&format!("http://{listen}"))
        }
    }

    /// Such as `https://muster.example.org`, never with a slash at its end.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The host without the port.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Whether it leads to the machine itself that opens it.
    pub fn is_loopback(&self) -> bool {
        let host = self.host.trim_start_matches('[').trim_end_matches(']');
        host == "localhost"
            || host
                .parse::<std::net::IpAddr>()
                .is_ok_and(|address| address.to_canonical().is_loopback())
    }

    /// Whether cookies can be `Secure`.
    pub fn is_https(&self) -> bool {
        self.https
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}
