//! Signing in and out, forgotten passwords, locked accounts.

use app::{
    backend::{Answer, Caller, Outcome, Sessions},
    session::api::{AccountLink, Go, Visitor},
};
use async_trait::async_trait;
use muster::{
    draft::{ForgottenDraft, NewPasswordDraft, SignInDraft},
    failure::Failure,
    ids::AccountId,
    password::PasswordViolation,
    problem::FieldProblem,
};

use crate::{
    cookies::Purpose,
    error::{Error, boundary, constraint},
    keys::Token,
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

/// Reset mails to one identifier, and requests from one address.
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
        boundary(async {
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
        boundary(async {
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
        boundary(async {
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
        boundary(async {
            let wanted = draft.parse()?;
            let identifier = wanted.identifier.as_str();
            let counter = hex(&self.keys.sign_in_counter(identifier.as_bytes()));
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

    async fn reset_view(&self, caller: &Caller) -> Outcome<AccountLink> {
        boundary(self.link_view(Kind::Reset, caller.links.reset.as_deref())).await
    }

    async fn reset_password(&self, caller: &Caller, draft: &NewPasswordDraft) -> Outcome<Go> {
        boundary(async {
            let token = token(caller.links.reset.as_deref())?;
            let mut tx = self.store.across().await?;
            let link = links::living(&mut tx, Kind::Reset, &token.hash())
                .await?
                .ok_or(Failure::LinkDead)?;
            let id = AccountId::from_uuid(link.account_id);
            let account = accounts::by_id(&mut tx, id)
                .await?
                .ok_or(Failure::LinkDead)?;
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
            links::use_up(&mut tx, Kind::Reset, &token.hash())
                .await?
                .ok_or(Failure::LinkDead)?;
            links::end_others(&mut tx, id, Kind::Reset).await?;
            accounts::set_password(&mut tx, id, &hash).await?;
            // Whoever reads the mailbox has shown whose the account is.
            self.end_lock(&mut tx, id).await?;
            sessions::delete_others(&mut tx, id, None).await?;
            audit::insert_account(&mut tx, id, "password.reset", Some(caller.ip)).await?;
            outbox::account(&mut tx, id, "password_changed").await?;
            tx.commit().await?;
            Ok(going(
                "/sign-in?reset=1",
                vec![self.cookies.remove(Purpose::Reset)],
            ))
        })
        .await
    }

    async fn unlock_view(&self, caller: &Caller) -> Outcome<AccountLink> {
        boundary(self.link_view(Kind::Unlock, caller.links.unlock.as_deref())).await
    }

    async fn unlock(&self, caller: &Caller) -> Outcome<Go> {
        boundary(async {
            let token = token(caller.links.unlock.as_deref())?;
            let mut tx = self.store.across().await?;
            let link = links::use_up(&mut tx, Kind::Unlock, &token.hash())
                .await?
                .ok_or(Failure::LinkDead)?;
            let id = AccountId::from_uuid(link.account_id);
            self.end_lock(&mut tx, id).await?;
            audit::insert_account(&mut tx, id, "account.unlocked_by_mail", Some(caller.ip)).await?;
            tx.commit().await?;
            Ok(going(
                "/sign-in?unlocked=1",
                vec![self.cookies.remove(Purpose::Unlock)],
            ))
        })
        .await
    }

    async fn confirm_view(&self, caller: &Caller) -> Outcome<AccountLink> {
        boundary(self.link_view(Kind::Confirm, caller.links.confirm.as_deref())).await
    }

    async fn confirm(&self, caller: &Caller) -> Outcome<Go> {
        boundary(async {
            let token = token(caller.links.confirm.as_deref())?;
            let mut tx = self.store.across().await?;
            let link = links::use_up(&mut tx, Kind::Confirm, &token.hash())
                .await?
                .ok_or(Failure::LinkDead)?;
            let id = AccountId::from_uuid(link.account_id);
            let email = link.email.ok_or(Failure::LinkDead)?;
            match accounts::confirm_email(&mut tx, id, &email).await {
                Ok(true) => {}
                Ok(false) => return Err(Failure::LinkDead.into()),
                Err(error) if constraint(&error) == Some("accounts_email_key") => {
                    return Err(Failure::Changed.into());
                }
                Err(error) => return Err(error.into()),
            }
            audit::insert_account(&mut tx, id, "address.confirmed", Some(caller.ip)).await?;
            tx.commit().await?;
            let to = if caller.session.is_some() {
                "/profile"
            } else {
                "/sign-in?confirmed=1"
            };
            Ok(going(to, vec![self.cookies.remove(Purpose::Confirm)]))
        })
        .await
    }
}

impl Service {
    /// Ends a lock and forgets the failures that led to it; true where there was one.
    ///
    /// # Errors
    /// What the database says.
    pub async fn end_lock(&self, tx: &mut Tx, account: AccountId) -> Result<bool, Error> {
        let counter = self.keys.sign_in_counter(account.as_uuid().as_bytes());
        // The account before its counter, in the order in which everybody takes them.
        let ended = accounts::unlock(tx, account).await?;
        sign_in_failures::clear(tx, &counter).await?;
        Ok(ended)
    }

    async fn link_view(
        &self,
        kind: Kind,
        cookie: Option<&str>,
    ) -> Result<Answer<AccountLink>, Error> {
        let token = token(cookie)?;
        let mut tx = self.store.across().await?;
        let link = links::living(&mut tx, kind, &token.hash())
            .await?
            .ok_or(Failure::LinkDead)?;
        let account = accounts::by_id(&mut tx, AccountId::from_uuid(link.account_id))
            .await?
            .ok_or(Failure::LinkDead)?;
        Ok(AccountLink {
            username: account.username,
        }
        .into())
    }
}

/// A browser that signs in anew or signs out leaves its old session.
pub(crate) async fn leave(tx: &mut Tx, caller: &Caller) -> Result<(), Error> {
    if let Some(old) = caller.session.as_ref().or(caller.choosing.as_ref()) {
        sessions::delete(tx, &old.hash).await?;
    }
    Ok(())
}

/// The token that the browser keeps of a mailed link.
///
/// # Errors
/// `LinkDead` where it has none.
pub fn token(cookie: Option<&str>) -> Result<Token, Error> {
    Ok(cookie.and_then(Token::parse).ok_or(Failure::LinkDead)?)
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
