-- Usernames are unique over all institutions. These functions say that one is in use, never by whom.

-- Returns whether an account has the username, or an import or an open invitation other than the named one reserves it.
CREATE OR REPLACE FUNCTION username_in_use(wanted text, except_institution uuid, except_membership uuid) RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = muster, pg_temp
    AS $$
    BEGIN
        RETURN EXISTS (SELECT 1 FROM accounts a WHERE lower(a.username) = lower(wanted))
            OR EXISTS (
                SELECT 1 FROM invitations i
                WHERE lower(i.username) = lower(wanted)
                  AND i.closed_at IS NULL
                  AND i.expires_at > clock_timestamp()
                  AND (i.institution_id, i.membership_id) IS DISTINCT FROM (except_institution, except_membership)
            )
            OR EXISTS (SELECT 1 FROM import_reserved_usernames r WHERE r.username = lower(wanted));
    END
    $$;

-- Returns which of these lowercase usernames are in use or reserved. Looks each up through an index: the planner has no
-- current statistics of a table that has just grown, and would compare each with each.
CREATE OR REPLACE FUNCTION usernames_in_use(wanted text[]) RETURNS TABLE (username text)
    LANGUAGE plpgsql STABLE ROWS 10 SECURITY DEFINER SET search_path = muster, pg_temp SET enable_seqscan = off
    AS $$
    BEGIN
        RETURN QUERY
        SELECT DISTINCT w.name FROM unnest(wanted) AS w (name)
        WHERE EXISTS (SELECT 1 FROM accounts a WHERE lower(a.username) = w.name OFFSET 0)
           OR EXISTS (
               SELECT 1 FROM invitations i
               WHERE lower(i.username) = w.name AND i.username IS NOT NULL AND i.closed_at IS NULL
                 AND i.expires_at > clock_timestamp() OFFSET 0)
           OR EXISTS (SELECT 1 FROM import_reserved_usernames r WHERE r.username = w.name OFFSET 0);
    END
    $$;

REVOKE EXECUTE ON FUNCTION username_in_use(text, uuid, uuid), usernames_in_use(text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION username_in_use(text, uuid, uuid) TO muster_app;
GRANT EXECUTE ON FUNCTION usernames_in_use(text[]) TO muster_worker;
