//! The record of what was done, written in the transaction that does it.

use std::net::IpAddr;

use muster::ids::{AccountId, InstitutionId, MembershipId};
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

/// One entry of an institution's record.
#[derive(Debug)]
pub struct Entry<'a> {
    /// Where.
    pub institution: InstitutionId,
    /// Who; none where the operator or the invited person acted.
    pub actor: Option<MembershipId>,
    /// What, as `invitation.sent`.
    pub action: &'a str,
    /// To whom.
    pub subject: Option<MembershipId>,
    /// The rest; never a token or a password.
    pub detail: Value,
    /// From where.
    pub ip: Option<IpAddr>,
}

/// Adds an entry.
pub async fn insert(connection: &mut PgConnection, entry: Entry<'_>) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO audit (institution_id, id, actor_id, action, subject_id, detail, ip)
         VALUES ($1, $2, $3, $4, $5, $6, $7::text::inet)",
        entry.institution.as_uuid(),
        Uuid::now_v7(),
        entry.actor.map(MembershipId::as_uuid),
        entry.action,
        entry.subject.map(MembershipId::as_uuid),
        entry.detail,
        entry.ip.map(|ip| ip.to_string()),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Adds an entry to an account's own record.
pub async fn insert_account(
    connection: &mut PgConnection,
    account: AccountId,
    action: &str,
    ip: Option<IpAddr>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO account_audit (id, account_id, action, ip) VALUES ($1, $2, $3, $4::text::inet)",
        Uuid::now_v7(),
        account.as_uuid(),
        action,
        ip.map(|ip| ip.to_string()),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// One step of what was done to a user, with who did it.
#[derive(Debug)]
pub struct Step {
    /// When.
    pub at: chrono::DateTime<chrono::Utc>,
    /// What.
    pub action: String,
    /// Who, or empty.
    pub actor: String,
}

/// What was done to a user, oldest first.
pub async fn of_subject(
    connection: &mut PgConnection,
    institution: InstitutionId,
    subject: MembershipId,
) -> Result<Vec<Step>, sqlx::Error> {
    sqlx::query_as!(
        Step,
        r#"SELECT a.at, a.action, coalesce(btrim(m.first_name || ' ' || m.last_name), '') AS "actor!"
           FROM audit a
           LEFT JOIN memberships m ON m.institution_id = a.institution_id AND m.id = a.actor_id
           WHERE a.institution_id = $1 AND a.subject_id = $2
           ORDER BY a.at, a.id"#,
        institution.as_uuid(),
        subject.as_uuid(),
    )
    .fetch_all(connection)
    .await
}
