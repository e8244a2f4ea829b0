//! Signing in and out, password resets, locked accounts.

use async_trait::async_trait;
use muster::{
    audit::AccountAction,
    draft::{ForgottenDraft, NewPasswordDraft, SignInDraft},
    failure::Failure,
    ids::AccountId,
    password::PasswordViolation,
    problem::FieldProblem,
};
use rpc::{
    Caller, Outcome,
    session::{Go, LinkView, Sessions, Visitor},
};

use crate::{
    cookies::Purpose,
    error::{Error, boundary},
    mailed_links::LinkPage,
    passwords::Share,
    service::{Service, going},
    sign_in::{Known, compared},
    store::{
        Tx, accounts, audit,
        limits::{self, Limit},
        links::{self, Kind},
        outbox, sessions, sign_in_failures,
    },
};

/// Limits reset emails for one identifier, and requests from one network.
const RESETS_PER_IDENTIFIER: Limit = Limit {
    times: 3,
    seconds: 900,
};
const RESETS_PER_ADDRESS: Limit = Limit {
    times: 30,
    seconds: 900,
};

#[async_trait]
impl Sessions for Service {
    async fn sign_in(&self, caller: &Caller, draft: &SignInDraft) -> Outcome<Go> {
        boundary("sign_in", async {
            let wanted = draft.parse()?;
            let (account, mut tx) = match self.authenticate(caller, &wanted).await? {
                Known::Account(account, tx) => (account, tx),
                Known::Details(details) => {
                    return self.first_sign_in(caller, &wanted, &details).await;
                }
            };
            leave(&mut tx, caller).await?;
            let cookie = self.begin_session(&mut tx, account, wanted.keep).await?;
            let to = match wanted.to {
                Some(to) => to,
                None => self.home(&mut tx, account).await?,
            };
            tx.commit().await?;
            Ok(going(to, vec![cookie]))
        })
        .await
    }

    async fn sign_out(&self, caller: &Caller) -> Outcome<Go> {
        boundary("sign_out", async {
            let mut tx = self.store.across().await?;
            leave(&mut tx, caller).await?;
            tx.commit().await?;
            Ok(going(
                "/sign-in",
                vec![self.cookies.remove(Purpose::Session)],
            ))
        })
        .await
    }

    async fn visitor(&self, caller: &Caller) -> Outcome<Option<Visitor>> {
        boundary("visitor", async {
            let Some(session) = &caller.session else {
                return Ok(None.into());
            };
            let mut tx = self.store.across().await?;
            let account = accounts::by_id(&mut tx, session.account).await?;
            Ok(account
                .map(|account| Visitor {
                    identifier: account.email.unwrap_or(account.username),
                })
                .into())
        })
        .await
    }

    async fn ask_reset(&self, caller: &Caller, draft: &ForgottenDraft) -> Outcome<()> {
        boundary("ask_reset", async {
            let wanted = draft.parse()?;
            let identifier = wanted.identifier.as_str();
            let counter = hex::encode(self.keys.sign_in_counter(identifier.as_bytes()));
            let mut tx = self.store.across().await?;
            limits::take(
                &mut tx,
                &format!("reset from {}", limits::client_key(caller.ip)),
                RESETS_PER_ADDRESS,
            )
            .await?;
            limits::take(
                &mut tx,
                &format!("reset of {counter}"),
                RESETS_PER_IDENTIFIER,
            )
            .await?;
            outbox::reset(&mut tx, identifier).await?;
            tx.commit().await?;
            Ok(().into())
        })
        .await
    }

    async fn reset_view(&self, caller: &Caller, link: &str) -> Outcome<LinkView> {
        boundary(
            "reset_view",
            self.link_view(caller, LinkPage::Reset, Kind::Reset, link),
        )
        .await
    }

    async fn reset_password(
        &self,
        caller: &Caller,
        link: &str,
        draft: &NewPasswordDraft,
    ) -> Outcome<Go> {
        boundary("reset_password", async {
            let link_hash = self.linked(&caller.links, LinkPage::Reset, link)?.hash;
            let mut tx = self.store.across().await?;
            let link = links::living(&mut tx, Kind::Reset, &link_hash)
                .await?
                .ok_or(Failure::InvalidLink)?;
            let id = AccountId::from_uuid(link.account_id);
            let account = accounts::by_id(&mut tx, id)
                .await?
                .ok_or(Failure::InvalidLink)?;
            let email = account.email.unwrap_or_default();
            let password = draft.parse_for(&[&account.username, &email])?;
            limits::take_hash(&mut tx, caller.ip, id).await?;
            tx.commit().await?;
            let share = Share::of(caller.ip, id);
            let stored = Some(account.password_hash.as_str());
            let typed = compared(password.as_str(), account.password_mailed);
            if self.passwords.verify(&share, &typed, stored).await? {
                return Err(FieldProblem::new("password", PasswordViolation::Unchanged).into());
            }
            let hash = self.passwords.hash(&share, password.as_str()).await?;

            let mut tx = self.store.across().await?;
            links::use_up(&mut tx, Kind::Reset, &link_hash)
                .await?
                .ok_or(Failure::InvalidLink)?;
            links::end_others(&mut tx, id, Kind::Reset).await?;
            accounts::set_password(&mut tx, id, &hash).await?;
            // A reset proves the mailbox, so it ends the lock too.
            self.end_lock(&mut tx, id).await?;
            sessions::delete_others(&mut tx, id, None).await?;
            audit::insert_account(&mut tx, id, AccountAction::PasswordReset, Some(caller.ip))
                .await?;
            outbox::account(&mut tx, id, "password_changed").await?;
            tx.commit().await?;
            Ok(going(
                "/sign-in?reset=1",
                vec![self.remove_link_cookie(LinkPage::Reset, &link_hash)],
            ))
        })
        .await
    }

    async fn unlock_view(&self, caller: &Caller, link: &str) -> Outcome<LinkView> {
        boundary(
            "unlock_view",
            self.link_view(caller, LinkPage::Unlock, Kind::Unlock, link),
        )
        .await
    }

    async fn unlock(&self, caller: &Caller, link: &str) -> Outcome<Go> {
        boundary("unlock", async {
            let link_hash = self.linked(&caller.links, LinkPage::Unlock, link)?.hash;
            let mut tx = self.store.across().await?;
            let link = links::use_up(&mut tx, Kind::Unlock, &link_hash)
                .await?
                .ok_or(Failure::InvalidLink)?;
            let id = AccountId::from_uuid(link.account_id);
            self.end_lock(&mut tx, id).await?;
            audit::insert_account(&mut tx, id, AccountAction::Unlocked, Some(caller.ip)).await?;
            tx.commit().await?;
            Ok(going(
                "/sign-in?unlocked=1",
                vec![self.remove_link_cookie(LinkPage::Unlock, &link_hash)],
            ))
        })
        .await
    }

    async fn confirm_view(&self, caller: &Caller, link: &str) -> Outcome<LinkView> {
        boundary(
            "confirm_view",
            self.link_view(caller, LinkPage::Confirm, Kind::Confirm, link),
        )
        .await
    }

    async fn confirm(&self, caller: &Caller, link: &str, draft: &NewPasswordDraft) -> Outcome<Go> {
        boundary("confirm", self.confirm_address_by_link(caller, link, draft)).await
    }
}

impl Service {
    /// Ends a lock and clears the failed sign-ins. Returns whether the account was locked.
    ///
    /// # Errors
    /// Returns an error if a query fails.
    pub async fn end_lock(&self, tx: &mut Tx, account: AccountId) -> Result<bool, Error> {
        let counter = self.keys.sign_in_counter(account.as_uuid().as_bytes());
        // Lock order: the account before its counter.
        let ended = accounts::unlock(tx, account).await?;
        sign_in_failures::clear(tx, &counter).await?;
        Ok(ended)
    }
}

/// Ends the browser's previous session at a sign-in or sign-out.
pub(crate) async fn leave(tx: &mut Tx, caller: &Caller) -> Result<(), Error> {
    if let Some(old) = caller.session.as_ref().or(caller.choosing.as_ref()) {
        sessions::delete(tx, &old.hash).await?;
    }
    Ok(())
}
