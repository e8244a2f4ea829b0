-- What one institution does in bulk takes no turn from what somebody waits for, nor from another institution's.
SET LOCAL ROLE muster_owner;
SET LOCAL search_path = muster, public;

-- Mail that an import sends. Somebody who has forgotten a password is not to wait behind a million invitations, nor the few
-- people of a small file.
ALTER TABLE outbox ADD COLUMN bulk boolean NOT NULL DEFAULT false;
DROP INDEX outbox_due;
CREATE INDEX outbox_due ON outbox (next_at) WHERE state = 'queued' AND NOT bulk;
CREATE INDEX outbox_bulk ON outbox (institution_id, next_at) WHERE state = 'queued' AND bulk;

-- Whose bulk mail waits, and when the first of it is due: one look into the index for each institution, however much each has.
CREATE FUNCTION bulk_mail() RETURNS TABLE (institution_id uuid, next_at timestamptz)
    LANGUAGE sql STABLE SET search_path = muster, pg_temp
    AS $$
        WITH RECURSIVE first AS (
            (SELECT o.institution_id, o.next_at FROM outbox o WHERE o.state = 'queued' AND o.bulk
             ORDER BY o.institution_id, o.next_at LIMIT 1)
            UNION ALL
            SELECT n.institution_id, n.next_at
            FROM first f CROSS JOIN LATERAL (
                SELECT o.institution_id, o.next_at FROM outbox o
                WHERE o.state = 'queued' AND o.bulk AND o.institution_id > f.institution_id
                ORDER BY o.institution_id, o.next_at LIMIT 1) n
        )
        SELECT institution_id, next_at FROM first
    $$;

-- Whoever undoes touches only invitations to roles that they may give, as by hand; says whose they are. As with the status, the role is asked in
-- such a way that no index of roles looks better than the key.
DROP FUNCTION revoke_imported(uuid, integer, integer);
CREATE FUNCTION revoke_imported(import uuid, from_row integer, to_row integer, givable uuid[]) RETURNS SETOF uuid
    LANGUAGE sql SECURITY DEFINER SET search_path = muster, pg_temp
    AS $$
        UPDATE memberships SET status = 'revoked'
        WHERE institution_id = current_institution() AND coalesce(status, '') = 'invited' AND NOT role_id <> ALL (givable)
          AND id = ANY (ARRAY(
            SELECT r.membership_id FROM import_rows r
            WHERE r.institution_id = current_institution() AND r.import_id = import
              AND r.number BETWEEN from_row AND to_row AND r.verdict = 'invite'))
        RETURNING id
    $$;

-- As before, one import a call; says whether there was one. Of what was stopped half-way and is swept the rest can't be
-- written any more: it is done.
DROP FUNCTION sweep_imports();
CREATE FUNCTION sweep_imports() RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = muster, pg_temp
    AS $$
    DECLARE
        old record;
    BEGIN
        UPDATE imports SET state = 'discarded'
        WHERE (state IN ('uploading', 'refused', 'planned', 'failed') OR state = 'stopped' AND applied_at IS NULL)
          AND phase_at < clock_timestamp() - interval '7 days';
        UPDATE imports SET state = 'done'
        WHERE state = 'stopped' AND applied_at < clock_timestamp() - interval '30 days';
        SELECT i.institution_id, i.id INTO old FROM imports i
        WHERE (i.state = 'discarded'
               OR i.state IN ('done', 'undone') AND i.applied_at < clock_timestamp() - interval '30 days')
          AND (EXISTS (SELECT FROM import_rows r WHERE r.institution_id = i.institution_id AND r.import_id = i.id)
               OR EXISTS (SELECT FROM import_parts p WHERE p.institution_id = i.institution_id AND p.import_id = i.id))
        LIMIT 1;
        IF NOT FOUND THEN
            RETURN false;
        END IF;
        DELETE FROM import_parts WHERE institution_id = old.institution_id AND import_id = old.id;
        DELETE FROM import_rows WHERE institution_id = old.institution_id AND import_id = old.id;
        DELETE FROM import_edits WHERE institution_id = old.institution_id AND import_id = old.id;
        RETURN true;
    END
    $$;

-- Of all further columns together the first two hundred words: what is written under the institution's lock has an end.
CREATE OR REPLACE FUNCTION attribute_words(attributes jsonb) RETURNS text[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN attributes IS NULL THEN '{}'::text[] ELSE (
        SELECT coalesce((array_agg(DISTINCT left(word, 60)))[:200], '{}'::text[])
        FROM jsonb_each_text(attributes) AS further (name, value)
        CROSS JOIN LATERAL unnest((regexp_split_to_array(fold(left(value, 1000)), '[[:space:],;|/]+'))[:100]) AS word
    ) END;

REVOKE EXECUTE ON FUNCTION bulk_mail(), revoke_imported(uuid, integer, integer, uuid[]), sweep_imports() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION bulk_mail(), revoke_imported(uuid, integer, integer, uuid[]), sweep_imports() TO muster_worker;

RESET ROLE;
RESET search_path;
