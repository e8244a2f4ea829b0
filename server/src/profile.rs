//! The signed-in person's own account.

use async_trait::async_trait;
use muster::{
    audit::AccountAction,
    draft::{ChangePasswordDraft, LanguageDraft},
    failure::Failure,
    password::PasswordViolation,
    problem::{FieldProblem, Problem},
};
use rpc::{
    Caller, Outcome,
    profile::{Profile, ProfileView},
    session::Go,
};

use crate::{
    error::boundary,
    passwords::Share,
    service::{Service, going},
    sign_in::compared,
    store::{
        accounts, audit,
        limits::{self, Limit},
        outbox, sessions,
    },
};

/// Limits password changes, so that an open session does not allow guessing the current password.
const PASSWORD_CHANGES: Limit = Limit {
    times: 10,
    seconds: 900,
};

/// The interval between emails that confirm an address.
const SECONDS_BETWEEN_CONFIRMATIONS: i32 = 300;

#[async_trait]
impl Profile for Service {
    async fn profile(&self, caller: &Caller) -> Outcome<ProfileView> {
        boundary("profile", async {
            let id = Self::account(caller)?;
            let mut tx = self.store.across().await?;
            let account = accounts::by_id(&mut tx, id)
                .await?
                .ok_or(Failure::Unauthenticated)?;
            let home = self.home(&mut tx, id).await?;
            let email_confirmed = account.email.is_some();
            Ok(ProfileView {
                account: self.keys.account_reference(id),
                username: account.username,
                email: account
                    .email
                    .or(account.unconfirmed_email)
                    .unwrap_or_default(),
                email_confirmed,
                language: account.language.unwrap_or_default(),
                home: Some(Go { to: home }).filter(|home| home.to.starts_with("/i/")),
            }
            .into())
        })
        .await
    }

    async fn choose_language(
        &self,
        caller: &Caller,
        account: &str,
        draft: &LanguageDraft,
    ) -> Outcome<Go> {
        boundary("choose_language", async {
            let id = Self::account(caller)?;
            self.same_account(id, account)?;
            let language = draft.parse()?;
            let mut tx = self.store.across().await?;
            accounts::set_language(&mut tx, id, language.code()).await?;
            tx.commit().await?;
            Ok(going("/profile", Vec::new()))
        })
        .await
    }

    async fn change_password(
        &self,
        caller: &Caller,
        account: &str,
        draft: &ChangePasswordDraft,
    ) -> Outcome<()> {
        boundary("change_password", async {
            let session = caller.session.as_ref().ok_or(Failure::Unauthenticated)?;
            let id = session.account;
            self.same_account(id, account)?;
            let mut tx = self.store.across().await?;
            limits::take(
                &mut tx,
                &format!("password change of {id}"),
                PASSWORD_CHANGES,
            )
            .await?;
            limits::take_hash(&mut tx, caller.ip, id).await?;
            let account = accounts::by_id(&mut tx, id)
                .await?
                .ok_or(Failure::Unauthenticated)?;
            tx.commit().await?;
            let email = account.email.unwrap_or_default();
            let wanted = draft.parse_for(&[&account.username, &email])?;
            let share = Share::of(caller.ip, id);
            let current = compared(&wanted.current, account.password_mailed);
            let stored = Some(account.password_hash.as_str());
            if !self.passwords.verify(&share, &current, stored).await? {
                return Err(FieldProblem::new("current", Problem::WrongPassword).into());
            }
            if compared(wanted.password.as_str(), account.password_mailed) == current {
                return Err(FieldProblem::new("password", PasswordViolation::Unchanged).into());
            }
            let hash = self
                .passwords
                .hash(&share, wanted.password.as_str())
                .await?;
            let mut tx = self.store.across().await?;
            // If the password was reset or the session ended during the comparison, its result does not count.
            let held = accounts::hold(&mut tx, id).await?;
            if held.is_none_or(|held| held.password_hash != account.password_hash)
                || !sessions::hold(&mut tx, &session.hash).await?
            {
                return Err(Failure::Unauthenticated.into());
            }
            accounts::set_password(&mut tx, id, &hash).await?;
            sessions::delete_others(&mut tx, id, Some(&session.hash)).await?;
            audit::insert_account(&mut tx, id, AccountAction::PasswordChanged, Some(caller.ip))
                .await?;
            outbox::account(&mut tx, id, "password_changed").await?;
            tx.commit().await?;
            Ok(().into())
        })
        .await
    }

    async fn confirm_address(&self, caller: &Caller, account: &str) -> Outcome<()> {
        boundary("confirm_address", async {
            let id = Self::account(caller)?;
            self.same_account(id, account)?;
            let mut tx = self.store.across().await?;
            let account = accounts::by_id(&mut tx, id)
                .await?
                .ok_or(Failure::Unauthenticated)?;
            if account.unconfirmed_email.is_none() {
                return Err(Failure::Conflict.into());
            }
            limits::once(
                &mut tx,
                &format!("confirm address of {id}"),
                SECONDS_BETWEEN_CONFIRMATIONS,
            )
            .await?;
            outbox::account(&mut tx, id, "confirm").await?;
            tx.commit().await?;
            Ok(().into())
        })
        .await
    }
}
