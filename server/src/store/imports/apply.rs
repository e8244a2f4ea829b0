//! A chunk that is applied: what has changed since the plan is refused first, then what is left is written, each by one
//! statement. The caller holds the claim and the institution's lock, or does what `importer::whole` does instead.

use muster::ids::MembershipId;
use sqlx::PgConnection;

use super::{
    At,
    judge::{Rules, role_guard},
};

/// The rows of a chunk, from one to another.
#[derive(Debug, Clone, Copy)]
pub struct Chunk {
    /// Of which import.
    pub at: At,
    /// The first row's number.
    pub from: i32,
    /// The last row's.
    pub to: i32,
}

/// From here on until the transaction ends nobody else chooses a username: a chunk has more names than the database has
/// locks for, so it holds them all.
pub async fn hold_usernames(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query!("SELECT pg_advisory_xact_lock(hashtextextended('usernames', 0))")
        .fetch_one(connection)
        .await?;
    Ok(())
}

/// Whether a chunk gives usernames.
pub async fn gives_usernames(
    connection: &mut PgConnection,
    chunk: Chunk,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM import_rows WHERE institution_id = $1 AND import_id = $2 AND number BETWEEN $3 AND $4
                          AND verdict = 'invite' AND username IS NOT NULL) AS "any!""#,
        chunk.at.institution.as_uuid(),
        chunk.at.import,
        chunk.from,
        chunk.to
    )
    .fetch_one(connection)
    .await
}

/// People who were to be invited and whom somebody else invited meanwhile, whose username is taken by now (`taken` is
/// that reason as JSON; none where the names are held already), or whose role may not be given any more.
pub async fn refuse_invites(
    connection: &mut PgConnection,
    chunk: Chunk,
    rules: &Rules,
    taken: Option<&serde_json::Value>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"WITH names AS MATERIALIZED (
               SELECT username FROM usernames_in_use((
                   SELECT coalesce(array_agg(lower(username)), '{}') FROM import_rows
                   WHERE institution_id = $1 AND import_id = $2 AND number BETWEEN $3 AND $4 AND verdict = 'invite'
                     AND username IS NOT NULL AND $6::jsonb IS NOT NULL))
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

/// Members who were to be changed and who are gone, whom a rule protects by now, or of whom somebody else has changed
/// the very same fields: those with what they were, what the file says and what they are.
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

/// From here on until the transaction ends the database keeps its plans. A foreign key asks the same for each row; planned
/// anew for the very row, as `Store::connect` wants it of pages, that takes longer than to write the row.
pub async fn keep_plans(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query("SET LOCAL plan_cache_mode = auto")
        .execute(connection)
        .await?;
    Ok(())
}

/// How people are invited.
#[derive(Debug, Clone, Copy)]
pub struct Inviting<'a> {
    /// In whose name.
    pub inviter: MembershipId,
    /// The language's code, where the row names none.
    pub language: &'a str,
    /// How long an invitation lives.
    pub hours: i32,
    /// Whether its mail carries login details.
    pub login_details: bool,
    /// Whether it is sent at once.
    pub sent: bool,
}

/// Invites: memberships, invitations with the institution's life and language, and their mails in the outbox. Those that
/// are sent later wait, with neither. Says how many.
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
         FROM import_rows r, (SELECT clock_timestamp() AS at) now
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

/// A trigger's statements are planned once a connection, for as many rows as there were that time. A chunk has thousands
/// where the one before, or a person's edit, had none: it is planned anew.
pub async fn forget_plans(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query("DISCARD PLANS").execute(connection).await?;
    Ok(())
}

/// Changes members, only the fields that the plan names. Says how many.
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

/// Whoever can't invite any more by what an update made of their role has their open invitations ended. The caller holds
/// the institution's lock: nobody is about to invite.
pub async fn end_invitations(
    connection: &mut PgConnection,
    chunk: Chunk,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE invitations i SET expires_at = statement_timestamp()
         FROM import_rows r JOIN roles given ON given.institution_id = r.institution_id AND given.id = r.role_id
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

/// What has been applied so far.
pub async fn set_done(
    connection: &mut PgConnection,
    at: At,
    progress: i32,
    counts: serde_json::Value,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE imports SET progress = $3, done = $4, applied_at = clock_timestamp() WHERE institution_id = $1 AND id = $2",
        at.institution.as_uuid(),
        at.import,
        progress,
        counts
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The number of the import's last row.
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
