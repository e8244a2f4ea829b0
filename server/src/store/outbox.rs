//! The outbox.
//!
//! The app inserts messages in the transaction of the change that causes them. The worker claims and sends them, and
//! records the mail server's response.

use muster::ids::{AccountId, InstitutionId, MembershipId};
use sqlx::PgConnection;
use uuid::Uuid;

use super::sign_in_failures::LOCKS_AFTER;

/// Inserts an invitation's email.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn invitation(
    connection: &mut PgConnection,
    institution: InstitutionId,
    membership: MembershipId,
    epoch: i32,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO outbox (kind, institution_id, membership_id, epoch, message_id) VALUES ('invitation', $1, $2, $3, $4)",
        institution.as_uuid(),
        membership.as_uuid(),
        epoch,
        Uuid::now_v7(),
    )
    .execute(&mut *connection)
    .await?;
    wake(connection).await
}

/// Inserts an email to an account: `unlock`, `password_changed` or `confirm`.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn account(
    connection: &mut PgConnection,
    account: AccountId,
    kind: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO outbox (kind, account_id, message_id) VALUES ($1, $2, $3)",
        kind,
        account.as_uuid(),
        Uuid::now_v7(),
    )
    .execute(&mut *connection)
    .await?;
    wake(connection).await
}

/// Inserts a request for a reset link, whether or not an account has the identifier.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn reset(connection: &mut PgConnection, identifier: &str) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO outbox (kind, identifier, message_id) VALUES ('reset', $1, $2)",
        identifier,
        Uuid::now_v7(),
    )
    .execute(&mut *connection)
    .await?;
    wake(connection).await
}

/// Wakes the workers when the transaction commits.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn wake(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query!("SELECT pg_notify('muster_outbox', '')")
        .fetch_one(connection)
        .await?;
    Ok(())
}

/// A claimed message.
#[derive(Debug, Clone)]
pub struct Claimed {
    /// The message's id.
    pub id: i64,
    /// The kind of message.
    pub kind: String,
    /// The institution of an invitation.
    pub institution_id: Option<Uuid>,
    /// The membership of an invitation.
    pub membership_id: Option<Uuid>,
    /// The epoch of an invitation.
    pub epoch: Option<i32>,
    /// The recipient's account.
    pub account_id: Option<Uuid>,
    /// The identifier that was typed to request a reset.
    pub identifier: Option<String>,
    /// The link of the account, after it was created.
    pub link_id: Option<Uuid>,
    /// The local part of the Message-ID.
    pub message_id: Uuid,
    /// The number of attempts, including this one.
    pub attempts: i32,
    /// The time of the claim.
    pub now: chrono::DateTime<chrono::Utc>,
    /// The fencing token: only the holder of the newest claim may write the outcome.
    pub fence: i64,
    /// The paused scope that this message probes.
    pub probe_of: Option<Uuid>,
}

/// Claims the next due message for the duration of a lease, except bulk email ([`claim_bulk`]) and paused scopes.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn claim(
    connection: &mut PgConnection,
    lease_seconds: i32,
) -> Result<Option<Claimed>, sqlx::Error> {
    sqlx::query_as!(
        Claimed,
        r#"UPDATE outbox SET attempts = attempts + 1, fence = fence + 1,
             next_at = clock_timestamp() + make_interval(secs => $1::int4)
         WHERE id = (
             SELECT o.id FROM outbox o WHERE o.state = 'queued' AND NOT o.bulk AND o.next_at <= clock_timestamp()
               AND NOT EXISTS (SELECT 1 FROM mail_pauses p WHERE p.scope = coalesce(o.institution_id, o.account_id, o.message_id))
             ORDER BY o.next_at LIMIT 1 FOR UPDATE OF o SKIP LOCKED
         )
         RETURNING id, kind, institution_id, membership_id, epoch, account_id, identifier, link_id, message_id,
             attempts, clock_timestamp() AS "now!", fence, NULL::uuid AS probe_of"#,
        lease_seconds
    )
    .fetch_optional(connection)
    .await
}

/// Same as [`claim`] for bulk email: claims from the institution after `after`, of those that have email due.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn claim_bulk(
    connection: &mut PgConnection,
    lease_seconds: i32,
    after: Uuid,
) -> Result<Option<Claimed>, sqlx::Error> {
    sqlx::query_as!(
        Claimed,
        r#"UPDATE outbox SET attempts = attempts + 1, fence = fence + 1,
             next_at = clock_timestamp() + make_interval(secs => $1::int4)
         WHERE id = (
             SELECT next.id
             FROM (SELECT institution_id FROM bulk_mail() WHERE next_at <= clock_timestamp()
                     AND institution_id NOT IN (SELECT scope FROM mail_pauses)
                   ORDER BY institution_id <= $2, institution_id) turn
             CROSS JOIN LATERAL (
                 SELECT id FROM outbox
                 WHERE state = 'queued' AND bulk AND institution_id = turn.institution_id AND next_at <= clock_timestamp()
                 ORDER BY next_at LIMIT 1 FOR UPDATE SKIP LOCKED) next
             LIMIT 1
         )
         RETURNING id, kind, institution_id, membership_id, epoch, account_id, identifier, link_id, message_id,
             attempts, clock_timestamp() AS "now!", fence, NULL::uuid AS probe_of"#,
        lease_seconds,
        after
    )
    .fetch_optional(connection)
    .await
}

/// Claims a message of this scope as the probe of its pause.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn claim_of_scope(
    connection: &mut PgConnection,
    lease_seconds: i32,
    scope: Uuid,
) -> Result<Option<Claimed>, sqlx::Error> {
    sqlx::query_as!(
        Claimed,
        r#"UPDATE outbox SET attempts = attempts + 1, fence = fence + 1,
             next_at = clock_timestamp() + make_interval(secs => $1::int4)
         WHERE id = (
             SELECT id FROM outbox
             WHERE state = 'queued' AND next_at <= clock_timestamp()
               AND (institution_id = $2 OR coalesce(institution_id, account_id, message_id) = $2)
             ORDER BY next_at LIMIT 1 FOR UPDATE SKIP LOCKED
         )
         RETURNING id, kind, institution_id, membership_id, epoch, account_id, identifier, link_id, message_id,
             attempts, clock_timestamp() AS "now!", fence, $2::uuid AS probe_of"#,
        lease_seconds,
        scope
    )
    .fetch_optional(connection)
    .await
}

/// Claims any due message as the probe of the pause of all email.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn claim_any(
    connection: &mut PgConnection,
    lease_seconds: i32,
) -> Result<Option<Claimed>, sqlx::Error> {
    sqlx::query_as!(
        Claimed,
        r#"UPDATE outbox SET attempts = attempts + 1, fence = fence + 1,
             next_at = clock_timestamp() + make_interval(secs => $1::int4)
         WHERE id = coalesce(
             (SELECT id FROM outbox WHERE state = 'queued' AND NOT bulk AND next_at <= clock_timestamp()
              ORDER BY next_at LIMIT 1 FOR UPDATE SKIP LOCKED),
             (SELECT id FROM outbox WHERE state = 'queued' AND bulk AND next_at <= clock_timestamp()
              ORDER BY institution_id, next_at LIMIT 1 FOR UPDATE SKIP LOCKED))
         RETURNING id, kind, institution_id, membership_id, epoch, account_id, identifier, link_id, message_id,
             attempts, clock_timestamp() AS "now!", fence, $2::uuid AS probe_of"#,
        lease_seconds,
        super::mail_pauses::EVERYTHING
    )
    .fetch_optional(connection)
    .await
}

/// Renews the lease. Returns false if another worker has claimed the message.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn renew(
    connection: &mut PgConnection,
    claimed: &Claimed,
    lease_seconds: i32,
) -> Result<bool, sqlx::Error> {
    let renewed = sqlx::query!(
        "UPDATE outbox SET next_at = clock_timestamp() + make_interval(secs => $3::int4)
         WHERE id = $1 AND fence = $2 AND state = 'queued'",
        claimed.id,
        claimed.fence,
        lease_seconds
    )
    .execute(connection)
    .await?;
    Ok(renewed.rows_affected() > 0)
}

/// Returns the scope of a message: its institution, else its account, else the message itself.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn scope(connection: &mut PgConnection, claimed: &Claimed) -> Result<Uuid, sqlx::Error> {
    sqlx::query_scalar!(
        r#"SELECT coalesce(institution_id, account_id, message_id) AS "scope!" FROM outbox WHERE id = $1"#,
        claimed.id
    )
    .fetch_one(connection)
    .await
}

/// Records an objection that does not concern the recipient.
///
/// The message is retried without counting this attempt, after messages that were not tried yet, so that a probe finds
/// another one. Returns false if another worker has claimed it.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn blocked(
    connection: &mut PgConnection,
    claimed: &Claimed,
    certain: bool,
    response: &str,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "UPDATE outbox SET attempts = attempts - 1, response = $4,
             blocked_at = CASE WHEN $3 THEN blocked_at ELSE clock_timestamp() END,
             next_at = clock_timestamp() + CASE WHEN $3 THEN interval '0'
                 ELSE greatest(interval '30 seconds', least(interval '5 minutes', (clock_timestamp() - created_at) / 4)) END
         WHERE id = $1 AND fence = $2 AND state = 'queued'",
        claimed.id,
        claimed.fence,
        certain,
        response
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Stores the link of the message's email, so that every attempt sends the same one.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn set_link(
    connection: &mut PgConnection,
    id: i64,
    link: Uuid,
    account: Uuid,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE outbox SET link_id = $2, account_id = $3 WHERE id = $1",
        id,
        link,
        account
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Sets the final state: `sent`, `refused` or `dropped`. Returns false if another worker has claimed the message.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn finish(
    connection: &mut PgConnection,
    claimed: &Claimed,
    state: &str,
    response: &str,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "UPDATE outbox SET state = $3, response = $4, done_at = clock_timestamp(), identifier = NULL
         WHERE id = $1 AND fence = $2 AND state = 'queued'",
        claimed.id,
        claimed.fence,
        state,
        response
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Schedules a retry. Returns false if another worker has claimed the message.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn again(
    connection: &mut PgConnection,
    claimed: &Claimed,
    seconds: i32,
    response: &str,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "UPDATE outbox SET response = $4, next_at = clock_timestamp() + make_interval(secs => $3::int4)
         WHERE id = $1 AND fence = $2 AND state = 'queued'",
        claimed.id,
        claimed.fence,
        seconds,
        response
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Returns the number of queued messages.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn count_queued(connection: &mut PgConnection) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(r#"SELECT count(*) AS "count!" FROM outbox WHERE state = 'queued'"#)
        .fetch_one(connection)
        .await
}

/// Returns the seconds until the next message is due and not paused, or `None` if there is none.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn next_in(connection: &mut PgConnection) -> Result<Option<f64>, sqlx::Error> {
    let seconds = sqlx::query_scalar!(
        "WITH due AS (
             SELECT least(
                 (SELECT min(greatest(o.next_at, p.until)) FROM outbox o
                  LEFT JOIN mail_pauses p ON p.scope = coalesce(o.institution_id, o.account_id, o.message_id)
                  WHERE o.state = 'queued' AND NOT o.bulk),
                 (SELECT min(greatest(b.next_at, p.until)) FROM bulk_mail() b
                  LEFT JOIN mail_pauses p ON p.scope = b.institution_id)) AS at)
         SELECT extract(epoch FROM greatest(at, (SELECT until FROM mail_pauses WHERE scope = $1)) - clock_timestamp())::float8
         FROM due WHERE at IS NOT NULL",
        super::mail_pauses::EVERYTHING
    )
    .fetch_optional(connection)
    .await?
    .flatten();
    Ok(seconds.map(|seconds| seconds.max(0.0)))
}

/// Deletes ended sessions, old counters, and old messages. Counters that have locked are kept longer, also for
/// identifiers without an account: otherwise the answers would reveal which identifiers have one.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn sweep(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "DELETE FROM sessions WHERE least(idle_until, absolute_until) < clock_timestamp()"
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "DELETE FROM sign_in_failures
         WHERE last_at < clock_timestamp() - CASE WHEN failures < $1 THEN interval '1 day' ELSE interval '90 days' END",
        LOCKS_AFTER
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!("DELETE FROM rate_limits WHERE window_at < clock_timestamp() - interval '1 day'")
        .execute(&mut *connection)
        .await?;
    sqlx::query!(
        "DELETE FROM dev_mailbox WHERE delivered_at < clock_timestamp() - interval '30 days'"
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!("DELETE FROM outbox WHERE state <> 'queued' AND done_at < clock_timestamp() - interval '30 days'")
        .execute(connection)
        .await?;
    Ok(())
}
