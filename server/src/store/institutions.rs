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
    /// Its part of the path.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// Its time zone's name.
    pub time_zone: String,
    /// Its language's code.
    pub language: String,
    /// Its licence spaces.
    pub seats: Option<i32>,
    /// How long its invitations live.
    pub invitation_hours: i32,
    /// The membership of its main contact.
    pub main_contact: Uuid,
}

/// A role.
#[derive(Debug)]
pub struct Role {
    /// The role.
    pub id: Uuid,
    /// Which predefined role it is.
    pub code: Option<String>,
    /// Its name.
    pub name: String,
    /// Whether it carries the administrator flag.
    pub administrator: bool,
    /// Its permissions' codes.
    pub permissions: Vec<String>,
}

/// An institution in a person's switcher.
#[derive(Debug)]
pub struct Choice {
    /// Its part of the path.
    pub slug: String,
    /// Its name.
    pub name: String,
}

/// One institution, of whose rows the transaction is.
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

/// The same, and nobody else takes or frees a seat until the transaction ends. Rows that belong to the institution can
/// still be added: an import that writes everything at once does so without this lock.
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

/// How many seats can't be given: those that are taken, and those that are held for an import of which everything is done
/// or nothing, whose people nobody sees yet.
pub async fn seats_held(
    connection: &mut PgConnection,
    id: InstitutionId,
) -> Result<i64, sqlx::Error> {
    let (taken, for_imports) = seats(connection, id).await?;
    Ok(taken + for_imports)
}

/// Returns how many seats are free, or `None` if their number is not limited. `own` of the seats that are held are the caller's to
/// give. Lock the institution's seats first, so that the number stays true.
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

/// How many seats are taken: by active members and by open invitations that have not expired.
pub async fn seats_taken(
    connection: &mut PgConnection,
    id: InstitutionId,
) -> Result<i64, sqlx::Error> {
    Ok(seats(connection, id).await?.0)
}

/// Seats that are taken, and seats that are held. By one statement: an import writes its people without the institution's
/// lock, and two statements could see them in neither place.
async fn seats(
    connection: &mut PgConnection,
    id: InstitutionId,
) -> Result<(i64, i64), sqlx::Error> {
    let row = sqlx::query!(
        r#"SELECT (SELECT count(*) FROM memberships m
                   LEFT JOIN invitations i ON i.institution_id = m.institution_id AND i.membership_id = m.id
                   WHERE m.institution_id = $1
                     AND (m.status = 'active' OR (m.status = 'invited' AND i.expires_at > clock_timestamp()))) AS "taken!",
                  (SELECT coalesce(sum(held_seats), 0) FROM imports
                   WHERE institution_id = $1 AND held_seats > 0) AS "held!""#,
        id.as_uuid()
    )
    .fetch_one(connection)
    .await?;
    Ok((row.taken, row.held))
}

/// A free slug like the wanted one.
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
    /// Its id; the transaction must be of this institution.
    pub id: InstitutionId,
    /// Its part of the path.
    pub slug: &'a Slug,
    /// Its name.
    pub name: &'a InstitutionName,
    /// Its time zone.
    pub time_zone: &'a TimeZone,
    /// Its language.
    pub language: Language,
    /// The membership that its main contact is going to have before the transaction ends.
    pub main_contact: MembershipId,
}

/// Adds one.
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

/// Adds a predefined role.
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

/// All roles, those with the most permissions first.
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

/// The institution behind a path and the person's membership there.
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

/// A person's institutions, most recently viewed first.
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

/// The institution behind a path and its main contact's account, for the operator's command line.
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

/// Sets the licence spaces; none for any number.
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
