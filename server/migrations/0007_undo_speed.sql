-- A chunk is revoked person by person through the primary key. Joined, a fresh institution's memberships, of which the
-- planner knows nothing yet, were read whole for each row of the chunk: its time grew with the square of the rows. The
-- status stands in a function, so that no index of the invited alone looks better than the key.
SET LOCAL ROLE muster_owner;
SET LOCAL search_path = muster, public;

CREATE OR REPLACE FUNCTION revoke_imported(import uuid, from_row integer, to_row integer) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = muster, pg_temp
    AS $$
        UPDATE memberships SET status = 'revoked'
        WHERE institution_id = current_institution() AND coalesce(status, '') = 'invited' AND id = ANY (ARRAY(
            SELECT r.membership_id FROM import_rows r
            WHERE r.institution_id = current_institution() AND r.import_id = import
              AND r.number BETWEEN from_row AND to_row AND r.verdict = 'invite'))
    $$;

RESET ROLE;
RESET search_path;
