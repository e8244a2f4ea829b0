-- Functions of the import worker that act across institutions or on columns that the worker may not write.

-- Claims the next import that waits for a worker. An institution's imports run one after the other; among institutions the one
-- whose last time slice is the longest ago is next. A claim from before the start of the database has lost its worker, or that
-- worker notices the new fencing token: no one waits for its lease to expire.
CREATE OR REPLACE FUNCTION claim_import(seconds integer)
    RETURNS TABLE (institution_id uuid, import_id uuid, fence bigint, state text, attempts integer)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = muster, pg_temp
    AS $$
    #variable_conflict use_column
    BEGIN
        -- One claim at a time: two could not see each other's.
        PERFORM pg_advisory_xact_lock(hashtextextended('claim_import', 0));
        RETURN QUERY
        UPDATE imports i
        SET fence = i.fence + 1, attempts = i.attempts + 1, last_slice_at = statement_timestamp(),
            leased_until = statement_timestamp() + make_interval(secs => seconds)
        FROM (
            SELECT c.institution_id, c.id FROM imports c
            WHERE c.state IN ('checking', 'applying', 'undoing')
              AND (c.leased_until <= statement_timestamp() OR c.last_slice_at < pg_postmaster_start_time())
              AND NOT EXISTS (
                  SELECT 1 FROM imports o
                  WHERE o.institution_id = c.institution_id AND o.state IN ('checking', 'applying', 'undoing')
                    AND (o.phase_at, o.id) < (c.phase_at, c.id))
            ORDER BY c.last_slice_at, c.phase_at LIMIT 1 FOR UPDATE SKIP LOCKED
        ) next
        WHERE i.institution_id = next.institution_id AND i.id = next.id
        RETURNING i.institution_id, i.id, i.fence, i.state, i.attempts;
    END
    $$;

-- Returns whether an import waits for a worker. A worker that has run for long then yields its slot.
CREATE OR REPLACE FUNCTION has_waiting_imports() RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = muster, pg_temp
    AS $$
        SELECT EXISTS (SELECT 1 FROM imports WHERE state IN ('checking', 'applying', 'undoing') AND leased_until <= clock_timestamp())
    $$;

-- Releases the reserved seats and usernames when an import is no longer being applied. If it succeeded, its invitations
-- hold them by then.
CREATE OR REPLACE FUNCTION release_reservations() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = muster, pg_temp
    AS $$
    BEGIN
        NEW.reserved_seats := 0;
        DELETE FROM import_reserved_usernames WHERE institution_id = NEW.institution_id AND import_id = NEW.id;
        RETURN NEW;
    END
    $$;
CREATE OR REPLACE TRIGGER release_reservations BEFORE UPDATE OF state ON imports
    FOR EACH ROW WHEN (OLD.state = 'applying' AND NEW.state <> 'applying') EXECUTE FUNCTION release_reservations();

-- Returns the imports whose invitations are due to be sent, the longest due first.
CREATE OR REPLACE FUNCTION imports_to_send() RETURNS TABLE (institution_id uuid, import_id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = muster, pg_temp
    AS $$
        SELECT i.institution_id, i.id FROM imports i
        WHERE i.send_at <= clock_timestamp() AND i.state IN ('done', 'stopped')
          AND EXISTS (SELECT 1 FROM invitations w
                      WHERE w.institution_id = i.institution_id AND w.import_id = i.id AND w.expires_at = 'infinity'
                        AND w.closed_at IS NULL)
        ORDER BY i.send_at LIMIT 100
    $$;

-- Undoes a chunk: revokes its invitations that were not accepted and whose roles the member may assign, and returns their
-- memberships. The worker may not write a membership's status itself. Each row is found through the primary key: joined, a
-- new institution without statistics would be read whole for each row. `coalesce` and `NOT … <> ALL` keep the planner from
-- preferring an index of the status or the role.
CREATE OR REPLACE FUNCTION revoke_imported(import uuid, from_row integer, to_row integer, assignable_roles uuid[]) RETURNS SETOF uuid
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = muster, pg_temp
    AS $$
    BEGIN
        RETURN QUERY
        UPDATE memberships SET status = 'revoked'
        WHERE institution_id = current_institution() AND coalesce(status, '') = 'invited' AND NOT role_id <> ALL (assignable_roles)
          AND id = ANY (ARRAY(
            SELECT r.membership_id FROM import_rows r
            WHERE r.institution_id = current_institution() AND r.import_id = import
              AND r.number BETWEEN from_row AND to_row AND r.verdict = 'invite'))
        RETURNING id;
    END
    $$;

-- Discards imports that were left for 7 days, and deletes files and rows of one discarded import, or of one that was applied
-- 30 days ago. The import and its counts stay. Returns whether there was one to delete. A half-applied import becomes done,
-- because the rest of its rows can no longer be written.
CREATE OR REPLACE FUNCTION sweep_imports() RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = muster, pg_temp
    AS $$
    DECLARE
        old record;
    BEGIN
        UPDATE imports SET state = 'discarded'
        WHERE (state IN ('uploading', 'refused', 'planned', 'failed') OR state = 'stopped' AND applied_at IS NULL)
          AND phase_at < statement_timestamp() - interval '7 days';
        UPDATE imports SET state = 'done'
        WHERE state = 'stopped' AND applied_at < statement_timestamp() - interval '30 days';
        SELECT i.institution_id, i.id INTO old FROM imports i
        WHERE (i.state = 'discarded'
               OR i.state IN ('done', 'undone') AND i.applied_at < statement_timestamp() - interval '30 days')
          AND (EXISTS (SELECT 1 FROM import_rows r WHERE r.institution_id = i.institution_id AND r.import_id = i.id)
               OR EXISTS (SELECT 1 FROM import_parts p WHERE p.institution_id = i.institution_id AND p.import_id = i.id))
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

-- Collects statistics of the rows: the planner knows nothing of a new import.
CREATE OR REPLACE FUNCTION analyze_imports() RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = muster, pg_temp
    AS $$ BEGIN ANALYZE import_rows; END $$;

REVOKE EXECUTE ON FUNCTION claim_import(integer), has_waiting_imports(), release_reservations(), imports_to_send(),
    revoke_imported(uuid, integer, integer, uuid[]), sweep_imports(), analyze_imports() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION claim_import(integer), has_waiting_imports(), imports_to_send(),
    revoke_imported(uuid, integer, integer, uuid[]), sweep_imports(), analyze_imports() TO muster_worker;
