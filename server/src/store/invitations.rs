//! Invitations: offers of one membership to one mailbox. The database clock decides whether one has expired.

use chrono::{DateTime, Utc};
use muster::ids::{InstitutionId, MembershipId};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::keys::Hash;

/// The invitation of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    /// The institution.
    pub institution: InstitutionId,
    /// The membership on offer.
    pub membership: MembershipId,
    /// How the person came to it.
    pub way: Way,
}

/// How a person came to an invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// The mailed link.
    Mailed,
    /// A copied link, which does not prove the mailbox.
    Copied,
    /// The mailed login details.
    Details,
}

/// Finds the invitation of a token.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn find(
    connection: &mut PgConnection,
    hash: &Hash,
) -> Result<Option<Found>, sqlx::Error> {
    let row = sqlx::query!(
        r#"SELECT institution_id AS "institution_id!", membership_id AS "membership_id!", copied AS "copied!"
           FROM find_invitation($1)"#,
        hash
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| Found {
        institution: InstitutionId::from_uuid(row.institution_id),
        membership: MembershipId::from_uuid(row.membership_id),
        way: if row.copied { Way::Copied } else { Way::Mailed },
    }))
}

/// An invitation for its page.
#[derive(Debug)]
pub struct Shown {
    /// The institution's name.
    pub institution: String,
    /// The institution's time zone.
    pub time_zone: String,
    /// The institution's slug.
    pub slug: String,
    /// The invitation's language.
    pub language: String,
    /// The inviter's name.
    pub inviter: String,
    /// The role's code, if it is a predefined one.
    pub role_code: Option<String>,
    /// The role's name.
    pub role_name: String,
    /// The invited address.
    pub email: String,
    /// The first name typed by the inviter.
    pub first_name: String,
    /// The last name typed by the inviter.
    pub last_name: String,
    /// The reserved username.
    pub username: Option<String>,
    /// The inviter's note.
    pub note: String,
    /// The epoch.
    pub epoch: i32,
    /// When it expires.
    pub expires_at: DateTime<Utc>,
    /// The seconds until then; zero or less if it has expired.
    pub seconds_left: i64,
    /// Whether the person asked for a new link.
    pub asked_again: bool,
    /// Whether its email has login details.
    pub login_details: bool,
    /// Whether their password has to be replaced at the first sign-in.
    pub change_password: bool,
}

/// Returns the invitation if it was sent and has not been accepted, declined or revoked.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn shown(
    connection: &mut PgConnection,
    institution: InstitutionId,
    membership: MembershipId,
) -> Result<Option<Shown>, sqlx::Error> {
    sqlx::query_as!(
        Shown,
        r#"SELECT t.name AS institution, t.time_zone, t.slug, i.language,
                  btrim(inviter.first_name || ' ' || inviter.last_name) AS "inviter!",
                  r.code AS role_code, r.name AS role_name, m.email, m.first_name, m.last_name, i.username, i.note,
                  i.epoch, i.expires_at,
                  ceil(extract(epoch FROM i.expires_at - clock_timestamp()))::bigint AS "seconds_left!",
                  i.asked_again_at IS NOT NULL AS "asked_again!", i.login_details,
                  i.change_password
           FROM invitations i
           JOIN memberships m ON m.institution_id = $1 AND m.id = i.membership_id
           JOIN memberships inviter ON inviter.institution_id = $1 AND inviter.id = i.inviter_id
           JOIN roles r ON r.institution_id = $1 AND r.id = m.role_id
           JOIN institutions t ON t.id = $1
           WHERE i.institution_id = $1 AND i.membership_id = $2 AND i.closed_at IS NULL AND i.sent_at IS NOT NULL"#,
        institution.as_uuid(),
        membership.as_uuid()
    )
    .fetch_optional(connection)
    .await
}

/// A new invitation.
#[derive(Debug)]
pub struct New<'a> {
    /// The institution.
    pub institution: InstitutionId,
    /// The membership on offer.
    pub membership: MembershipId,
    /// The inviter's membership.
    pub inviter: MembershipId,
    /// The note, or empty.
    pub note: &'a str,
    /// The language of its email.
    pub language: &'a str,
    /// The username that is reserved for the person.
    pub username: Option<&'a str>,
    /// The hash of the token of the first link.
    pub token_hash: &'a Hash,
    /// The lifetime in hours.
    pub hours: i32,
}

/// Creates an invitation. Its lifetime starts now, when its email enters the outbox.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn insert(connection: &mut PgConnection, new: &New<'_>) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO invitations
             (institution_id, membership_id, inviter_id, note, language, username, token_hash, sent_at, expires_at)
         SELECT $1, $2, $3, $4, $5, $6, $7, now.at, now.at + make_interval(hours => $8)
         FROM (SELECT statement_timestamp() AS at) now",
        new.institution.as_uuid(),
        new.membership.as_uuid(),
        new.inviter.as_uuid(),
        new.note,
        new.language,
        new.username,
        new.token_hash,
        new.hours,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The state of an open invitation, for an administrator's action.
#[derive(Debug)]
pub struct Standing {
    /// The epoch.
    pub epoch: i32,
    /// Whether it has expired.
    pub expired: bool,
    /// Whether it waits to be sent.
    pub unsent: bool,
    /// The seconds until the next resend is possible; zero or less if it is.
    pub resend_wait: i64,
    /// The reserved username.
    pub username: Option<String>,
}

/// The interval between two resends.
const RESEND_WINDOW_SECONDS: i32 = 300;

/// Returns the state and locks the invitation until the transaction ends. Returns `None` if it is not open.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn lock_open(
    connection: &mut PgConnection,
    institution: InstitutionId,
    membership: MembershipId,
) -> Result<Option<Standing>, sqlx::Error> {
    sqlx::query_as!(
        Standing,
        r#"SELECT epoch, expires_at <= clock_timestamp() AS "expired!", sent_at IS NULL AS "unsent!", username,
                  coalesce(ceil(extract(epoch FROM
                      resent_at + make_interval(secs => $3::int4) - clock_timestamp())), 0)::bigint AS "resend_wait!"
           FROM invitations WHERE institution_id = $1 AND membership_id = $2 AND closed_at IS NULL FOR UPDATE"#,
        institution.as_uuid(),
        membership.as_uuid(),
        RESEND_WINDOW_SECONDS,
    )
    .fetch_optional(connection)
    .await
}

/// The data of a resend.
#[derive(Debug)]
pub struct Renewal<'a> {
    /// The sender's membership.
    pub inviter: MembershipId,
    /// The new epoch.
    pub epoch: i32,
    /// The hash of the new link's token.
    pub token_hash: &'a Hash,
    /// The lifetime in hours.
    pub hours: i32,
    /// Whether it keeps its reserved username.
    pub keep_username: bool,
}

/// Starts a new epoch with a new link and lifetime, in the sender's name.
///
/// Every older link stops working. Also starts the lifetime of an invitation that waits to be sent. Returns the new
/// expiry time.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn renew(
    connection: &mut PgConnection,
    institution: InstitutionId,
    membership: MembershipId,
    renewal: Renewal<'_>,
) -> Result<DateTime<Utc>, sqlx::Error> {
    sqlx::query_scalar!(
        "UPDATE invitations SET inviter_id = $7, epoch = $3, token_hash = $4, copied_hash = NULL, copied_at = NULL,
             sent_at = now.at, resent_at = now.at, password_hash = NULL,
             expires_at = now.at + make_interval(hours => CASE WHEN login_details THEN $8::int4 ELSE $5::int4 END),
             viewed_at = NULL, asked_again_at = NULL, mail_state = 'queued', mail_state_at = now.at, mail_response = '',
             username = CASE WHEN $6 THEN username END
         FROM (SELECT statement_timestamp() AS at) now
         WHERE institution_id = $1 AND membership_id = $2
         RETURNING expires_at",
        institution.as_uuid(),
        membership.as_uuid(),
        renewal.epoch,
        renewal.token_hash,
        renewal.hours,
        renewal.keep_username,
        renewal.inviter.as_uuid(),
        super::login_details::LIFE_HOURS,
    )
    .fetch_one(connection)
    .await
}

/// Stores the hash of a copied link.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn copied(
    connection: &mut PgConnection,
    institution: InstitutionId,
    membership: MembershipId,
    hash: &Hash,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE invitations SET copied_hash = $3, copied_at = statement_timestamp()
         WHERE institution_id = $1 AND membership_id = $2",
        institution.as_uuid(),
        membership.as_uuid(),
        hash
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Consumes the invitation by this token or this temporary password's hash. Returns false if it was used or has
/// expired.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn use_up(
    connection: &mut PgConnection,
    institution: InstitutionId,
    membership: MembershipId,
    hash: &Hash,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "UPDATE invitations SET used_at = statement_timestamp(), closed_at = statement_timestamp(),
             viewed_at = coalesce(viewed_at, statement_timestamp()),
             -- What stays somebody's password is kept as passwords are, and in no quicker way.
             password_hash = CASE WHEN change_password THEN password_hash END
         WHERE institution_id = $1 AND membership_id = $2 AND (token_hash = $3 OR copied_hash = $3 OR password_hash = $3)
           AND used_at IS NULL AND closed_at IS NULL AND expires_at > statement_timestamp()",
        institution.as_uuid(),
        membership.as_uuid(),
        hash
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Returns the hashes of the links of a member's used invitation.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn used_hashes(
    connection: &mut PgConnection,
    institution: InstitutionId,
    membership: MembershipId,
) -> Result<Vec<Hash>, sqlx::Error> {
    let hashes = sqlx::query_scalar!(
        r#"SELECT link.hash AS "hash!" FROM invitations i, unnest(ARRAY[i.token_hash, i.copied_hash]) AS link (hash)
           WHERE i.institution_id = $1 AND i.membership_id = $2 AND i.used_at IS NOT NULL AND link.hash IS NOT NULL"#,
        institution.as_uuid(),
        membership.as_uuid()
    )
    .fetch_all(connection)
    .await?;
    hashes
        .into_iter()
        .map(|hash| {
            hash.try_into()
                .map_err(|_| sqlx::Error::Decode("a token's hash has an unexpected length".into()))
        })
        .collect()
}

/// Expires the open invitations of an inviter who may no longer invite.
///
/// Returns their number. Another member can resend them.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn end_of_inviter(
    connection: &mut PgConnection,
    institution: InstitutionId,
    inviter: Uuid,
) -> Result<i64, sqlx::Error> {
    let ended = sqlx::query!(
        "UPDATE invitations SET expires_at = statement_timestamp()
         WHERE institution_id = $1 AND inviter_id = $2 AND closed_at IS NULL AND expires_at > statement_timestamp()",
        institution.as_uuid(),
        inviter
    )
    .execute(connection)
    .await?;
    Ok(i64::try_from(ended.rows_affected()).unwrap_or(i64::MAX))
}

/// Erases the note and the reserved username after a decline.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn forget_words(
    connection: &mut PgConnection,
    institution: InstitutionId,
    membership: MembershipId,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE invitations SET note = '', username = NULL WHERE institution_id = $1 AND membership_id = $2",
        institution.as_uuid(),
        membership.as_uuid()
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Closes the invitation without a member. Returns false if it was not open.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn close(
    connection: &mut PgConnection,
    institution: InstitutionId,
    membership: MembershipId,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "UPDATE invitations SET closed_at = statement_timestamp()
         WHERE institution_id = $1 AND membership_id = $2 AND closed_at IS NULL",
        institution.as_uuid(),
        membership.as_uuid()
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Records that the page was viewed. Not for login details: their page exists only for people who have an account
/// already, and this must not be revealed. An invitation that another transaction changes is left out, because anyone
/// who has the link can call this as often as they like, and each call would wait with a connection.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn viewed(
    connection: &mut PgConnection,
    institution: InstitutionId,
    membership: MembershipId,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE invitations i SET viewed_at = statement_timestamp()
         FROM (SELECT institution_id, membership_id FROM invitations
               WHERE institution_id = $1 AND membership_id = $2 AND viewed_at IS NULL AND closed_at IS NULL
                 AND NOT login_details
               FOR NO KEY UPDATE SKIP LOCKED) free
         WHERE i.institution_id = $1 AND i.membership_id = free.membership_id",
        institution.as_uuid(),
        membership.as_uuid()
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Records that the person asks for a new link. Returns true only the first time, and only if the link has expired.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn ask_again(
    connection: &mut PgConnection,
    institution: InstitutionId,
    membership: MembershipId,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "UPDATE invitations SET asked_again_at = statement_timestamp()
         WHERE institution_id = $1 AND membership_id = $2 AND asked_again_at IS NULL AND closed_at IS NULL
           AND expires_at <= statement_timestamp()",
        institution.as_uuid(),
        membership.as_uuid()
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Sets the delivery status of the email of one epoch. A later epoch keeps its own.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn mail_state(
    connection: &mut PgConnection,
    institution: Uuid,
    membership: Uuid,
    epoch: i32,
    state: &str,
    response: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE invitations SET mail_state = $4, mail_state_at = statement_timestamp(), mail_response = $5
         WHERE institution_id = $1 AND membership_id = $2 AND epoch = $3",
        institution,
        membership,
        epoch,
        state,
        response
    )
    .execute(connection)
    .await?;
    Ok(())
}
