//! Audit entries. Each is written in the transaction of its action.

use std::net::IpAddr;

use muster::{
    audit::{AccountAction, AuditAction},
    ids::{AccountId, InstitutionId, MembershipId},
};
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

/// An entry of an institution's audit log. Without [`Entry::by`] it names no member: the operator, an invited person or
/// a job acted.
#[derive(Debug)]
pub struct Entry {
    institution: InstitutionId,
    actor: Option<MembershipId>,
    action: AuditAction,
    subject: Option<MembershipId>,
    detail: Value,
    ip: Option<IpAddr>,
}

impl Entry {
    /// Creates an entry with only an action.
    #[must_use]
    pub fn new(institution: InstitutionId, action: AuditAction) -> Self {
        Self {
            institution,
            actor: None,
            action,
            subject: None,
            detail: Value::Object(serde_json::Map::new()),
            ip: None,
        }
    }

    /// Names the member who acted.
    #[must_use]
    pub const fn by(mut self, actor: Option<MembershipId>) -> Self {
        self.actor = actor;
        self
    }

    /// Names the membership that was acted on.
    #[must_use]
    pub const fn about(mut self, subject: MembershipId) -> Self {
        self.subject = Some(subject);
        self
    }

    /// Adds details as a JSON object; never a token or a password.
    #[must_use]
    pub fn with(mut self, detail: Value) -> Self {
        self.detail = detail;
        self
    }

    /// Adds the client's IP address.
    #[must_use]
    pub const fn from_ip(mut self, ip: IpAddr) -> Self {
        self.ip = Some(ip);
        self
    }
}

/// Inserts an entry.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn insert(connection: &mut PgConnection, entry: Entry) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO audit (institution_id, id, actor_id, action, subject_id, detail, ip)
         VALUES ($1, $2, $3, $4, $5, $6, $7::text::inet)",
        entry.institution.as_uuid(),
        Uuid::now_v7(),
        entry.actor.map(MembershipId::as_uuid),
        entry.action.code(),
        entry.subject.map(MembershipId::as_uuid),
        entry.detail,
        entry.ip.map(|ip| ip.to_string()),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Inserts an entry into an account's own log.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn insert_account(
    connection: &mut PgConnection,
    account: AccountId,
    action: AccountAction,
    ip: Option<IpAddr>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO account_audit (id, account_id, action, ip) VALUES ($1, $2, $3, $4::text::inet)",
        Uuid::now_v7(),
        account.as_uuid(),
        action.code(),
        ip.map(|ip| ip.to_string()),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// An action on a user, with its actor.
#[derive(Debug)]
pub struct Step {
    /// When it happened.
    pub at: chrono::DateTime<chrono::Utc>,
    /// The action's code.
    pub action: String,
    /// The actor's name, or empty.
    pub actor: String,
}

/// Returns the actions on a user, oldest first.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn of_subject(
    connection: &mut PgConnection,
    institution: InstitutionId,
    subject: MembershipId,
) -> Result<Vec<Step>, sqlx::Error> {
    sqlx::query_as!(
        Step,
        r#"SELECT a.at, a.action, coalesce(btrim(m.first_name || ' ' || m.last_name), '') AS "actor!"
           FROM audit a
           LEFT JOIN memberships m ON m.institution_id = $1 AND m.id = a.actor_id
           WHERE a.institution_id = $1 AND a.subject_id = $2
           ORDER BY a.at, a.id"#,
        institution.as_uuid(),
        subject.as_uuid(),
    )
    .fetch_all(connection)
    .await
}
