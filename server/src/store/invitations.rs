//! Invitations: an offer of one membership to one mailbox. Whether one is open is the database's clock's
//! to say.

use chrono::{DateTime, Utc};
use muster::ids::{InstitutionId, MembershipId};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::keys::Hash;

/// Where a token leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    /// The institution.
    pub institution: InstitutionId,
    /// The membership on offer.
    pub membership: MembershipId,
    /// By what the person came.
    pub way: Way,
}

/// By what somebody comes to an invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// The mailed link.
    Mailed,
    /// A copied link, which proves no mailbox.
    Copied,
    /// The mailed login details.
    Details,
}

/// Where a token leads.
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

/// An invitation as its page shows it.
#[derive(Debug)]
pub struct Shown {
    /// The institution's name.
    pub institution: String,
    /// The institution's time zone.
    pub time_zone: String,
    /// The institution's path.
    pub slug: String,
    /// The invitation's language.
    pub language: String,
    /// The inviter's name.
    pub inviter: String,
    /// The role's code, where it is a predefined one.
    pub role_code: Option<String>,
    /// The role's name.
    pub role_name: String,
    /// The invited address.
    pub email: String,
    /// First name as typed by the inviter.
    pub first_name: String,
    /// Last name as typed by the inviter.
    pub last_name: String,
    /// A reserved username.
    pub username: Option<String>,
    /// The personal note.
    pub note: String,
    /// Its epoch.
    pub epoch: i32,
    /// Its end.
    pub expires_at: DateTime<Utc>,
    /// Seconds until then, zero or less where it has expired.
    pub seconds_left: i64,
    /// Whether the person asked for a new link.
    pub asked_again: bool,
    /// Whether its mail carries login details.
    pub login_details: bool,
    /// Whether their password is to be replaced at the first sign-in.
    pub change_password: bool,
}

/// The invitation, once it was sent and as long as nobody accepted, declined or revoked it.
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
           JOIN memberships m ON m.institution_id = i.institution_id AND m.id = i.membership_id
           JOIN memberships inviter ON inviter.institution_id = i.institution_id AND inviter.id = i.inviter_id
           JOIN roles r ON r.institution_id = m.institution_id AND r.id = m.role_id
           JOIN institutions t ON t.id = i.institution_id
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
    /// Where.
    pub institution: InstitutionId,
    /// The membership on offer.
    pub membership: MembershipId,
    /// Who invites.
    pub inviter: MembershipId,
    /// The personal note, or empty.
    pub note: &'a str,
    /// The language of its mail.
    pub language: &'a str,
    /// A username reserved for the person.
    pub username: Option<&'a str>,
    /// The hash of the first link's token.
    pub token_hash: &'a Hash,
    /// How long it lives.
    pub hours: i32,
}

/// Adds one; its life begins now, when its mail is put in the outbox.
pub async fn insert(connection: &mut PgConnection, new: &New<'_>) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO invitations
             (institution_id, membership_id, inviter_id, note, language, username, token_hash, sent_at, expires_at)
         SELECT $1, $2, $3, $4, $5, $6, $7, now.at, now.at + make_interval(hours => $8)
         FROM (SELECT clock_timestamp() AS at) now",
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

/// How an invitation stands when an administrator wants something of it.
#[derive(Debug)]
pub struct Standing {
    /// Its epoch.
    pub epoch: i32,
    /// Whether it has expired.
    pub expired: bool,
    /// Whether nobody has been sent it yet.
    pub unsent: bool,
    /// Seconds until the next resend is possible; zero or less where it is.
    pub resend_wait: i64,
    /// The reserved username.
    pub username: Option<String>,
}

/// Five minutes between one resend and the next.
const RESEND_WINDOW_SECONDS: i32 = 300;

/// How it stands, locked until the transaction ends; none where it is not open.
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

/// The new life of an invitation.
#[derive(Debug)]
pub struct Renewal<'a> {
    /// Who sends it.
    pub inviter: MembershipId,
    /// Its epoch.
    pub epoch: i32,
    /// The hash of its link's token.
    pub token_hash: &'a Hash,
    /// How long it lives, in hours.
    pub hours: i32,
    /// Whether it still reserves its username.
    pub keep_username: bool,
}

/// A new epoch: a new link and a new life, in the name of who sends it; every older link is dead. What has waited
/// begins its life. Gives the new end.
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
         FROM (SELECT clock_timestamp() AS at) now
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

/// Keeps the hash of a link to be handed over.
pub async fn copied(
    connection: &mut PgConnection,
    institution: InstitutionId,
    membership: MembershipId,
    hash: &Hash,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE invitations SET copied_hash = $3, copied_at = clock_timestamp()
         WHERE institution_id = $1 AND membership_id = $2",
        institution.as_uuid(),
        membership.as_uuid(),
        hash
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Uses the invitation by this token or this mailed password's hash: once, before its end, or not at all.
pub async fn use_up(
    connection: &mut PgConnection,
    institution: InstitutionId,
    membership: MembershipId,
    hash: &Hash,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "UPDATE invitations SET used_at = clock_timestamp(), closed_at = clock_timestamp(),
             viewed_at = coalesce(viewed_at, clock_timestamp()),
             -- What stays somebody's password is kept as passwords are, and in no quicker way.
             password_hash = CASE WHEN change_password THEN password_hash END
         WHERE institution_id = $1 AND membership_id = $2 AND (token_hash = $3 OR copied_hash = $3 OR password_hash = $3)
           AND used_at IS NULL AND closed_at IS NULL AND expires_at > clock_timestamp()",
        institution.as_uuid(),
        membership.as_uuid(),
        hash
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// The hashes of the links of a member's used invitation.
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
    Ok(hashes
        .into_iter()
        .filter_map(|hash| hash.try_into().ok())
        .collect())
}

/// The open invitations that somebody sent end with their right to send them; says how many. They can be
/// sent again in another's name.
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

/// The person has declined: nothing that was written for them is kept.
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

/// Closes it without a member; false where it was not open.
pub async fn close(
    connection: &mut PgConnection,
    institution: InstitutionId,
    membership: MembershipId,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "UPDATE invitations SET closed_at = clock_timestamp()
         WHERE institution_id = $1 AND membership_id = $2 AND closed_at IS NULL",
        institution.as_uuid(),
        membership.as_uuid()
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// The page was seen. Whoever was to get login details has no page unless they have an account already, which is nothing
/// to be told: theirs stays unknown.
pub async fn viewed(
    connection: &mut PgConnection,
    institution: InstitutionId,
    membership: MembershipId,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE invitations SET viewed_at = clock_timestamp()
         WHERE institution_id = $1 AND membership_id = $2 AND viewed_at IS NULL AND closed_at IS NULL
           AND NOT login_details",
        institution.as_uuid(),
        membership.as_uuid()
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The person asks for a new link; true the first time, and only where this one has expired.
pub async fn ask_again(
    connection: &mut PgConnection,
    institution: InstitutionId,
    membership: MembershipId,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "UPDATE invitations SET asked_again_at = clock_timestamp()
         WHERE institution_id = $1 AND membership_id = $2 AND asked_again_at IS NULL AND closed_at IS NULL
           AND expires_at <= clock_timestamp()",
        institution.as_uuid(),
        membership.as_uuid()
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// The way of the mail of one epoch; a later epoch's is left alone.
pub async fn mail_state(
    connection: &mut PgConnection,
    institution: Uuid,
    membership: Uuid,
    epoch: i32,
    state: &str,
    response: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE invitations SET mail_state = $4, mail_state_at = clock_timestamp(), mail_response = $5
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
