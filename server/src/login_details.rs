//! Login details: the first sign-in with them creates the account.
//!
//! The person then chooses a password, unless the import keeps the temporary one. `worker::mails` sends the details.

use async_trait::async_trait;
use muster::{
    audit::AccountAction,
    draft::{NewPasswordDraft, SignIn},
    email::EmailAddress,
    failure::Failure,
    ids::AccountId,
    password::PasswordViolation,
    problem::FieldProblem,
    username::Username,
};
use rpc::{
    Answer, Caller, Outcome,
    session::{AccountLink, Go, LoginDetails},
};
use uuid::Uuid;

use crate::{
    error::{Error, boundary},
    founding::Added,
    keys::Hash,
    mailed_links::LinkPage,
    passwords::Share,
    service::{Service, going},
    sessions::leave,
    store::{
        accounts, audit, invitations, limits,
        login_details::{self, Found as FoundDetails},
        outbox, sessions, sign_in_failures,
    },
};

/// A first sign-in with login details.
pub(crate) struct FirstSignIn {
    pub(crate) details: FoundDetails,
    /// The hash of the temporary password.
    pub(crate) mailed: Hash,
    /// The hash of the new account's password.
    pub(crate) password_hash: String,
    /// The counter and number of this attempt.
    pub(crate) counter: Hash,
    pub(crate) number: i32,
}

#[async_trait]
impl LoginDetails for Service {
    async fn choose_view(&self, caller: &Caller) -> Outcome<AccountLink> {
        boundary("choose_view", async {
            let session = caller.choosing.as_ref().ok_or(Failure::Unauthenticated)?;
            let mut tx = self.store.across().await?;
            let account = accounts::by_id(&mut tx, session.account)
                .await?
                .ok_or(Failure::Unauthenticated)?;
            Ok(AccountLink {
                username: account.username,
                account: self.keys.account_reference(session.account),
            }
            .into())
        })
        .await
    }

    async fn choose_password(
        &self,
        caller: &Caller,
        account: &str,
        draft: &NewPasswordDraft,
    ) -> Outcome<Go> {
        boundary("choose_password", async {
            let session = caller.choosing.as_ref().ok_or(Failure::Unauthenticated)?;
            let id = session.account;
            self.same_account(id, account)?;
            let mut tx = self.store.across().await?;
            let account = accounts::by_id(&mut tx, id)
                .await?
                .ok_or(Failure::Unauthenticated)?;
            let email = account.email.unwrap_or_default();
            let password = draft.parse_for(&[&account.username, &email])?;
            let mailed = self.keys.login_password_hash(password.as_str());
            if login_details::was_mailed_to(&mut tx, id, &mailed).await? {
                return Err(FieldProblem::new("password", PasswordViolation::Mailed).into());
            }
            limits::take_hash(&mut tx, caller.ip, id).await?;
            tx.commit().await?;
            let share = Share::of(caller.ip, id);
            let hash = self.passwords.hash(&share, password.as_str()).await?;
            let mut tx = self.store.across().await?;
            // If the password was already chosen in another tab or reset by email, this one must not replace it.
            let held = accounts::hold(&mut tx, id).await?;
            if held.is_none_or(|held| !held.must_change_password)
                || !sessions::hold(&mut tx, &session.hash).await?
            {
                return Err(Failure::Unauthenticated.into());
            }
            accounts::set_password(&mut tx, id, &hash).await?;
            sessions::delete_others(&mut tx, id, Some(&session.hash)).await?;
            audit::insert_account(&mut tx, id, AccountAction::PasswordChosen, Some(caller.ip))
                .await?;
            outbox::account(&mut tx, id, "password_changed").await?;
            let to = self.home(&mut tx, id).await?;
            tx.commit().await?;
            Ok(going(to, Vec::new()))
        })
        .await
    }
}

impl Service {
    /// Signs in with login details.
    ///
    /// They prove the mailbox, so this creates the account and the membership, as accepting an invitation does. If the
    /// address has an account by now, its owner signs in to it and then confirms.
    pub(crate) async fn first_sign_in(
        &self,
        caller: &Caller,
        wanted: &SignIn,
        first: &FirstSignIn,
    ) -> Result<Answer<Go>, Error> {
        let FirstSignIn {
            details,
            mailed,
            password_hash,
            counter,
            number,
        } = first;
        let found = details.found;
        let mut tx = self.changing(found.institution, found.membership).await?;
        let shown = invitations::shown(&mut tx, found.institution, found.membership)
            .await?
            .ok_or(Failure::SignInFailed)?;
        let broken = || Error::internal("login details without a username or an address");
        let name = shown.username.as_deref().ok_or_else(broken)?;
        let username = Username::parse(name, "", "").map_err(|_| broken())?;
        let email = EmailAddress::parse(&shown.email).map_err(|_| broken())?;
        let id = AccountId::from_uuid(Uuid::now_v7());
        let account = accounts::NewAccount {
            id,
            email: &email,
            confirmed: true,
            username: &username,
            password_hash,
            password_mailed: !details.change_password,
            language: &shown.language,
        };
        let added = match self
            .join_anew(&mut tx, caller, found, mailed, &account, None)
            .await
        {
            // A concurrent sign-in used the details first, or they have just expired.
            Err(Error::Refused(Failure::InvalidLink)) => return Err(Failure::SignInFailed.into()),
            added => added?,
        };
        if added == Added::AddressInUse {
            // The transaction is aborted. The temporary password was correct but is not the account's, so this attempt
            // is not counted as a failure.
            tx.rollback().await?;
            let mut tx = self.store.across().await?;
            sign_in_failures::withdraw(&mut tx, counter).await?;
            tx.commit().await?;
            let token = self
                .keys
                .invitation(found.institution, found.membership, details.epoch);
            let hash = token.hash();
            let cookie = self.link_cookie(LinkPage::Accept, &hash, shown.seconds_left);
            let handle = self.keys.link_handle(LinkPage::Accept, &hash);
            return Ok(going(LinkPage::Accept.sign_in_first(&handle), vec![cookie]));
        }
        leave(&mut tx, caller).await?;
        let cookie = self.begin_session(&mut tx, id, wanted.keep).await?;
        let to = if details.change_password {
            accounts::ask_for_new_password(&mut tx, id).await?;
            "/new-password".to_owned()
        } else {
            wanted
                .to
                .clone()
                .unwrap_or_else(|| format!("/i/{}", shown.slug))
        };
        sign_in_failures::succeeded(&mut tx, counter, *number).await?;
        tx.commit().await?;
        Ok(going(to, vec![cookie]))
    }
}
