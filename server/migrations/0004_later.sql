-- Invitations that wait to be sent, and imports of which everything is done or nothing.
SET LOCAL ROLE muster_owner;
SET LOCAL search_path = muster, public;

-- NOT NOTIFIED: an invitation that nobody has been sent has no end yet. It holds its seat and its username like any open
-- one, so its end is later than every time; its life begins when its mail is put in the outbox.
ALTER TABLE invitations ALTER COLUMN sent_at DROP NOT NULL,
    -- With which import it waits; NULL where it was sent as it was written.
    ADD COLUMN import_id uuid,
    ADD CONSTRAINT invitations_endless CHECK (isfinite(expires_at) OR sent_at IS NULL),
    ADD FOREIGN KEY (institution_id, import_id) REFERENCES imports (institution_id, id);
CREATE INDEX invitations_waiting ON invitations (institution_id, import_id, membership_id)
    WHERE expires_at = 'infinity' AND closed_at IS NULL;

ALTER TABLE imports
    -- When a worker sends what waits of it; NULL where that is done by hand, or done.
    ADD COLUMN send_at timestamptz,
    -- In whose name, where that is somebody else than who invited.
    ADD COLUMN sender uuid,
    -- Seats for the people of an import that is done whole or not at all, who are not there yet.
    ADD COLUMN held_seats integer NOT NULL DEFAULT 0 CHECK (held_seats >= 0),
    ADD FOREIGN KEY (institution_id, sender) REFERENCES memberships (institution_id, id),
    DROP CONSTRAINT imports_state_check,
    ADD CONSTRAINT imports_state_check CHECK (state IN ('uploading', 'checking', 'refused', 'planned', 'applying', 'stopped',
        'failed', 'done', 'undoing', 'undone', 'discarded'));
CREATE INDEX imports_to_send ON imports (send_at) WHERE send_at IS NOT NULL;

-- Usernames, in lower case, of such people. Their rows stay where nobody sees them, in `import_rows`, until one last
-- transaction writes them all.
CREATE TABLE import_names (
    institution_id uuid NOT NULL,
    import_id      uuid NOT NULL,
    name           text NOT NULL,
    PRIMARY KEY (institution_id, import_id, name),
    FOREIGN KEY (institution_id, import_id) REFERENCES imports (institution_id, id) ON DELETE CASCADE
);
CREATE INDEX import_names_name ON import_names (name);
ALTER TABLE import_names ENABLE ROW LEVEL SECURITY;
ALTER TABLE import_names FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON import_names USING (institution_id = current_institution())
    WITH CHECK (institution_id = current_institution());
-- For the functions below, which ask across institutions and let go.
CREATE POLICY kept ON import_names TO muster_owner USING (true);

-- However such an import ends, what it held is free again; where it was done, its invitations hold it by then.
CREATE FUNCTION let_go_of_held() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = muster, pg_temp
    AS $$
    BEGIN
        NEW.held_seats := 0;
        DELETE FROM import_names WHERE institution_id = NEW.institution_id AND import_id = NEW.id;
        RETURN NEW;
    END
    $$;
CREATE TRIGGER held_let_go BEFORE UPDATE OF state ON imports
    FOR EACH ROW WHEN (OLD.state = 'applying' AND NEW.state <> 'applying') EXECUTE FUNCTION let_go_of_held();

CREATE OR REPLACE FUNCTION username_in_use(wanted text, but_institution uuid, but_membership uuid) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = muster, pg_temp
    AS $$
        SELECT EXISTS (SELECT FROM accounts a WHERE lower(a.username) = lower(wanted))
            OR EXISTS (
                SELECT FROM invitations i
                WHERE lower(i.username) = lower(wanted)
                  AND i.closed_at IS NULL
                  AND i.expires_at > clock_timestamp()
                  AND (i.institution_id, i.membership_id) IS DISTINCT FROM (but_institution, but_membership)
            )
            OR EXISTS (SELECT FROM import_names n WHERE n.name = lower(wanted))
    $$;

CREATE OR REPLACE FUNCTION usernames_in_use(wanted text[]) RETURNS TABLE (username text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = muster, pg_temp
    AS $$
        SELECT w.name FROM unnest(wanted) AS w (name) JOIN accounts a ON lower(a.username) = w.name
        UNION
        SELECT w.name FROM unnest(wanted) AS w (name) JOIN invitations i ON lower(i.username) = w.name
        WHERE i.username IS NOT NULL AND i.closed_at IS NULL AND i.expires_at > clock_timestamp()
        UNION
        SELECT w.name FROM unnest(wanted) AS w (name) JOIN import_names n ON n.name = w.name
    $$;

-- Imports whose time to be sent has come, whosever they are, longest due first.
CREATE FUNCTION imports_to_send() RETURNS TABLE (institution_id uuid, import_id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = muster, pg_temp
    AS $$
        SELECT i.institution_id, i.id FROM imports i
        WHERE i.send_at <= clock_timestamp() AND i.state IN ('done', 'stopped')
          AND EXISTS (SELECT FROM invitations w
                      WHERE w.institution_id = i.institution_id AND w.import_id = i.id AND w.expires_at = 'infinity'
                        AND w.closed_at IS NULL)
        ORDER BY i.send_at LIMIT 100
    $$;

-- As before; what failed as a whole and what was stopped before anything was done is given up after a week too.
CREATE OR REPLACE FUNCTION sweep_imports() RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = muster, pg_temp
    AS $$
    DECLARE
        old record;
    BEGIN
        UPDATE imports SET state = 'discarded'
        WHERE (state IN ('uploading', 'refused', 'planned', 'failed') OR state = 'stopped' AND applied_at IS NULL)
          AND phase_at < clock_timestamp() - interval '7 days';
        FOR old IN
            SELECT i.institution_id, i.id FROM imports i
            WHERE (i.state = 'discarded'
                   OR i.state IN ('done', 'stopped', 'undone') AND i.applied_at < clock_timestamp() - interval '30 days')
              AND (EXISTS (SELECT FROM import_rows r WHERE r.institution_id = i.institution_id AND r.import_id = i.id)
                   OR EXISTS (SELECT FROM import_parts p WHERE p.institution_id = i.institution_id AND p.import_id = i.id))
        LOOP
            DELETE FROM import_parts WHERE institution_id = old.institution_id AND import_id = old.id;
            DELETE FROM import_rows WHERE institution_id = old.institution_id AND import_id = old.id;
            DELETE FROM import_edits WHERE institution_id = old.institution_id AND import_id = old.id;
        END LOOP;
    END
    $$;

REVOKE EXECUTE ON FUNCTION let_go_of_held(), imports_to_send() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION imports_to_send() TO muster_worker;
GRANT SELECT, INSERT ON import_names TO muster_worker;

RESET ROLE;
RESET search_path;
