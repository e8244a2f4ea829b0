//! Authentication by identifier and password, and the limits on guessing.

use std::borrow::Cow;

use muster::{audit::AccountAction, draft::SignIn, failure::Failure, ids::AccountId};
use rpc::Caller;

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

/// Sign-ins of one network. Offices share a network, so this only stops floods.
const SIGN_INS_PER_ADDRESS: Limit = Limit {
    times: 300,
    seconds: 300,
};

/// The result of a successful authentication.
pub(crate) enum Known {
    /// An existing account, locked until the transaction ends.
    Account(AccountId, LimitedTx),
    /// A first sign-in with login details.
    Details(FirstSignIn),
}

/// Returns the password in the form to compare: a temporary one is normalized.
pub(crate) fn compared(typed: &str, is_mailed: bool) -> Cow<'_, str> {
    if is_mailed {
        Cow::Owned(mailed_form(typed))
    } else {
        Cow::Borrowed(typed)
    }
}

impl Service {
    /// Authenticates an identifier and a password.
    ///
    /// Every attempt that no limit refuses costs one Argon2id hash and the same statements, and gives the same answers.
    /// It is counted as a failure before its password is compared and removed from the count on success, so concurrent
    /// attempts cannot exceed the number of allowed failures.
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
        // A person's username and address share one counter; an unknown identifier has its own.
        let counter = match &account {
            Some(account) => self.keys.sign_in_counter(account.id.as_bytes()),
            None => self.keys.sign_in_counter(identifier.as_bytes()),
        };
        let attempt = sign_in_failures::reserve(&mut tx, &counter).await?;
        tx.commit().await?;
        // An attempt during the delay is refused before it costs anything.
        let number = match attempt {
            Attempt::Counted(number) => number,
            Attempt::Blocked(seconds) => return Err(Failure::TooManyTries { seconds }.into()),
        };
        let share = Share::of(caller.ip, hex::encode(counter));

        if let Some(details) = details {
            // A temporary password that stays is hashed as the account's. One that is used up is replaced by a random
            // one.
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
        // After ten failures, and while the account is locked, nothing is compared with its password.
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
            // The account may have changed during the comparison; now it is locked and checked again.
            let held = accounts::hold(&mut tx, id).await?;
            if held.is_some_and(|held| {
                held.locked_at.is_none() && held.password_hash == account.password_hash
            }) {
                sign_in_failures::succeeded(&mut tx, &counter, number).await?;
                return Ok(Known::Account(id, tx));
            }
            tx.rollback().await?;
        }
        // The answer depends only on the number, so it does not reveal whether the password was correct.
        if number < LOCKS_AFTER {
            return Err(Failure::SignInFailed.into());
        }
        let id = account.map(|account| AccountId::from_uuid(account.id));
        self.lock(caller, identifier, id, &counter).await?;
        Err(Failure::Locked.into())
    }

    /// Locks the account, if there is one, and emails its owner an unlock link.
    async fn lock(
        &self,
        caller: &Caller,
        identifier: &str,
        account: Option<AccountId>,
        counter: &Hash,
    ) -> Result<(), Error> {
        let mut tx = self.signing_in(caller, identifier).await?;
        // Lock order: the account before its counter.
        if let Some(id) = account {
            accounts::hold(&mut tx, id).await?;
        }
        // Attempts from before an unlock do not lock the account again.
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

    /// Returns the computed value. If the computation failed, the attempt is not counted as a failure.
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

    /// Begins a transaction on a reserved connection, so that people can sign in under any load.
    async fn signing_in(&self, caller: &Caller, identifier: &str) -> Result<LimitedTx, Error> {
        let client = limits::client_key(caller.ip);
        let turn = self.connections.sign_in(&client, identifier).await?;
        Ok(LimitedTx::new(self.store.reserved().begin().await?, turn))
    }
}
