//! The cookies that Muster sets. All are `HttpOnly`; under https all are Secure and carry the `__Host-`
//! prefix, so that neither a subdomain nor plain http can plant one.

use std::time::Duration;

use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};

use crate::keys::Token;

/// How long the token of a mailed link is kept after the link was opened.
const LINK_LIFE: Duration = Duration::from_hours(1);

/// A cookie's purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The session's token.
    Session,
    /// An invitation's token.
    Accept,
    /// A reset link's token.
    Reset,
    /// An unlock link's token.
    Unlock,
    /// The set-up link's token.
    Setup,
    /// A link's token that proves an address.
    Confirm,
    /// The chosen theme.
    Theme,
    /// The token that opens the built-in mailbox.
    Mailbox,
}

impl Purpose {
    const fn stem(self) -> &'static str {
        match self {
            Self::Session => "muster",
            Self::Accept => "muster-accept",
            Self::Reset => "muster-reset",
            Self::Unlock => "muster-unlock",
            Self::Setup => "muster-setup",
            Self::Confirm => "muster-confirm",
            Self::Theme => "muster-theme",
            Self::Mailbox => "muster-mailbox",
        }
    }
}

/// Makes and reads cookies for one origin.
#[derive(Debug, Clone, Copy)]
pub struct Cookies {
    secure: bool,
}

impl Cookies {
    /// For an origin that is https or not.
    #[must_use]
    pub const fn new(secure: bool) -> Self {
        Self { secure }
    }

    /// The cookie's value in a request.
    #[must_use]
    pub fn read(self, jar: &CookieJar, purpose: Purpose) -> Option<String> {
        jar.get(&self.name(purpose))
            .map(|cookie| cookie.value().to_owned())
    }

    /// The cookie's token in a request.
    #[must_use]
    pub fn token(self, jar: &CookieJar, purpose: Purpose) -> Option<Token> {
        jar.get(&self.name(purpose))
            .and_then(|cookie| Token::parse(cookie.value()))
    }

    /// A session that lives as long as the browser, or where it is kept, `keep`.
    #[must_use]
    pub fn session(self, token: &Token, keep: Option<Duration>) -> String {
        self.set(Purpose::Session, token.as_str(), keep)
    }

    /// A mailed link's token.
    #[must_use]
    pub fn link(self, purpose: Purpose, token: &str) -> String {
        self.set(purpose, token, Some(LINK_LIFE))
    }

    /// The theme, for a year.
    #[must_use]
    pub fn theme(self, code: &str) -> String {
        self.set(Purpose::Theme, code, Some(Duration::from_hours(24 * 365)))
    }

    /// The token that opens the built-in mailbox, for as long as the browser runs.
    #[must_use]
    pub fn mailbox(self, token: &str) -> String {
        self.set(Purpose::Mailbox, token, None)
    }

    /// Takes the cookie away.
    #[must_use]
    pub fn remove(self, purpose: Purpose) -> String {
        self.set(purpose, "", Some(Duration::ZERO))
    }

    fn set(self, purpose: Purpose, value: &str, age: Option<Duration>) -> String {
        let mut cookie = Cookie::build((self.name(purpose), value.to_owned()))
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
        let prefix = if self.secure { "__Host-" } else { "" };
        format!("{prefix}{}", purpose.stem())
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
}
