//! Invitations of an import that wait to be sent: their number, and sending them in chunks.

use chrono::{DateTime, Utc};
use muster::ids::{InstitutionId, MembershipId};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{At, claim};
use crate::store::login_details::LIFE_HOURS;

/// Counts the waiting invitations.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn waiting(connection: &mut PgConnection, at: At) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM invitations
           WHERE institution_id = $1 AND import_id = $2 AND expires_at = 'infinity' AND closed_at IS NULL"#,
        at.institution.as_uuid(),
        at.import
    )
    .fetch_one(connection)
    .await
}

/// Starts sending now, in the sender's name. The caller holds the import's lock.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn begin(
    connection: &mut PgConnection,
    at: At,
    sender: MembershipId,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE imports SET send_at = statement_timestamp(), sender = $3 WHERE institution_id = $1 AND id = $2",
        at.institution.as_uuid(),
        at.import,
        sender.as_uuid()
    )
    .execute(&mut *connection)
    .await?;
    claim::wake(connection).await
}

/// Schedules sending, in the sender's name or else the inviter's. The caller holds the import's lock.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn schedule(
    connection: &mut PgConnection,
    at: At,
    time: DateTime<Utc>,
    sender: Option<MembershipId>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE imports SET send_at = $3, sender = $4 WHERE institution_id = $1 AND id = $2",
        at.institution.as_uuid(),
        at.import,
        time,
        sender.map(MembershipId::as_uuid)
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Cancels sending. What still waits keeps waiting.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn end(connection: &mut PgConnection, at: At) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE imports SET send_at = NULL WHERE institution_id = $1 AND id = $2",
        at.institution.as_uuid(),
        at.import
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Returns the imports of all institutions whose time to send has come and that have waiting invitations.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn due(connection: &mut PgConnection) -> Result<Vec<At>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"SELECT institution_id AS "institution_id!", import_id AS "import_id!" FROM imports_to_send()"#
    )
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| At {
            institution: InstitutionId::from_uuid(row.institution_id),
            import: row.import_id,
        })
        .collect())
}

/// An import whose invitations are due.
#[derive(Debug)]
pub struct Due {
    /// The sender, if not the inviter.
    pub sender: Option<Uuid>,
    /// The member who applied it.
    pub acting: Option<Uuid>,
    /// Whether the operator's command line applied it.
    pub operator: bool,
    /// Whether it is completely applied.
    pub done: bool,
}

/// Locks an import that is due. Returns `None` if another worker has locked it or it is no longer due.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn lock_due(connection: &mut PgConnection, at: At) -> Result<Option<Due>, sqlx::Error> {
    sqlx::query_as!(
        Due,
        r#"SELECT sender, acting, operator, state = 'done' AS "done!" FROM imports
           WHERE institution_id = $1 AND id = $2 AND send_at <= clock_timestamp() AND state IN ('done', 'stopped')
           FOR UPDATE SKIP LOCKED"#,
        at.institution.as_uuid(),
        at.import
    )
    .fetch_optional(connection)
    .await
}

/// The member in whose name waiting invitations are sent, and the roles that they may assign.
#[derive(Debug)]
pub struct Sender {
    /// The membership.
    pub id: Uuid,
    /// The roles that the sender may assign.
    pub givable: Vec<Uuid>,
}

/// Puts the emails of the next invitations into the outbox and starts their lifetime. Returns their number.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn send(
    connection: &mut PgConnection,
    at: At,
    sender: Option<&Sender>,
    hours: i32,
    most: i64,
) -> Result<u64, sqlx::Error> {
    let sent = sqlx::query!(
        "WITH next AS MATERIALIZED (
             SELECT i.membership_id FROM invitations i
             JOIN memberships m ON m.institution_id = $1 AND m.id = i.membership_id
             WHERE i.institution_id = $1 AND i.import_id = $2 AND i.expires_at = 'infinity' AND i.closed_at IS NULL
               AND ($3::uuid IS NULL OR m.role_id = ANY($4))
             ORDER BY i.membership_id LIMIT $6 FOR UPDATE OF i
         ), sent AS (
             UPDATE invitations i
             SET inviter_id = coalesce($3, i.inviter_id), sent_at = now.at, mail_state_at = now.at,
                 expires_at = now.at + make_interval(hours => CASE WHEN i.login_details THEN $7::int4 ELSE $5::int4 END)
             FROM next, (SELECT statement_timestamp() AS at) now
             WHERE i.institution_id = $1 AND i.membership_id = next.membership_id
             RETURNING i.membership_id, i.epoch
         )
         INSERT INTO outbox (kind, institution_id, membership_id, epoch, message_id, bulk)
         SELECT 'invitation', $1, membership_id, epoch, gen_random_uuid(), true FROM sent",
        at.institution.as_uuid(),
        at.import,
        sender.map(|sender| sender.id),
        sender.map_or(&[][..], |sender| &sender.givable),
        hours,
        most,
        LIFE_HOURS
    )
    .execute(&mut *connection)
    .await?
    .rows_affected();
    if sent > 0 {
        sqlx::query!("SELECT pg_notify('muster_outbox', '')")
            .fetch_one(connection)
            .await?;
    }
    Ok(sent)
}
