//! Which invitation a page or a form is about, and whether it still is what the page showed.

use app::{
    accept::api::AlreadyJoined,
    backend::{Answer, Caller, LinkCookies},
};
use muster::{failure::Failure, language::Language};

use crate::{
    error::Error,
    keys::Hash,
    mailed_links::{LinkPage, Linked},
    service::Service,
    store::{
        self, Tx, institutions,
        invitations::{self, Found, Shown},
    },
};

impl Service {
    /// The invitation that a page or a form refers to, while nobody has accepted, declined or revoked it.
    pub(super) async fn invitation(
        &self,
        links: &LinkCookies,
        given: &str,
    ) -> Result<(Linked, Found, Shown, Tx), Error> {
        let linked = self.linked(links, LinkPage::Accept, given)?;
        let mut tx = self.store.across().await?;
        let found = invitations::find(&mut tx, &linked.hash)
            .await?
            .ok_or(Failure::LinkDead)?;
        store::enter(&mut tx, found.institution).await?;
        let shown = invitations::shown(&mut tx, found.institution, found.membership)
            .await?
            .ok_or(Failure::LinkDead)?;
        Ok((linked, found, shown, tx))
    }

    /// The digest of what a person who joins agrees to: which institution, as whom, with which role.
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

    /// Whether the form's page showed the invitation as it is now.
    pub(super) fn same_as_shown(&self, linked: &Linked, shown: &Shown) -> Result<(), Error> {
        match &linked.shown {
            Some(digest) if *digest != self.digest_of(&linked.hash, shown) => {
                Err(Failure::PageOutdated.into())
            }
            _ => Ok(()),
        }
    }

    /// Takes the institution's lock; from then on nobody changes what the form's page showed.
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
            .ok_or(Failure::LinkDead)?;
        self.same_as_shown(linked, &shown)
    }

    /// What the signed-in person has joined by the link before. Neither its token nor a cookie is needed: the handles of
    /// the links by which they joined are derived again.
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

    /// The language of the invitation that a page is about.
    ///
    /// # Errors
    /// What the database says.
    pub async fn invitation_language(
        &self,
        links: &LinkCookies,
        given: &str,
    ) -> Result<Option<Language>, Error> {
        match self.invitation(links, given).await {
            Ok((_, _, shown, _)) => Ok(shown.language.parse().ok()),
            Err(Error::Refused(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }
}
