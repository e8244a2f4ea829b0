//! Login details: an invitation whose email has a password instead of a link.

use chrono::{DateTime, Utc};
use muster::ids::{AccountId, InstitutionId, MembershipId};
use sqlx::PgConnection;

use super::invitations::{self, Way};
use crate::keys::Hash;

/// Login details that were found by a sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    /// The invitation.
    pub found: invitations::Found,
    /// The epoch of the details.
    pub epoch: i32,
    /// Whether a new password has to be chosen.
    pub change_password: bool,
}

/// Returns the open invitation with this identifier and temporary password.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn find(
    connection: &mut PgConnection,
    hash: &Hash,
    identifier: &str,
) -> Result<Option<Found>, sqlx::Error> {
    let row = sqlx::query!(
        r#"SELECT institution_id AS "institution_id!", membership_id AS "membership_id!", epoch AS "epoch!",
                  change_password AS "change_password!"
           FROM find_login_details($1, $2)"#,
        hash,
        identifier
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| Found {
        found: invitations::Found {
            institution: InstitutionId::from_uuid(row.institution_id),
            membership: MembershipId::from_uuid(row.membership_id),
            way: Way::Details,
        },
        epoch: row.epoch,
        change_password: row.change_password,
    }))
}

/// Returns whether the person joined with the password of this hash.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn was_mailed_to(
    connection: &mut PgConnection,
    person: AccountId,
    hash: &Hash,
) -> Result<bool, sqlx::Error> {
    let was = sqlx::query_scalar!("SELECT was_mailed_to($1, $2)", person.as_uuid(), hash)
        .fetch_one(connection)
        .await?;
    Ok(was.unwrap_or(false))
}

/// Stores the hash of the temporary password and starts its lifetime, at the first attempt to send the email.
///
/// Returns the expiry time, or `None` if the invitation is no longer open. The caller has locked the institution's
/// seats.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn keep(
    connection: &mut PgConnection,
    institution: InstitutionId,
    membership: MembershipId,
    epoch: i32,
    hash: &Hash,
) -> Result<Option<DateTime<Utc>>, sqlx::Error> {
    sqlx::query_scalar!(
        "UPDATE invitations
         SET expires_at = CASE WHEN password_hash IS NULL THEN statement_timestamp() + make_interval(hours => $5)
                 ELSE expires_at END,
             password_hash = $4
         WHERE institution_id = $1 AND membership_id = $2 AND epoch = $3 AND closed_at IS NULL
           AND expires_at > statement_timestamp()
         RETURNING expires_at",
        institution.as_uuid(),
        membership.as_uuid(),
        epoch,
        hash,
        LIFE_HOURS
    )
    .fetch_optional(connection)
    .await
}

/// The lifetime of login details: 14 days.
pub const LIFE_HOURS: i32 = 14 * 24;
