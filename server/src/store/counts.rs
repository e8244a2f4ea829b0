//! The number of users under a filter or a search, counted only up to a limit: counting a million takes longer than
//! showing fifty.

use muster::ids::InstitutionId;
use sqlx::PgConnection;
use uuid::Uuid;

use super::listing::{Filter, Open};

/// Counts the users under a filter, up to `most`.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn users(
    connection: &mut PgConnection,
    institution: InstitutionId,
    filter: Filter,
    most: i64,
) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM (
               SELECT 1 FROM memberships m
               WHERE m.institution_id = $1 AND m.listing IS NOT NULL
                 AND ($2::text IS NULL OR m.listing = $2) AND ($3::uuid IS NULL OR m.role_id = $3)
                 AND ($4::text IS NULL OR $4 = (
                     SELECT CASE WHEN i.expires_at <= statement_timestamp() THEN 'expired'
                                 WHEN i.expires_at = 'infinity' THEN 'waiting' ELSE 'pending' END FROM invitations i
                     WHERE i.institution_id = $1 AND i.membership_id = m.id))
               -- By an index, also where the institution is most of the table.
               ORDER BY m.sort_name, m.id
               LIMIT $5
           ) counted"#,
        institution.as_uuid(),
        filter.listing,
        filter.role,
        filter.open.map(Open::code),
        most
    )
    .fetch_one(connection)
    .await
}

/// Returns up to `most` open invitations in this state.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn invited(
    connection: &mut PgConnection,
    institution: InstitutionId,
    open: Open,
    most: i64,
) -> Result<Vec<Uuid>, sqlx::Error> {
    sqlx::query_scalar!(
        "SELECT membership_id FROM invitations
         WHERE institution_id = $1 AND closed_at IS NULL
           AND ($2 <> 'expired' OR expires_at <= statement_timestamp())
           AND ($2 <> 'pending' OR expires_at > statement_timestamp() AND expires_at < 'infinity')
           AND ($2 <> 'waiting' OR expires_at = 'infinity')
         LIMIT $3",
        institution.as_uuid(),
        open.code(),
        most
    )
    .fetch_all(connection)
    .await
}

/// Estimates the number of users from the database's statistics. Whether invitations have expired is not considered.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn about(connection: &mut PgConnection, filter: Filter) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(
        r#"SELECT estimate_user_count($1, $2) AS "about!""#,
        filter.listing,
        filter.role
    )
    .fetch_one(connection)
    .await
}

/// Counts the users that a search finds among the first `most` matches of the leading word. The flag says whether that
/// word has more matches.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn found(
    connection: &mut PgConnection,
    institution: InstitutionId,
    filter: Filter,
    words: &[String],
    most: i64,
) -> Result<(i64, bool), sqlx::Error> {
    let row = sqlx::query!(
        r#"WITH looked AS (
               SELECT t.membership_id AS id FROM membership_search_terms t
               WHERE t.institution_id = $1 AND t.term >= fold($5) AND t.term < fold($5) || chr(1114111)
                 AND ($2::text IS NULL OR t.listing = $2)
               LIMIT $7
           )
           SELECT (SELECT count(*) FROM looked) AS "looked!", count(DISTINCT l.id) AS "found!"
           FROM looked l
           WHERE NOT EXISTS (
                   SELECT 1 FROM unnest($6::text[]) AS other (word)
                   WHERE NOT EXISTS (
                       SELECT 1 FROM membership_search_terms o
                       WHERE o.institution_id = $1 AND o.membership_id = l.id
                         AND o.term >= other.word AND o.term < other.word || chr(1114111)))
             AND ($3::uuid IS NULL OR EXISTS (
                   SELECT 1 FROM memberships m
                   WHERE m.institution_id = $1 AND m.id = l.id AND m.role_id = $3))
             AND ($4::text IS NULL OR $4 = (
                   SELECT CASE WHEN i.expires_at <= statement_timestamp() THEN 'expired'
                               WHEN i.expires_at = 'infinity' THEN 'waiting' ELSE 'pending' END FROM invitations i
                   WHERE i.institution_id = $1 AND i.membership_id = l.id))"#,
        institution.as_uuid(),
        filter.listing,
        filter.role,
        filter.open.map(Open::code),
        words.first().map_or("", String::as_str),
        words.get(1..).unwrap_or_default(),
        most
    )
    .fetch_one(connection)
    .await?;
    Ok((row.found, row.looked >= most))
}

/// Returns the words, folded, with the one first that finds the fewest users: it leads the search.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn rarest_first(
    connection: &mut PgConnection,
    institution: InstitutionId,
    words: &[String],
    most: i64,
) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"SELECT word AS "word!" FROM (
               SELECT fold(word) AS word, place FROM unnest($2::text[]) WITH ORDINALITY AS typed (word, place)
               OFFSET 0) searched
           ORDER BY (SELECT count(*) FROM (
               SELECT 1 FROM membership_search_terms t
               WHERE t.institution_id = $1 AND t.term >= searched.word
                 AND t.term < searched.word || chr(1114111)
               LIMIT $3) counted), place"#,
        institution.as_uuid(),
        words,
        most
    )
    .fetch_all(connection)
    .await
}
