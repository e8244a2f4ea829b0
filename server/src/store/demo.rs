//! Changes that only the demo makes: they move events into the past.

use muster::ids::{InstitutionId, MembershipId};
use sqlx::PgConnection;
use uuid::Uuid;

/// Sets the number of seats.
pub async fn seats(
    connection: &mut PgConnection,
    institution: InstitutionId,
    seats: i32,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE institutions SET seats = $2 WHERE id = $1",
        institution.as_uuid(),
        seats
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Sets how many minutes ago the member joined and viewed the institution last.
pub async fn joined(
    connection: &mut PgConnection,
    institution: InstitutionId,
    id: MembershipId,
    ago: i32,
    seen: Option<i32>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE memberships SET created_at = statement_timestamp() - make_interval(mins => $3),
             joined_at = statement_timestamp() - make_interval(mins => $3),
             viewed_at = statement_timestamp() - make_interval(mins => $4)
         WHERE institution_id = $1 AND id = $2",
        institution.as_uuid(),
        id.as_uuid(),
        ago,
        seen
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The history of an invitation.
#[derive(Debug)]
pub struct Way {
    /// How many minutes ago it was sent.
    pub sent: i32,
    /// Whether its page was viewed.
    pub viewed: bool,
    /// Whether the person asked for a new link.
    pub asked_again: bool,
    /// The delivery status of its email.
    pub mail: &'static str,
    /// The mail server's response.
    pub response: &'static str,
}

/// Makes the invitation wait to be sent.
pub async fn unsent(
    connection: &mut PgConnection,
    institution: InstitutionId,
    id: MembershipId,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE invitations SET sent_at = NULL, expires_at = 'infinity' WHERE institution_id = $1 AND membership_id = $2",
        institution.as_uuid(),
        id.as_uuid()
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Sets the history of an invitation.
pub async fn invited(
    connection: &mut PgConnection,
    institution: InstitutionId,
    id: MembershipId,
    inviter: MembershipId,
    way: &Way,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE invitations i
         SET sent_at = t.sent, expires_at = t.sent + interval '24 hours', mail_state = $4, mail_response = $5,
             mail_state_at = t.sent + interval '2 seconds',
             viewed_at = CASE WHEN $6 THEN t.sent + interval '3 hours' END,
             asked_again_at = CASE WHEN $7 THEN statement_timestamp() - interval '20 minutes' END
         FROM (SELECT statement_timestamp() - make_interval(mins => $3) AS sent) t
         WHERE i.institution_id = $1 AND i.membership_id = $2",
        institution.as_uuid(),
        id.as_uuid(),
        way.sent,
        way.mail,
        way.response,
        way.viewed,
        way.asked_again
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "UPDATE memberships SET created_at = statement_timestamp() - make_interval(mins => $3)
         WHERE institution_id = $1 AND id = $2",
        institution.as_uuid(),
        id.as_uuid(),
        way.sent
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "INSERT INTO audit (institution_id, id, at, actor_id, action, subject_id)
         VALUES ($1, $2, statement_timestamp() - make_interval(mins => $3), $4, 'invitation.sent', $5)",
        institution.as_uuid(),
        Uuid::now_v7(),
        way.sent,
        inviter.as_uuid(),
        id.as_uuid()
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Returns the folded form of a name.
pub async fn folded(connection: &mut PgConnection, name: &str) -> Result<String, sqlx::Error> {
    sqlx::query_scalar!(r#"SELECT fold($1) AS "folded!""#, name)
        .fetch_one(connection)
        .await
}
