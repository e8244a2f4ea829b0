//! What a sign-in names, and the counting that keeps guesses few.

use std::borrow::Cow;

use app::backend::Caller;
use muster::{audit::AccountAction, draft::SignIn, failure::Failure, ids::AccountId};

use crate::{
    connection_limits::LimitedTx,
    error::Error,
    keys::{Hash, Token, mailed_form},
    login_details::FirstSignIn,
    passwords::Share,
    service::Service,
    store::{
        accounts, audit,
        limits::{self, Limit},
        login_details, outbox,
        sign_in_failures::{self, Attempt, LOCKS_AFTER},
    },
};

/// Sign-ins from one address; offices share one, so this only stops floods.
const SIGN_INS_PER_ADDRESS: Limit = Limit {
    times: 300,
    seconds: 300,
};

/// Whom a sign-in names.
pub(crate) enum Known {
    /// Somebody with an account, which stays as it is until the transaction ends.
    Account(AccountId, LimitedTx),
    /// Somebody who comes by login details.
    Details(FirstSignIn),
}

/// A password as it is compared: one that Muster made and mailed in the form of those.
pub(crate) fn compared(typed: &str, is_mailed: bool) -> Cow<'_, str> {
    if is_mailed {
        Cow::Owned(mailed_form(typed))
    } else {
        Cow::Borrowed(typed)
    }
}

impl Service {
    /// What the identifier and the password name. Every try that is not turned away by a
    /// limit costs one argon2id and the same statements, whatever it finds, and gives the same answers. It is counted as a
    /// failure before its password is compared, and taken back if it is none: of any number at once no more are compared
    /// than may fail.
    pub(crate) async fn authenticate(
        &self,
        caller: &Caller,
        wanted: &SignIn,
    ) -> Result<Known, Error> {
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
        let share = Share::of(caller.ip, hex::encode(counter));

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
        let is_kept = sign_in_failures::keep(&mut tx, counter).await?;
        if let Some(id) = account
            && is_kept
            && accounts::lock(&mut tx, id).await?
        {
            outbox::account(&mut tx, id, "unlock").await?;
            audit::insert_account(&mut tx, id, AccountAction::Locked, Some(caller.ip)).await?;
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
}
