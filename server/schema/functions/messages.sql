-- Returns each institution with queued bulk email and when the first message is due: one index lookup for each institution,
-- however many messages it has.
CREATE OR REPLACE FUNCTION bulk_mail() RETURNS TABLE (institution_id uuid, next_at timestamptz)
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

-- Returns since when the current institution's email is paused, or NULL.
CREATE OR REPLACE FUNCTION mail_paused_since() RETURNS timestamptz
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = muster, pg_temp
    AS $$
        SELECT min(since) FROM mail_pauses
        WHERE scope IN ('00000000-0000-0000-0000-000000000000', current_institution())
    $$;

REVOKE EXECUTE ON FUNCTION bulk_mail(), mail_paused_since() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION bulk_mail() TO muster_worker;
GRANT EXECUTE ON FUNCTION mail_paused_since() TO muster_app;
