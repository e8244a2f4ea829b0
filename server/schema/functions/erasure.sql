-- Erases the names and phone numbers that are due, of at most `max_members` people, and returns the number of people. They are
-- due at once after Decline, and ten minutes after Revoke and Remove.
CREATE OR REPLACE FUNCTION erase_names(max_members integer) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = muster, pg_temp SET lock_timeout = '2s'
    AS $$
    DECLARE
        due uuid[];
        institutions uuid[];
    BEGIN
        SELECT array_agg(m.id), array_agg(DISTINCT m.institution_id) INTO due, institutions FROM (
            SELECT id, institution_id FROM memberships
            WHERE ended_at IS NOT NULL AND names_erased_at IS NULL
              AND (status = 'declined' OR ended_at <= statement_timestamp() - interval '10 minutes')
            ORDER BY ended_at LIMIT max_members FOR UPDATE SKIP LOCKED) m;
        IF due IS NULL THEN
            RETURN 0;
        END IF;
        UPDATE memberships
        SET first_name = '', last_name = '', phone = NULL, attributes = NULL, names_erased_at = statement_timestamp()
        WHERE institution_id = ANY (institutions) AND id = ANY (due);
        UPDATE invitations SET note = '', username = NULL
        WHERE institution_id = ANY (institutions) AND membership_id = ANY (due);
        -- Corrections by hand are stored separately.
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

-- Erases at most `max_members` people whose membership ended 30 days ago, and returns their number. A row that others refer
-- to, such as an inviter's, stays without personal data.
CREATE OR REPLACE FUNCTION erase_people(max_members integer) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = muster, pg_temp SET lock_timeout = '2s'
    AS $$
    DECLARE
        due uuid[];
        institutions uuid[];
    BEGIN
        SELECT array_agg(m.id), array_agg(DISTINCT m.institution_id) INTO due, institutions FROM (
            SELECT id, institution_id FROM memberships
            WHERE ended_at IS NOT NULL AND ended_at <= statement_timestamp() - interval '30 days'
            ORDER BY ended_at LIMIT max_members FOR UPDATE SKIP LOCKED) m;
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
          AND NOT EXISTS (SELECT 1 FROM invitations i WHERE i.institution_id = m.institution_id AND i.inviter_id = m.id)
          AND NOT EXISTS (SELECT 1 FROM imports i WHERE i.institution_id = m.institution_id
                          AND m.id IN (i.begun_by, i.acting, i.sender));
        UPDATE memberships
        SET account_id = NULL, email = '', first_name = '', last_name = '', phone = NULL,
            attributes = NULL, joined_at = NULL, viewed_at = NULL, locked = false, ended_at = NULL
        WHERE institution_id = ANY (institutions) AND id = ANY (due);
        RETURN cardinality(due);
    END
    $$;

REVOKE EXECUTE ON FUNCTION erase_names(integer), erase_people(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION erase_names(integer), erase_people(integer) TO muster_worker;
