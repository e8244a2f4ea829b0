//! Mail under way. The app puts rows in, in the transaction of what they tell of; the worker claims
//! them, sends, and records what the mail server said.

use muster::ids::{AccountId, InstitutionId, MembershipId};
use sqlx::PgConnection;
use uuid::Uuid;

use super::sign_in_failures::LOCKS_AFTER;

/// Puts an invitation's mail in.
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

/// Puts in a mail to an account: `unlock`, `password_changed` or `confirm`.
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

/// Puts in a request for a reset link, whether or not anybody has the identifier.
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
pub async fn wake(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query!("SELECT pg_notify('muster_outbox', '')")
        .fetch_one(connection)
        .await?;
    Ok(())
}

/// A claimed row.
#[derive(Debug, Clone)]
pub struct Claimed {
    /// The row.
    pub id: i64,
    /// What the mail is about.
    pub kind: String,
    /// Of which institution.
    pub institution_id: Option<Uuid>,
    /// Of which membership.
    pub membership_id: Option<Uuid>,
    /// Of which epoch.
    pub epoch: Option<i32>,
    /// To which account.
    pub account_id: Option<Uuid>,
    /// What was typed.
    pub identifier: Option<String>,
    /// The account's link, once made.
    pub link_id: Option<Uuid>,
    /// The Message-ID's stem.
    pub message_id: Uuid,
    /// How often it was tried, this time counted.
    pub attempts: i32,
    /// The time of the claim.
    pub now: chrono::DateTime<chrono::Utc>,
    /// The claim's number: only its holder may write the outcome.
    pub fence: i64,
    /// The scope of the pause that this message tries.
    pub probe_of: Option<Uuid>,
}

/// Claims the next due row for a while, after which another worker may take it up; not of what is sent in bulk
/// ([`claim_bulk`]), and not of a scope whose mail is paused.
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
               AND NOT EXISTS (SELECT FROM mail_pauses p WHERE p.scope = coalesce(o.institution_id, o.account_id, o.message_id))
             ORDER BY o.next_at LIMIT 1 FOR UPDATE OF o SKIP LOCKED
         )
         RETURNING id, kind, institution_id, membership_id, epoch, account_id, identifier, link_id, message_id,
             attempts, clock_timestamp() AS "now!", fence, NULL::uuid AS probe_of"#,
        lease_seconds
    )
    .fetch_optional(connection)
    .await
}

/// As [`claim`], of what is sent in bulk: of the institution that comes after this one, of those that have any due.
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

/// Claims a row of this scope, as the one message by which a pause is tried.
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

/// Claims any due row, as the one message by which the pause of all mail is tried.
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

/// Holds a claim for longer. False if another worker has taken the row up.
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

/// Whose mail a row is: the institution's, else the account's, else its own.
pub async fn scope(connection: &mut PgConnection, claimed: &Claimed) -> Result<Uuid, sqlx::Error> {
    sqlx::query_scalar!(
        r#"SELECT coalesce(institution_id, account_id, message_id) AS "scope!" FROM outbox WHERE id = $1"#,
        claimed.id
    )
    .fetch_one(connection)
    .await
}

/// The row met an objection that is not the recipient's: it is tried again, and this attempt does not count. Rows that
/// were tried come after those that were not, so that a probe finds another message. False if another worker has taken
/// it up.
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

/// Remembers the link that the row's mail carries, so that every try carries the same.
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

/// The row's end: `sent`, `refused` or `dropped`. False where another worker took it up meanwhile.
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

/// The row is tried again later. False where another worker took it up meanwhile.
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

/// How many messages wait to be sent.
pub async fn count_queued(connection: &mut PgConnection) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(r#"SELECT count(*) AS "count!" FROM outbox WHERE state = 'queued'"#)
        .fetch_one(connection)
        .await
}

/// Seconds until the next row is due and not paused; none where the outbox is empty.
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

/// Deletes what nobody needs any more: ended sessions, old counters, mails long since sent. Counters that
/// have locked stay, for names that nobody has too: else the answers would tell which names are somebody's.
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
