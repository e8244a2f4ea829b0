//! How a browser refers to a mailed link after it has opened it.
//!
//! A link's **ticket** names its token's hash and is authenticated with the server's key: it acts for the link, and neither
//! the token nor another ticket can be made from it. It is in the link's own cookie and in every form of its page. The
//! **handle** is a short keyed digest of the same. It is public, is in the page's address and in the cookie's name, and
//! does nothing alone. A form's reference is the ticket and a digest of what the page showed.

use app::backend::{Caller, LinkCookies};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use muster::failure::Failure;

use crate::{
    error::Error,
    keys::{Hash, Keys, Token},
    service::Service,
    store::{
        self, invitations,
        links::{self, Kind},
    },
};

/// The pages that mailed links lead to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkPage {
    /// Of an invitation.
    Accept,
    /// Of a forgotten password.
    Reset,
    /// Of a locked account.
    Unlock,
    /// Of an address to be confirmed.
    Confirm,
    /// Of the first set-up.
    Setup,
}

impl LinkPage {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Accept,
        Self::Reset,
        Self::Unlock,
        Self::Confirm,
        Self::Setup,
    ];

    /// Its path without the slash.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Reset => "reset",
            Self::Unlock => "unlock",
            Self::Confirm => "confirm",
            Self::Setup => "setup",
        }
    }

    /// The page of the link with this handle: a path of this site.
    #[must_use]
    pub fn address(self, handle: &str) -> String {
        format!("/{}?link={handle}", self.name())
    }

    /// The sign-in page that leads back to the page of the link.
    #[must_use]
    pub fn sign_in_first(self, handle: &str) -> String {
        format!("/sign-in?to=/{}%3Flink%3D{handle}", self.name())
    }
}

/// Takes the place of a handle, or stands before one, if the link was invalid when it was opened.
const INVALID: &str = "over";
/// Between the ticket and the digest of what was shown.
const SEPARATOR: char = '.';
const HANDLE_BYTES: usize = 9;
const DIGEST_BYTES: usize = 12;
const HASH_BYTES: usize = 32;

/// A link that a page or a form refers to. It may have been used, or have expired.
#[derive(Debug)]
pub struct Linked {
    /// Its token's hash.
    pub hash: Hash,
    /// The digest of what its page showed, if a form refers to it.
    pub shown: Option<String>,
}

impl Keys {
    /// The link's handle.
    #[must_use]
    pub fn link_handle(&self, page: LinkPage, hash: &Hash) -> String {
        let mac = self.mac(b"link handle", &[page.name().as_bytes(), hash]);
        URL_SAFE_NO_PAD.encode(&mac[..HANDLE_BYTES])
    }

    /// The link's ticket.
    #[must_use]
    pub fn link_ticket(&self, page: LinkPage, hash: &Hash) -> String {
        let mac = self.mac(b"link ticket", &[page.name().as_bytes(), hash]);
        URL_SAFE_NO_PAD.encode([*hash, mac].concat())
    }

    /// The hash that a ticket of ours names.
    #[must_use]
    pub fn read_link_ticket(&self, page: LinkPage, ticket: &str) -> Option<Hash> {
        let bytes = URL_SAFE_NO_PAD.decode(ticket).ok()?;
        let (hash, mac) = bytes.split_first_chunk::<HASH_BYTES>()?;
        self.is_mac(b"link ticket", &[page.name().as_bytes(), hash], mac)
            .then_some(*hash)
    }

    /// The digest of what the link's page showed.
    #[must_use]
    pub fn shown_digest(&self, hash: &Hash, shown: &[&str]) -> String {
        let parts: Vec<&[u8]> = std::iter::once(hash.as_slice())
            .chain(shown.iter().map(|text| text.as_bytes()))
            .collect();
        URL_SAFE_NO_PAD.encode(&self.mac(b"link page", &parts)[..DIGEST_BYTES])
    }
}

/// What opening a link answers.
#[derive(Debug)]
pub struct Opened {
    /// Where the browser goes on to.
    pub location: String,
    /// Whole `Set-Cookie` values.
    pub cookies: Vec<String>,
}

/// An expired invitation still has a page, on which one asks for another.
pub(crate) const SHORTEST_COOKIE_SECONDS: i64 = 60 * 60;
/// The first set-up has no end of its own.
pub(crate) const SETUP_COOKIE_SECONDS: i64 = 30 * 24 * 60 * 60;
/// Cookies of links that a browser keeps; those opened first give way. They all travel with each request, and proxies
/// accept only so much.
const MAX_LINK_COOKIES: usize = 16;

impl Service {
    /// Finds where a link leads, by the text that its address ends with. Changes nothing.
    ///
    /// # Errors
    /// What the database says.
    pub async fn open_link(
        &self,
        caller: &Caller,
        page: LinkPage,
        text: &str,
    ) -> Result<Opened, Error> {
        let invalid = |handle: &str| Opened {
            location: page.address(handle),
            cookies: Vec::new(),
        };
        let Some(token) = Token::find(text) else {
            return Ok(invalid(INVALID));
        };
        let hash = token.hash();
        let handle = self.keys.link_handle(page, &hash);
        let Some(seconds) = self.link_seconds(page, &hash).await? else {
            return Ok(invalid(&format!("{INVALID}{SEPARATOR}{handle}")));
        };
        let others: Vec<_> = caller
            .links
            .0
            .iter()
            .filter(|kept| (kept.page, kept.handle.as_str()) != (page.name(), &handle))
            .collect();
        let excess = (others.len() + 1).saturating_sub(MAX_LINK_COOKIES);
        let mut cookies: Vec<String> = others[..excess]
            .iter()
            .map(|kept| self.cookies.remove_link(kept.page, &kept.handle))
            .collect();
        cookies.push(self.link_cookie(page, &hash, seconds));
        Ok(Opened {
            location: page.address(&handle),
            cookies,
        })
    }

    /// For how long a browser keeps the link; none if it is invalid.
    async fn link_seconds(&self, page: LinkPage, hash: &Hash) -> Result<Option<i64>, Error> {
        let mut tx = self.store.across().await?;
        let kind = match page {
            LinkPage::Accept => {
                let Some(found) = invitations::find(&mut tx, hash).await? else {
                    return Ok(None);
                };
                store::enter(&mut tx, found.institution).await?;
                let shown =
                    invitations::shown(&mut tx, found.institution, found.membership).await?;
                return Ok(shown.map(|shown| shown.seconds_left.max(SHORTEST_COOKIE_SECONDS)));
            }
            LinkPage::Setup => {
                let open = links::setup_is_open(&mut tx, hash).await?;
                return Ok(open.then_some(SETUP_COOKIE_SECONDS));
            }
            LinkPage::Reset => Kind::Reset,
            LinkPage::Unlock => Kind::Unlock,
            LinkPage::Confirm => Kind::Confirm,
        };
        let link = links::living(&mut tx, kind, hash).await?;
        Ok(link.map(|link| link.seconds_left))
    }

    /// The cookie of a link.
    #[must_use]
    pub fn link_cookie(&self, page: LinkPage, hash: &Hash, seconds: i64) -> String {
        let handle = self.keys.link_handle(page, hash);
        let ticket = self.keys.link_ticket(page, hash);
        self.cookies
            .link(page.name(), &handle, &ticket, seconds.unsigned_abs())
    }

    /// Takes the cookie of a used link away.
    #[must_use]
    pub fn remove_link_cookie(&self, page: LinkPage, hash: &Hash) -> String {
        self.cookies
            .remove_link(page.name(), &self.keys.link_handle(page, hash))
    }

    /// The link that a page refers to by its handle, or a form by its ticket.
    ///
    /// # Errors
    /// `LinkDead` if it was invalid when it was opened, `LinkMissing` if this browser does not have it.
    pub fn linked(
        &self,
        links: &LinkCookies,
        page: LinkPage,
        given: &str,
    ) -> Result<Linked, Error> {
        let (first, second) = match given.split_once(SEPARATOR) {
            Some((first, second)) => (first, Some(second)),
            None => (given, None),
        };
        if first == INVALID {
            return Err(Failure::LinkDead.into());
        }
        if let Some(hash) = self.keys.read_link_ticket(page, first) {
            return Ok(Linked {
                hash,
                shown: second.map(str::to_owned),
            });
        }
        let handle = first.get(..handle_length()).unwrap_or_default();
        links
            .0
            .iter()
            .find(|kept| kept.page == page.name() && kept.handle == handle)
            .and_then(|kept| self.keys.read_link_ticket(page, &kept.ticket))
            .filter(|hash| self.keys.link_handle(page, hash) == handle)
            .map(|hash| Linked { hash, shown: None })
            .ok_or_else(|| Failure::LinkMissing.into())
    }

    /// The handle in a reference, whether or not this browser has the link.
    #[must_use]
    pub fn handle_of(&self, page: LinkPage, given: &str) -> Option<String> {
        let mut parts = given.split(SEPARATOR);
        let first = parts.next().unwrap_or_default();
        if let Some(hash) = self.keys.read_link_ticket(page, first) {
            return Some(self.keys.link_handle(page, &hash));
        }
        let handle = if first == INVALID {
            parts.next()?
        } else {
            first
        };
        handle.get(..handle_length()).map(str::to_owned)
    }

    /// Whether this browser lacks the cookie of a link whose form it has sent.
    #[must_use]
    pub fn lacks_cookie(&self, caller: &Caller, page: LinkPage, hash: &Hash) -> bool {
        let handle = self.keys.link_handle(page, hash);
        !caller
            .links
            .0
            .iter()
            .any(|kept| kept.page == page.name() && kept.handle == handle)
    }
}

/// Characters of a handle.
const fn handle_length() -> usize {
    HANDLE_BYTES / 3 * 4
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_names_its_link_on_its_page_alone_and_cannot_be_changed() {
        let keys = Keys::new(&[7; 32]).unwrap();
        let hash = [1; 32];
        let ticket = keys.link_ticket(LinkPage::Reset, &hash);
        assert_eq!(keys.read_link_ticket(LinkPage::Reset, &ticket), Some(hash));
        assert_eq!(keys.read_link_ticket(LinkPage::Unlock, &ticket), None);
        let other = Keys::new(&[8; 32]).unwrap();
        assert_eq!(other.read_link_ticket(LinkPage::Reset, &ticket), None);
        for place in 0..ticket.len() {
            let mut changed = ticket.clone().into_bytes();
            changed[place] = if changed[place] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert_ne!(
                keys.read_link_ticket(LinkPage::Reset, &changed),
                Some(hash),
                "{place}"
            );
        }
        for short in ["", "AAAA", &ticket[..44], &ticket[..80]] {
            assert_eq!(keys.read_link_ticket(LinkPage::Reset, short), None);
        }
    }

    #[test]
    fn a_handle_is_short_and_of_its_link_and_page() {
        let keys = Keys::new(&[7; 32]).unwrap();
        let handle = keys.link_handle(LinkPage::Accept, &[1; 32]);
        assert_eq!(handle.len(), handle_length());
        assert_ne!(handle, keys.link_handle(LinkPage::Accept, &[2; 32]));
        assert_ne!(handle, keys.link_handle(LinkPage::Reset, &[1; 32]));
        assert!(
            !keys
                .link_ticket(LinkPage::Accept, &[1; 32])
                .contains(&handle)
        );
    }
}
