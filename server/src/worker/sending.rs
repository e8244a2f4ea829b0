//! Sending one claimed message, with a lease that is renewed, and recording the outcome with the invitation's delivery
//! status.

use muster::ids::InstitutionId;
use tokio::time::Instant;
use tracing::Instrument as _;
use uuid::Uuid;

use super::{Worker, mails::Job};
use crate::{
    error::{Error, chain},
    mail::{Blocked, Cause, Delivery, OutgoingMail},
    metrics::{Queue, count_job},
    store::{
        self, Tx, invitations,
        mail_pauses::{self, EVERYTHING, Objection},
        outbox::{self, Claimed},
    },
};

/// The pause after the first failed attempt. Each following one is twice as long.
const FIRST_PAUSE_SECONDS: i32 = 5;
const LONGEST_PAUSE_SECONDS: i32 = 3600;

/// The number of attempts after which a message counts as refused. An invitation's email is dropped earlier if the
/// invitation expires.
const MOST_ATTEMPTS: i32 = 20;

/// The outcome of a message that another worker has.
const LEASE_LOST: &str = "lease_lost";

impl Worker {
    /// Probes all pauses now: the operator may have fixed the cause before starting the worker.
    pub(super) async fn probe_now(&self) {
        let probed = async {
            let mut connection = self.store.pool().acquire().await?;
            let pauses = mail_pauses::all(&mut connection).await?;
            mail_pauses::probe_now(&mut connection).await?;
            Ok::<_, sqlx::Error>(pauses)
        };
        match probed.await {
            Ok(pauses) => {
                for pause in pauses {
                    tracing::warn!(
                        cause = pause.cause,
                        since = %pause.since,
                        response = pause.response,
                        "sending email was paused; a message is tried now"
                    );
                }
            }
            Err(error) => {
                tracing::error!(error = %chain(&error), "the pauses of sending could not be read");
            }
        }
    }

    /// Sends a message, or drops it, and records the outcome.
    pub(super) async fn handle(&self, claimed: &Claimed) -> Result<(), Error> {
        let begun = Instant::now();
        let kind = kind(&claimed.kind);
        let span = tracing::info_span!("message", kind, outbox = claimed.id);
        let outcome = self.send_or_drop(claimed).instrument(span).await;
        count_job(
            Queue::Outbox,
            kind,
            outcome.as_ref().copied(),
            begun.elapsed(),
        );
        outcome.map(drop)
    }

    /// Returns the outcome for the metrics: a delivery state, `blocked`, `dropped` or [`LEASE_LOST`].
    async fn send_or_drop(&self, claimed: &Claimed) -> Result<&'static str, Error> {
        match self.prepare(claimed).await? {
            Job::Drop(why) => {
                let mut connection = self.store.pool().acquire().await?;
                outbox::finish(&mut connection, claimed, "dropped", why).await?;
                if let Some(scope) = claimed.probe_of {
                    mail_pauses::give_probe_back(&mut connection, scope, true).await?;
                }
                Ok("dropped")
            }
            Job::Send(mail) => {
                if let Some(delivery) = self.under_lease(claimed, &mail).await {
                    return self.record(claimed, delivery).await;
                }
                tracing::warn!(
                    outbox = claimed.id,
                    "a message was given up: its lease could not be renewed"
                );
                Ok(LEASE_LOST)
            }
        }
    }

    /// Sends the message while the lease is held. Returns `None` if it was lost: the SMTP session is aborted, and
    /// another worker sends the message.
    async fn under_lease(&self, claimed: &Claimed, mail: &OutgoingMail) -> Option<Delivery> {
        tokio::select! {
            delivery = self.transport.deliver(mail) => Some(delivery),
            () = self.lease_lost(claimed) => None,
        }
    }

    /// Renews the lease until it is lost. If the database is unreachable, the message is given up before another worker
    /// may claim it.
    async fn lease_lost(&self, claimed: &Claimed) {
        let interval = self.lease / 3;
        // The claim was made a little earlier than now.
        let sure = self.lease / 6 * 5;
        let mut sure_until = Instant::now() + sure;
        loop {
            tokio::time::sleep(interval).await;
            let asked = Instant::now();
            let renewal = async {
                let mut connection = self.store.pool().acquire().await?;
                outbox::renew(&mut connection, claimed, self.lease_seconds()).await
            };
            match tokio::time::timeout_at(sure_until, renewal).await {
                Ok(Ok(true)) => sure_until = asked + sure,
                Ok(Ok(false)) | Err(_) => return,
                Ok(Err(error)) => {
                    tracing::warn!(error = %chain(&error), outbox = claimed.id, "a lease could not be renewed");
                    if Instant::now() + interval > sure_until {
                        return;
                    }
                }
            }
        }
    }

    /// Records the mail server's response, with the invitation's delivery status in the same transaction.
    async fn record(&self, claimed: &Claimed, delivery: Delivery) -> Result<&'static str, Error> {
        let scope = {
            let mut connection = self.store.pool().acquire().await?;
            outbox::scope(&mut connection, claimed).await?
        };
        if let Delivery::Blocked(blocked) = &delivery {
            return self.blocked(claimed, scope, blocked).await;
        }
        let mut tx = self.store.across().await?;
        let accepted = matches!(delivery, Delivery::Accepted { .. });
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
            Delivery::Transient { response } | Delivery::Blocked(Blocked { response, .. }) => {
                let pause = pause_seconds(claimed.attempts);
                let ours = outbox::again(&mut tx, claimed, pause, &response).await?;
                tracing::warn!(
                    outbox = claimed.id,
                    attempt = claimed.attempts,
                    response,
                    "a mail is tried again"
                );
                ("delayed", response, ours)
            }
        };
        note(&mut tx, claimed, ours, state, &response).await?;
        tx.commit().await?;
        self.settle(claimed, scope, accepted).await?;
        Ok(if ours { state } else { LEASE_LOST })
    }

    /// Updates the pauses after a message got as far as the recipient. This happens after the outcome is committed: a
    /// deadlock here must not cause a second sending.
    async fn settle(&self, claimed: &Claimed, scope: Uuid, accepted: bool) -> Result<(), Error> {
        let mut connection = self.store.pool().acquire().await?;
        let ended = if accepted {
            mail_pauses::accepted(&mut connection, scope).await?
        } else {
            mail_pauses::reached_recipient(&mut connection).await?
        };
        if ended {
            tracing::info!("email is being sent again");
            outbox::wake(&mut connection).await?;
        }
        if let Some(scope) = claimed.probe_of
            && !accepted
        {
            mail_pauses::give_probe_back(&mut connection, scope, false).await?;
        }
        Ok(())
    }

    /// Handles an objection that does not concern the recipient: pauses the scope and returns the message to the queue,
    /// in one transaction.
    async fn blocked(
        &self,
        claimed: &Claimed,
        scope: Uuid,
        blocked: &Blocked,
    ) -> Result<&'static str, Error> {
        let Blocked {
            cause,
            certain,
            response,
        } = blocked;
        let mut tx = self.store.across().await?;
        if !certain {
            mail_pauses::reached_recipient(&mut tx).await?;
        }
        // Other messages were accepted since, so the objection concerns only this one.
        let alone =
            !certain && mail_pauses::accepted_since_blocked(&mut tx, claimed.id, scope).await?;
        let refused = alone && *cause == Cause::Policy;
        if refused {
            let ours = outbox::finish(&mut tx, claimed, "refused", response).await?;
            note(&mut tx, claimed, ours, "refused", response).await?;
        } else {
            let paused = if alone {
                None
            } else {
                let objection = Objection {
                    cause: cause.code(),
                    certain: *certain,
                    response,
                };
                Some(mail_pauses::pause(&mut tx, scope, objection, claimed.probe_of).await?)
            };
            let ours = outbox::blocked(&mut tx, claimed, *certain, response).await?;
            note(&mut tx, claimed, ours, "delayed", response).await?;
            tell(claimed, blocked, paused.as_ref());
        }
        if alone && let Some(scope) = claimed.probe_of {
            mail_pauses::give_probe_back(&mut tx, scope, true).await?;
        }
        tx.commit().await?;
        Ok(if refused { "refused" } else { "blocked" })
    }
}

/// Returns the kind of a message in metrics.
fn kind(kind: &str) -> &'static str {
    match kind {
        "invitation" => "invitation",
        "reset" => "reset",
        "unlock" => "unlock",
        "confirm" => "confirm",
        "password_changed" => "password_changed",
        _ => "unknown",
    }
}

/// Logs the mail server's objection and what the operator should check.
fn tell(claimed: &Claimed, blocked: &Blocked, paused: Option<&mail_pauses::Paused>) {
    let Blocked {
        cause, response, ..
    } = blocked;
    let everything = paused.is_some_and(|paused| paused.scope == EVERYTHING);
    if paused.is_some_and(|paused| paused.is_new) {
        tracing::error!(
            outbox = claimed.id,
            cause = cause.code(),
            all_email = everything,
            response,
            "the mail server does not accept email from us; no address counts as refused, sending pauses and resumes automatically. {}",
            cause.advice()
        );
    } else {
        tracing::warn!(
            cause = cause.code(),
            all_email = everything,
            response,
            "the mail server still does not accept this email; it is tried again. {}",
            cause.advice()
        );
    }
}

/// Sets the invitation's delivery status if the message is still this worker's.
async fn note(
    tx: &mut Tx,
    claimed: &Claimed,
    ours: bool,
    state: &str,
    response: &str,
) -> Result<(), Error> {
    if ours
        && let (Some(institution), Some(membership), Some(epoch)) =
            (claimed.institution_id, claimed.membership_id, claimed.epoch)
    {
        store::enter(tx, InstitutionId::from_uuid(institution)).await?;
        invitations::mail_state(tx, institution, membership, epoch, state, response).await?;
    }
    Ok(())
}

/// Returns the pause after a failed attempt: 5, 10, 20 … seconds up to an hour, with jitter so that not all messages
/// hit a recovering mail server at the same time.
fn pause_seconds(attempts: i32) -> i32 {
    let doublings = attempts.saturating_sub(1).clamp(0, 12).unsigned_abs();
    let pause = FIRST_PAUSE_SECONDS
        .saturating_mul(2_i32.saturating_pow(doublings))
        .min(LONGEST_PAUSE_SECONDS);
    let spread = crate::keys::random_number().unwrap_or(0) % 21;
    pause + pause * i32::try_from(spread).unwrap_or(0) / 100
}
