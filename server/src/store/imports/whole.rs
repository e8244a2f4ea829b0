//! An import of which everything is done or nothing. Until its last transaction its people stand nowhere but in
//! `import_rows`; their seats and their usernames are held for them meanwhile.

use sqlx::PgConnection;

use super::apply::Chunk;

/// Holds the seats and the usernames of a chunk, and says how far the import has come. The caller holds the claim, the
/// institution's lock and that of usernames.
pub async fn hold(connection: &mut PgConnection, chunk: Chunk) -> Result<(), sqlx::Error> {
    let (institution, import) = (chunk.at.institution.as_uuid(), chunk.at.import);
    sqlx::query!(
        "INSERT INTO import_names (institution_id, import_id, name)
         SELECT institution_id, import_id, lower(username) FROM import_rows
         WHERE institution_id = $1 AND import_id = $2 AND number BETWEEN $3 AND $4 AND verdict = 'invite'
           AND username IS NOT NULL",
        institution,
        import,
        chunk.from,
        chunk.to
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "UPDATE imports
         SET progress = $4, held_seats = held_seats + (
             SELECT count(*) FROM import_rows
             WHERE institution_id = $1 AND import_id = $2 AND number BETWEEN $3 AND $4 AND verdict = 'invite')
         WHERE institution_id = $1 AND id = $2",
        institution,
        import,
        chunk.from,
        chunk.to
    )
    .execute(connection)
    .await?;
    Ok(())
}
