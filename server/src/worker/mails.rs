//! Preparing a claimed message: an email built from ids, or the reason why none is sent any more.

use chrono::{DateTime, Duration as Span, Utc};
use i18n::role_name;
use muster::{
    ids::{AccountId, InstitutionId, MembershipId},
    language::Language,
};
use uuid::Uuid;

use super::Worker;
use crate::{
    error::{Context as _, Error},
    mail::{Mail, OutgoingMail, compose, message_id},
    store::{
        Tx, accounts, institutions,
        invitations::{self, Shown},
        links::{self, Kind},
        login_details, memberships,
        outbox::{self, Claimed},
    },
    stored,
    time_format::{in_full, zone},
};

/// The outcome of preparing a message.
pub(super) enum Job {
    /// An email to send.
    Send(Box<OutgoingMail>),
    /// Nothing to send (any more), with the reason.
    Drop(&'static str),
}

impl Worker {
    pub(super) async fn prepare(&self, claimed: &Claimed) -> Result<Job, Error> {
        match claimed.kind.as_str() {
            "invitation" => self.invitation(claimed).await,
            "reset" => self.reset(claimed).await,
            "unlock" => self.account_link(claimed, Kind::Unlock).await,
            "confirm" => self.account_link(claimed, Kind::Confirm).await,
            "password_changed" => self.password_changed(claimed).await,
            other => Err(Error::internal(format!("an unknown kind of mail: {other}"))),
        }
    }

    async fn invitation(&self, claimed: &Claimed) -> Result<Job, Error> {
        let (Some(institution), Some(membership)) = (claimed.institution_id, claimed.membership_id)
        else {
            return Err(Error::internal(
                "an invitation's mail without its invitation",
            ));
        };
        let institution = InstitutionId::from_uuid(institution);
        let membership = MembershipId::from_uuid(membership);
        let mut tx = self.store.tenant(institution).await?;
        let Some(mut shown) = invitations::shown(&mut tx, institution, membership).await? else {
            return Ok(Job::Drop("no longer open"));
        };
        if Some(shown.epoch) != claimed.epoch {
            return Ok(Job::Drop("a newer mail is on its way"));
        }
        if shown.seconds_left <= 0 {
            return Ok(Job::Drop("expired before it could be sent"));
        }
        if shown.login_details {
            // The connection is released before waiting for the lock.
            tx.rollback().await?;
            let _turn = self.locking.acquire(&institution.to_string(), "").await?;
            let mut tx = self.store.tenant(institution).await?;
            let Some((until, details)) = self
                .login_details(&mut tx, institution, membership, &shown)
                .await?
            else {
                return Ok(Job::Drop("no longer open"));
            };
            // The password's hash must be stored before the password is sent.
            tx.commit().await?;
            let language = stored::language(&shown.language);
            if let Some(mail) = details {
                return self.send(claimed, shown.email, language, &mail);
            }
            shown.expires_at = until;
        }
        let language = stored::language(&shown.language);
        let token = self.keys.invitation(institution, membership, shown.epoch);
        let mail = Mail::Invitation {
            role: role_name(language, shown.role_code.as_deref(), &shown.role_name),
            institution: shown.institution,
            inviter: shown.inviter,
            expires: in_full(shown.expires_at, zone(&shown.time_zone), language),
            note: shown.note,
            url: self.address(&format!("/accept/{}", token.as_str())),
        };
        self.send(claimed, shown.email, language, &mail)
    }

    /// Creates the email with a temporary password, and its expiry time.
    ///
    /// If the address has an account, or the username is not reserved any more, the recipient gets the invitation's
    /// email instead, at the same cost and with the same expiry time. Returns `None` if the invitation is no longer
    /// open.
    async fn login_details(
        &self,
        tx: &mut Tx,
        institution: InstitutionId,
        membership: MembershipId,
        shown: &Shown,
    ) -> Result<Option<(DateTime<Utc>, Option<Mail>)>, Error> {
        institutions::lock_seats(tx, institution).await?;
        let password = self
            .keys
            .login_password(institution, membership, shown.epoch)?;
        let hash = self.keys.login_password_hash(password.as_str());
        let kept = login_details::keep(tx, institution, membership, shown.epoch, &hash).await?;
        let Some(until) = kept else {
            return Ok(None);
        };
        let has_account = accounts::id_by_email(tx, &shown.email).await?.is_some();
        let username = shown.username.clone().filter(|_| !has_account);
        let language = stored::language(&shown.language);
        let mail = username.map(|username| Mail::LoginDetails {
            institution: shown.institution.clone(),
            inviter: shown.inviter.clone(),
            username,
            password: password.as_str().to_owned(),
            expires: in_full(until, zone(&shown.time_zone), language),
            once: shown.change_password,
            url: self.address("/sign-in"),
        });
        Ok(Some((until, mail)))
    }

    /// Prepares a reset email. Only this step looks up whether the typed identifier has an account.
    async fn reset(&self, claimed: &Claimed) -> Result<Job, Error> {
        if claimed.link_id.is_some() {
            return self.account_link(claimed, Kind::Reset).await;
        }
        let mut connection = self.store.pool().acquire().await?;
        let found = match &claimed.identifier {
            Some(identifier) => accounts::by_identifier(&mut connection, identifier).await?,
            None => None,
        };
        drop(connection);
        match found {
            None => Ok(Job::Drop("no such account")),
            Some(account) => {
                let mut claimed = claimed.clone();
                claimed.account_id = Some(account.id);
                self.account_link(&claimed, Kind::Reset).await
            }
        }
    }

    /// Prepares an email with an account's link. The link is created at the first attempt and stays the same.
    async fn account_link(&self, claimed: &Claimed, kind: Kind) -> Result<Job, Error> {
        let id = account_of(claimed)?;
        let mut tx = self.store.across().await?;
        let Some(account) = accounts::by_id(&mut tx, id).await? else {
            return Ok(Job::Drop("no such account"));
        };
        let recipient = match kind {
            Kind::Confirm => account.unconfirmed_email,
            Kind::Reset | Kind::Unlock => account.email,
        };
        let Some(recipient) = recipient else {
            return Ok(Job::Drop("no address to send it to"));
        };
        let link = if let Some(link) = claimed.link_id {
            link
        } else {
            let link = Uuid::now_v7();
            let hash = self.keys.account_link(link).hash();
            let email = (kind == Kind::Confirm).then_some(recipient.as_str());
            links::insert(&mut tx, link, id, kind, email, &hash).await?;
            outbox::set_link(&mut tx, claimed.id, link, id.as_uuid()).await?;
            link
        };
        let token = self.keys.account_link(link);
        let (language, zone, institution) =
            reader(&mut tx, id, account.language.as_deref()).await?;
        if links::living(&mut tx, kind, &token.hash()).await?.is_none() {
            return Ok(Job::Drop("the link has ended before it could be sent"));
        }
        tx.commit().await?;
        let expires = in_full(
            claimed.now + Span::minutes(i64::from(kind.minutes())),
            zone,
            language,
        );
        let url = |page: &str| self.address(&format!("/{page}/{}", token.as_str()));
        let mail = match kind {
            Kind::Reset => Mail::PasswordReset {
                expires,
                url: url("reset"),
            },
            Kind::Unlock => Mail::AccountLocked {
                expires,
                url: url("unlock"),
            },
            Kind::Confirm => Mail::ConfirmAddress {
                institution,
                expires,
                url: url("confirm"),
            },
        };
        self.send(claimed, recipient, language, &mail)
    }

    async fn password_changed(&self, claimed: &Claimed) -> Result<Job, Error> {
        let id = account_of(claimed)?;
        let mut tx = self.store.across().await?;
        let Some(account) = accounts::by_id(&mut tx, id).await? else {
            return Ok(Job::Drop("no such account"));
        };
        let Some(recipient) = account.email else {
            return Ok(Job::Drop("no address to send it to"));
        };
        let (language, zone, _) = reader(&mut tx, id, account.language.as_deref()).await?;
        let mail = Mail::PasswordChanged {
            at: in_full(claimed.now, zone, language),
            url: self.address("/forgotten"),
        };
        self.send(claimed, recipient, language, &mail)
    }

    fn send(
        &self,
        claimed: &Claimed,
        recipient: String,
        language: Language,
        mail: &Mail,
    ) -> Result<Job, Error> {
        let rendered = compose(language, mail).context("an email can't be written")?;
        Ok(Job::Send(Box::new(OutgoingMail {
            message_id: message_id(claimed.message_id, self.origin.host()),
            recipient,
            rendered,
            date: claimed.now,
        })))
    }

    fn address(&self, path: &str) -> String {
        format!("{}{path}", self.origin.as_str())
    }
}

fn account_of(claimed: &Claimed) -> Result<AccountId, Error> {
    claimed
        .account_id
        .map(AccountId::from_uuid)
        .ok_or_else(|| Error::internal("an account's mail without its account"))
}

/// Returns the person's language, and the time zone and name of the institution that they viewed last.
async fn reader(
    connection: &mut sqlx::PgConnection,
    account: AccountId,
    chosen: Option<&str>,
) -> Result<(Language, chrono_tz::Tz, String), Error> {
    let home = memberships::home_of(connection, account).await?;
    let language = chosen
        .or(home.as_ref().map(|home| home.language.as_str()))
        .map_or(Language::En, stored::language);
    let zone = zone(home.as_ref().map_or("UTC", |home| home.time_zone.as_str()));
    Ok((
        language,
        zone,
        home.map(|home| home.name).unwrap_or_default(),
    ))
}
