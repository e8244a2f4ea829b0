//! The uploaded parts of a file.

use sqlx::PgConnection;

use super::At;

/// Returns the numbers of the uploaded parts.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn numbers(connection: &mut PgConnection, at: At) -> Result<Vec<i32>, sqlx::Error> {
    sqlx::query_scalar!(
        "SELECT number FROM import_parts WHERE institution_id = $1 AND import_id = $2 ORDER BY number",
        at.institution.as_uuid(),
        at.import
    )
    .fetch_all(connection)
    .await
}

/// Returns the hash of an uploaded part.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn hash(
    connection: &mut PgConnection,
    at: At,
    number: i32,
) -> Result<Option<Vec<u8>>, sqlx::Error> {
    sqlx::query_scalar!(
        "SELECT sha256 FROM import_parts WHERE institution_id = $1 AND import_id = $2 AND number = $3",
        at.institution.as_uuid(),
        at.import,
        number
    )
    .fetch_optional(connection)
    .await
}

/// Inserts a part unless a concurrent request has inserted it: then its hash shows whether it is the same.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn insert(
    connection: &mut PgConnection,
    at: At,
    number: i32,
    sha256: &[u8],
    bytes: &[u8],
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO import_parts (institution_id, import_id, number, sha256, size, bytes)
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
        at.institution.as_uuid(),
        at.import,
        number,
        sha256,
        i32::try_from(bytes.len()).unwrap_or(i32::MAX),
        bytes,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Returns the bytes of a part.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn bytes(
    connection: &mut PgConnection,
    at: At,
    number: i32,
) -> Result<Option<Vec<u8>>, sqlx::Error> {
    sqlx::query_scalar!(
        "SELECT bytes FROM import_parts WHERE institution_id = $1 AND import_id = $2 AND number = $3",
        at.institution.as_uuid(),
        at.import,
        number
    )
    .fetch_optional(connection)
    .await
}

/// Deletes all parts.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn delete(connection: &mut PgConnection, at: At) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "DELETE FROM import_parts WHERE institution_id = $1 AND import_id = $2",
        at.institution.as_uuid(),
        at.import
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Refuses the file, which cannot be read.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn refuse(
    connection: &mut PgConnection,
    at: At,
    fault: serde_json::Value,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE imports SET state = 'refused', fault = $3 WHERE institution_id = $1 AND id = $2",
        at.institution.as_uuid(),
        at.import,
        fault
    )
    .execute(connection)
    .await?;
    Ok(())
}
