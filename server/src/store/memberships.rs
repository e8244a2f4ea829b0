//! Memberships: a person in an institution, from the invitation on.

use muster::ids::{AccountId, InstitutionId, MembershipId, RoleId};
use sqlx::PgConnection;
use uuid::Uuid;

/// The signed-in person as a member of the institution.
#[derive(Debug)]
pub struct Acting {
    /// The first name.
    pub first_name: String,
    /// The last name.
    pub last_name: String,
    /// The role's code, if it is a predefined one.
    pub role_code: Option<String>,
    /// The role's name.
    pub role_name: String,
    /// The role's permissions.
    pub permissions: Vec<String>,
    /// Whether Home has shown which institution was joined.
    pub welcomed: bool,
}

/// Returns the signed-in person as a member.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn acting(
    connection: &mut PgConnection,
    institution: InstitutionId,
    id: MembershipId,
) -> Result<Acting, sqlx::Error> {
    sqlx::query_as!(
        Acting,
        "SELECT m.first_name, m.last_name, r.code AS role_code, r.name AS role_name, r.permissions, m.welcomed
         FROM memberships m JOIN roles r ON r.institution_id = $1 AND r.id = m.role_id
         WHERE m.institution_id = $1 AND m.id = $2",
        institution.as_uuid(),
        id.as_uuid()
    )
    .fetch_one(connection)
    .await
}

/// Records that the person views the institution. Written at most once a minute for a person with one institution, and
/// never while an import has the row locked, so that no page waits for an import.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn viewed(
    connection: &mut PgConnection,
    institution: InstitutionId,
    id: MembershipId,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE memberships SET viewed_at = statement_timestamp(), welcomed = true
         WHERE institution_id = $1 AND id = (
             SELECT id FROM memberships
             WHERE institution_id = $1 AND id = $2
               AND (viewed_at IS NULL OR NOT welcomed OR viewed_at < statement_timestamp() - interval '1 minute'
                    OR EXISTS (SELECT 1 FROM institutions_of(account_id) o WHERE o.institution_id <> $1))
             FOR NO KEY UPDATE SKIP LOCKED)",
        institution.as_uuid(),
        id.as_uuid()
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// A new membership.
#[derive(Debug)]
pub struct New<'a> {
    /// The institution.
    pub institution: InstitutionId,
    /// The membership's id.
    pub id: MembershipId,
    /// The member's account. `None` for an invited person.
    pub account: Option<AccountId>,
    /// The role.
    pub role: RoleId,
    /// The email address.
    pub email: &'a str,
    /// The first name, or empty.
    pub first_name: &'a str,
    /// The last name, or empty.
    pub last_name: &'a str,
    /// The phone number in E.164.
    pub phone: Option<&'a str>,
}

/// Creates a membership: invited without an account, active with one. Violates `memberships_open_email_key` if the
/// address has an open invitation.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn insert(connection: &mut PgConnection, new: &New<'_>) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO memberships
             (institution_id, id, account_id, role_id, status, email, first_name, last_name, phone, joined_at)
         VALUES ($1, $2, $3, $4, CASE WHEN $3::uuid IS NULL THEN 'invited' ELSE 'active' END, $5, $6, $7, $8,
                 CASE WHEN $3::uuid IS NULL THEN NULL ELSE statement_timestamp() END)",
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

/// Joins an account to the membership of its invitation. Violates `memberships_account_key` if the account is a member
/// already.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn join(
    connection: &mut PgConnection,
    institution: InstitutionId,
    id: MembershipId,
    account: AccountId,
    names: Option<(&str, &str)>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE memberships SET account_id = $3, status = 'active', joined_at = statement_timestamp(), welcomed = false,
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

/// Returns the person's name in the institution that they viewed last.
#[tracing::instrument(level = "debug", skip_all)]
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

/// Closes the membership of an open invitation: `declined` or `revoked`.
#[tracing::instrument(level = "debug", skip_all)]
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

/// The member or open invitation with an address.
#[derive(Debug)]
pub struct Holder {
    /// The membership.
    pub id: Uuid,
    /// Whether an invitation is open.
    pub invited: bool,
    /// Whether that invitation has expired.
    pub expired: bool,
}

/// Returns the member or open invitation with the address.
#[tracing::instrument(level = "debug", skip_all)]
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
           LEFT JOIN invitations i ON i.institution_id = $1 AND i.membership_id = m.id
           WHERE m.institution_id = $1 AND m.email = $2 AND m.status IN ('invited', 'active', 'deactivated')
           ORDER BY m.status = 'invited' LIMIT 1"#,
        institution.as_uuid(),
        email
    )
    .fetch_optional(connection)
    .await
}

/// Returns the role of a user in any status.
#[tracing::instrument(level = "debug", skip_all)]
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

/// The settings for emails to a person: those of the institution that they viewed last.
#[derive(Debug)]
pub struct HomeOf {
    /// The institution's name.
    pub name: String,
    /// The language's code.
    pub language: String,
    /// The time zone.
    pub time_zone: String,
}

/// Returns the settings of the institution that a person viewed last.
#[tracing::instrument(level = "debug", skip_all)]
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

/// Counts the active administrators besides the person, up to one.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn other_administrators(
    connection: &mut PgConnection,
    institution: InstitutionId,
    but: MembershipId,
) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM (
               SELECT 1 FROM roles r JOIN memberships m ON m.institution_id = $1 AND m.role_id = r.id
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

/// Sets the status of a member: deactivated, active or removed.
#[tracing::instrument(level = "debug", skip_all)]
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
    /// The first name.
    pub first_name: &'a str,
    /// The last name.
    pub last_name: &'a str,
    /// The phone number in E.164.
    pub phone: Option<&'a str>,
    /// The role.
    pub role: RoleId,
}

/// Stores the details as their next version.
#[tracing::instrument(level = "debug", skip_all)]
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

/// Sets the address of an invited person. Violates `memberships_open_email_key` if the address has an open invitation.
#[tracing::instrument(level = "debug", skip_all)]
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

/// Returns whether the person is an active member.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn is_active(
    connection: &mut PgConnection,
    institution: InstitutionId,
    id: MembershipId,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"SELECT EXISTS (
               SELECT 1 FROM memberships WHERE institution_id = $1 AND id = $2 AND status = 'active'
           ) AS "active!""#,
        institution.as_uuid(),
        id.as_uuid()
    )
    .fetch_one(connection)
    .await
}

/// Returns the further columns of a person, by name.
#[tracing::instrument(level = "debug", skip_all)]
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

/// Returns the names of further columns in this institution, from a sample of a thousand people.
#[tracing::instrument(level = "debug", skip_all)]
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
