//! References of a browser to a mailed link that it has opened.
//!
//! The **ticket** of a link contains the hash of its token, authenticated with the server's key. It has the authority
//! of the link, and neither the token nor another ticket can be derived from it. It is in the link's own cookie and in
//! every form of its page. The **handle** is a short keyed digest of the hash. It is public, in the page's URL and in
//! the cookie's name, and has no authority. A form's reference is the ticket and a digest of what the page showed.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use muster::failure::Failure;
use rpc::{Caller, LinkCookies};

use crate::{
    error::Error,
    keys::{Hash, Keys, Token},
    service::Service,
    store::{
        self, invitations,
        links::{self, Kind},
    },
};

/// The pages of mailed links.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkPage {
    /// An invitation.
    Accept,
    /// A password reset.
    Reset,
    /// The unlock of an account.
    Unlock,
    /// The confirmation of an address.
    Confirm,
    /// The first set-up.
    Setup,
}

impl LinkPage {
    /// All pages.
    pub const ALL: [Self; 5] = [
        Self::Accept,
        Self::Reset,
        Self::Unlock,
        Self::Confirm,
        Self::Setup,
    ];

    /// Returns the page's path without the slash.
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

    /// Returns the path of the page of the link with this handle.
    #[must_use]
    pub fn address(self, handle: &str) -> String {
        format!("/{}?link={handle}", self.name())
    }

    /// Returns the path of the sign-in page that returns to the page of the link.
    #[must_use]
    pub fn sign_in_first(self, handle: &str) -> String {
        format!("/sign-in?to=/{}%3Flink%3D{handle}", self.name())
    }
}

/// Replaces or precedes a handle if the link was invalid when it was opened.
const INVALID: &str = "over";
/// Separates the ticket from the digest of what was shown.
const SEPARATOR: char = '.';
const HANDLE_BYTES: usize = 9;
const DIGEST_BYTES: usize = 12;
const HASH_BYTES: usize = 32;

/// A link that a page or a form refers to. It may have been used or have expired.
#[derive(Debug)]
pub struct Linked {
    /// The hash of the link's token.
    pub hash: Hash,
    /// The digest of what the page showed, if the reference is from a form.
    pub shown: Option<String>,
}

impl Keys {
    /// Returns the link's handle.
    #[must_use]
    pub fn link_handle(&self, page: LinkPage, hash: &Hash) -> String {
        let mac = self.mac(b"link handle", &[page.name().as_bytes(), hash]);
        URL_SAFE_NO_PAD.encode(&mac[..HANDLE_BYTES])
    }

    /// Returns the link's ticket.
    #[must_use]
    pub fn link_ticket(&self, page: LinkPage, hash: &Hash) -> String {
        let mac = self.mac(b"link ticket", &[page.name().as_bytes(), hash]);
        URL_SAFE_NO_PAD.encode([*hash, mac].concat())
    }

    /// Returns the hash in a ticket if the ticket is authentic.
    #[must_use]
    pub fn read_link_ticket(&self, page: LinkPage, ticket: &str) -> Option<Hash> {
        let bytes = URL_SAFE_NO_PAD.decode(ticket).ok()?;
        let (hash, mac) = bytes.split_first_chunk::<HASH_BYTES>()?;
        self.is_mac(b"link ticket", &[page.name().as_bytes(), hash], mac)
            .then_some(*hash)
    }

    /// Returns the digest of what the link's page showed.
    #[must_use]
    pub fn shown_digest(&self, hash: &Hash, shown: &[&str]) -> String {
        let parts: Vec<&[u8]> = std::iter::once(hash.as_slice())
            .chain(shown.iter().map(|text| text.as_bytes()))
            .collect();
        URL_SAFE_NO_PAD.encode(&self.mac(b"link page", &parts)[..DIGEST_BYTES])
    }
}

/// The response to opening a link.
#[derive(Debug)]
pub struct Opened {
    /// The URL to redirect to.
    pub location: String,
    /// Complete `Set-Cookie` values.
    pub cookies: Vec<String>,
}

/// The minimum lifetime of an invitation's cookie: an expired invitation still has a page, for asking for a new one.
pub(crate) const SHORTEST_COOKIE_SECONDS: i64 = 60 * 60;
/// The lifetime of the set-up cookie: the first set-up does not expire.
pub(crate) const SETUP_COOKIE_SECONDS: i64 = 30 * 24 * 60 * 60;
/// The number of link cookies in a browser. The oldest are removed, because all are sent with each request and proxies
/// limit the size of headers.
const MAX_LINK_COOKIES: usize = 16;

impl Service {
    /// Finds the page of a link by the last part of its URL. Changes nothing in the database.
    ///
    /// # Errors
    /// Returns an error if a query fails.
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

    /// Returns the lifetime of the link's cookie, or `None` if the link is invalid.
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

    /// Returns the cookie of a link.
    #[must_use]
    pub fn link_cookie(&self, page: LinkPage, hash: &Hash, seconds: i64) -> String {
        let handle = self.keys.link_handle(page, hash);
        let ticket = self.keys.link_ticket(page, hash);
        self.cookies
            .link(page.name(), &handle, &ticket, seconds.unsigned_abs())
    }

    /// Returns a cookie that deletes that of a used link.
    #[must_use]
    pub fn remove_link_cookie(&self, page: LinkPage, hash: &Hash) -> String {
        self.cookies
            .remove_link(page.name(), &self.keys.link_handle(page, hash))
    }

    /// Resolves a page's handle or a form's ticket to the link.
    ///
    /// # Errors
    /// Returns `InvalidLink` if the link was invalid when it was opened, and `LinkMissing` if this browser does not
    /// have it.
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
            return Err(Failure::InvalidLink.into());
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

    /// Returns the handle of a reference, whether or not this browser has the link.
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

    /// Returns whether this browser lacks the cookie of a link whose form it has submitted.
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

/// Returns the number of characters of a handle.
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
