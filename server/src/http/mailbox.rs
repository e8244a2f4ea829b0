//! Access to the built-in mailbox: only for a browser on this machine that was opened with the link printed at the
//! start.
//!
//! A connection from this machine proves little: a proxy on the same machine, or a page with DNS rebinding, also
//! connects from it. Only the operator, who sees the output of the start, knows the token.

use std::{net::IpAddr, sync::Arc};

use axum::{
    extract::{Path, State},
    http::{HeaderMap, StatusCode, Uri, header, uri::Authority},
    response::{IntoResponse as _, Response},
};
use axum_extra::extract::cookie::CookieJar;

use super::Http;
use crate::{
    config::Origin,
    cookies::{Cookies, Purpose},
    error::Error,
    keys::{Hash, Token},
};

/// The path below which the token opens the mailbox.
pub const OPEN: &str = "/dev/mailbox/open";

/// Headers that only a proxy sets.
const OF_PROXIES: [&str; 8] = [
    "forwarded",
    "via",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-forwarded-server",
    "x-real-ip",
    "cf-connecting-ip",
];

/// The key of the mailbox, valid while the process runs.
#[derive(Debug, Clone)]
pub struct MailboxKey {
    hash: Hash,
    hosts: Arc<[String]>,
}

impl MailboxKey {
    /// Generates a key and the path that opens the mailbox with it. Returns `None` if `origin` is not on this machine:
    /// the mailbox is for local evaluation.
    ///
    /// # Errors
    /// Returns `Internal` if the random number generator fails.
    pub fn new(origin: &Origin, origins: &[String]) -> Result<Option<(Self, String)>, Error> {
        if !origin.is_loopback() {
            return Ok(None);
        }
        let token = Token::random()?;
        let key = Self {
            hash: token.hash(),
            hosts: origins.iter().map(|origin| host(origin)).collect(),
        };
        Ok(Some((key, format!("{OPEN}/{}", token.as_str()))))
    }

    /// Returns whether the request may read the mailbox.
    pub fn admits(
        &self,
        (peer, uri, headers): (IpAddr, &Uri, &HeaderMap),
        cookies: Cookies,
        jar: &CookieJar,
    ) -> bool {
        self.is_direct(peer, uri, headers)
            && cookies
                .token(jar, Purpose::Mailbox)
                .is_some_and(|token| token.hash() == self.hash)
    }

    /// Returns whether the request came from this machine, to one of our host names, without a proxy's headers.
    fn is_direct(&self, peer: IpAddr, uri: &Uri, headers: &HeaderMap) -> bool {
        let ours = |name: &str| {
            self.hosts
                .iter()
                .any(|host| host.eq_ignore_ascii_case(name))
        };
        let mut named = headers.get_all(header::HOST).iter();
        peer.to_canonical().is_loopback()
            && OF_PROXIES.iter().all(|name| !headers.contains_key(*name))
            && uri.authority().map(Authority::as_str).is_none_or(ours)
            && named
                .next()
                .is_some_and(|host| host.to_str().is_ok_and(ours))
            && named.next().is_none()
    }
}

/// Opens the mailbox for this browser. Each page of the mailbox checks again that its request came directly from this
/// machine.
pub async fn open(State(http): State<Http>, Path(token): Path<String>) -> Response {
    let opens =
        |key: &MailboxKey| Token::parse(&token).is_some_and(|token| token.hash() == key.hash);
    if !http.mailbox.as_ref().is_some_and(opens) {
        return StatusCode::NOT_FOUND.into_response();
    }
    let cookie = http.service.cookies.mailbox(&token);
    (
        StatusCode::SEE_OTHER,
        [
            (header::LOCATION, "/dev/mailbox".to_owned()),
            (header::SET_COOKIE, cookie),
        ],
    )
        .into_response()
}

/// Returns the host and port of an origin, as in a `Host` header.
fn host(origin: &str) -> String {
    origin
        .split_once("://")
        .map_or(origin, |(_, host)| host)
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORIGIN: &str = "http://localhost:3000";

    fn admits(key: &MailboxKey, link: &str, peer: &str, host: &str, more: &[(&str, &str)]) -> bool {
        let mut headers = HeaderMap::new();
        let token = link.rsplit('/').next().unwrap();
        headers.insert(header::HOST, host.parse().unwrap());
        let cookie = format!("muster-mailbox={token}");
        headers.insert(header::COOKIE, cookie.parse().unwrap());
        for (name, value) in more {
            let name: axum::http::HeaderName = name.parse().unwrap();
            headers.append(name, value.parse().unwrap());
        }
        let jar = CookieJar::from_headers(&headers);
        let uri = Uri::from_static("/dev/mailbox");
        key.admits(
            (peer.parse().unwrap(), &uri, &headers),
            Cookies::new(false),
            &jar,
        )
    }

    fn new(origin: &str) -> Option<(MailboxKey, String)> {
        let origins = [origin.to_owned(), "http://127.0.0.1:3000".to_owned()];
        MailboxKey::new(&Origin::parse(origin).unwrap(), &origins).unwrap()
    }

    #[test]
    fn only_who_has_the_token_reads_it_from_this_machine_by_a_name_of_ours_and_no_proxy() {
        let (key, link) = new(ORIGIN).unwrap();
        for peer in ["127.0.0.1", "::1", "::ffff:127.0.0.1"] {
            assert!(admits(&key, &link, peer, "localhost:3000", &[]), "{peer}");
        }
        assert!(admits(&key, &link, "::1", "127.0.0.1:3000", &[]));
        let other = new(ORIGIN).unwrap().1;
        assert!(!admits(&key, &other, "::1", "localhost:3000", &[]));
        assert!(!admits(&key, "", "::1", "localhost:3000", &[]));
        for peer in ["192.0.2.7", "::ffff:192.0.2.7", "2001:db8::1"] {
            assert!(!admits(&key, &link, peer, "localhost:3000", &[]), "{peer}");
        }
        for host in [
            "evil.example:3000",
            "localhost",
            "localhost:3001",
            "",
            "127.0.0.1",
        ] {
            assert!(!admits(&key, &link, "::1", host, &[]), "{host}");
        }
        for name in OF_PROXIES {
            assert!(
                !admits(&key, &link, "::1", "localhost:3000", &[(name, "x")]),
                "{name}"
            );
        }
        assert!(!admits(
            &key,
            &link,
            "::1",
            "localhost:3000",
            &[("host", "localhost:3000")]
        ));
    }

    #[test]
    fn there_is_no_key_where_the_origin_leads_to_another_machine() {
        for origin in [
            "https://muster.example.org",
            "http://192.0.2.7:3000",
            "http://localhost.example",
        ] {
            assert!(new(origin).is_none(), "{origin}");
        }
        for origin in [
            ORIGIN,
            "http://127.0.0.1:3000",
            "http://[::1]:3000",
            "https://localhost",
        ] {
            assert!(new(origin).is_some(), "{origin}");
        }
    }
}
