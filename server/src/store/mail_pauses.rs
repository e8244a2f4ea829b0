//! Pauses of sending.
//!
//! A pause holds back the email of one scope: an institution, an account, or everything ([`EVERYTHING`]). After it has
//! expired, one worker of all tries one message at a time.

use sqlx::PgConnection;
use uuid::Uuid;

/// The scope of a pause of all email.
pub const EVERYTHING: Uuid = Uuid::nil();

/// The number of paused scopes, without an accepted message in between, after which everything is paused. One person,
/// with an account and an institution, may cause two.
const SCOPES_FOR_EVERYTHING: i64 = 3;

/// The first pause. Each following one is twice as long.
const FIRST_SECONDS: i32 = 5;
/// The longest pause: after a fix, email waits at most this long.
const LONGEST_SECONDS: i32 = 60;
/// The longest pause after a refused sign-in. More attempts could lock the account at the mail server.
const LONGEST_SIGN_IN_SECONDS: i32 = 300;

/// Whether email may be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gate {
    /// Email may be sent.
    Open,
    /// No email may be sent.
    Closed,
    /// One message may be sent as a probe.
    Probe,
}

/// Returns whether email may be sent. A probe is reserved for the caller until its transaction ends, and for
/// `lease_seconds` after that.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn gate(connection: &mut PgConnection, lease_seconds: i32) -> Result<Gate, sqlx::Error> {
    let over = sqlx::query_scalar!(
        r#"SELECT until <= clock_timestamp() AS "over!" FROM mail_pauses WHERE scope = $1"#,
        EVERYTHING
    )
    .fetch_optional(&mut *connection)
    .await?;
    match over {
        None => Ok(Gate::Open),
        Some(false) => Ok(Gate::Closed),
        Some(true) => {
            let taken = take_probe(connection, EVERYTHING, lease_seconds).await?;
            Ok(if taken { Gate::Probe } else { Gate::Closed })
        }
    }
}

async fn take_probe(
    connection: &mut PgConnection,
    scope: Uuid,
    lease_seconds: i32,
) -> Result<bool, sqlx::Error> {
    let taken = sqlx::query!(
        "UPDATE mail_pauses SET until = clock_timestamp() + make_interval(secs => $2::int4), probes = probes + 1
         WHERE scope = $1 AND until <= clock_timestamp()",
        scope,
        lease_seconds
    )
    .execute(connection)
    .await?;
    Ok(taken.rows_affected() > 0)
}

/// Returns a scope whose pause has expired and that has email due. The caller has the probe, as in [`gate`].
#[tracing::instrument(level = "debug", skip_all)]
pub async fn probe_of_one(
    connection: &mut PgConnection,
    lease_seconds: i32,
) -> Result<Option<Uuid>, sqlx::Error> {
    let scope = sqlx::query_scalar!(
        "SELECT p.scope FROM mail_pauses p
         WHERE p.scope <> $1 AND p.until <= clock_timestamp()
           AND (EXISTS (SELECT 1 FROM outbox o WHERE o.state = 'queued' AND o.bulk AND o.institution_id = p.scope
                    AND o.next_at <= clock_timestamp())
                OR EXISTS (SELECT 1 FROM outbox o WHERE o.state = 'queued' AND NOT o.bulk
                    AND coalesce(o.institution_id, o.account_id, o.message_id) = p.scope
                    AND o.next_at <= clock_timestamp()))
         ORDER BY p.until LIMIT 1 FOR UPDATE SKIP LOCKED",
        EVERYTHING
    )
    .fetch_optional(&mut *connection)
    .await?;
    match scope {
        Some(scope) if take_probe(connection, scope, lease_seconds).await? => Ok(Some(scope)),
        _ => Ok(None),
    }
}

/// An objection of the mail server that does not concern the recipient.
#[derive(Debug, Clone, Copy)]
pub struct Objection<'a> {
    /// The subject of the objection, a [`crate::mail::Cause::code`].
    pub cause: &'a str,
    /// Whether it applies to every message.
    pub certain: bool,
    /// The mail server's response.
    pub response: &'a str,
}

/// The effect of an objection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paused {
    /// The scope that is paused.
    pub scope: Uuid,
    /// Whether it was not paused before, or for another cause.
    pub is_new: bool,
}

/// Pauses a scope. Pauses everything if the objection applies to every message, or if several scopes have met one
/// without an accepted message in between.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn pause(
    connection: &mut PgConnection,
    scope: Uuid,
    objection: Objection<'_>,
    probe_of: Option<Uuid>,
) -> Result<Paused, sqlx::Error> {
    let scope = if objection.certain {
        EVERYTHING
    } else {
        let others = sqlx::query!(
            r#"SELECT count(*) FILTER (WHERE scope NOT IN ($1, $2) AND accepted_at IS NULL) AS "count!",
                      coalesce(bool_or(scope = $1), false) AS "everything!"
               FROM mail_pauses"#,
            EVERYTHING,
            scope
        )
        .fetch_one(&mut *connection)
        .await?;
        if others.everything || others.count + 1 >= SCOPES_FOR_EVERYTHING {
            EVERYTHING
        } else {
            scope
        }
    };
    let before = sqlx::query!(
        "SELECT cause, probes FROM mail_pauses WHERE scope = $1",
        scope
    )
    .fetch_optional(&mut *connection)
    .await?;
    let probes = before.as_ref().map_or(0, |before| before.probes);
    sqlx::query!(
        "INSERT INTO mail_pauses (scope, cause, certain, response, until)
         VALUES ($1, $2, $3, $4, clock_timestamp() + make_interval(secs => $5::int4))
         ON CONFLICT (scope) DO UPDATE
         SET cause = excluded.cause, certain = excluded.certain, response = excluded.response,
             until = CASE WHEN $6 THEN excluded.until ELSE mail_pauses.until END",
        scope,
        objection.cause,
        objection.certain,
        objection.response,
        pause_seconds(probes, objection.cause),
        probe_of == Some(scope)
    )
    .execute(connection)
    .await?;
    Ok(Paused {
        scope,
        is_new: before.is_none_or(|before| before.cause != objection.cause),
    })
}

fn pause_seconds(probes: i32, cause: &str) -> i32 {
    let longest = if cause == "authentication" {
        LONGEST_SIGN_IN_SECONDS
    } else {
        LONGEST_SECONDS
    };
    let doublings = probes.clamp(0, 12).unsigned_abs();
    FIRST_SECONDS
        .saturating_mul(2_i32.saturating_pow(doublings))
        .min(longest)
}

/// Returns whether the server has accepted a message since this one met an objection.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn accepted_since_blocked(
    connection: &mut PgConnection,
    outbox: i64,
    scope: Uuid,
) -> Result<bool, sqlx::Error> {
    // An acceptance deletes the pause of its scope and is recorded in the pauses of other scopes.
    sqlx::query_scalar!(
        r#"SELECT EXISTS (
               SELECT 1 FROM outbox o
               WHERE o.id = $1 AND o.blocked_at IS NOT NULL AND NOT EXISTS (
                   SELECT 1 FROM mail_pauses p
                   WHERE p.scope IN ($2, $3) AND p.since <= o.blocked_at
                     AND (p.accepted_at IS NULL OR p.accepted_at <= o.blocked_at))
           ) AS "accepted!""#,
        outbox,
        EVERYTHING,
        scope
    )
    .fetch_one(connection)
    .await
}

/// Records an accepted message of this scope: ends its pause and that of everything. Returns whether a pause ended.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn accepted(connection: &mut PgConnection, scope: Uuid) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"WITH ended AS (DELETE FROM mail_pauses WHERE scope IN ($1, $2) RETURNING scope),
                noted AS (UPDATE mail_pauses SET accepted_at = clock_timestamp() WHERE scope NOT IN ($1, $2))
           SELECT EXISTS (SELECT 1 FROM ended) AS "ended!""#,
        EVERYTHING,
        scope
    )
    .fetch_one(connection)
    .await
}

/// Records that the server accepted everything before the recipient: ends the pause for an earlier objection to it.
/// Returns whether a pause ended.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn reached_recipient(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    let ended = sqlx::query!(
        "DELETE FROM mail_pauses WHERE scope = $1 AND certain",
        EVERYTHING
    )
    .execute(connection)
    .await?;
    Ok(ended.rows_affected() > 0)
}

/// Releases a probe without a result. The next one is due now, or after a pause.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn give_probe_back(
    connection: &mut PgConnection,
    scope: Uuid,
    now: bool,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE mail_pauses SET until = clock_timestamp() + make_interval(secs => CASE WHEN $2 THEN 0 ELSE $3::int4 END)
         WHERE scope = $1",
        scope,
        now,
        FIRST_SECONDS
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Ends the waiting time of every pause, so that a message is tried now. Returns their number.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn probe_now(connection: &mut PgConnection) -> Result<u64, sqlx::Error> {
    let pauses = sqlx::query!("UPDATE mail_pauses SET until = clock_timestamp()")
        .execute(&mut *connection)
        .await?;
    sqlx::query!("SELECT pg_notify('muster_outbox', '')")
        .fetch_one(connection)
        .await?;
    Ok(pauses.rows_affected())
}

/// A pause, for the operator.
#[derive(Debug)]
pub struct Pause {
    /// The scope that is paused.
    pub scope: Uuid,
    /// The subject of the objection.
    pub cause: String,
    /// The last response of the mail server.
    pub response: String,
    /// When it began.
    pub since: chrono::DateTime<chrono::Utc>,
    /// The seconds until a message is tried.
    pub seconds_left: i64,
}

/// Returns all pauses, that of everything first.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn all(connection: &mut PgConnection) -> Result<Vec<Pause>, sqlx::Error> {
    sqlx::query_as!(
        Pause,
        r#"SELECT scope, cause, response, since,
                  greatest(ceil(extract(epoch FROM until - clock_timestamp())), 0)::bigint AS "seconds_left!"
           FROM mail_pauses ORDER BY scope <> $1, since LIMIT 100"#,
        EVERYTHING
    )
    .fetch_all(connection)
    .await
}

/// Deletes pauses of scopes that have no queued email.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn sweep(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "DELETE FROM mail_pauses p
         WHERE p.scope <> $1 AND NOT EXISTS (
             SELECT 1 FROM outbox o
             WHERE o.state = 'queued' AND coalesce(o.institution_id, o.account_id, o.message_id) = p.scope)",
        EVERYTHING
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Returns since when the email of the transaction's institution is paused, if it is.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn paused_since(
    connection: &mut PgConnection,
) -> Result<Option<chrono::DateTime<chrono::Utc>>, sqlx::Error> {
    sqlx::query_scalar!("SELECT mail_paused_since()")
        .fetch_one(connection)
        .await
}
