//! Memberships: a user in an institution, from the invitation on.

use chrono::{DateTime, Utc};
use muster::ids::{AccountId, InstitutionId, MembershipId, RoleId};
use sqlx::PgConnection;
use uuid::Uuid;

/// The person who acts, as a member of the institution.
#[derive(Debug)]
pub struct Acting {
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
    /// The role's code, where it is a predefined one.
    pub role_code: Option<String>,
    /// The role's name.
    pub role_name: String,
    /// The role's permissions.
    pub permissions: Vec<String>,
    /// Whether Home has said which institution was joined.
    pub welcomed: bool,
}

/// The acting person.
pub async fn acting(
    connection: &mut PgConnection,
    institution: InstitutionId,
    id: MembershipId,
) -> Result<Acting, sqlx::Error> {
    sqlx::query_as!(
        Acting,
        "SELECT m.first_name, m.last_name, r.code AS role_code, r.name AS role_name, r.permissions, m.welcomed
         FROM memberships m JOIN roles r ON r.institution_id = m.institution_id AND r.id = m.role_id
         WHERE m.institution_id = $1 AND m.id = $2",
        institution.as_uuid(),
        id.as_uuid()
    )
    .fetch_one(connection)
    .await
}

/// The person looks at the institution: it is now the one viewed last. Written once a minute at most.
pub async fn viewed(
    connection: &mut PgConnection,
    institution: InstitutionId,
    id: MembershipId,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE memberships SET viewed_at = clock_timestamp(), welcomed = true
         WHERE institution_id = $1 AND id = $2
           AND (viewed_at IS NULL OR NOT welcomed OR viewed_at < clock_timestamp() - interval '1 minute'
                OR EXISTS (SELECT FROM institutions_of(account_id) o WHERE o.institution_id <> $1))",
        institution.as_uuid(),
        id.as_uuid()
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// A new directory entry.
#[derive(Debug)]
pub struct New<'a> {
    /// Where.
    pub institution: InstitutionId,
    /// Its id.
    pub id: MembershipId,
    /// The member's account; none for who is being invited.
    pub account: Option<AccountId>,
    /// The role.
    pub role: RoleId,
    /// The address.
    pub email: &'a str,
    /// First name, or empty.
    pub first_name: &'a str,
    /// Last name, or empty.
    pub last_name: &'a str,
    /// Phone in E.164.
    pub phone: Option<&'a str>,
}

/// Adds one: invited without an account, active with one. Violates `memberships_open_email_key` where
/// an invitation to the address is open.
pub async fn insert(connection: &mut PgConnection, new: &New<'_>) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO memberships
             (institution_id, id, account_id, role_id, status, email, first_name, last_name, phone, joined_at)
         VALUES ($1, $2, $3, $4, CASE WHEN $3::uuid IS NULL THEN 'invited' ELSE 'active' END, $5, $6, $7, $8,
                 CASE WHEN $3::uuid IS NULL THEN NULL ELSE clock_timestamp() END)",
        new.institution.as_uuid(),
        new.id.as_uuid(),
        new.account.map(AccountId::as_uuid),
        new.role.as_uuid(),
        new.email,
        new.first_name,
        new.last_name,
        new.phone,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// An invited person joins. Violates `memberships_account_key` where the account is a member already.
pub async fn join(
    connection: &mut PgConnection,
    institution: InstitutionId,
    id: MembershipId,
    account: AccountId,
    names: Option<(&str, &str)>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE memberships SET account_id = $3, status = 'active', joined_at = clock_timestamp(), welcomed = false,
             first_name = coalesce($4, first_name), last_name = coalesce($5, last_name)
         WHERE institution_id = $1 AND id = $2 AND status = 'invited'",
        institution.as_uuid(),
        id.as_uuid(),
        account.as_uuid(),
        names.map(|(first, _)| first),
        names.map(|(_, last)| last),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The name that the person goes by in the institution viewed last.
pub async fn name_of(
    connection: &mut PgConnection,
    person: AccountId,
) -> Result<Option<(String, String)>, sqlx::Error> {
    let row = sqlx::query!(
        r#"SELECT first_name AS "first_name!", last_name AS "last_name!" FROM name_of($1)"#,
        person.as_uuid()
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| (row.first_name, row.last_name)))
}

/// An open invitation ends without a member: `declined` or `revoked`.
pub async fn close(
    connection: &mut PgConnection,
    institution: InstitutionId,
    id: MembershipId,
    status: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE memberships SET status = $3 WHERE institution_id = $1 AND id = $2 AND status = 'invited'",
        institution.as_uuid(),
        id.as_uuid(),
        status
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Who has the address here: a member, or somebody with an open invitation.
#[derive(Debug)]
pub struct Holder {
    /// The membership.
    pub id: Uuid,
    /// Whether an invitation is open.
    pub invited: bool,
    /// Whether that invitation has expired.
    pub expired: bool,
}

/// Who has the address here.
pub async fn holder(
    connection: &mut PgConnection,
    institution: InstitutionId,
    email: &str,
) -> Result<Option<Holder>, sqlx::Error> {
    sqlx::query_as!(
        Holder,
        r#"SELECT m.id, m.status = 'invited' AS "invited!",
                  coalesce(i.expires_at <= clock_timestamp(), false) AS "expired!"
           FROM memberships m
           LEFT JOIN invitations i ON i.institution_id = m.institution_id AND i.membership_id = m.id
           WHERE m.institution_id = $1 AND m.email = $2 AND m.status IN ('invited', 'active', 'deactivated')
           ORDER BY m.status = 'invited' LIMIT 1"#,
        institution.as_uuid(),
        email
    )
    .fetch_optional(connection)
    .await
}

/// A user as the list and the user's page show them.
#[derive(Debug)]
pub struct Row {
    /// The membership.
    pub id: Uuid,
    /// Where the list's key stands.
    pub sort_name: String,
    /// First name, or empty.
    pub first_name: String,
    /// Last name, or empty.
    pub last_name: String,
    /// The username, chosen or reserved.
    pub username: Option<String>,
    /// The address.
    pub email: String,
    /// Whether a member proved it.
    pub email_confirmed: bool,
    /// Phone.
    pub phone: Option<String>,
    /// The role's code, where it is a predefined one.
    pub role_code: Option<String>,
    /// The role's name.
    pub role_name: String,
    /// `invited`, `active`, …
    pub status: String,
    /// The account.
    pub account_id: Option<Uuid>,
    /// Since when the account is locked.
    pub locked_at: Option<DateTime<Utc>>,
    /// When the person joined.
    pub joined_at: Option<DateTime<Utc>>,
    /// The invitation's end.
    pub expires_at: Option<DateTime<Utc>>,
    /// Seconds until then, by the database's clock.
    pub seconds_left: Option<i64>,
    /// When the invitation was viewed.
    pub viewed_at: Option<DateTime<Utc>>,
    /// When the person asked for a new link.
    pub asked_again_at: Option<DateTime<Utc>>,
    /// The way of the last mail.
    pub mail_state: Option<String>,
    /// Since when.
    pub mail_state_at: Option<DateTime<Utc>>,
    /// What the mail server said.
    pub mail_response: Option<String>,
}

/// The columns of [`Row`]; the parts around them are fixed too, so that each query is one text.
macro_rules! rows {
    ($tail:literal, $($argument:expr),*) => {
        sqlx::query_as!(
            Row,
            r#"SELECT m.id, m.sort_name AS "sort_name!", m.first_name, m.last_name,
                      coalesce(a.username, CASE WHEN i.expires_at > clock_timestamp() THEN i.username END) AS username,
                      m.email, coalesce(a.email IS NOT NULL, false) AS "email_confirmed!", m.phone,
                      r.code AS "role_code?", r.name AS role_name, m.status, m.account_id, a.locked_at AS "locked_at?",
                      m.joined_at, i.expires_at AS "expires_at?",
                      ceil(extract(epoch FROM i.expires_at - clock_timestamp()))::bigint AS seconds_left,
                      i.viewed_at AS "viewed_at?", i.asked_again_at AS "asked_again_at?",
                      i.mail_state AS "mail_state?", i.mail_state_at AS "mail_state_at?",
                      i.mail_response AS "mail_response?"
               FROM memberships m
               JOIN roles r ON r.institution_id = m.institution_id AND r.id = m.role_id
               LEFT JOIN accounts a ON a.id = m.account_id
               LEFT JOIN invitations i ON i.institution_id = m.institution_id AND i.membership_id = m.id
               WHERE "# + $tail,
            $($argument),*
        )
    };
}

/// Rows after a key, or the first ones; in the list's order.
pub async fn after(
    connection: &mut PgConnection,
    institution: InstitutionId,
    key: Option<&(String, Uuid)>,
    limit: i64,
) -> Result<Vec<Row>, sqlx::Error> {
    rows!(
        "m.institution_id = $1 AND m.status IN ('invited', 'active', 'deactivated')
           AND ($2::text IS NULL OR (m.sort_name, m.id) > ($2, $3))
         ORDER BY m.sort_name, m.id LIMIT $4",
        institution.as_uuid(),
        key.map(|(name, _)| name.as_str()),
        key.map(|(_, id)| *id),
        limit
    )
    .fetch_all(connection)
    .await
}

/// Rows before a key, in the list's order.
pub async fn before(
    connection: &mut PgConnection,
    institution: InstitutionId,
    key: &(String, Uuid),
    limit: i64,
) -> Result<Vec<Row>, sqlx::Error> {
    let mut rows = rows!(
        "m.institution_id = $1 AND m.status IN ('invited', 'active', 'deactivated')
           AND (m.sort_name, m.id) < ($2, $3)
         ORDER BY m.sort_name DESC, m.id DESC LIMIT $4",
        institution.as_uuid(),
        key.0,
        key.1,
        limit
    )
    .fetch_all(connection)
    .await?;
    rows.reverse();
    Ok(rows)
}

/// One user, whatever became of them.
pub async fn one(
    connection: &mut PgConnection,
    institution: InstitutionId,
    id: MembershipId,
) -> Result<Option<Row>, sqlx::Error> {
    rows!(
        "m.institution_id = $1 AND m.id = $2",
        institution.as_uuid(),
        id.as_uuid()
    )
    .fetch_optional(connection)
    .await
}

/// How many users there are, and how many of them stand before the key.
pub async fn count(
    connection: &mut PgConnection,
    institution: InstitutionId,
    key: Option<&(String, Uuid)>,
) -> Result<(i64, i64), sqlx::Error> {
    let row = sqlx::query!(
        r#"SELECT count(*) AS "total!",
                  count(*) FILTER (WHERE (sort_name, id) < ($2::text, $3::uuid)) AS "before!"
           FROM memberships
           WHERE institution_id = $1 AND status IN ('invited', 'active', 'deactivated')"#,
        institution.as_uuid(),
        key.map(|(name, _)| name.as_str()),
        key.map(|(_, id)| *id),
    )
    .fetch_one(connection)
    .await?;
    Ok((row.total, row.before))
}

/// The role of a user, whatever became of them.
pub async fn role(
    connection: &mut PgConnection,
    institution: InstitutionId,
    id: MembershipId,
) -> Result<Option<RoleId>, sqlx::Error> {
    let role = sqlx::query_scalar!(
        "SELECT role_id FROM memberships WHERE institution_id = $1 AND id = $2",
        institution.as_uuid(),
        id.as_uuid()
    )
    .fetch_optional(connection)
    .await?;
    Ok(role.map(RoleId::from_uuid))
}

/// Of the institution that a person viewed last: how its mails to them are written.
#[derive(Debug)]
pub struct HomeOf {
    /// Its name.
    pub name: String,
    /// Its language's code.
    pub language: String,
    /// Its time zone.
    pub time_zone: String,
}

/// The institution that a person viewed last.
pub async fn home_of(
    connection: &mut PgConnection,
    person: AccountId,
) -> Result<Option<HomeOf>, sqlx::Error> {
    sqlx::query_as!(
        HomeOf,
        r#"SELECT name AS "name!", language AS "language!", time_zone AS "time_zone!" FROM institutions_of($1) LIMIT 1"#,
        person.as_uuid()
    )
    .fetch_optional(connection)
    .await
}
