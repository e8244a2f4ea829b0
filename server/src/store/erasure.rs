//! The erasure of people whose membership has ended. The address and the state are kept for 30 days; after that only
//! the audit entries remain.

use sqlx::PgConnection;

/// Erases names and phone numbers that are due: immediately after Decline, ten minutes after Revoke and Remove. Returns
/// the number of people.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn names(connection: &mut PgConnection, most: i32) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(r#"SELECT erase_names($1) AS "erased!""#, most)
        .fetch_one(connection)
        .await
}

/// Erases people whose membership ended 30 days ago. Returns their number.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn people(connection: &mut PgConnection, most: i32) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(r#"SELECT erase_people($1) AS "erased!""#, most)
        .fetch_one(connection)
        .await
}
