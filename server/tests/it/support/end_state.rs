//! Everything that imports leave in a database, except ids and times, as lines: compared with an undisturbed run.

use sqlx::PgPool;

/// The state of messages is left out, because their sending time does not depend on the import.
const LINES: &str = r#"
SELECT line FROM (
    SELECT concat_ws('|', 'member', m.email, m.status, m.listing, m.first_name, m.last_name, m.phone, r.name, m.version,
               m.attributes, m.sort_name, m.account_id IS NULL) AS line
    FROM muster.memberships m JOIN muster.roles r ON r.institution_id = m.institution_id AND r.id = m.role_id
    UNION ALL
    SELECT concat_ws('|', 'invitation', m.email, i.username, i.epoch, i.language, i.closed_at IS NULL, i.used_at IS NULL,
               i.expires_at > clock_timestamp(), length(i.token_hash), inviter.email)
    FROM muster.invitations i
    JOIN muster.memberships m ON m.institution_id = i.institution_id AND m.id = i.membership_id
    JOIN muster.memberships inviter ON inviter.institution_id = i.institution_id AND inviter.id = i.inviter_id
    UNION ALL
    SELECT concat_ws('|', 'mail', o.kind, m.email, o.epoch)
    FROM muster.outbox o JOIN muster.memberships m ON m.institution_id = o.institution_id AND m.id = o.membership_id
    UNION ALL
    SELECT concat_ws('|', 'term', m.email, t.term, t.listing)
    FROM muster.membership_search_terms t
    JOIN muster.memberships m ON m.institution_id = t.institution_id AND m.id = t.membership_id
    UNION ALL
    SELECT concat_ws('|', 'row', r.number, r.line, r.sound, r.username, r.first_name, r.last_name, r.email, r.phone,
               r.sets_phone, r.language, r.attributes, r.verdict, r.reasons, r.old - 'role', r.undone, meant.email)
    FROM muster.import_rows r
    LEFT JOIN muster.memberships meant ON meant.institution_id = r.institution_id AND meant.id = r.membership_id
    UNION ALL
    SELECT concat_ws('|', 'chunk', phase, number, counts) FROM muster.import_chunks
    UNION ALL
    SELECT concat_ws('|', 'import', state, stopped_by, progress, chunk_rows, checked_bytes, plan, done, undone, headers,
               line_end, mismatch, fault) FROM muster.imports
    UNION ALL
    SELECT concat_ws('|', 'part', number, size, encode(sha256, 'hex'), sha256 = sha256(bytes)) FROM muster.import_parts
    UNION ALL
    SELECT concat_ws('|', 'edit', row, field, value) FROM muster.import_edits
    UNION ALL
    SELECT concat_ws('|', 'mapping', mapping) FROM muster.import_mappings
    UNION ALL
    SELECT concat_ws('|', 'audit', action, detail - 'import', actor_id IS NULL) FROM muster.audit WHERE action LIKE 'import.%'
) all_lines ORDER BY line COLLATE "C""#;

/// Returns the lines.
pub async fn end_state(sql: &PgPool) -> Vec<String> {
    sqlx::query_scalar(LINES).fetch_all(sql).await.unwrap()
}

/// Fails with the first difference, instead of printing both.
#[track_caller]
pub fn assert_same(found: &[String], undisturbed: &[String], of: &str) {
    use super::importing::hash;
    let hash = |lines: &[String]| hash(lines.join("\n").as_bytes());
    if hash(found) == hash(undisturbed) {
        return;
    }
    let only = |one: &[String], other: &[String]| -> Vec<String> {
        let lines = one.iter().filter(|line| !other.contains(line));
        lines.take(5).cloned().collect()
    };
    panic!(
        "{of} ends otherwise than undisturbed: {} lines instead of {}, new {:#?}, missing {:#?}",
        found.len(),
        undisturbed.len(),
        only(found, undisturbed),
        only(undisturbed, found)
    );
}
