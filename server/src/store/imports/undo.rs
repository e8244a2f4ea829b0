//! Undoing a chunk: unaccepted invitations are revoked, fields that have not been changed since are restored, and each
//! row records whether it was undone completely. The caller holds the claim and the institution's lock.

use sqlx::PgConnection;

use super::{
    At,
    apply::{Chunk, forget_plans},
    judge::Rules,
};

/// Revokes the chunk's open invitations to roles that the importer may assign, as by hand. Other invitations and people
/// who have accepted are kept and listed.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn revoke(
    connection: &mut PgConnection,
    chunk: Chunk,
    rules: &Rules,
) -> Result<(), sqlx::Error> {
    let (institution, import) = (chunk.at.institution.as_uuid(), chunk.at.import);
    forget_plans(&mut *connection).await?;
    let revoked = sqlx::query_scalar!(
        r#"SELECT id AS "id!" FROM revoke_imported($1, $2, $3, $4) AS id"#,
        import,
        chunk.from,
        chunk.to,
        &rules.givable
    )
    .fetch_all(&mut *connection)
    .await?;
    sqlx::query!(
        "UPDATE invitations SET closed_at = statement_timestamp()
         WHERE institution_id = $1 AND membership_id = ANY ($2) AND closed_at IS NULL",
        institution,
        &revoked
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        r#"UPDATE import_rows r
           SET undone = CASE WHEN m.listing IS NULL THEN 'undone' ELSE 'kept' END,
               reasons = CASE WHEN m.listing IS NULL THEN r.reasons
                   WHEN m.status = 'invited' THEN r.reasons || '["role_not_yours"]' ELSE r.reasons || '["accepted"]' END
           FROM memberships m
           WHERE r.institution_id = $1 AND r.import_id = $2 AND r.number BETWEEN $3 AND $4 AND r.verdict = 'invite'
             AND m.institution_id = $1 AND m.id = r.membership_id"#,
        institution,
        import,
        chunk.from,
        chunk.to
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Restores fields. A role is restored only if the importer could assign it by hand.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn put_back(
    connection: &mut PgConnection,
    chunk: Chunk,
    rules: &Rules,
) -> Result<(), sqlx::Error> {
    let (institution, import) = (chunk.at.institution.as_uuid(), chunk.at.import);
    forget_plans(&mut *connection).await?;
    sqlx::query!(
        r#"WITH fields AS (
               SELECT r.number, r.membership_id, o.key, o.value AS old,
                      CASE o.key WHEN 'first_name' THEN to_jsonb(r.first_name) WHEN 'last_name' THEN to_jsonb(r.last_name)
                          WHEN 'phone' THEN coalesce(to_jsonb(r.phone), 'null') WHEN 'role' THEN to_jsonb(r.role_id)
                          ELSE o.value || r.attributes END AS new,
                      CASE o.key WHEN 'first_name' THEN to_jsonb(m.first_name) WHEN 'last_name' THEN to_jsonb(m.last_name)
                          WHEN 'phone' THEN coalesce(to_jsonb(m.phone), 'null') WHEN 'role' THEN to_jsonb(m.role_id)
                          ELSE coalesce(m.attributes, '{}') END AS current,
                      o.key <> 'role' OR (
                          m.role_id = ANY ($5) AND before.id = ANY ($5) AND m.id <> $6 AND m.id <> $7
                          AND (before.administrator OR NOT held.administrator OR m.status = 'invited' OR $6 = $7)
                      ) AS allowed
               FROM import_rows r
               JOIN memberships m ON m.institution_id = $1 AND m.id = r.membership_id AND m.listing IS NOT NULL
               JOIN roles held ON held.institution_id = $1 AND held.id = m.role_id
               LEFT JOIN roles before ON before.institution_id = $1 AND before.id = (r.old ->> 'role')::uuid
               CROSS JOIN LATERAL jsonb_each(r.old) AS o (key, value)
               WHERE r.institution_id = $1 AND r.import_id = $2 AND r.number BETWEEN $3 AND $4 AND r.verdict = 'update'
           ), judged AS (
               SELECT number, membership_id,
                      jsonb_object_agg(key, old) FILTER (WHERE current = new AND allowed) AS back,
                      jsonb_agg(CASE WHEN current = new THEN '"role_not_yours"'::jsonb ELSE
                          jsonb_build_object('changed', jsonb_build_object(
                              'field', key, 'old', left(coalesce(old #>> '{}', ''), 200),
                              'file', left(coalesce(new #>> '{}', ''), 200),
                              'current', left(coalesce(current #>> '{}', ''), 200))) END ORDER BY key)
                          FILTER (WHERE current <> old AND NOT (current = new AND allowed)) AS reasons
               FROM fields GROUP BY number, membership_id
           ), written AS (
               UPDATE memberships m
               SET first_name = CASE WHEN j.back ? 'first_name' THEN j.back ->> 'first_name' ELSE m.first_name END,
                   last_name = CASE WHEN j.back ? 'last_name' THEN j.back ->> 'last_name' ELSE m.last_name END,
                   phone = CASE WHEN j.back ? 'phone' THEN j.back ->> 'phone' ELSE m.phone END,
                   role_id = CASE WHEN j.back ? 'role' THEN (j.back ->> 'role')::uuid ELSE m.role_id END,
                   attributes = CASE WHEN j.back ? 'attributes' THEN j.back -> 'attributes' ELSE m.attributes END,
                   version = m.version + 1
               FROM judged j
               WHERE m.institution_id = $1 AND m.id = j.membership_id AND j.back IS NOT NULL
           )
           UPDATE import_rows r
           SET undone = CASE WHEN j.reasons IS NULL THEN 'undone' ELSE 'kept' END, reasons = r.reasons || coalesce(j.reasons, '[]')
           FROM judged j WHERE r.institution_id = $1 AND r.import_id = $2 AND r.number = j.number
             AND r.number BETWEEN $3 AND $4"#,
        institution,
        import,
        chunk.from,
        chunk.to,
        &rules.givable,
        rules.acting,
        rules.main_contact
    )
    .execute(&mut *connection)
    .await?;
    // Nothing can be restored for a member who has left.
    sqlx::query!(
        "UPDATE import_rows SET undone = 'undone'
         WHERE institution_id = $1 AND import_id = $2 AND number BETWEEN $3 AND $4 AND verdict = 'update' AND undone IS NULL",
        institution,
        import,
        chunk.from,
        chunk.to
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "UPDATE invitations i SET expires_at = statement_timestamp()
         FROM import_rows r
         JOIN memberships m ON m.institution_id = $1 AND m.id = r.membership_id
         JOIN roles held ON held.institution_id = $1 AND held.id = m.role_id
         WHERE r.institution_id = $1 AND r.import_id = $2 AND r.number BETWEEN $3 AND $4 AND r.verdict = 'update'
           AND r.old ? 'role' AND NOT 'invite_users' = ANY (held.permissions)
           AND i.institution_id = $1 AND i.inviter_id = m.id AND i.closed_at IS NULL
           AND i.expires_at > statement_timestamp()",
        institution,
        import,
        chunk.from,
        chunk.to
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Counts the rows of the chunk that were undone and kept.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn tally(connection: &mut PgConnection, chunk: Chunk) -> Result<(i64, i64), sqlx::Error> {
    let row = sqlx::query!(
        r#"SELECT count(*) FILTER (WHERE undone = 'undone') AS "undone!", count(*) FILTER (WHERE undone = 'kept') AS "kept!"
           FROM import_rows WHERE institution_id = $1 AND import_id = $2 AND number BETWEEN $3 AND $4"#,
        chunk.at.institution.as_uuid(),
        chunk.at.import,
        chunk.from,
        chunk.to
    )
    .fetch_one(connection)
    .await?;
    Ok((row.undone, row.kept))
}

/// Stores the progress and counts of what was undone.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn set_undone(
    connection: &mut PgConnection,
    at: At,
    progress: i32,
    counts: &[i32],
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE imports SET progress = $3, undone = $4 WHERE institution_id = $1 AND id = $2",
        at.institution.as_uuid(),
        at.import,
        progress,
        counts
    )
    .execute(connection)
    .await?;
    Ok(())
}
