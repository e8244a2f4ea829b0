//! One message, from its claim to what came of it: sent under a lease that is renewed, and written down with the
//! invitation's state.

use muster::ids::InstitutionId;
use tokio::time::Instant;
use uuid::Uuid;

use super::{Worker, mails::Job};
use crate::{
    error::Error,
    mail::{Blocked, Cause, Delivery, OutgoingMail},
    store::{
        self, Tx, invitations,
        mail_pauses::{self, EVERYTHING, Objection},
        outbox::{self, Claimed},
    },
};

/// The first pause after a failed try; each next one is twice as long.
const FIRST_PAUSE_SECONDS: i32 = 5;
const LONGEST_PAUSE_SECONDS: i32 = 3600;

/// After these a mail to an account counts as refused; an invitation's ends with the invitation.
const MOST_ATTEMPTS: i32 = 20;

impl Worker {
    /// What holds mail back is tried at once: whoever starts a worker may have fixed it.
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
            Err(error) => tracing::error!(%error, "the pauses of sending could not be read"),
        }
    }

    pub(super) async fn handle(&self, claimed: &Claimed) -> Result<(), Error> {
        match self.prepare(claimed).await? {
            Job::Drop(why) => {
                let mut connection = self.store.pool().acquire().await?;
                outbox::finish(&mut connection, claimed, "dropped", why).await?;
                if let Some(scope) = claimed.probe_of {
                    mail_pauses::give_probe_back(&mut connection, scope, true).await?;
                }
                Ok(())
            }
            Job::Send(mail) => {
                if let Some(delivery) = self.under_lease(claimed, &mail).await {
                    return self.record(claimed, delivery).await;
                }
                tracing::warn!(
                    outbox = claimed.id,
                    "a message was given up: its lease could not be renewed"
                );
                Ok(())
            }
        }
    }

    /// Sends, as long as the claim is this worker's. None if it is not any more: the conversation was broken off, and
    /// another worker sends the message.
    async fn under_lease(&self, claimed: &Claimed, mail: &OutgoingMail) -> Option<Delivery> {
        tokio::select! {
            delivery = self.transport.deliver(mail) => Some(delivery),
            () = self.lease_lost(claimed) => None,
        }
    }

    /// Renews the claim until it is lost. If the database can't be asked, it is given up before anybody else may take
    /// the message up.
    async fn lease_lost(&self, claimed: &Claimed) {
        let interval = self.lease / 3;
        // The claim began a little earlier than this.
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
                    tracing::warn!(%error, outbox = claimed.id, "a lease could not be renewed");
                    if Instant::now() + interval > sure_until {
                        return;
                    }
                }
            }
        }
    }

    /// Writes down what the mail server said, with the invitation's state in the same transaction.
    async fn record(&self, claimed: &Claimed, delivery: Delivery) -> Result<(), Error> {
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
        self.settle(claimed, scope, accepted).await
    }

    /// What a message that came as far as the recipient says about pauses. After the outcome and apart from it: workers
    /// that wait for each other here must not make anybody send a message twice.
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

    /// The mail server does not let us send: nothing is the recipient's fault. The pause is written first, so that a
    /// message of a worker that dies here is not tried by everybody else.
    async fn blocked(
        &self,
        claimed: &Claimed,
        scope: Uuid,
        blocked: &Blocked,
    ) -> Result<(), Error> {
        let Blocked {
            cause,
            certain,
            response,
        } = blocked;
        let mut tx = self.store.across().await?;
        if !certain {
            mail_pauses::reached_recipient(&mut tx).await?;
        }
        // Others were accepted since: it is about this message.
        let alone =
            !certain && mail_pauses::accepted_since_blocked(&mut tx, claimed.id, scope).await?;
        if alone && *cause == Cause::Policy {
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
        Ok(())
    }
}

/// Tells the operator what the mail server objects to, and what to check.
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

/// The invitation's state beside the message's. A worker that comes back after its lease is turned away: its row is
/// another's by now.
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
