//! The rows of a plan or a result, for pages and for the report.

use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use super::At;

/// A row of an import.
#[derive(Debug)]
pub struct Row {
    /// The row's number.
    pub number: i32,
    /// The line of the file at which it begins.
    pub line: i64,
    /// The username.
    pub username: Option<String>,
    /// The first name.
    pub first_name: Option<String>,
    /// The last name.
    pub last_name: Option<String>,
    /// The address.
    pub email: Option<String>,
    /// The phone.
    pub phone: Option<String>,
    /// The role's code, if it is a predefined one.
    pub role_code: Option<String>,
    /// The role's name.
    pub role_name: Option<String>,
    /// The code of the role that an update replaces, if it is a predefined one.
    pub old_role_code: Option<String>,
    /// The name of the role that an update replaces.
    pub old_role_name: Option<String>,
    /// The further columns.
    pub attributes: Option<Value>,
    /// The verdict's code.
    pub verdict: String,
    /// `muster::import::Reason`s.
    pub reasons: Value,
    /// The member of the row, if visible: not before the invitation, and not after its undo.
    pub membership_id: Option<Uuid>,
    /// The old values of the fields that an update changes.
    pub old: Option<Value>,
}

/// Returns rows of a kind after a row, in the file's order. `kind` is a verdict, `warnings` or `kept`.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn page(
    connection: &mut PgConnection,
    at: At,
    kind: &str,
    after: i32,
    limit: i64,
) -> Result<Vec<Row>, sqlx::Error> {
    sqlx::query_as!(
        Row,
        r#"SELECT r.number, r.line, r.username, r.first_name, r.last_name, r.email, r.phone,
                  given.code AS "role_code?", given.name AS "role_name?",
                  before.code AS "old_role_code?", before.name AS "old_role_name?",
                  r.attributes, r.verdict, r.reasons, member.id AS "membership_id?", r.old
           FROM import_rows r
           LEFT JOIN roles given ON given.institution_id = $1 AND given.id = r.role_id
           LEFT JOIN roles before ON before.institution_id = $1 AND before.id = (r.old ->> 'role')::uuid
           LEFT JOIN LATERAL (
               SELECT id FROM memberships
               WHERE institution_id = $1 AND id = r.membership_id AND listing IS NOT NULL OFFSET 0) member ON true
           WHERE r.institution_id = $1 AND r.import_id = $2 AND r.number > $4
             AND CASE $3 WHEN 'warnings' THEN r.reasons <> '[]' AND r.verdict NOT IN ('refused', 'left_out')
                         WHEN 'kept' THEN r.undone = 'kept' ELSE r.verdict = $3 END
           ORDER BY r.number LIMIT $5"#,
        at.institution.as_uuid(),
        at.import,
        kind,
        after,
        limit
    )
    .fetch_all(connection)
    .await
}

/// The outcome of a row.
#[derive(Debug)]
pub struct ResultOf {
    /// The row's number.
    pub number: i32,
    /// The verdict's code.
    pub verdict: String,
    /// `muster::import::Reason`s.
    pub reasons: Value,
    /// `undone`, `kept` or `None`.
    pub undone: Option<String>,
    /// The corrected cells by their columns' codes, if there are any.
    pub edits: Option<Value>,
}

/// Returns the outcomes of the rows after one, in the file's order.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn results(
    connection: &mut PgConnection,
    at: At,
    after: i32,
    limit: i64,
) -> Result<Vec<ResultOf>, sqlx::Error> {
    sqlx::query_as!(
        ResultOf,
        "SELECT r.number, r.verdict, r.reasons, r.undone,
                (SELECT jsonb_object_agg(e.field, e.value) FROM import_edits e
                 WHERE e.institution_id = $1 AND e.import_id = $2 AND e.row = r.number) AS edits
         FROM import_rows r
         WHERE r.institution_id = $1 AND r.import_id = $2 AND r.number > $3 ORDER BY r.number LIMIT $4",
        at.institution.as_uuid(),
        at.import,
        after,
        limit
    )
    .fetch_all(connection)
    .await
}
