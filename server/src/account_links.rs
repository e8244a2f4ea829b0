//! The pages of an account's mailed links, and the confirmation of an address.

use muster::{audit::AccountAction, draft::NewPasswordDraft, failure::Failure, ids::AccountId};
use rpc::{
    Answer, Caller,
    session::{Go, LinkView},
};

use crate::{
    error::{Error, constraint},
    mailed_links::LinkPage,
    passwords::Share,
    service::{Service, going},
    store::{
        accounts, audit, limits,
        links::{self, Kind},
        outbox, sessions,
    },
};

impl Service {
    /// Returns the account that a link belongs to. Sets the link's cookie again if the browser has lost it: its form
    /// authenticates the link.
    pub(crate) async fn link_view(
        &self,
        caller: &Caller,
        page: LinkPage,
        kind: Kind,
        given: &str,
    ) -> Result<Answer<LinkView>, Error> {
        let hash = self.linked(&caller.links, page, given)?.hash;
        let mut tx = self.store.across().await?;
        let link = links::living(&mut tx, kind, &hash)
            .await?
            .ok_or(Failure::InvalidLink)?;
        let account = accounts::by_id(&mut tx, AccountId::from_uuid(link.account_id))
            .await?
            .ok_or(Failure::InvalidLink)?;
        let value = LinkView {
            username: account.username,
            link: self.keys.link_ticket(page, &hash),
            handle: self.keys.link_handle(page, &hash),
            own_session: owns(caller, AccountId::from_uuid(link.account_id)),
        };
        let cookies = if self.lacks_cookie(caller, page, &hash) {
            vec![self.link_cookie(page, &hash, link.seconds_left)]
        } else {
            Vec::new()
        };
        Ok(Answer { value, cookies })
    }

    /// Confirms the address that the link was mailed to. The reader of the mailbox may not be the person who created
    /// the account: without a session of the account they set a new password, and all other sessions end.
    pub(crate) async fn confirm_address_by_link(
        &self,
        caller: &Caller,
        given: &str,
        draft: &NewPasswordDraft,
    ) -> Result<Answer<Go>, Error> {
        let link_hash = self.linked(&caller.links, LinkPage::Confirm, given)?.hash;
        let mut tx = self.store.across().await?;
        let link = links::living(&mut tx, Kind::Confirm, &link_hash)
            .await?
            .ok_or(Failure::InvalidLink)?;
        let id = AccountId::from_uuid(link.account_id);
        let email = link.email.ok_or(Failure::InvalidLink)?;
        let new_password = if owns(caller, id) {
            None
        } else {
            let account = accounts::by_id(&mut tx, id)
                .await?
                .ok_or(Failure::InvalidLink)?;
            let password = draft.parse_for(&[&account.username, &email])?;
            limits::take_hash(&mut tx, caller.ip, id).await?;
            tx.commit().await?;
            let share = Share::of(caller.ip, id);
            let hash = self.passwords.hash(&share, password.as_str()).await?;
            tx = self.store.across().await?;
            Some(hash)
        };
        links::use_up(&mut tx, Kind::Confirm, &link_hash)
            .await?
            .ok_or(Failure::InvalidLink)?;
        match accounts::confirm_email(&mut tx, id, &email).await {
            Ok(true) => {}
            Ok(false) => return Err(Failure::InvalidLink.into()),
            Err(error) if constraint(&error) == Some("accounts_email_key") => {
                return Err(Failure::Conflict.into());
            }
            Err(error) => return Err(error.into()),
        }
        audit::insert_account(
            &mut tx,
            id,
            AccountAction::AddressConfirmed,
            Some(caller.ip),
        )
        .await?;
        let to = if let Some(hash) = new_password {
            links::end_others(&mut tx, id, Kind::Reset).await?;
            accounts::set_password(&mut tx, id, &hash).await?;
            self.end_lock(&mut tx, id).await?;
            sessions::delete_others(&mut tx, id, None).await?;
            audit::insert_account(&mut tx, id, AccountAction::PasswordReset, Some(caller.ip))
                .await?;
            outbox::account(&mut tx, id, "password_changed").await?;
            "/sign-in?confirmed=1"
        } else {
            "/profile"
        };
        tx.commit().await?;
        let cookie = self.remove_link_cookie(LinkPage::Confirm, &link_hash);
        Ok(going(to, vec![cookie]))
    }
}

/// Returns whether the request has a session of the account.
fn owns(caller: &Caller, account: AccountId) -> bool {
    caller
        .session
        .as_ref()
        .is_some_and(|session| session.account == account)
}
