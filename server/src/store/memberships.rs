//! Memberships: a user in an institution, from the invitation on.

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

/// The person looks at the institution: it is now the one viewed last. Written once a minute at most, and not while an
/// import changes them: nobody's page waits for that.
pub async fn viewed(
    connection: &mut PgConnection,
    institution: InstitutionId,
    id: MembershipId,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE memberships SET viewed_at = clock_timestamp(), welcomed = true
         WHERE institution_id = $1 AND id = (
             SELECT id FROM memberships
             WHERE institution_id = $1 AND id = $2
               AND (viewed_at IS NULL OR NOT welcomed OR viewed_at < clock_timestamp() - interval '1 minute'
                    OR EXISTS (SELECT FROM institutions_of(account_id) o WHERE o.institution_id <> $1))
             FOR NO KEY UPDATE SKIP LOCKED)",
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
             locked = (SELECT locked_at IS NOT NULL FROM accounts WHERE id = $3),
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

/// How many active administrators there are besides the person; counted up to one.
pub async fn other_administrators(
    connection: &mut PgConnection,
    institution: InstitutionId,
    but: MembershipId,
) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM (
               SELECT FROM roles r JOIN memberships m ON m.institution_id = r.institution_id AND m.role_id = r.id
               WHERE r.institution_id = $1 AND r.administrator AND m.status = 'active' AND m.listing IS NOT NULL
                 AND m.id <> $2
               LIMIT 1
           ) others"#,
        institution.as_uuid(),
        but.as_uuid()
    )
    .fetch_one(connection)
    .await
}

/// A member is kept out, let in again or removed.
pub async fn set_status(
    connection: &mut PgConnection,
    institution: InstitutionId,
    id: Uuid,
    status: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE memberships SET status = $3, version = version + 1 WHERE institution_id = $1 AND id = $2",
        institution.as_uuid(),
        id,
        status
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The institution's own details of a user.
#[derive(Debug)]
pub struct Details<'a> {
    /// First name.
    pub first_name: &'a str,
    /// Last name.
    pub last_name: &'a str,
    /// Phone in E.164.
    pub phone: Option<&'a str>,
    /// The role.
    pub role: RoleId,
}

/// Keeps the details, as the next version of them.
pub async fn set_details(
    connection: &mut PgConnection,
    institution: InstitutionId,
    id: Uuid,
    details: Details<'_>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE memberships
         SET first_name = $3, last_name = $4, phone = $5, role_id = $6, version = version + 1
         WHERE institution_id = $1 AND id = $2",
        institution.as_uuid(),
        id,
        details.first_name,
        details.last_name,
        details.phone,
        details.role.as_uuid()
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// An invited person gets another address. Violates `memberships_open_email_key`.
pub async fn set_email(
    connection: &mut PgConnection,
    institution: InstitutionId,
    id: MembershipId,
    email: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE memberships SET email = $3 WHERE institution_id = $1 AND id = $2 AND status = 'invited'",
        institution.as_uuid(),
        id.as_uuid(),
        email
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Whether somebody is an active member.
pub async fn is_active(
    connection: &mut PgConnection,
    institution: InstitutionId,
    id: MembershipId,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"SELECT EXISTS (
               SELECT FROM memberships WHERE institution_id = $1 AND id = $2 AND status = 'active'
           ) AS "active!""#,
        institution.as_uuid(),
        id.as_uuid()
    )
    .fetch_one(connection)
    .await
}

/// What an institution keeps of somebody in further columns, by their names.
pub async fn attributes(
    connection: &mut PgConnection,
    institution: InstitutionId,
    id: MembershipId,
) -> Result<Vec<(String, String)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"SELECT further.name AS "name!", further.value AS "value!"
           FROM memberships m, jsonb_each_text(m.attributes) AS further (name, value)
           WHERE m.institution_id = $1 AND m.id = $2 AND further.value <> '' ORDER BY further.name"#,
        institution.as_uuid(),
        id.as_uuid()
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.name, row.value)).collect())
}

/// The names of further columns that people here have, by a look at the first thousand.
pub async fn attribute_names(
    connection: &mut PgConnection,
    institution: InstitutionId,
) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"SELECT DISTINCT name AS "name!" FROM (
               SELECT attributes FROM memberships WHERE institution_id = $1 AND attributes IS NOT NULL LIMIT 1000
           ) few, jsonb_object_keys(few.attributes) AS name ORDER BY 1 LIMIT 200"#,
        institution.as_uuid()
    )
    .fetch_all(connection)
    .await
}
