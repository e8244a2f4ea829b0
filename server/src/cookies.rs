//! The cookies that Muster sets.
//!
//! All are `HttpOnly`. Under HTTPS all are `Secure` and have the `__Host-` prefix, so that neither a subdomain nor
//! plain HTTP can set one.

use std::time::Duration;

use axum::http::{HeaderMap, header};
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use rpc::{LinkCookie, LinkCookies};

use crate::{keys::Token, mailed_links::LinkPage};

/// The purpose of a cookie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The session token.
    Session,
    /// The selected theme.
    Theme,
    /// The token that opens the built-in mailbox.
    Mailbox,
}

impl Purpose {
    const fn stem(self) -> &'static str {
        match self {
            Self::Session => "muster",
            Self::Theme => "muster-theme",
            Self::Mailbox => "muster-mailbox",
        }
    }
}

/// Creates and reads the cookies of one origin.
#[derive(Debug, Clone, Copy)]
pub struct Cookies {
    secure: bool,
}

impl Cookies {
    /// Creates the value; `secure` says whether the origin is HTTPS.
    #[must_use]
    pub const fn new(secure: bool) -> Self {
        Self { secure }
    }

    /// Returns the cookie's value in a request.
    #[must_use]
    pub fn read(self, jar: &CookieJar, purpose: Purpose) -> Option<String> {
        jar.get(&self.name(purpose))
            .map(|cookie| cookie.value().to_owned())
    }

    /// Returns the cookie's value in a request if it has the form of a token.
    #[must_use]
    pub fn token(self, jar: &CookieJar, purpose: Purpose) -> Option<Token> {
        jar.get(&self.name(purpose))
            .and_then(|cookie| Token::parse(cookie.value()))
    }

    /// Returns a session cookie that lasts for `keep`, or until the browser is closed.
    #[must_use]
    pub fn session(self, token: &Token, keep: Option<Duration>) -> String {
        self.set(Purpose::Session, token.as_str(), keep)
    }

    /// Returns the cookie of one mailed link. It lasts as long as the link.
    #[must_use]
    pub fn link(self, page: &str, handle: &str, ticket: &str, seconds: u64) -> String {
        let age = Duration::from_secs(seconds);
        self.named(&self.link_name(page, handle), ticket, Some(age))
    }

    /// Returns a cookie that deletes that of one mailed link.
    #[must_use]
    pub fn remove_link(self, page: &str, handle: &str) -> String {
        self.named(&self.link_name(page, handle), "", Some(Duration::ZERO))
    }

    /// Returns the cookies of mailed links in the order in which the browser sends them: oldest first.
    #[must_use]
    pub fn links(self, headers: &HeaderMap) -> LinkCookies {
        let lines = headers.get_all(header::COOKIE).into_iter();
        let cookies = lines
            .filter_map(|line| line.to_str().ok())
            .flat_map(Cookie::split_parse)
            .filter_map(Result::ok);
        LinkCookies(
            cookies
                .filter_map(|cookie| {
                    LinkPage::ALL.into_iter().find_map(|page| {
                        let handle = cookie
                            .name()
                            .strip_prefix(&self.link_name(page.name(), ""))?;
                        Some(LinkCookie {
                            page: page.name(),
                            handle: handle.to_owned(),
                            ticket: cookie.value().to_owned(),
                        })
                    })
                })
                .collect(),
        )
    }

    /// Returns a theme cookie that lasts for a year.
    #[must_use]
    pub fn theme(self, code: &str) -> String {
        self.set(Purpose::Theme, code, Some(Duration::from_hours(24 * 365)))
    }

    /// Returns a cookie with the mailbox token that lasts until the browser is closed.
    #[must_use]
    pub fn mailbox(self, token: &str) -> String {
        self.set(Purpose::Mailbox, token, None)
    }

    /// Returns a cookie that deletes the one of this purpose.
    #[must_use]
    pub fn remove(self, purpose: Purpose) -> String {
        self.set(purpose, "", Some(Duration::ZERO))
    }

    fn set(self, purpose: Purpose, value: &str, age: Option<Duration>) -> String {
        self.named(&self.name(purpose), value, age)
    }

    fn named(self, name: &str, value: &str, age: Option<Duration>) -> String {
        let mut cookie = Cookie::build((name.to_owned(), value.to_owned()))
            .path("/")
            .http_only(true)
            .secure(self.secure)
            .same_site(SameSite::Lax)
            .build()
            .to_string();
        if let Some(age) = age {
            cookie.push_str("; Max-Age=");
            cookie.push_str(&age.as_secs().to_string());
        }
        cookie
    }

    fn name(self, purpose: Purpose) -> String {
        format!("{}{}", self.prefix(), purpose.stem())
    }

    fn link_name(self, page: &str, handle: &str) -> String {
        format!("{}muster-{page}-{handle}", self.prefix())
    }

    const fn prefix(self) -> &'static str {
        if self.secure { "__Host-" } else { "" }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_are_closed_and_under_https_bound_to_the_host() {
        let token = Token::random().unwrap();
        let plain = Cookies::new(false).session(&token, None);
        assert!(
            plain.starts_with("muster=")
                && plain.contains("HttpOnly")
                && plain.contains("SameSite=Lax")
        );
        assert!(!plain.contains("Secure") && !plain.contains("Max-Age"));
        let secure = Cookies::new(true).session(&token, Some(Duration::from_mins(1)));
        assert!(
            secure.starts_with("__Host-muster=")
                && secure.contains("Secure")
                && secure.contains("Max-Age=60")
        );
        assert!(secure.contains("Path=/") && !secure.contains("Domain"));
    }

    #[test]
    fn each_mailed_link_has_a_cookie_of_its_own_and_they_keep_their_order() {
        let mut headers = HeaderMap::new();
        let line = "__Host-muster-reset-bbb=2; muster-accept-xxx=9; __Host-muster=s; __Host-muster-accept-a-a=1";
        headers.insert(header::COOKIE, line.parse().unwrap());
        let links = Cookies::new(true).links(&headers);
        let found: Vec<_> = links
            .0
            .iter()
            .map(|kept| (kept.page, kept.handle.as_str(), kept.ticket.as_str()))
            .collect();
        assert_eq!(found, [("reset", "bbb", "2"), ("accept", "a-a", "1")]);
        let set = Cookies::new(true).link("accept", "a-a", "1", 86_400);
        assert!(set.starts_with("__Host-muster-accept-a-a=1;") && set.contains("Max-Age=86400"));
        assert!(set.contains("HttpOnly") && set.contains("Secure") && set.contains("Path=/"));
        let gone = Cookies::new(true).remove_link("accept", "a-a");
        assert!(gone.starts_with("__Host-muster-accept-a-a=;") && gone.contains("Max-Age=0"));
    }
}
