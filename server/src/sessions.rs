//! Signing in and out, forgotten passwords, locked accounts.

use std::borrow::Cow;

use app::{
    backend::{Answer, Caller, Outcome, Sessions},
    session::api::{AccountLink, Go, Visitor},
};
use async_trait::async_trait;
use muster::{
    draft::{ForgottenDraft, NewPasswordDraft, SignIn, SignInDraft},
    failure::Failure,
    ids::AccountId,
    password::PasswordViolation,
    problem::FieldProblem,
};

use crate::{
    connection_limits::LimitedTx,
    cookies::Purpose,
    error::{Error, boundary, constraint},
    keys::{Hash, Token, mailed_form},
    login_details::FirstSignIn,
    passwords::Share,
    service::{Service, going},
    store::{
        Tx, accounts, audit,
        limits::{self, Limit},
        links::{self, Kind},
        login_details, outbox, sessions,
        sign_in_failures::{self, Attempt, LOCKS_AFTER},
    },
};

/// Sign-ins from one address; offices share one, so this only stops floods.
const SIGN_INS_PER_ADDRESS: Limit = Limit {
    times: 300,
    seconds: 300,
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
    /// What the identifier and the password name. Every try that is not turned away by a
    /// limit costs one argon2id and the same statements, whatever it finds, and gives the same answers. It is counted as a
    /// failure before its password is compared, and taken back if it is none: of any number at once no more are compared
    /// than may fail.
    async fn authenticate(&self, caller: &Caller, wanted: &SignIn) -> Result<Known, Error> {
        let identifier = wanted.identifier.as_str();
        let mut tx = self.signing_in(caller, identifier).await?;
        limits::take(
            &mut tx,
            &format!("sign in from {}", limits::client_key(caller.ip)),
            SIGN_INS_PER_ADDRESS,
        )
        .await?;
        let account = accounts::by_identifier(&mut tx, identifier).await?;
        let mailed = self.keys.login_password_hash(&wanted.password);
        let details = login_details::find(&mut tx, &mailed, identifier).await?;
        // A person's username and address count together; what names nobody counts by itself.
        let counter = match &account {
            Some(account) => self.keys.sign_in_counter(account.id.as_bytes()),
            None => self.keys.sign_in_counter(identifier.as_bytes()),
        };
        let attempt = sign_in_failures::reserve(&mut tx, &counter).await?;
        tx.commit().await?;
        // While a counter waits, a try is turned away before it costs anything.
        let number = match attempt {
            Attempt::Counted(number) => number,
            Attempt::Blocked(seconds) => return Err(Failure::TooManyTries { seconds }.into()),
        };
        let share = Share::of(caller.ip, hex(&counter));

        if let Some(details) = details {
            // The password that stays is hashed as the account's; in place of one that is spent stands what nobody knows.
            let hashed = if details.change_password {
                let unknown = Token::random()?;
                self.passwords.hash(&share, unknown.as_str()).await
            } else {
                let kept = mailed_form(&wanted.password);
                self.passwords.hash(&share, &kept).await
            };
            return Ok(Known::Details(FirstSignIn {
                details,
                mailed,
                password_hash: self.decided(caller, identifier, &counter, hashed).await?,
                counter,
                number,
            }));
        }
        // Past the tenth, and while the account is locked, nothing is compared with its password.
        let comparable = account
            .as_ref()
            .filter(|account| account.locked_at.is_none() && number <= LOCKS_AFTER);
        let is_mailed = comparable.is_some_and(|account| account.password_mailed);
        let typed = compared(&wanted.password, is_mailed);
        let stored = comparable.map(|account| account.password_hash.as_str());
        let verified = self.passwords.verify(&share, &typed, stored).await;
        let matches = self.decided(caller, identifier, &counter, verified).await?;
        if let (true, Some(account)) = (matches, comparable) {
            let id = AccountId::from_uuid(account.id);
            let mut tx = self.signing_in(caller, identifier).await?;
            // What was true before the password was compared may not be any more; from here on it stays.
            let held = accounts::hold(&mut tx, id).await?;
            if held.is_some_and(|held| {
                held.locked_at.is_none() && held.password_hash == account.password_hash
            }) {
                sign_in_failures::succeeded(&mut tx, &counter, number).await?;
                return Ok(Known::Account(id, tx));
            }
            tx.rollback().await?;
        }
        // The answer follows from the number alone: it does not tell whether the password was the right one.
        if number < LOCKS_AFTER {
            return Err(Failure::SignInFailed.into());
        }
        let id = account.map(|account| AccountId::from_uuid(account.id));
        self.lock(caller, identifier, id, &counter).await?;
        Err(Failure::Locked.into())
    }

    /// Locks the account, if there is one, and mails its person a link that unlocks.
    async fn lock(
        &self,
        caller: &Caller,
        identifier: &str,
        account: Option<AccountId>,
        counter: &Hash,
    ) -> Result<(), Error> {
        let mut tx = self.signing_in(caller, identifier).await?;
        // The account before its counter, in the order in which everybody takes them.
        if let Some(id) = account {
            accounts::hold(&mut tx, id).await?;
        }
        // Tries from before a lock was ended do not lock again.
        let counted = sign_in_failures::keep(&mut tx, counter).await?;
        if let Some(id) = account
            && counted
            && accounts::lock(&mut tx, id).await?
        {
            outbox::account(&mut tx, id, "unlock").await?;
            audit::insert_account(&mut tx, id, "account.locked", Some(caller.ip)).await?;
        }
        Ok(tx.commit().await?)
    }

    /// What was computed; a try for which nothing could be is no failure.
    async fn decided<T>(
        &self,
        caller: &Caller,
        identifier: &str,
        counter: &Hash,
        computed: Result<T, Error>,
    ) -> Result<T, Error> {
        if computed.is_err() {
            let mut tx = self.signing_in(caller, identifier).await?;
            sign_in_failures::withdraw(&mut tx, counter).await?;
            tx.commit().await?;
        }
        computed
    }

    /// A transaction on a reserved connection: people sign in however busy the others are.
    async fn signing_in(&self, caller: &Caller, identifier: &str) -> Result<LimitedTx, Error> {
        let client = limits::client_key(caller.ip);
        let turn = self.connections.sign_in(&client, identifier).await?;
        Ok(LimitedTx::new(self.store.reserved().begin().await?, turn))
    }

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

/// Whom a sign-in names.
enum Known {
    /// Somebody with an account, which stays as it is until the transaction ends.
    Account(AccountId, LimitedTx),
    /// Somebody who comes by login details.
    Details(FirstSignIn),
}

/// A browser that signs in anew or signs out leaves its old session.
pub(crate) async fn leave(tx: &mut Tx, caller: &Caller) -> Result<(), Error> {
    if let Some(old) = caller.session.as_ref().or(caller.choosing.as_ref()) {
        sessions::delete(tx, &old.hash).await?;
    }
    Ok(())
}

/// A password as it is compared: one that Muster made and mailed in the form of those.
pub(crate) fn compared(typed: &str, is_mailed: bool) -> Cow<'_, str> {
    if is_mailed {
        Cow::Owned(mailed_form(typed))
    } else {
        Cow::Borrowed(typed)
    }
}

/// The token that the browser keeps of a mailed link.
///
/// # Errors
/// `LinkDead` where it has none.
pub fn token(cookie: Option<&str>) -> Result<Token, Error> {
    Ok(cookie.and_then(Token::parse).ok_or(Failure::LinkDead)?)
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
