//! All-or-nothing imports. Until the last transaction their people exist only in `import_rows`, with reserved seats and
//! usernames.

use sqlx::PgConnection;

use super::{At, apply::Chunk};

/// Reserves the seats of a chunk and stores the progress. The caller holds the claim and the institution's lock.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn hold(connection: &mut PgConnection, chunk: Chunk) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE imports
         SET progress = $4, reserved_seats = reserved_seats + (
             SELECT count(*) FROM import_rows
             WHERE institution_id = $1 AND import_id = $2 AND number BETWEEN $3 AND $4 AND verdict = 'invite')
         WHERE institution_id = $1 AND id = $2",
        chunk.at.institution.as_uuid(),
        chunk.at.import,
        chunk.from,
        chunk.to
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Locks the members that the import changes, until the transaction ends.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn hold_members(connection: &mut PgConnection, at: At) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "SELECT FROM memberships m
         WHERE m.institution_id = $1 AND m.id = ANY (ARRAY(
             SELECT membership_id FROM import_rows
             WHERE institution_id = $1 AND import_id = $2 AND verdict = 'update'))
         ORDER BY m.id FOR NO KEY UPDATE",
        at.institution.as_uuid(),
        at.import
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Returns whether another person has come to hold an address of the import's new people, who are all written by now.
/// No one can be invited to these addresses any more, but someone who was invited before may have accepted.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn is_overtaken(connection: &mut PgConnection, at: At) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"SELECT EXISTS (
               SELECT 1 FROM import_rows r
               CROSS JOIN LATERAL (
                   SELECT 1 FROM memberships
                   WHERE institution_id = $1 AND email = r.email AND listing IS NOT NULL AND id <> r.membership_id
                   OFFSET 0) other
               WHERE r.institution_id = $1 AND r.import_id = $2 AND r.verdict = 'invite') AS "is!""#,
        at.institution.as_uuid(),
        at.import
    )
    .fetch_one(connection)
    .await
}
