//! The worker: claims mail from the outbox, sends it, and records what the mail server said.
//!
//! A mail goes out at least once. What it carries is made anew from ids at every try, so an invitation
//! that was revoked or renewed meanwhile is not sent, and a retry carries the same Message-ID and link.

use std::{sync::Arc, time::Duration};

use app::language::role_name;
use chrono::Duration as Span;
use muster::{
    ids::{AccountId, InstitutionId, MembershipId},
    language::Language,
};
use sqlx::postgres::PgListener;
use tokio::{sync::Semaphore, task::JoinSet};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{
    config::Origin,
    error::Error,
    keys::Keys,
    mail::{Delivery, Mail, MailTransport, OutgoingMail, compose, message_id},
    moments::{in_full, zone},
    store::{
        self, Store, accounts, invitations,
        links::{self, Kind},
        memberships,
        outbox::{self, Claimed},
    },
};

/// How long a claim holds: longer than any mail server is waited for.
const LEASE_SECONDS: i32 = 300;

/// The first pause after a failed try; each next one is twice as long.
const FIRST_PAUSE_SECONDS: i32 = 5;
const LONGEST_PAUSE_SECONDS: i32 = 3600;

/// After these a mail to an account counts as refused; an invitation's ends with the invitation.
const MOST_ATTEMPTS: i32 = 20;

/// Mails on the way at once.
const CONCURRENT: usize = 8;

/// Without any news the outbox is looked at this often: a mail of a lost worker is taken up then.
const LOOK: Duration = Duration::from_secs(30);
/// What is due but has no place yet waits for one, not for the clock.
const SOON: Duration = Duration::from_millis(200);
const SWEEP: Duration = Duration::from_hours(1);

/// What the worker works with.
pub struct Worker {
    /// The database, as the worker.
    pub store: Store,
    /// The server's keys.
    pub keys: Keys,
    /// Where links lead.
    pub origin: Origin,
    /// The way out.
    pub transport: Arc<dyn MailTransport>,
}

/// What a claimed row turned out to be.
enum Job {
    /// To be sent.
    Send(Box<OutgoingMail>),
    /// Nothing to be sent (any more), and why.
    Drop(&'static str),
}

impl Worker {
    /// Works until it is told to stop, then finishes what is under way.
    pub async fn run(self: Arc<Self>, stop: CancellationToken) {
        let places = Arc::new(Semaphore::new(CONCURRENT));
        let mut under_way = JoinSet::new();
        let mut sweep = tokio::time::interval(SWEEP);
        let mut listener = None;
        while !stop.is_cancelled() {
            if listener.is_none() {
                listener = self.listen().await;
            }
            self.start_due(&places, &mut under_way, &stop).await;
            let pause = self.next_due().await;
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(pause) => {}
                news = news(&mut listener) => {
                    if news.is_err() {
                        listener = None;
                    }
                }
                _ = sweep.tick() => self.sweep().await,
                Some(_) = under_way.join_next() => {}
            }
        }
        while under_way.join_next().await.is_some() {}
    }

    /// Sends everything that is due now and waits for it; for tests and the command line.
    ///
    /// # Errors
    /// What the database says.
    pub async fn run_once(&self) -> Result<usize, Error> {
        let mut sent = 0;
        while let Some(claimed) = self.claim().await? {
            self.handle(&claimed).await?;
            sent += 1;
        }
        Ok(sent)
    }

    async fn start_due(
        self: &Arc<Self>,
        places: &Arc<Semaphore>,
        under_way: &mut JoinSet<()>,
        stop: &CancellationToken,
    ) {
        while !stop.is_cancelled() {
            let Ok(place) = Arc::clone(places).try_acquire_owned() else {
                return;
            };
            match self.claim().await {
                Ok(Some(claimed)) => {
                    let worker = Arc::clone(self);
                    under_way.spawn(async move {
                        let _place = place;
                        if let Err(error) = worker.handle(&claimed).await {
                            tracing::error!(%error, outbox = claimed.id, "a mail could not be handled");
                        }
                    });
                }
                Ok(None) => return,
                Err(error) => {
                    tracing::error!(%error, "the outbox could not be read");
                    return;
                }
            }
        }
    }

    async fn listen(&self) -> Option<PgListener> {
        let mut listener = PgListener::connect_with(self.store.pool()).await.ok()?;
        listener.listen("muster_outbox").await.ok()?;
        Some(listener)
    }

    async fn next_due(&self) -> Duration {
        let next = async {
            let mut connection = self.store.pool().acquire().await.ok()?;
            outbox::next_in(&mut connection).await.ok()?
        };
        next.await
            .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
            .map_or(LOOK, |due| due.clamp(SOON, LOOK))
    }

    async fn sweep(&self) {
        let swept = async {
            let mut connection = self.store.pool().acquire().await?;
            outbox::sweep(&mut connection).await
        };
        if let Err(error) = swept.await {
            tracing::error!(%error, "old rows could not be swept");
        }
    }

    async fn claim(&self) -> Result<Option<Claimed>, Error> {
        let mut connection = self.store.pool().acquire().await?;
        Ok(outbox::claim(&mut connection, LEASE_SECONDS).await?)
    }

    async fn handle(&self, claimed: &Claimed) -> Result<(), Error> {
        match self.prepare(claimed).await? {
            Job::Drop(why) => {
                let mut connection = self.store.pool().acquire().await?;
                outbox::finish(&mut connection, claimed, "dropped", why).await?;
            }
            Job::Send(mail) => {
                let delivery = self.transport.deliver(&mail).await;
                self.record(claimed, delivery).await?;
            }
        }
        Ok(())
    }

    /// Writes down what the mail server said, with the invitation's state in the same transaction.
    async fn record(&self, claimed: &Claimed, delivery: Delivery) -> Result<(), Error> {
        let mut tx = self.store.across().await?;
        let (state, response, ours) = match delivery {
            Delivery::Accepted { response } => {
                let ours = outbox::finish(&mut tx, claimed, "sent", &response).await?;
                ("sent", response, ours)
            }
            Delivery::Refused { response } => {
                let ours = outbox::finish(&mut tx, claimed, "refused", &response).await?;
                ("refused", response, ours)
            }
            Delivery::Transient { response } if claimed.attempts >= MOST_ATTEMPTS => {
                let ours = outbox::finish(&mut tx, claimed, "refused", &response).await?;
                ("refused", response, ours)
            }
            Delivery::Transient { response } => {
                let ours =
                    outbox::again(&mut tx, claimed, pause_seconds(claimed.attempts), &response)
                        .await?;
                tracing::warn!(
                    outbox = claimed.id,
                    attempt = claimed.attempts,
                    response,
                    "a mail is tried again"
                );
                ("delayed", response, ours)
            }
        };
        // A worker that comes back after its lease is turned away: its row is another's by now.
        if ours
            && let (Some(institution), Some(membership), Some(epoch)) =
                (claimed.institution_id, claimed.membership_id, claimed.epoch)
        {
            store::enter(&mut tx, InstitutionId::from_uuid(institution)).await?;
            invitations::mail_state(&mut tx, institution, membership, epoch, state, &response)
                .await?;
        }
        tx.commit().await?;
        Ok(())
    }

    async fn prepare(&self, claimed: &Claimed) -> Result<Job, Error> {
        match claimed.kind.as_str() {
            "invitation" => self.invitation(claimed).await,
            "reset" => self.reset(claimed).await,
            "unlock" => self.account_link(claimed, Kind::Unlock).await,
            "confirm" => self.account_link(claimed, Kind::Confirm).await,
            "password_changed" => self.password_changed(claimed).await,
            other => Err(Error::Broken(format!("an unknown kind of mail: {other}"))),
        }
    }

    async fn invitation(&self, claimed: &Claimed) -> Result<Job, Error> {
        let (Some(institution), Some(membership)) = (claimed.institution_id, claimed.membership_id)
        else {
            return Err(Error::Broken(
                "an invitation's mail without its invitation".to_owned(),
            ));
        };
        let institution = InstitutionId::from_uuid(institution);
        let membership = MembershipId::from_uuid(membership);
        let mut tx = self.store.tenant(institution).await?;
        let Some(shown) = invitations::shown(&mut tx, institution, membership).await? else {
            return Ok(Job::Drop("no longer open"));
        };
        if Some(shown.epoch) != claimed.epoch {
            return Ok(Job::Drop("a newer mail is on its way"));
        }
        if shown.seconds_left <= 0 {
            return Ok(Job::Drop("expired before it could be sent"));
        }
        let language = shown.language.parse().unwrap_or(Language::En);
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

    /// Who asked for a reset link typed something; only here it turns out whether it names anybody.
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

    /// A mail with a link of an account. The link is made at the first try and is the same at all others.
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
        let rendered = compose(language, mail).map_err(|error| Error::Broken(error.to_string()))?;
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
        .ok_or_else(|| Error::Broken("an account's mail without its account".to_owned()))
}

/// The person's language and, of the institution they viewed last, the time zone and the name.
async fn reader(
    connection: &mut sqlx::PgConnection,
    account: AccountId,
    chosen: Option<&str>,
) -> Result<(Language, chrono_tz::Tz, String), Error> {
    let home = memberships::home_of(connection, account).await?;
    let language = chosen
        .or(home.as_ref().map(|home| home.language.as_str()))
        .and_then(|code| code.parse().ok())
        .unwrap_or(Language::En);
    let zone = zone(home.as_ref().map_or("UTC", |home| home.time_zone.as_str()));
    Ok((
        language,
        zone,
        home.map(|home| home.name).unwrap_or_default(),
    ))
}

async fn news(listener: &mut Option<PgListener>) -> Result<(), sqlx::Error> {
    match listener {
        Some(listener) => listener.recv().await.map(drop),
        None => std::future::pending().await,
    }
}

/// 5, 10, 20 … seconds, an hour at most, spread a little so that a recovering mail server is not hit by
/// all at once.
fn pause_seconds(attempts: i32) -> i32 {
    let doublings = attempts.saturating_sub(1).clamp(0, 12).unsigned_abs();
    let pause = FIRST_PAUSE_SECONDS
        .saturating_mul(2_i32.saturating_pow(doublings))
        .min(LONGEST_PAUSE_SECONDS);
    let spread = crate::keys::random_number().unwrap_or(0) % 21;
    pause + pause * i32::try_from(spread).unwrap_or(0) / 100
}
