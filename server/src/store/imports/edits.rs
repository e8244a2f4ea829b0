//! Corrections of an import: cells by their column's code, and skipped rows.

use sqlx::PgConnection;

use super::At;

/// The field that marks a skipped row.
pub const LEFT_OUT: &str = "left_out";

/// A correction.
#[derive(Debug)]
pub struct Edit {
    /// The row's number.
    pub row: i32,
    /// The column's code, or [`LEFT_OUT`].
    pub field: String,
    /// The cell's new text.
    pub value: String,
}

/// Stores corrections, which replace older ones of the same cells.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn put(
    connection: &mut PgConnection,
    at: At,
    rows: &[i32],
    fields: &[String],
    values: &[String],
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO import_edits (institution_id, import_id, row, field, value)
         SELECT DISTINCT ON (e.row, e.field) $1, $2, e.row, e.field, e.value
         FROM unnest($3::int[], $4::text[], $5::text[]) WITH ORDINALITY AS e (row, field, value, place)
         ORDER BY e.row, e.field, e.place DESC
         ON CONFLICT (institution_id, import_id, row, field) DO UPDATE SET value = excluded.value",
        at.institution.as_uuid(),
        at.import,
        rows,
        fields,
        values,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Skips every row that the plan rejects.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn leave_out_refused(connection: &mut PgConnection, at: At) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO import_edits (institution_id, import_id, row, field, value)
         SELECT institution_id, import_id, number, $3, '' FROM import_rows
         WHERE institution_id = $1 AND import_id = $2 AND verdict = 'refused'
         ON CONFLICT (institution_id, import_id, row, field) DO NOTHING",
        at.institution.as_uuid(),
        at.import,
        LEFT_OUT
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Reverts corrections.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn remove(
    connection: &mut PgConnection,
    at: At,
    rows: &[i32],
    fields: &[String],
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "DELETE FROM import_edits e USING unnest($3::int[], $4::text[]) AS gone (row, field)
         WHERE e.institution_id = $1 AND e.import_id = $2 AND e.row = gone.row AND e.field = gone.field",
        at.institution.as_uuid(),
        at.import,
        rows,
        fields,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Counts the corrected cells.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn cells(connection: &mut PgConnection, at: At) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM import_edits
           WHERE institution_id = $1 AND import_id = $2 AND field <> $3"#,
        at.institution.as_uuid(),
        at.import,
        LEFT_OUT
    )
    .fetch_one(connection)
    .await
}

/// Returns the corrections after a row and field, in the order of the rows.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn page(
    connection: &mut PgConnection,
    at: At,
    after: i32,
    after_field: &str,
    limit: i64,
) -> Result<Vec<Edit>, sqlx::Error> {
    sqlx::query_as!(
        Edit,
        "SELECT row, field, value FROM import_edits
         WHERE institution_id = $1 AND import_id = $2 AND (row, field) > ($3, $4) ORDER BY row, field LIMIT $5",
        at.institution.as_uuid(),
        at.import,
        after,
        after_field,
        limit,
    )
    .fetch_all(connection)
    .await
}
