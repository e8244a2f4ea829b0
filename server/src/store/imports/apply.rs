//! Applying a chunk: one set of statements rejects rows whose data have changed since the plan, then the rest is
//! written. The caller holds the claim and the institution's lock, or does what `importer::whole` does instead.

use muster::ids::MembershipId;
use sqlx::PgConnection;

use super::{
    At,
    judge::{Rules, role_guard},
};

/// A range of rows of an import.
#[derive(Debug, Clone, Copy)]
pub struct Chunk {
    /// The import.
    pub at: At,
    /// The first row's number.
    pub from: i32,
    /// The last row's number.
    pub to: i32,
}

/// Reserves the usernames of a chunk that are free. A repeated call changes nothing.
///
/// Locks all usernames until the transaction ends, because a chunk has more names than the database has locks. People of
/// every institution wait for this lock when they choose a username, so the caller commits immediately.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn reserve_usernames(
    connection: &mut PgConnection,
    chunk: Chunk,
) -> Result<(), sqlx::Error> {
    sqlx::query!("SELECT pg_advisory_xact_lock(hashtextextended('usernames', 0))")
        .fetch_one(&mut *connection)
        .await?;
    sqlx::query!(
        "WITH wanted AS MATERIALIZED (
             SELECT DISTINCT lower(username) AS name FROM import_rows
             WHERE institution_id = $1 AND import_id = $2 AND number BETWEEN $3 AND $4 AND verdict = 'invite'
               AND username IS NOT NULL
         ), in_use AS MATERIALIZED (
             SELECT username FROM usernames_in_use((SELECT coalesce(array_agg(name), '{}') FROM wanted))
         )
         INSERT INTO import_reserved_usernames (institution_id, import_id, username)
         SELECT $1, $2, name FROM wanted WHERE name NOT IN (SELECT username FROM in_use WHERE username IS NOT NULL)",
        chunk.at.institution.as_uuid(),
        chunk.at.import,
        chunk.from,
        chunk.to
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Releases the reserved usernames: their invitations have them now, or their rows are rejected.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn release_usernames(connection: &mut PgConnection, at: At) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "DELETE FROM import_reserved_usernames WHERE institution_id = $1 AND import_id = $2",
        at.institution.as_uuid(),
        at.import
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Returns whether a chunk assigns usernames.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn gives_usernames(
    connection: &mut PgConnection,
    chunk: Chunk,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT 1 FROM import_rows WHERE institution_id = $1 AND import_id = $2 AND number BETWEEN $3 AND $4
                          AND verdict = 'invite' AND username IS NOT NULL) AS "any!""#,
        chunk.at.institution.as_uuid(),
        chunk.at.import,
        chunk.from,
        chunk.to
    )
    .fetch_one(connection)
    .await
}

/// Rejects invitations of people who have been invited since, whose username could not be reserved (`taken` is this
/// reason as JSON), or whose role may no longer be assigned.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn refuse_invites(
    connection: &mut PgConnection,
    chunk: Chunk,
    rules: &Rules,
    taken: &serde_json::Value,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"WITH names AS MATERIALIZED (
               SELECT lower(r.username) AS username FROM import_rows r
               WHERE r.institution_id = $1 AND r.import_id = $2 AND r.number BETWEEN $3 AND $4 AND r.verdict = 'invite'
                 AND r.username IS NOT NULL
                 AND NOT EXISTS (
                     SELECT 1 FROM import_reserved_usernames n
                     WHERE n.institution_id = $1 AND n.import_id = $2 AND n.username = lower(r.username) OFFSET 0)
           ), holder AS MATERIALIZED (
               SELECT r.number, bool_and(m.status = 'invited') AS invited FROM import_rows r
               -- Row by row through the index: nothing is known yet of how many rows a new import has, and a plan that
               -- takes them for one would read the whole institution for each.
               CROSS JOIN LATERAL (
                   SELECT status FROM memberships
                   WHERE institution_id = $1 AND email = r.email AND listing IS NOT NULL OFFSET 0) m
               WHERE r.institution_id = $1 AND r.import_id = $2 AND r.number BETWEEN $3 AND $4 AND r.verdict = 'invite'
               GROUP BY r.number
           ), refused AS MATERIALIZED (
               SELECT r.number, CASE WHEN h.invited THEN '"already_invited"'::jsonb
                                     WHEN h.number IS NOT NULL THEN '"already_member"'
                                     WHEN n.username IS NOT NULL THEN $6::jsonb
                                     WHEN NOT r.role_id = ANY($5) THEN '"role_not_yours"' END AS reason
               FROM import_rows r
               LEFT JOIN holder h ON h.number = r.number
               LEFT JOIN names n ON n.username = lower(r.username)
               WHERE r.institution_id = $1 AND r.import_id = $2 AND r.number BETWEEN $3 AND $4 AND r.verdict = 'invite'
                 AND (h.number IS NOT NULL OR n.username IS NOT NULL OR NOT r.role_id = ANY($5))
           )
           UPDATE import_rows r SET verdict = 'refused', reasons = jsonb_build_array(f.reason)
           FROM refused f
           WHERE r.institution_id = $1 AND r.import_id = $2 AND r.number = f.number AND r.number BETWEEN $3 AND $4
             AND f.reason IS NOT NULL"#,
        chunk.at.institution.as_uuid(),
        chunk.at.import,
        chunk.from,
        chunk.to,
        &rules.givable,
        taken
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Rejects updates of members who have left, whom a rule protects by now, or whose same fields have been changed since.
/// The latter show the old value, the file's value and the current one.
const REFUSE_UPDATES: &str = concat!(
    "WITH refused AS MATERIALIZED (
         SELECT r.number, CASE WHEN m.id IS NULL THEN '\"no_such_member\"'::jsonb ELSE coalesce(changed.reasons -> 0, (CASE ",
    role_guard!(),
    "    END)::jsonb) END AS reason
         FROM import_rows r
         LEFT JOIN memberships m ON m.institution_id = $1 AND m.id = r.membership_id AND m.listing IS NOT NULL
         LEFT JOIN roles held ON held.institution_id = $1 AND held.id = m.role_id
         LEFT JOIN roles wanted ON wanted.institution_id = $1 AND wanted.id = r.role_id
         LEFT JOIN LATERAL (
             SELECT jsonb_agg(jsonb_build_object('changed', jsonb_build_object(
                        'field', f.key, 'old', left(coalesce(f.value #>> '{}', ''), 200), 'file', left(coalesce(f.file, ''), 200),
                        'current', left(coalesce(f.current #>> '{}', ''), 200))) ORDER BY f.key) AS reasons
             FROM (
                 SELECT o.key, o.value,
                        CASE o.key WHEN 'first_name' THEN r.first_name WHEN 'last_name' THEN r.last_name
                            WHEN 'phone' THEN r.phone WHEN 'role' THEN r.role_id::text ELSE r.attributes::text END AS file,
                        CASE o.key WHEN 'first_name' THEN to_jsonb(m.first_name) WHEN 'last_name' THEN to_jsonb(m.last_name)
                            WHEN 'phone' THEN coalesce(to_jsonb(m.phone), 'null') WHEN 'role' THEN to_jsonb(m.role_id)
                            ELSE coalesce(m.attributes, '{}') END AS current
                 FROM jsonb_each(r.old) AS o (key, value)
             ) f
             WHERE f.value <> f.current
         ) changed ON true
         WHERE r.institution_id = $1 AND r.import_id = $2 AND r.number BETWEEN $3 AND $4 AND r.verdict = 'update'
     )
     UPDATE import_rows r SET verdict = 'refused', reasons = jsonb_build_array(f.reason)
     FROM refused f
     WHERE r.institution_id = $1 AND r.import_id = $2 AND r.number = f.number AND r.number BETWEEN $3 AND $4
       AND f.reason IS NOT NULL AND $5"
);

/// See [`REFUSE_UPDATES`].
#[tracing::instrument(level = "debug", skip_all)]
pub async fn refuse_updates(
    connection: &mut PgConnection,
    chunk: Chunk,
    rules: &Rules,
) -> Result<(), sqlx::Error> {
    sqlx::query(REFUSE_UPDATES)
        .bind(chunk.at.institution.as_uuid())
        .bind(chunk.at.import)
        .bind(chunk.from)
        .bind(chunk.to)
        .bind(true)
        .bind(&rules.givable)
        .bind(rules.acting)
        .bind(rules.main_contact)
        .execute(connection)
        .await?;
    Ok(())
}

/// Lets the database cache plans for the rest of the transaction. A foreign key runs the same query for each row;
/// planning it each time, as `Store::connect` configures it for pages, takes longer than writing the row.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn keep_plans(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query("SET LOCAL plan_cache_mode = auto")
        .execute(connection)
        .await?;
    Ok(())
}

/// The parameters of a chunk's invitations.
#[derive(Debug, Clone, Copy)]
pub struct Inviting<'a> {
    /// The inviter's membership.
    pub inviter: MembershipId,
    /// The language's code for rows that name none.
    pub language: &'a str,
    /// The lifetime of an invitation in hours.
    pub hours: i32,
    /// Whether the email has login details.
    pub login_details: bool,
    /// Whether it is sent immediately.
    pub sent: bool,
}

/// Creates memberships and invitations, with the institution's lifetime and language, and their emails in the outbox.
///
/// Invitations that are sent later have neither a lifetime nor an email. Returns their number.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn invite(
    connection: &mut PgConnection,
    chunk: Chunk,
    inviting: Inviting<'_>,
) -> Result<u64, sqlx::Error> {
    let (institution, import) = (chunk.at.institution.as_uuid(), chunk.at.import);
    let made = sqlx::query!(
        "INSERT INTO memberships (institution_id, id, role_id, status, email, first_name, last_name, phone, attributes)
         SELECT institution_id, membership_id, role_id, 'invited', email, coalesce(first_name, ''), coalesce(last_name, ''),
                phone, attributes
         FROM import_rows
         WHERE institution_id = $1 AND import_id = $2 AND number BETWEEN $3 AND $4 AND verdict = 'invite' ORDER BY number",
        institution,
        import,
        chunk.from,
        chunk.to
    )
    .execute(&mut *connection)
    .await?
    .rows_affected();
    if made == 0 {
        return Ok(0);
    }
    sqlx::query!(
        "INSERT INTO invitations
             (institution_id, membership_id, inviter_id, language, username, token_hash, sent_at, expires_at,
              import_id, login_details, change_password)
         SELECT r.institution_id, r.membership_id, $5, coalesce(r.language, $6), r.username, r.token_hash,
                CASE WHEN $8 THEN now.at END, CASE WHEN $8 THEN now.at + make_interval(hours => $7) ELSE 'infinity' END,
                CASE WHEN NOT $8 THEN r.import_id END, $9, coalesce(r.change_password, true)
         FROM import_rows r, (SELECT statement_timestamp() AS at) now
         WHERE r.institution_id = $1 AND r.import_id = $2 AND r.number BETWEEN $3 AND $4 AND r.verdict = 'invite'
         ORDER BY r.number",
        institution,
        import,
        chunk.from,
        chunk.to,
        inviting.inviter.as_uuid(),
        inviting.language,
        inviting.hours,
        inviting.sent,
        inviting.login_details,
    )
    .execute(&mut *connection)
    .await?;
    if !inviting.sent {
        return Ok(made);
    }
    sqlx::query!(
        "INSERT INTO outbox (kind, institution_id, membership_id, epoch, message_id, bulk)
         SELECT 'invitation', institution_id, membership_id, 1, gen_random_uuid(), true
         FROM import_rows
         WHERE institution_id = $1 AND import_id = $2 AND number BETWEEN $3 AND $4 AND verdict = 'invite' ORDER BY number",
        institution,
        import,
        chunk.from,
        chunk.to,
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!("SELECT pg_notify('muster_outbox', '')")
        .fetch_one(connection)
        .await?;
    Ok(made)
}

/// Discards cached plans. A trigger's statements are planned once per connection, for the number of rows at that time;
/// a chunk has thousands, where an edit or the chunk before had none.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn forget_plans(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query("DISCARD PLANS").execute(connection).await?;
    Ok(())
}

/// Updates members, only the fields that the plan names. Returns their number.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn update(connection: &mut PgConnection, chunk: Chunk) -> Result<u64, sqlx::Error> {
    let (institution, import) = (chunk.at.institution.as_uuid(), chunk.at.import);
    forget_plans(&mut *connection).await?;
    let done = sqlx::query!(
        "UPDATE memberships m
         SET first_name = CASE WHEN r.old ? 'first_name' THEN r.first_name ELSE m.first_name END,
             last_name = CASE WHEN r.old ? 'last_name' THEN r.last_name ELSE m.last_name END,
             phone = CASE WHEN r.old ? 'phone' THEN r.phone ELSE m.phone END,
             role_id = CASE WHEN r.old ? 'role' THEN r.role_id ELSE m.role_id END,
             attributes = CASE WHEN r.old ? 'attributes' THEN coalesce(m.attributes, '{}') || r.attributes ELSE m.attributes END,
             version = m.version + 1
         FROM import_rows r
         WHERE r.institution_id = $1 AND r.import_id = $2 AND r.number BETWEEN $3 AND $4 AND r.verdict = 'update'
           AND m.institution_id = $1 AND m.id = r.membership_id",
        institution,
        import,
        chunk.from,
        chunk.to
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}

/// Expires the open invitations of members whose new role may not invite. The caller holds the institution's lock, so
/// no new ones are created.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn end_invitations(
    connection: &mut PgConnection,
    chunk: Chunk,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE invitations i SET expires_at = statement_timestamp()
         FROM import_rows r JOIN roles given ON given.institution_id = $1 AND given.id = r.role_id
         WHERE r.institution_id = $1 AND r.import_id = $2 AND r.number BETWEEN $3 AND $4 AND r.verdict = 'update'
           AND r.old ? 'role' AND NOT 'invite_users' = ANY (given.permissions)
           AND i.institution_id = $1 AND i.inviter_id = r.membership_id AND i.closed_at IS NULL
           AND i.expires_at > statement_timestamp()",
        chunk.at.institution.as_uuid(),
        chunk.at.import,
        chunk.from,
        chunk.to
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Stores the progress and counts of what was applied.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn set_done(
    connection: &mut PgConnection,
    at: At,
    progress: i32,
    counts: serde_json::Value,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE imports SET progress = $3, done = $4, applied_at = statement_timestamp() WHERE institution_id = $1 AND id = $2",
        at.institution.as_uuid(),
        at.import,
        progress,
        counts
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Returns the number of the import's last row.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn last_row(connection: &mut PgConnection, at: At) -> Result<i32, sqlx::Error> {
    let last = sqlx::query_scalar!(
        "SELECT max(number) FROM import_rows WHERE institution_id = $1 AND import_id = $2",
        at.institution.as_uuid(),
        at.import
    )
    .fetch_one(connection)
    .await?;
    Ok(last.unwrap_or(0))
}
