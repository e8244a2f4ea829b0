//! The caller of a request.

use std::net::IpAddr;

use muster::{ids::AccountId, language::Language};

/// The caller of a request, as the server's middleware determined it.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The session, if the request's cookie names a valid one.
    pub session: Option<Session>,
    /// A session whose person must first choose a password. For everything else, the caller is not signed in.
    pub choosing: Option<Session>,
    /// The language of the response: the person's, otherwise the browser's.
    pub language: Language,
    /// The client's IP address; behind trusted proxies, the forwarded one.
    pub ip: IpAddr,
    /// Whether the caller may read the built-in mailbox.
    pub mailbox: bool,
    /// The emailed links that this browser has opened.
    pub links: LinkCookies,
    /// The chosen theme; `None` for the system's.
    pub theme: Option<Theme>,
}

/// A chosen theme.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Theme {
    /// Dark text on a light background.
    Light,
    /// Light text on a dark background.
    Dark,
}

impl Theme {
    /// Returns the value of the page's `data-theme`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

/// The emailed links that this browser has opened, oldest first.
#[derive(Clone, Default)]
pub struct LinkCookies(pub Vec<LinkCookie>);

/// An opened link.
#[derive(Clone)]
pub struct LinkCookie {
    /// The name of its page.
    pub page: &'static str,
    /// Its public handle.
    pub handle: String,
    /// Its ticket: the authority to act on the link.
    pub ticket: String,
}

impl std::fmt::Debug for LinkCookies {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("LinkCookies(hidden)")
    }
}

/// A valid session.
#[derive(Debug, Clone)]
pub struct Session {
    /// The SHA-256 of its token, which is the key of the session.
    pub hash: [u8; 32],
    /// The account it belongs to.
    pub account: AccountId,
}
