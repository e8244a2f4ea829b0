//! The invitation of a page or a form, and whether it is still what the page showed.

use muster::{failure::Failure, language::Language};
use rpc::{Answer, Caller, LinkCookies, accept::AlreadyJoined};

use crate::{
    error::Error,
    keys::Hash,
    mailed_links::{LinkPage, Linked},
    service::Service,
    store::{
        self, Tx, institutions,
        invitations::{self, Found, Shown},
    },
    stored,
};

impl Service {
    /// Returns the invitation that a page or a form refers to, unless it was accepted, declined or revoked.
    pub(super) async fn invitation(
        &self,
        links: &LinkCookies,
        given: &str,
    ) -> Result<(Linked, Found, Shown, Tx), Error> {
        let linked = self.linked(links, LinkPage::Accept, given)?;
        let mut tx = self.store.across().await?;
        let found = invitations::find(&mut tx, &linked.hash)
            .await?
            .ok_or(Failure::InvalidLink)?;
        store::enter(&mut tx, found.institution).await?;
        let shown = invitations::shown(&mut tx, found.institution, found.membership)
            .await?
            .ok_or(Failure::InvalidLink)?;
        Ok((linked, found, shown, tx))
    }

    /// Returns the digest of what the person agrees to: the institution, the address and the role.
    pub(super) fn digest_of(&self, hash: &Hash, shown: &Shown) -> String {
        let role_code = shown.role_code.as_deref().unwrap_or_default();
        let texts = [
            shown.institution.as_str(),
            &shown.email,
            role_code,
            &shown.role_name,
        ];
        self.keys.shown_digest(hash, &texts)
    }

    /// Checks that the form's page showed the invitation as it is now.
    ///
    /// # Errors
    /// Returns `PageOutdated` if it did not.
    pub(super) fn same_as_shown(&self, linked: &Linked, shown: &Shown) -> Result<(), Error> {
        match &linked.shown {
            Some(digest) if *digest != self.digest_of(&linked.hash, shown) => {
                Err(Failure::PageOutdated.into())
            }
            _ => Ok(()),
        }
    }

    /// Takes the institution's lock, which prevents changes to what the form's page showed, and checks it again.
    pub(super) async fn lock_as_shown(
        &self,
        tx: &mut Tx,
        linked: &Linked,
        found: Found,
    ) -> Result<(), Error> {
        institutions::lock_seats(tx, found.institution).await?;
        store::hurry(tx).await?;
        let shown = invitations::shown(tx, found.institution, found.membership)
            .await?
            .ok_or(Failure::InvalidLink)?;
        self.same_as_shown(linked, &shown)
    }

    /// Returns what the signed-in person has joined with this link before. It needs neither the token nor a cookie: it
    /// derives the handles of the links by which they joined.
    pub(super) async fn joined_by(
        &self,
        caller: &Caller,
        given: &str,
    ) -> Result<Answer<Option<AlreadyJoined>>, Error> {
        let Some(session) = &caller.session else {
            return Ok(None.into());
        };
        let Some(handle) = self.handle_of(LinkPage::Accept, given) else {
            return Ok(None.into());
        };
        let mut tx = self.store.across().await?;
        for choice in institutions::of_person(&mut tx, session.account).await? {
            let open = institutions::open(&mut tx, &choice.slug, session.account).await?;
            let Some((institution, membership)) = open else {
                continue;
            };
            store::enter(&mut tx, institution).await?;
            let hashes = invitations::used_hashes(&mut tx, institution, membership).await?;
            let joined = hashes
                .iter()
                .any(|hash| self.keys.link_handle(LinkPage::Accept, hash) == handle);
            if joined {
                return Ok(Some(AlreadyJoined {
                    institution: choice.name,
                    home: format!("/i/{}", choice.slug),
                })
                .into());
            }
        }
        Ok(None.into())
    }

    /// Returns the language of a page's invitation.
    ///
    /// # Errors
    /// Returns an error if a query fails.
    pub async fn invitation_language(
        &self,
        links: &LinkCookies,
        given: &str,
    ) -> Result<Option<Language>, Error> {
        match self.invitation(links, given).await {
            Ok((_, _, shown, _)) => Ok(Some(stored::language(&shown.language))),
            Err(Error::Refused(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }
}
