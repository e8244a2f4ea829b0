//! What is left of people whose membership has ended: the address and the state for 30 days, then only the record of
//! what was done.

use sqlx::PgConnection;

/// Erases names and phones that are due: at once after Decline, ten minutes after Revoke and Remove. Says of how many
/// people.
pub async fn names(connection: &mut PgConnection, most: i32) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(r#"SELECT erase_names($1) AS "erased!""#, most)
        .fetch_one(connection)
        .await
}

/// Erases people whose membership ended 30 days ago. Says how many.
pub async fn people(connection: &mut PgConnection, most: i32) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(r#"SELECT erase_people($1) AS "erased!""#, most)
        .fetch_one(connection)
        .await
}
