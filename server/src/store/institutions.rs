//! Institutions and their roles.

use muster::{
    ids::{AccountId, InstitutionId, MembershipId, RoleId},
    institution::{InstitutionName, Slug, TimeZone},
    language::Language,
    permission::PermissionSet,
};
use sqlx::PgConnection;
use uuid::Uuid;

/// An institution.
#[derive(Debug)]
pub struct Institution {
    /// The slug.
    pub slug: String,
    /// The name.
    pub name: String,
    /// The name of the time zone.
    pub time_zone: String,
    /// The language's code.
    pub language: String,
    /// The number of seats, if it is limited.
    pub seats: Option<i32>,
    /// The lifetime of its invitations in hours.
    pub invitation_hours: i32,
    /// The main contact's membership.
    pub main_contact: Uuid,
}

/// A role.
#[derive(Debug)]
pub struct Role {
    /// The role's id.
    pub id: Uuid,
    /// The code, if it is a predefined role.
    pub code: Option<String>,
    /// The name.
    pub name: String,
    /// Whether it has the administrator flag.
    pub administrator: bool,
    /// The permissions' codes.
    pub permissions: Vec<String>,
}

/// An institution that a person can switch to.
#[derive(Debug)]
pub struct Choice {
    /// The slug.
    pub slug: String,
    /// The name.
    pub name: String,
}

/// Returns the institution of the transaction.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn get(
    connection: &mut PgConnection,
    id: InstitutionId,
) -> Result<Institution, sqlx::Error> {
    sqlx::query_as!(
        Institution,
        "SELECT slug, name, time_zone, language, seats, invitation_hours, main_contact
         FROM institutions WHERE id = $1",
        id.as_uuid()
    )
    .fetch_one(connection)
    .await
}

/// Returns the institution and locks its seats: no other transaction takes or frees one until this one ends. Rows of
/// the institution can still be inserted; an all-or-nothing import does this without the lock.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn lock_seats(
    connection: &mut PgConnection,
    id: InstitutionId,
) -> Result<Institution, sqlx::Error> {
    sqlx::query_as!(
        Institution,
        "SELECT slug, name, time_zone, language, seats, invitation_hours, main_contact
         FROM institutions WHERE id = $1 FOR NO KEY UPDATE",
        id.as_uuid()
    )
    .fetch_one(connection)
    .await
}

/// Returns how many seats are not available: taken seats, and seats reserved by all-or-nothing imports whose people are
/// not visible yet.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn seats_held(
    connection: &mut PgConnection,
    id: InstitutionId,
) -> Result<i64, sqlx::Error> {
    let (taken, for_imports) = seats(connection, id).await?;
    Ok(taken + for_imports)
}

/// Returns how many seats are free, or `None` if their number is not limited.
///
/// `own` is the number of reserved seats that the caller may use itself. Lock the institution's seats first, so that
/// the number stays correct.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn free_seats(
    connection: &mut PgConnection,
    id: InstitutionId,
    institution: &Institution,
    own: i32,
) -> Result<Option<i64>, sqlx::Error> {
    let Some(seats) = institution.seats else {
        return Ok(None);
    };
    let others = seats_held(connection, id).await? - i64::from(own);
    Ok(Some((i64::from(seats) - others).max(0)))
}

/// Returns how many seats are taken: by active members and by open invitations that have not expired.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn seats_taken(
    connection: &mut PgConnection,
    id: InstitutionId,
) -> Result<i64, sqlx::Error> {
    Ok(seats(connection, id).await?.0)
}

/// Returns the taken and the reserved seats. One statement reads both: an import writes its people without the
/// institution's lock, so two statements could miss them in both places.
async fn seats(
    connection: &mut PgConnection,
    id: InstitutionId,
) -> Result<(i64, i64), sqlx::Error> {
    let row = sqlx::query!(
        r#"SELECT (SELECT count(*) FROM memberships m
                   LEFT JOIN invitations i ON i.institution_id = $1 AND i.membership_id = m.id
                   WHERE m.institution_id = $1
                     AND (m.status = 'active' OR (m.status = 'invited' AND i.expires_at > clock_timestamp()))) AS "taken!",
                  (SELECT coalesce(sum(reserved_seats), 0) FROM imports
                   WHERE institution_id = $1 AND reserved_seats > 0) AS "held!""#,
        id.as_uuid()
    )
    .fetch_one(connection)
    .await?;
    Ok((row.taken, row.held))
}

/// Returns a free slug that resembles `wanted`.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn free_slug(connection: &mut PgConnection, wanted: &Slug) -> Result<Slug, sqlx::Error> {
    let mut number = 1;
    let mut slug = wanted.clone();
    while sqlx::query_scalar!("SELECT slug_in_use($1)", slug.as_str())
        .fetch_one(&mut *connection)
        .await?
        .unwrap_or(false)
    {
        number += 1;
        slug = wanted.with_number(number);
    }
    Ok(slug)
}

/// A new institution.
#[derive(Debug)]
pub struct NewInstitution<'a> {
    /// The id. The transaction must be that of this institution.
    pub id: InstitutionId,
    /// The slug.
    pub slug: &'a Slug,
    /// The name.
    pub name: &'a InstitutionName,
    /// The time zone.
    pub time_zone: &'a TimeZone,
    /// The language.
    pub language: Language,
    /// The main contact's membership, which must be created in the same transaction.
    pub main_contact: MembershipId,
}

/// Creates an institution.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn insert(
    connection: &mut PgConnection,
    institution: &NewInstitution<'_>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO institutions (id, slug, name, time_zone, language, main_contact) VALUES ($1, $2, $3, $4, $5, $6)",
        institution.id.as_uuid(),
        institution.slug.as_str(),
        institution.name.as_str(),
        institution.time_zone.as_str(),
        institution.language.code(),
        institution.main_contact.as_uuid(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Creates a predefined role.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn insert_role(
    connection: &mut PgConnection,
    institution: InstitutionId,
    id: RoleId,
    code: &str,
    administrator: bool,
    permissions: PermissionSet,
) -> Result<(), sqlx::Error> {
    let permissions: Vec<String> = permissions
        .to_codes()
        .into_iter()
        .map(str::to_owned)
        .collect();
    sqlx::query!(
        "INSERT INTO roles (institution_id, id, code, name, administrator, permissions) VALUES ($1, $2, $3, $3, $4, $5)",
        institution.as_uuid(),
        id.as_uuid(),
        code,
        administrator,
        &permissions,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Returns all roles, those with the most permissions first.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn roles(
    connection: &mut PgConnection,
    institution: InstitutionId,
) -> Result<Vec<Role>, sqlx::Error> {
    sqlx::query_as!(
        Role,
        "SELECT id, code, name, administrator, permissions FROM roles
         WHERE institution_id = $1 ORDER BY cardinality(permissions) DESC, name",
        institution.as_uuid()
    )
    .fetch_all(connection)
    .await
}

/// Returns the institution with this slug and the person's membership in it.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn open(
    connection: &mut PgConnection,
    slug: &str,
    person: AccountId,
) -> Result<Option<(InstitutionId, MembershipId)>, sqlx::Error> {
    let row = sqlx::query!(
        r#"SELECT institution_id AS "institution_id!", membership_id AS "membership_id!" FROM open_institution($1, $2)"#,
        slug,
        person.as_uuid()
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| {
        (
            InstitutionId::from_uuid(row.institution_id),
            MembershipId::from_uuid(row.membership_id),
        )
    }))
}

/// Returns a person's institutions, most recently viewed first.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn of_person(
    connection: &mut PgConnection,
    person: AccountId,
) -> Result<Vec<Choice>, sqlx::Error> {
    sqlx::query_as!(
        Choice,
        r#"SELECT slug AS "slug!", name AS "name!" FROM institutions_of($1)"#,
        person.as_uuid()
    )
    .fetch_all(connection)
    .await
}

/// Returns the institution with this slug and its main contact's account, for the operator's command line.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn by_slug(
    connection: &mut PgConnection,
    slug: &str,
) -> Result<Option<(InstitutionId, AccountId)>, sqlx::Error> {
    let row = sqlx::query!(
        r#"SELECT institution_id AS "institution_id!", main_contact AS "main_contact!" FROM find_institution($1)"#,
        slug
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| {
        (
            InstitutionId::from_uuid(row.institution_id),
            AccountId::from_uuid(row.main_contact),
        )
    }))
}

/// Sets the number of seats. `None` means no limit.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn set_seats(
    connection: &mut PgConnection,
    id: InstitutionId,
    seats: Option<i32>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE institutions SET seats = $2 WHERE id = $1",
        id.as_uuid(),
        seats
    )
    .execute(connection)
    .await?;
    Ok(())
}
