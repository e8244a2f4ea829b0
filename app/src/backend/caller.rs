//! Who sends a request, and with what.

use std::net::IpAddr;

use muster::{ids::AccountId, language::Language};

/// Who sent a request, as far as the server's layers found out.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The session, where the request's cookie named a living one.
    pub session: Option<Session>,
    /// A session that can do nothing before its person has chosen a password: for everything else nobody is signed in.
    pub choosing: Option<Session>,
    /// The language of the answer: the person's, else the browser's.
    pub language: Language,
    /// The sender's address, behind trusted proxies the forwarded one.
    pub ip: IpAddr,
    /// Whether they may read the built-in mailbox.
    pub mailbox: bool,
    /// The mailed links that this browser has opened.
    pub links: LinkCookies,
    /// The chosen theme, none for the system's.
    pub theme: Option<Theme>,
}

/// A chosen theme.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Theme {
    /// Dark text on a light ground.
    Light,
    /// Light text on a dark ground.
    Dark,
}

impl Theme {
    /// The value of the page's `data-theme`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

/// The mailed links that this browser has opened, in the order in which it opened them.
#[derive(Clone, Default)]
pub struct LinkCookies(pub Vec<LinkCookie>);

/// One of them.
#[derive(Clone)]
pub struct LinkCookie {
    /// The name of its page.
    pub page: &'static str,
    /// Its public handle.
    pub handle: String,
    /// What acts for it.
    pub ticket: String,
}

impl std::fmt::Debug for LinkCookies {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("LinkCookies(hidden)")
    }
}

/// A living session.
#[derive(Debug, Clone)]
pub struct Session {
    /// The SHA-256 of its token, which is the session's key.
    pub hash: [u8; 32],
    /// Whose it is.
    pub account: AccountId,
}
