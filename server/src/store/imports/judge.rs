//! Judging rows.
//!
//! They come by COPY into a temporary staging table, because Postgres refuses COPY into a table with row-level
//! security. INSERT … SELECT then stores them through the policies, with the verdict that needs the database. The
//! staging table is not in the schema, so its statements are not checked at compile time.

use sqlx::PgConnection;
use uuid::Uuid;

use super::At;

/// The columns of the staging table, in the order of the COPY.
const STAGING: &str = "CREATE TEMP TABLE IF NOT EXISTS import_staging (
    number integer NOT NULL, line bigint NOT NULL, sound boolean NOT NULL, left_out boolean NOT NULL,
    username text, first_name text, last_name text, email text, phone text, sets_phone boolean NOT NULL,
    role_id uuid, language text, change_password boolean, attributes jsonb, reasons jsonb NOT NULL, lacks jsonb, new_id uuid, token_hash bytea
) ON COMMIT DELETE ROWS";

/// Copies rows into the staging table. `copy` is a complete binary COPY with header and trailer.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn stage(connection: &mut PgConnection, copy: &[u8]) -> Result<(), sqlx::Error> {
    sqlx::query(STAGING).execute(&mut *connection).await?;
    let mut sink = connection
        .copy_in_raw("COPY pg_temp.import_staging FROM STDIN (FORMAT binary)")
        .await?;
    sink.send(copy).await?;
    sink.finish().await?;
    Ok(())
}

/// The rules for judging rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// The code of a `muster::import::Mode`.
    pub mode: &'static str,
    /// The code of a `muster::import::MatchBy`.
    pub match_by: &'static str,
    /// The role of new members whose row names none.
    pub role: Option<Uuid>,
    /// The roles that the importer may assign.
    pub givable: Vec<Uuid>,
    /// The importer's membership.
    pub acting: Uuid,
    /// The main contact's membership.
    pub main_contact: Uuid,
}

/// The reason why a member's role can't be changed: `m` is the member with the role `held`, `r` the row with the role
/// `wanted`.
///
/// The rules are those of `muster::guard` and `members::edit`. The rule of the last administrator cannot apply: the
/// main contact is one, and only the main contact gets this far.
macro_rules! role_guard {
    () => {
        "WHEN r.role_id <> m.role_id AND NOT (r.role_id = ANY($6) AND m.role_id = ANY($6)) THEN '\"role_not_yours\"'
         WHEN r.role_id <> m.role_id AND m.id = $7 THEN '{\"guarded\":\"own_role\"}'
         WHEN r.role_id <> m.role_id AND m.id = $8 THEN '{\"guarded\":\"main_contact\"}'
         WHEN r.role_id <> m.role_id AND held.administrator AND m.status <> 'invited' AND NOT wanted.administrator
              AND $7 <> $8 THEN '{\"guarded\":\"only_the_main_contact\"}'"
    };
}

pub(super) use role_guard;

/// Determines the verdict of each staged row.
///
/// Members are looked up one by one through the indexes (`OFFSET 0`); a join would read the whole institution for each
/// batch. A lookup by email finds the same person as `invitations::offer`.
const JUDGE: &str = concat!(
    "WITH holder AS (
         SELECT DISTINCT ON (r.number) r.number, m.id, m.status FROM pg_temp.import_staging r
         CROSS JOIN LATERAL (
             SELECT id, status FROM memberships
             WHERE institution_id = $1 AND email = r.email AND listing IS NOT NULL OFFSET 0) m
         WHERE r.sound ORDER BY r.number, m.status = 'invited'
     ), named AS (
         SELECT DISTINCT ON (n.number) n.number, n.id FROM (
             SELECT r.number, m.id FROM pg_temp.import_staging r
             CROSS JOIN LATERAL (SELECT id FROM accounts WHERE lower(username) = lower(r.username) OFFSET 0) a
             CROSS JOIN LATERAL (
                 SELECT id FROM memberships
                 WHERE institution_id = $1 AND account_id = a.id AND status IN ('active', 'deactivated') OFFSET 0) m
             WHERE r.sound AND $4 = 'username'
             UNION ALL
             SELECT r.number, m.id FROM pg_temp.import_staging r
             CROSS JOIN LATERAL (
                 SELECT membership_id FROM invitations
                 WHERE institution_id = $1 AND lower(username) = lower(r.username) AND username IS NOT NULL
                   AND closed_at IS NULL AND expires_at > statement_timestamp() OFFSET 0) i
             JOIN memberships m ON m.institution_id = $1 AND m.id = i.membership_id AND m.status = 'invited'
             WHERE r.sound AND $4 = 'username'
         ) n ORDER BY n.number
     ), meant AS (
         SELECT number, id FROM holder WHERE $4 = 'email' UNION ALL SELECT number, id FROM named
     ), taken AS (
         SELECT username FROM usernames_in_use((
             SELECT coalesce(array_agg(lower(username)), '{}') FROM pg_temp.import_staging WHERE sound AND username IS NOT NULL))
     )
     INSERT INTO import_rows (institution_id, import_id, number, line, sound, username, first_name, last_name, email, phone,
         sets_phone, role_id, language, change_password, attributes, verdict, reasons, membership_id, token_hash, old)
     SELECT $1, $2, r.number, r.line, r.sound, r.username, r.first_name, r.last_name, r.email, r.phone, r.sets_phone,
            CASE WHEN v.verdict = 'invite' THEN coalesce(r.role_id, $5) ELSE r.role_id END, r.language, r.change_password,
            r.attributes, v.verdict,
            r.reasons
                || CASE WHEN x.refusal IS NULL THEN '[]' ELSE jsonb_build_array(x.refusal) END
                || CASE WHEN v.verdict = 'refused' AND x.refusal IS NULL THEN coalesce(r.lacks, '[]') ELSE '[]' END
                || CASE WHEN v.verdict = 'unchanged' AND $3 = 'add' THEN CASE coalesce(m.status, h.status)
                       WHEN 'invited' THEN '[\"already_invited\"]'::jsonb ELSE '[\"already_member\"]' END
                   WHEN v.verdict IN ('update', 'unchanged') AND r.email <> m.email THEN '[{\"accounts_own\":\"email\"}]'
                   WHEN v.verdict IN ('update', 'unchanged')
                        AND lower(r.username) IS DISTINCT FROM lower(coalesce(a.username, i.username))
                        AND r.username IS NOT NULL THEN '[{\"accounts_own\":\"username\"}]'
                   ELSE '[]' END
                || CASE WHEN v.verdict IN ('update', 'unchanged') AND $3 <> 'add' AND r.change_password IS NOT NULL
                   THEN '[{\"accounts_own\":\"change_password\"}]'::jsonb ELSE '[]' END,
            CASE WHEN v.verdict = 'invite' THEN r.new_id ELSE coalesce(m.id, h.id) END,
            CASE WHEN v.verdict = 'invite' THEN r.token_hash END,
            CASE WHEN v.verdict = 'update' THEN o.old END
     FROM pg_temp.import_staging r
     LEFT JOIN holder h ON h.number = r.number
     LEFT JOIN meant t ON t.number = r.number
     LEFT JOIN LATERAL (SELECT * FROM memberships WHERE institution_id = $1 AND id = t.id OFFSET 0) m ON true
     LEFT JOIN roles held ON held.institution_id = $1 AND held.id = m.role_id
     LEFT JOIN roles wanted ON wanted.institution_id = $1 AND wanted.id = r.role_id
     LEFT JOIN LATERAL (SELECT username FROM accounts WHERE id = m.account_id OFFSET 0) a ON true
     LEFT JOIN LATERAL (
         SELECT username FROM invitations
         WHERE institution_id = $1 AND membership_id = m.id AND m.status = 'invited' OFFSET 0) i ON true
     LEFT JOIN taken k ON k.username = lower(r.username)
     CROSS JOIN LATERAL (
         SELECT CASE WHEN r.first_name <> m.first_name THEN jsonb_build_object('first_name', m.first_name) ELSE '{}' END
             || CASE WHEN r.last_name <> m.last_name THEN jsonb_build_object('last_name', m.last_name) ELSE '{}' END
             || CASE WHEN m.id IS NOT NULL AND r.sets_phone AND r.phone IS DISTINCT FROM m.phone
                     THEN jsonb_build_object('phone', m.phone) ELSE '{}' END
             || CASE WHEN r.role_id <> m.role_id THEN jsonb_build_object('role', m.role_id) ELSE '{}' END
             || CASE WHEN m.id IS NOT NULL AND NOT coalesce(m.attributes, '{}') @> r.attributes
                     THEN jsonb_build_object('attributes', coalesce(m.attributes, '{}')) ELSE '{}' END AS old
     ) o
     CROSS JOIN LATERAL (
         SELECT (CASE WHEN NOT r.sound OR m.id IS NOT NULL AND $3 = 'add' THEN NULL ",
    role_guard!(),
    "        WHEN m.id IS NOT NULL THEN NULL
             WHEN $3 = 'update' THEN '\"no_such_member\"'
             WHEN h.id IS NOT NULL AND $3 = 'both' THEN
                 CASE h.status WHEN 'invited' THEN '\"already_invited\"' ELSE '\"already_member\"' END
             WHEN h.id IS NOT NULL OR r.lacks IS NOT NULL THEN NULL
             WHEN NOT coalesce(r.role_id, $5) = ANY($6) THEN '\"role_not_yours\"'
             WHEN k.username IS NOT NULL THEN $9::text
             END)::jsonb AS refusal
     ) x
     CROSS JOIN LATERAL (
         SELECT CASE WHEN r.left_out THEN 'left_out'
                     WHEN NOT r.sound OR x.refusal IS NOT NULL THEN 'refused'
                     WHEN m.id IS NOT NULL AND ($3 = 'add' OR o.old = '{}') OR m.id IS NULL AND h.id IS NOT NULL THEN 'unchanged'
                     WHEN m.id IS NOT NULL THEN 'update'
                     WHEN r.lacks IS NOT NULL THEN 'refused'
                     ELSE 'invite' END AS verdict
     ) v
     ORDER BY r.number"
);

/// Judges the staged rows and stores them. `taken` is the reason for a taken username, as JSON.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn judge(
    connection: &mut PgConnection,
    at: At,
    rules: &Rules,
    taken: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query(JUDGE)
        .bind(at.institution.as_uuid())
        .bind(at.import)
        .bind(rules.mode)
        .bind(rules.match_by)
        .bind(rules.role)
        .bind(&rules.givable)
        .bind(rules.acting)
        .bind(rules.main_contact)
        .bind(taken)
        .execute(connection)
        .await?;
    Ok(())
}
