//! Members that wait for an administrator: the first of each kind, and their number.

use muster::ids::InstitutionId;
use sqlx::PgConnection;

use super::listing::{Row, rows};

/// The reason why someone waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    /// The invitation expires within six hours. Soonest first.
    Expiring,
    /// The invitation has expired. Latest first.
    Expired,
    /// The invitation waits to be sent.
    Unsent,
    /// The person asked for a new link.
    Asked,
    /// The email was refused.
    Refused,
    /// The account is locked.
    Locked,
}

/// Returns the first few of a kind.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn first(
    connection: &mut PgConnection,
    institution: InstitutionId,
    wait: Wait,
    limit: i64,
) -> Result<Vec<Row>, sqlx::Error> {
    macro_rules! invited {
        ($which:tt, $order:tt) => {
            rows!(
                ["SELECT m.*, '' AS word FROM invitations x
                 JOIN memberships m ON m.institution_id = $1 AND m.id = x.membership_id
                 WHERE x.institution_id = $1 AND x.closed_at IS NULL AND m.listing = 'invited' AND " + $which
                 + " ORDER BY x." + $order + " LIMIT $2"]
                ["i." + $order]
                institution.as_uuid(),
                limit
            )
            .fetch_all(connection)
            .await
        };
    }
    match wait {
        Wait::Expiring => invited!(
            "x.expires_at > statement_timestamp() AND x.expires_at < statement_timestamp() + interval '6 hours'",
            "expires_at"
        ),
        Wait::Expired => invited!("x.expires_at <= statement_timestamp()", "expires_at DESC"),
        Wait::Unsent => invited!("x.expires_at = 'infinity'", "membership_id"),
        Wait::Asked => invited!("x.asked_again_at IS NOT NULL", "asked_again_at"),
        Wait::Refused => invited!("x.mail_state = 'refused'", "mail_state_at DESC"),
        Wait::Locked => {
            rows!(
                ["SELECT m.*, '' AS word FROM memberships m
             WHERE m.institution_id = $1 AND m.listing = 'locked' AND m.listing IS NOT NULL
             ORDER BY m.sort_name, m.id LIMIT $2"]
                ["m.sort_name, m.id"]
                institution.as_uuid(),
                limit
            )
            .fetch_all(connection)
            .await
        }
    }
}

/// The number of members that wait for each reason, and of active members.
#[derive(Debug, Clone, Copy)]
pub struct Counts {
    /// Invitations that expire within six hours.
    pub expiring: i64,
    /// Expired invitations.
    pub expired: i64,
    /// Invitations that wait to be sent.
    pub unsent: i64,
    /// Requests for a new link.
    pub asked: i64,
    /// Refused emails.
    pub refused: i64,
    /// Locked accounts.
    pub locked: i64,
    /// Active members who can sign in.
    pub active: i64,
}

/// Counts each kind, up to `most`.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn counts(
    connection: &mut PgConnection,
    institution: InstitutionId,
    most: i64,
) -> Result<Counts, sqlx::Error> {
    sqlx::query_as!(
        Counts,
        r#"SELECT
            (SELECT count(*) FROM (SELECT 1 FROM invitations WHERE institution_id = $1 AND closed_at IS NULL
                AND expires_at > statement_timestamp() AND expires_at < statement_timestamp() + interval '6 hours'
                LIMIT $2) x) AS "expiring!",
            (SELECT count(*) FROM (SELECT 1 FROM invitations WHERE institution_id = $1 AND closed_at IS NULL
                AND expires_at <= statement_timestamp() LIMIT $2) x) AS "expired!",
            (SELECT count(*) FROM (SELECT 1 FROM invitations WHERE institution_id = $1 AND closed_at IS NULL
                AND expires_at = 'infinity' LIMIT $2) x) AS "unsent!",
            (SELECT count(*) FROM (SELECT 1 FROM invitations WHERE institution_id = $1 AND closed_at IS NULL
                AND asked_again_at IS NOT NULL LIMIT $2) x) AS "asked!",
            (SELECT count(*) FROM (SELECT 1 FROM invitations WHERE institution_id = $1 AND closed_at IS NULL
                AND mail_state = 'refused' LIMIT $2) x) AS "refused!",
            (SELECT count(*) FROM (SELECT 1 FROM memberships WHERE institution_id = $1
                AND listing = 'locked' AND listing IS NOT NULL LIMIT $2) x) AS "locked!",
            (SELECT count(*) FROM (SELECT 1 FROM memberships WHERE institution_id = $1
                AND listing = 'active' AND listing IS NOT NULL ORDER BY sort_name LIMIT $2) x) AS "active!""#,
        institution.as_uuid(),
        most
    )
    .fetch_one(connection)
    .await
}
