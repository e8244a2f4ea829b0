//! The origin of Muster: scheme, host and port, as a browser writes `Origin`.

use std::fmt;
use std::net::SocketAddr;

use super::ConfigError;

/// A checked origin, written exactly as a browser writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    text: String,
    host: String,
    https: bool,
}

impl Origin {
    /// Parses an origin.
    ///
    /// # Errors
    ///
    /// Returns an error unless it is `http://` or `https://`, a host, and an optional port, with nothing after it, not
    /// even a slash.
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
        // Browsers omit the scheme's default port, and their `Origin` is compared with this.
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

    /// Returns the default origin: the listener's address on this machine.
    pub(super) fn of_listener(listen: SocketAddr) -> Result<Self, ConfigError> {
        if listen.ip().is_unspecified() {
            // A browser cannot open the unspecified address.
            Self::parse(&format!("http://localhost:{}", listen.port()))
        } else {
            Self::parse(&format!("http://{listen}"))
        }
    }

    /// Returns the text, such as `https://muster.example.org`, without a trailing slash.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns the host without the port.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Returns whether the host is the machine of the browser that opens it.
    pub fn is_loopback(&self) -> bool {
        let host = self.host.trim_start_matches('[').trim_end_matches(']');
        host == "localhost"
            || host
                .parse::<std::net::IpAddr>()
                .is_ok_and(|address| address.to_canonical().is_loopback())
    }

    /// Returns whether cookies can be `Secure`.
    pub fn is_https(&self) -> bool {
        self.https
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}
