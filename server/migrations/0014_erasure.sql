-- After Decline, Revoke and Remove an institution keeps the address and the state for 30 days. Name and phone go at once
-- after Decline, and ten minutes after Revoke and Remove. After the 30 days only the record of what was done is left.
SET LOCAL ROLE muster_owner;
SET LOCAL search_path = muster, public;

ALTER TABLE memberships
    -- When the membership ended: declined, revoked or removed.
    ADD COLUMN ended_at timestamptz,
    -- When name and phone were erased, in imports too.
    ADD COLUMN names_erased_at timestamptz;
CREATE INDEX memberships_names_to_erase ON memberships (ended_at) WHERE ended_at IS NOT NULL AND names_erased_at IS NULL;
CREATE INDEX memberships_to_erase ON memberships (ended_at) WHERE ended_at IS NOT NULL;

-- Whichever way a membership ends, and should it begin again.
CREATE FUNCTION note_end() RETURNS trigger
    LANGUAGE plpgsql SET search_path = muster, pg_temp
    AS $$
    BEGIN
        NEW.names_erased_at := NULL;
        IF NEW.status IN ('declined', 'revoked', 'removed') THEN
            NEW.ended_at := clock_timestamp();
        ELSE
            NEW.ended_at := NULL;
        END IF;
        IF NEW.status = 'declined' THEN
            NEW.first_name := '';
            NEW.last_name := '';
            NEW.phone := NULL;
            NEW.attributes := NULL;
        END IF;
        RETURN NEW;
    END
    $$;
CREATE TRIGGER end_noted BEFORE UPDATE OF status ON memberships
    FOR EACH ROW WHEN (OLD.status <> NEW.status) EXECUTE FUNCTION note_end();

-- What ended before this migration ended no later than now.
UPDATE memberships SET ended_at = clock_timestamp() WHERE status IN ('declined', 'revoked', 'removed');

-- A membership is deleted only if no invitation names it as the inviter: looked up for each.
DROP INDEX invitations_by_inviter;
CREATE INDEX invitations_by_inviter ON invitations (institution_id, inviter_id);
CREATE INDEX audit_actor ON audit (institution_id, actor_id) WHERE ip IS NOT NULL;

-- Only while the functions below run is there anybody who acts as the owner.
CREATE POLICY erased ON memberships FOR DELETE TO muster_owner USING (true);
CREATE POLICY erased ON invitations FOR UPDATE TO muster_owner USING (true) WITH CHECK (true);
CREATE POLICY erased_whole ON invitations FOR DELETE TO muster_owner USING (true);
CREATE POLICY across ON audit FOR SELECT TO muster_owner USING (true);
CREATE POLICY erased ON audit FOR UPDATE TO muster_owner USING (true) WITH CHECK (true);

-- Erases names and phones that are due, of at most so many people. Says of how many.
CREATE FUNCTION erase_names(most integer) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = muster, pg_temp SET lock_timeout = '2s'
    AS $$
    DECLARE
        due uuid[];
        institutions uuid[];
    BEGIN
        SELECT array_agg(m.id), array_agg(DISTINCT m.institution_id) INTO due, institutions FROM (
            SELECT id, institution_id FROM memberships
            WHERE ended_at IS NOT NULL AND names_erased_at IS NULL
              AND (status = 'declined' OR ended_at <= clock_timestamp() - interval '10 minutes')
            ORDER BY ended_at LIMIT most FOR UPDATE SKIP LOCKED) m;
        IF due IS NULL THEN
            RETURN 0;
        END IF;
        UPDATE memberships
        SET first_name = '', last_name = '', phone = NULL, attributes = NULL, names_erased_at = clock_timestamp()
        WHERE institution_id = ANY (institutions) AND id = ANY (due);
        UPDATE invitations SET note = '', username = NULL
        WHERE institution_id = ANY (institutions) AND membership_id = ANY (due);
        -- The cells that were corrected by hand lie beside the rows.
        DELETE FROM import_edits e USING import_rows r
        WHERE r.institution_id = ANY (institutions) AND r.membership_id = ANY (due)
          AND e.institution_id = r.institution_id AND e.import_id = r.import_id AND e.row = r.number
          AND e.field NOT IN ('left_out', 'email');
        UPDATE import_rows
        SET username = NULL, first_name = NULL, last_name = NULL, phone = NULL, attributes = NULL, old = NULL,
            reasons = coalesce((SELECT jsonb_agg(reason) FROM jsonb_array_elements(reasons) AS reason
                                WHERE jsonb_typeof(reason) = 'string'), '[]')
        WHERE institution_id = ANY (institutions) AND membership_id = ANY (due);
        RETURN cardinality(due);
    END
    $$;

-- Erases people whose membership ended 30 days ago, at most so many. A row that others refer to, as the inviter's, stays
-- without anything of the person.
CREATE FUNCTION erase_people(most integer) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = muster, pg_temp SET lock_timeout = '2s'
    AS $$
    DECLARE
        due uuid[];
        institutions uuid[];
    BEGIN
        SELECT array_agg(m.id), array_agg(DISTINCT m.institution_id) INTO due, institutions FROM (
            SELECT id, institution_id FROM memberships
            WHERE ended_at IS NOT NULL AND ended_at <= clock_timestamp() - interval '30 days'
            ORDER BY ended_at LIMIT most FOR UPDATE SKIP LOCKED) m;
        IF due IS NULL THEN
            RETURN 0;
        END IF;
        DELETE FROM dev_mailbox d USING outbox o
        WHERE o.institution_id = ANY (institutions) AND o.membership_id = ANY (due)
          AND d.message_id LIKE '<' || replace(o.message_id::text, '-', '') || '@%';
        DELETE FROM outbox WHERE institution_id = ANY (institutions) AND membership_id = ANY (due);
        DELETE FROM import_edits e USING import_rows r
        WHERE r.institution_id = ANY (institutions) AND r.membership_id = ANY (due)
          AND e.institution_id = r.institution_id AND e.import_id = r.import_id AND e.row = r.number;
        UPDATE import_rows
        SET username = NULL, first_name = NULL, last_name = NULL, email = NULL, phone = NULL, attributes = NULL, old = NULL,
            token_hash = NULL, reasons = '[]', membership_id = NULL
        WHERE institution_id = ANY (institutions) AND membership_id = ANY (due);
        UPDATE audit SET detail = '{}', ip = NULL
        WHERE institution_id = ANY (institutions) AND subject_id = ANY (due);
        UPDATE audit SET ip = NULL
        WHERE institution_id = ANY (institutions) AND actor_id = ANY (due) AND ip IS NOT NULL;
        DELETE FROM invitations WHERE institution_id = ANY (institutions) AND membership_id = ANY (due);
        DELETE FROM memberships m
        WHERE m.institution_id = ANY (institutions) AND m.id = ANY (due)
          AND NOT EXISTS (SELECT FROM invitations i WHERE i.institution_id = m.institution_id AND i.inviter_id = m.id)
          AND NOT EXISTS (SELECT FROM imports i WHERE i.institution_id = m.institution_id
                          AND m.id IN (i.begun_by, i.acting, i.sender));
        UPDATE memberships
        SET account_id = NULL, email = '', first_name = '', last_name = '', phone = NULL,
            attributes = NULL, joined_at = NULL, viewed_at = NULL, locked = false, ended_at = NULL
        WHERE institution_id = ANY (institutions) AND id = ANY (due);
        RETURN cardinality(due);
    END
    $$;

REVOKE EXECUTE ON FUNCTION note_end(), erase_names(integer), erase_people(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION erase_names(integer), erase_people(integer) TO muster_worker;

RESET ROLE;
RESET search_path;
