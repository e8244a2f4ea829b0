-- The current schema, written by 'make queries'. Change server/migrations and server/schema/functions instead.

CREATE SCHEMA muster;

CREATE FUNCTION muster.analyze_imports() RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'muster', 'pg_temp'
    AS $$ BEGIN ANALYZE import_rows; END $$;

CREATE FUNCTION muster.any_institution() RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'muster', 'pg_temp'
    AS $$ SELECT EXISTS (SELECT 1 FROM institutions) $$;

CREATE FUNCTION muster.fold(value text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN (octet_length(value) = char_length(value)) THEN lower(value) ELSE replace(replace(replace(replace(translate(regexp_replace(lower(NORMALIZE(value, NFKD)), '[\u0300-\u036f]'::text, ''::text, 'g'::text), 'øđłðı'::text, 'odldi'::text), 'ß'::text, 'ss'::text), 'æ'::text, 'ae'::text), 'œ'::text, 'oe'::text), 'þ'::text, 'th'::text) END;

CREATE FUNCTION muster.attribute_search_terms(attributes jsonb) RETURNS text[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN (attributes IS NULL) THEN '{}'::text[] ELSE (SELECT COALESCE((array_agg(DISTINCT "left"(term.term, 60)))[:200], '{}'::text[]) AS "coalesce" FROM (jsonb_each_text(attribute_search_terms.attributes) attribute(name, value) CROSS JOIN LATERAL unnest((regexp_split_to_array(muster.fold("left"(attribute.value, 1000)), '[[:space:],;|/]+'::text))[:100]) term(term))) END;

CREATE FUNCTION muster.bulk_mail() RETURNS TABLE(institution_id uuid, next_at timestamp with time zone)
    LANGUAGE sql STABLE
    SET search_path TO 'muster', 'pg_temp'
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

CREATE FUNCTION muster.claim_import(seconds integer) RETURNS TABLE(institution_id uuid, import_id uuid, fence bigint, state text, attempts integer)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'muster', 'pg_temp'
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

CREATE FUNCTION muster.current_institution() RETURNS uuid
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT nullif(current_setting('muster.institution', true), '')::uuid $$;

CREATE FUNCTION muster.erase_names(max_members integer) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'muster', 'pg_temp'
    SET lock_timeout TO '2s'
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

CREATE FUNCTION muster.erase_people(max_members integer) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'muster', 'pg_temp'
    SET lock_timeout TO '2s'
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

CREATE FUNCTION muster.estimate_user_count(wanted_listing text, wanted_role uuid) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'muster', 'pg_temp'
    AS $$
    DECLARE
        plan json;
    BEGIN
        EXECUTE format(
            'EXPLAIN (FORMAT JSON) SELECT 1 FROM memberships WHERE institution_id = %L AND listing IS NOT NULL', current_institution())
            || CASE WHEN wanted_listing IS NULL THEN '' ELSE format(' AND listing = %L', wanted_listing) END
            || CASE WHEN wanted_role IS NULL THEN '' ELSE format(' AND role_id = %L', wanted_role) END
        INTO plan;
        RETURN (plan -> 0 -> 'Plan' ->> 'Plan Rows')::numeric::bigint;
    END
    $$;

CREATE FUNCTION muster.find_institution(wanted_slug text) RETURNS TABLE(institution_id uuid, main_contact uuid)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'muster', 'pg_temp'
    AS $$
    BEGIN
        RETURN QUERY
        SELECT i.id, m.account_id FROM institutions i
        JOIN memberships m ON m.institution_id = i.id AND m.id = i.main_contact
        WHERE i.slug = wanted_slug;
    END
    $$;

CREATE FUNCTION muster.find_invitation(hash bytea) RETURNS TABLE(institution_id uuid, membership_id uuid, copied boolean)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'muster', 'pg_temp'
    AS $$
    BEGIN
        RETURN QUERY
        SELECT i.institution_id, i.membership_id, false FROM invitations i WHERE i.token_hash = hash
        UNION ALL
        SELECT i.institution_id, i.membership_id, true FROM invitations i WHERE i.copied_hash = hash;
    END
    $$;

CREATE FUNCTION muster.find_login_details(hash bytea, identifier text) RETURNS TABLE(institution_id uuid, membership_id uuid, epoch integer, change_password boolean)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'muster', 'pg_temp'
    AS $$
    BEGIN
        RETURN QUERY
        SELECT i.institution_id, i.membership_id, i.epoch, i.change_password
        FROM invitations i
        JOIN memberships m ON m.institution_id = i.institution_id AND m.id = i.membership_id
        WHERE i.password_hash = hash AND i.closed_at IS NULL AND i.expires_at > clock_timestamp()
          AND (i.username = identifier OR m.email = identifier);
    END
    $$;

CREATE FUNCTION muster.has_waiting_imports() RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'muster', 'pg_temp'
    AS $$
        SELECT EXISTS (SELECT 1 FROM imports WHERE state IN ('checking', 'applying', 'undoing') AND leased_until <= clock_timestamp())
    $$;

CREATE FUNCTION muster.imports_to_send() RETURNS TABLE(institution_id uuid, import_id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'muster', 'pg_temp'
    AS $$
        SELECT i.institution_id, i.id FROM imports i
        WHERE i.send_at <= clock_timestamp() AND i.state IN ('done', 'stopped')
          AND EXISTS (SELECT 1 FROM invitations w
                      WHERE w.institution_id = i.institution_id AND w.import_id = i.id AND w.expires_at = 'infinity'
                        AND w.closed_at IS NULL)
        ORDER BY i.send_at LIMIT 100
    $$;

CREATE FUNCTION muster.insert_reserved_username_terms() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'muster', 'pg_temp'
    AS $$
    BEGIN
        INSERT INTO membership_search_terms (institution_id, term, membership_id, listing)
        SELECT n.institution_id, s.term, n.membership_id, m.listing
        FROM new_rows n
        CROSS JOIN LATERAL (
            SELECT listing FROM memberships WHERE institution_id = n.institution_id AND id = n.membership_id OFFSET 0) m
        CROSS JOIN LATERAL unnest(search_terms_of(NULL, NULL, n.username)) AS s (term)
        WHERE n.username IS NOT NULL AND m.listing IS NOT NULL AND s.term <> ''
        ORDER BY s.term, n.institution_id, n.membership_id
        ON CONFLICT DO NOTHING;
        RETURN NULL;
    END
    $$;

CREATE FUNCTION muster.insert_search_terms() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'muster', 'pg_temp'
    AS $$
    BEGIN
        INSERT INTO membership_search_terms (institution_id, term, membership_id, listing)
        SELECT DISTINCT n.institution_id, s.term, n.id, n.listing
        FROM new_rows n
        -- One lookup for each member: a join would read all accounts for each chunk.
        LEFT JOIN LATERAL (SELECT username FROM accounts WHERE id = n.account_id OFFSET 0) a ON true
        CROSS JOIN LATERAL unnest(search_terms_of(
            CASE WHEN btrim(n.first_name || ' ' || n.last_name) <> '' THEN n.sort_name END, n.email, a.username)
            || attribute_search_terms(n.attributes)) AS s (term)
        WHERE n.listing IS NOT NULL AND s.term <> ''
        ORDER BY s.term, n.institution_id, n.id;
        RETURN NULL;
    END
    $$;

CREATE FUNCTION muster.institutions_of(account uuid) RETURNS TABLE(institution_id uuid, slug text, name text, language text, time_zone text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'muster', 'pg_temp'
    AS $$
    BEGIN
        RETURN QUERY
        SELECT i.id, i.slug, i.name, i.language, i.time_zone
        FROM memberships m
        JOIN institutions i ON i.id = m.institution_id
        WHERE m.account_id = account AND m.status = 'active'
        ORDER BY m.viewed_at DESC NULLS LAST, m.joined_at DESC, i.slug;
    END
    $$;

CREATE FUNCTION muster.mail_paused_since() RETURNS timestamp with time zone
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'muster', 'pg_temp'
    AS $$
        SELECT min(since) FROM mail_pauses
        WHERE scope IN ('00000000-0000-0000-0000-000000000000', current_institution())
    $$;

CREATE FUNCTION muster.name_of(account uuid) RETURNS TABLE(first_name text, last_name text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'muster', 'pg_temp'
    AS $$
    BEGIN
        RETURN QUERY
        SELECT m.first_name, m.last_name
        FROM memberships m
        WHERE m.account_id = account AND m.status = 'active' AND m.last_name <> ''
        ORDER BY m.viewed_at DESC NULLS LAST, m.joined_at DESC
        LIMIT 1;
    END
    $$;

CREATE FUNCTION muster.open_institution(wanted_slug text, account uuid) RETURNS TABLE(institution_id uuid, membership_id uuid)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'muster', 'pg_temp'
    AS $$
    BEGIN
        RETURN QUERY
        SELECT i.id, m.id
        FROM institutions i
        JOIN memberships m ON m.institution_id = i.id AND m.account_id = account AND m.status = 'active'
        WHERE i.slug = wanted_slug;
    END
    $$;

CREATE FUNCTION muster.release_reservations() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'muster', 'pg_temp'
    AS $$
    BEGIN
        NEW.reserved_seats := 0;
        DELETE FROM import_reserved_usernames WHERE institution_id = NEW.institution_id AND import_id = NEW.id;
        RETURN NEW;
    END
    $$;

CREATE FUNCTION muster.revoke_imported(import uuid, from_row integer, to_row integer, assignable_roles uuid[]) RETURNS SETOF uuid
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'muster', 'pg_temp'
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

CREATE FUNCTION muster.search_terms_of(folded_name text, email text, username text) RETURNS text[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN ((((string_to_array(translate(folded_name, '-''’.,	
   '::text, repeat(' '::text, 13)), ' '::text) || string_to_array(translate(folded_name, '	
   '::text, repeat(' '::text, 8)), ' '::text)) || muster.fold(email)) || lower(username)) || (string_to_array(lower(username), '.'::text))[2:]);

CREATE FUNCTION muster.set_membership_end() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'muster', 'pg_temp'
    AS $$
    BEGIN
        NEW.names_erased_at := NULL;
        IF NEW.status IN ('declined', 'revoked', 'removed') THEN
            NEW.ended_at := statement_timestamp();
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

CREATE FUNCTION muster.slug_in_use(wanted text) RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'muster', 'pg_temp'
    AS $$ BEGIN RETURN EXISTS (SELECT 1 FROM institutions i WHERE i.slug = wanted); END $$;

CREATE FUNCTION muster.sweep_imports() RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'muster', 'pg_temp'
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

CREATE FUNCTION muster.sync_locks() RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'muster', 'pg_temp'
    AS $$
        UPDATE accounts SET lock_to_sync = true
        WHERE id IN (SELECT id FROM accounts WHERE lock_to_sync FOR NO KEY UPDATE SKIP LOCKED)
    $$;

CREATE FUNCTION muster.sync_membership_lock() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'muster', 'pg_temp'
    AS $$
    BEGIN
        UPDATE memberships m SET locked = NEW.locked_at IS NOT NULL
        FROM (SELECT institution_id, id FROM memberships
              WHERE account_id = NEW.id AND locked <> (NEW.locked_at IS NOT NULL)
              FOR NO KEY UPDATE SKIP LOCKED) free
        WHERE m.institution_id = free.institution_id AND m.id = free.id;
        NEW.lock_to_sync := EXISTS (
            SELECT 1 FROM memberships WHERE account_id = NEW.id AND locked <> (NEW.locked_at IS NOT NULL));
        RETURN NEW;
    END
    $$;

CREATE FUNCTION muster.update_reserved_username_terms() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'muster', 'pg_temp'
    AS $$
    BEGIN
        DELETE FROM membership_search_terms t
        WHERE t.institution_id = NEW.institution_id AND t.membership_id = NEW.membership_id;
        INSERT INTO membership_search_terms (institution_id, term, membership_id, listing)
        SELECT DISTINCT m.institution_id, s.term, m.id, m.listing
        FROM memberships m
        LEFT JOIN accounts a ON a.id = m.account_id
        CROSS JOIN LATERAL unnest(search_terms_of(
            CASE WHEN btrim(m.first_name || ' ' || m.last_name) <> '' THEN m.sort_name END, m.email,
            coalesce(a.username, NEW.username)) || attribute_search_terms(m.attributes)) AS s (term)
        WHERE m.institution_id = NEW.institution_id AND m.id = NEW.membership_id AND m.listing IS NOT NULL AND s.term <> '';
        RETURN NULL;
    END
    $$;

CREATE FUNCTION muster.update_search_terms() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'muster', 'pg_temp'
    AS $$
    BEGIN
        WITH changed AS (
            SELECT n.institution_id, n.id
            FROM new_rows n JOIN old_rows o ON o.institution_id = n.institution_id AND o.id = n.id
            WHERE (n.first_name, n.last_name, n.email, n.account_id, n.listing, n.attributes)
                  IS DISTINCT FROM (o.first_name, o.last_name, o.email, o.account_id, o.listing, o.attributes)
        )
        DELETE FROM membership_search_terms t USING changed c
        WHERE t.institution_id = c.institution_id AND t.membership_id = c.id;
        INSERT INTO membership_search_terms (institution_id, term, membership_id, listing)
        SELECT DISTINCT n.institution_id, s.term, n.id, n.listing
        FROM new_rows n
        JOIN old_rows o ON o.institution_id = n.institution_id AND o.id = n.id
        LEFT JOIN LATERAL (SELECT username FROM accounts WHERE id = n.account_id OFFSET 0) a ON true
        LEFT JOIN LATERAL (
            SELECT username FROM invitations WHERE n.account_id IS NULL AND institution_id = n.institution_id AND membership_id = n.id OFFSET 0
        ) i ON true
        CROSS JOIN LATERAL unnest(search_terms_of(
            CASE WHEN btrim(n.first_name || ' ' || n.last_name) <> '' THEN n.sort_name END, n.email,
            coalesce(a.username, i.username)) || attribute_search_terms(n.attributes)) AS s (term)
        WHERE n.listing IS NOT NULL AND s.term <> ''
          AND (n.first_name, n.last_name, n.email, n.account_id, n.listing, n.attributes)
              IS DISTINCT FROM (o.first_name, o.last_name, o.email, o.account_id, o.listing, o.attributes)
        ORDER BY s.term, n.institution_id, n.id;
        RETURN NULL;
    END
    $$;

CREATE FUNCTION muster.username_in_use(wanted text, except_institution uuid, except_membership uuid) RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'muster', 'pg_temp'
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

CREATE FUNCTION muster.usernames_in_use(wanted text[]) RETURNS TABLE(username text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 10
    SET search_path TO 'muster', 'pg_temp'
    SET enable_seqscan TO 'off'
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

CREATE FUNCTION muster.was_mailed_to(account uuid, hash bytea) RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'muster', 'pg_temp'
    AS $$
    BEGIN
        RETURN EXISTS (
            SELECT 1 FROM invitations i
            JOIN memberships m ON m.institution_id = i.institution_id AND m.id = i.membership_id
            WHERE i.password_hash = hash AND m.account_id = account);
    END
    $$;

CREATE TABLE muster.account_audit (
    id uuid NOT NULL,
    account_id uuid NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    action text NOT NULL,
    detail jsonb DEFAULT '{}'::jsonb NOT NULL,
    ip inet
);

CREATE TABLE muster.account_links (
    id uuid NOT NULL,
    account_id uuid NOT NULL,
    kind text NOT NULL,
    email text,
    token_hash bytea NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT account_links_token_hash_check CHECK ((length(token_hash) = 32))
);

CREATE TABLE muster.accounts (
    id uuid NOT NULL,
    email text,
    unconfirmed_email text,
    username text NOT NULL,
    password_hash text NOT NULL,
    language text,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    password_changed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    locked_at timestamp with time zone,
    lock_to_sync boolean DEFAULT false NOT NULL,
    must_change_password boolean DEFAULT false NOT NULL,
    password_mailed boolean DEFAULT false NOT NULL,
    CONSTRAINT accounts_email_check CHECK (((length(email) >= 3) AND (length(email) <= 254))),
    CONSTRAINT accounts_one_address CHECK (((email IS NULL) OR (unconfirmed_email IS NULL))),
    CONSTRAINT accounts_unconfirmed_email_check CHECK (((length(unconfirmed_email) >= 3) AND (length(unconfirmed_email) <= 254))),
    CONSTRAINT accounts_username_characters CHECK ((username ~ '^[A-Za-z0-9.]*$'::text)),
    CONSTRAINT accounts_username_length CHECK (((char_length(username) >= 6) AND (char_length(username) <= 64))),
    CONSTRAINT accounts_username_periods CHECK ((username !~ '(^\.|\.$|\.\.)'::text))
);

CREATE TABLE muster.audit (
    institution_id uuid NOT NULL,
    id uuid NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    actor_id uuid,
    action text NOT NULL,
    subject_id uuid,
    detail jsonb DEFAULT '{}'::jsonb NOT NULL,
    ip inet
);

ALTER TABLE ONLY muster.audit FORCE ROW LEVEL SECURITY;

CREATE TABLE muster.dev_mailbox (
    id bigint NOT NULL,
    message_id text NOT NULL,
    recipient text NOT NULL,
    subject text NOT NULL,
    text_body text NOT NULL,
    html_body text NOT NULL,
    delivered_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);

ALTER TABLE muster.dev_mailbox ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME muster.dev_mailbox_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE muster.function_files (
    name text NOT NULL,
    checksum bytea NOT NULL,
    CONSTRAINT function_files_checksum_check CHECK ((length(checksum) = 32))
);

CREATE TABLE muster.import_chunks (
    institution_id uuid NOT NULL,
    import_id uuid NOT NULL,
    phase text NOT NULL,
    number integer NOT NULL,
    fence bigint NOT NULL,
    counts jsonb NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT import_chunks_number_check CHECK ((number >= 0)),
    CONSTRAINT import_chunks_phase_check CHECK ((phase = ANY (ARRAY['apply'::text, 'undo'::text])))
);

ALTER TABLE ONLY muster.import_chunks FORCE ROW LEVEL SECURITY;

CREATE TABLE muster.import_edits (
    institution_id uuid NOT NULL,
    import_id uuid NOT NULL,
    "row" integer NOT NULL,
    field text NOT NULL,
    value text NOT NULL,
    CONSTRAINT import_edits_row_check CHECK (("row" > 0))
);

ALTER TABLE ONLY muster.import_edits FORCE ROW LEVEL SECURITY;

CREATE TABLE muster.import_mappings (
    institution_id uuid NOT NULL,
    key bytea NOT NULL,
    mapping jsonb NOT NULL,
    used_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT import_mappings_key_check CHECK ((length(key) = 32))
);

ALTER TABLE ONLY muster.import_mappings FORCE ROW LEVEL SECURITY;

CREATE TABLE muster.import_parts (
    institution_id uuid NOT NULL,
    import_id uuid NOT NULL,
    number integer NOT NULL,
    sha256 bytea NOT NULL,
    size integer NOT NULL,
    bytes bytea NOT NULL,
    CONSTRAINT import_parts_number_check CHECK ((number >= 0)),
    CONSTRAINT import_parts_sha256_check CHECK ((length(sha256) = 32)),
    CONSTRAINT import_parts_size_check CHECK (((size >= 1) AND (size <= 4194304)))
);
ALTER TABLE ONLY muster.import_parts ALTER COLUMN bytes SET STORAGE EXTERNAL;

ALTER TABLE ONLY muster.import_parts FORCE ROW LEVEL SECURITY;

CREATE TABLE muster.import_reserved_usernames (
    institution_id uuid NOT NULL,
    import_id uuid NOT NULL,
    username text NOT NULL
);

ALTER TABLE ONLY muster.import_reserved_usernames FORCE ROW LEVEL SECURITY;

CREATE TABLE muster.import_rows (
    institution_id uuid NOT NULL,
    import_id uuid NOT NULL,
    number integer NOT NULL,
    line bigint NOT NULL,
    sound boolean NOT NULL,
    username text,
    first_name text,
    last_name text,
    email text,
    phone text,
    sets_phone boolean NOT NULL,
    role_id uuid,
    language text,
    attributes jsonb,
    verdict text NOT NULL,
    reasons jsonb DEFAULT '[]'::jsonb NOT NULL,
    membership_id uuid,
    token_hash bytea,
    old jsonb,
    undone text,
    change_password boolean,
    CONSTRAINT import_rows_undone_check CHECK ((undone = ANY (ARRAY['undone'::text, 'kept'::text])))
);

ALTER TABLE ONLY muster.import_rows FORCE ROW LEVEL SECURITY;

CREATE TABLE muster.imports (
    institution_id uuid NOT NULL,
    id uuid NOT NULL,
    key text NOT NULL,
    begun_by uuid NOT NULL,
    operator boolean DEFAULT false NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    file_name text NOT NULL,
    size bigint NOT NULL,
    sha256 bytea,
    encoding text NOT NULL,
    delimiter text NOT NULL,
    mapping jsonb NOT NULL,
    options jsonb NOT NULL,
    headers text[] DEFAULT '{}'::text[] NOT NULL,
    line_end text,
    fault jsonb,
    mismatch boolean DEFAULT false NOT NULL,
    state text DEFAULT 'uploading'::text NOT NULL,
    stopped_by text,
    acting uuid,
    phase_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    fence bigint DEFAULT 0 NOT NULL,
    leased_until timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL,
    last_slice_at timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    progress integer DEFAULT 0 NOT NULL,
    chunk_rows integer DEFAULT 10000 NOT NULL,
    checked_bytes bigint DEFAULT 0 NOT NULL,
    plan jsonb,
    done jsonb,
    undone integer[],
    applied_at timestamp with time zone,
    send_at timestamp with time zone,
    sender uuid,
    reserved_seats integer DEFAULT 0 NOT NULL,
    CONSTRAINT imports_chunk_rows_check CHECK ((chunk_rows > 0)),
    CONSTRAINT imports_file_name_check CHECK (((char_length(file_name) >= 1) AND (char_length(file_name) <= 255))),
    CONSTRAINT imports_key_check CHECK (((length(key) >= 16) AND (length(key) <= 64))),
    CONSTRAINT imports_reserved_seats_check CHECK ((reserved_seats >= 0)),
    CONSTRAINT imports_sha256_check CHECK ((length(sha256) = 32)),
    CONSTRAINT imports_size_check CHECK ((size > 0))
);

ALTER TABLE ONLY muster.imports FORCE ROW LEVEL SECURITY;

CREATE TABLE muster.institutions (
    id uuid NOT NULL,
    slug text NOT NULL,
    name text NOT NULL,
    time_zone text NOT NULL,
    language text NOT NULL,
    seats integer,
    invitation_hours integer DEFAULT 24 NOT NULL,
    main_contact uuid NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT institutions_invitation_hours_check CHECK (((invitation_hours >= 1) AND (invitation_hours <= 168))),
    CONSTRAINT institutions_name_check CHECK (((char_length(name) >= 1) AND (char_length(name) <= 120))),
    CONSTRAINT institutions_seats_check CHECK ((seats >= 0)),
    CONSTRAINT institutions_slug_check CHECK (((slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'::text) AND (length(slug) <= 60)))
);

ALTER TABLE ONLY muster.institutions FORCE ROW LEVEL SECURITY;

CREATE TABLE muster.invitations (
    institution_id uuid NOT NULL,
    membership_id uuid NOT NULL,
    inviter_id uuid NOT NULL,
    note text DEFAULT ''::text NOT NULL,
    language text NOT NULL,
    username text,
    epoch integer DEFAULT 1 NOT NULL,
    token_hash bytea NOT NULL,
    copied_hash bytea,
    copied_at timestamp with time zone,
    sent_at timestamp with time zone,
    resent_at timestamp with time zone,
    expires_at timestamp with time zone NOT NULL,
    viewed_at timestamp with time zone,
    asked_again_at timestamp with time zone,
    used_at timestamp with time zone,
    closed_at timestamp with time zone,
    mail_state text DEFAULT 'queued'::text NOT NULL,
    mail_state_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    mail_response text DEFAULT ''::text NOT NULL,
    import_id uuid,
    login_details boolean DEFAULT false NOT NULL,
    change_password boolean DEFAULT true NOT NULL,
    password_hash bytea,
    CONSTRAINT invitations_copied_hash_check CHECK ((length(copied_hash) = 32)),
    CONSTRAINT invitations_epoch_check CHECK ((epoch > 0)),
    CONSTRAINT invitations_mail_state_check CHECK ((mail_state = ANY (ARRAY['queued'::text, 'delayed'::text, 'sent'::text, 'refused'::text]))),
    CONSTRAINT invitations_note_check CHECK ((char_length(note) <= 1000)),
    CONSTRAINT invitations_password_hash_check CHECK ((length(password_hash) = 32)),
    CONSTRAINT invitations_token_hash_check CHECK ((length(token_hash) = 32)),
    CONSTRAINT invitations_unsent_never_expire CHECK ((isfinite(expires_at) OR (sent_at IS NULL))),
    CONSTRAINT invitations_username_check CHECK (((username IS NULL) OR ((char_length(username) >= 6) AND (char_length(username) <= 64))))
);

ALTER TABLE ONLY muster.invitations FORCE ROW LEVEL SECURITY;

CREATE TABLE muster.mail_pauses (
    scope uuid NOT NULL,
    cause text NOT NULL,
    certain boolean NOT NULL,
    response text NOT NULL,
    since timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    until timestamp with time zone NOT NULL,
    probes integer DEFAULT 0 NOT NULL,
    accepted_at timestamp with time zone
);

CREATE TABLE muster.membership_search_terms (
    institution_id uuid NOT NULL,
    term text NOT NULL COLLATE pg_catalog."C",
    membership_id uuid NOT NULL,
    listing text NOT NULL
);

ALTER TABLE ONLY muster.membership_search_terms FORCE ROW LEVEL SECURITY;

CREATE TABLE muster.memberships (
    institution_id uuid NOT NULL,
    id uuid NOT NULL,
    account_id uuid,
    role_id uuid NOT NULL,
    status text NOT NULL,
    email text NOT NULL,
    first_name text DEFAULT ''::text NOT NULL,
    last_name text DEFAULT ''::text NOT NULL,
    phone text,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    joined_at timestamp with time zone,
    viewed_at timestamp with time zone,
    welcomed boolean DEFAULT true NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    locked boolean DEFAULT false NOT NULL,
    listing text GENERATED ALWAYS AS (
CASE
    WHEN ((status = 'active'::text) AND locked) THEN 'locked'::text
    WHEN (status = ANY (ARRAY['invited'::text, 'active'::text, 'deactivated'::text])) THEN status
    ELSE NULL::text
END) STORED,
    sort_name text GENERATED ALWAYS AS (muster.fold(COALESCE(NULLIF(btrim(((first_name || ' '::text) || last_name)), ''::text), email))) STORED NOT NULL COLLATE pg_catalog."C",
    attributes jsonb,
    ended_at timestamp with time zone,
    names_erased_at timestamp with time zone,
    CONSTRAINT memberships_check CHECK ((((account_id IS NULL) = (status = ANY (ARRAY['invited'::text, 'declined'::text, 'revoked'::text]))) OR (status = 'removed'::text))),
    CONSTRAINT memberships_first_name_check CHECK ((char_length(first_name) <= 100)),
    CONSTRAINT memberships_last_name_check CHECK ((char_length(last_name) <= 100)),
    CONSTRAINT memberships_phone_check CHECK ((phone ~ '^\+[0-9]{7,15}$'::text)),
    CONSTRAINT memberships_status_check CHECK ((status = ANY (ARRAY['invited'::text, 'active'::text, 'deactivated'::text, 'declined'::text, 'revoked'::text, 'removed'::text])))
);

ALTER TABLE ONLY muster.memberships FORCE ROW LEVEL SECURITY;

CREATE TABLE muster.outbox (
    id bigint NOT NULL,
    kind text NOT NULL,
    institution_id uuid,
    membership_id uuid,
    epoch integer,
    account_id uuid,
    identifier text,
    link_id uuid,
    message_id uuid NOT NULL,
    state text DEFAULT 'queued'::text NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    next_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    fence bigint DEFAULT 0 NOT NULL,
    response text DEFAULT ''::text NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    done_at timestamp with time zone,
    bulk boolean DEFAULT false NOT NULL,
    blocked_at timestamp with time zone,
    CONSTRAINT outbox_kind_check CHECK ((kind = ANY (ARRAY['invitation'::text, 'reset'::text, 'unlock'::text, 'password_changed'::text, 'confirm'::text]))),
    CONSTRAINT outbox_state_check CHECK ((state = ANY (ARRAY['queued'::text, 'sent'::text, 'refused'::text, 'dropped'::text])))
);

ALTER TABLE muster.outbox ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME muster.outbox_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE muster.rate_limits (
    key text NOT NULL,
    window_at timestamp with time zone NOT NULL,
    used integer NOT NULL,
    CONSTRAINT rate_limits_used_check CHECK ((used > 0))
);

CREATE TABLE muster.roles (
    institution_id uuid NOT NULL,
    id uuid NOT NULL,
    code text,
    name text NOT NULL,
    administrator boolean NOT NULL,
    permissions text[] NOT NULL,
    CONSTRAINT roles_code_check CHECK ((code = ANY (ARRAY['administrator'::text, 'basic'::text]))),
    CONSTRAINT roles_name_check CHECK (((char_length(name) >= 1) AND (char_length(name) <= 100)))
);

ALTER TABLE ONLY muster.roles FORCE ROW LEVEL SECURITY;

CREATE TABLE muster.sessions (
    token_hash bytea NOT NULL,
    account_id uuid NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    idle_until timestamp with time zone NOT NULL,
    absolute_until timestamp with time zone NOT NULL,
    idle_seconds integer NOT NULL,
    CONSTRAINT sessions_idle_seconds_check CHECK ((idle_seconds > 0)),
    CONSTRAINT sessions_token_hash_check CHECK ((length(token_hash) = 32))
);

CREATE TABLE muster.setup (
    only_one boolean DEFAULT true NOT NULL,
    token_hash bytea NOT NULL,
    used_at timestamp with time zone,
    CONSTRAINT setup_only_one_check CHECK (only_one),
    CONSTRAINT setup_token_hash_check CHECK ((length(token_hash) = 32))
);

CREATE TABLE muster.sign_in_failures (
    key bytea NOT NULL,
    failures integer NOT NULL,
    last_at timestamp with time zone NOT NULL,
    blocked_until timestamp with time zone NOT NULL,
    CONSTRAINT sign_in_failures_failures_check CHECK ((failures > 0)),
    CONSTRAINT sign_in_failures_key_check CHECK ((length(key) = 32))
);

ALTER TABLE ONLY muster.account_audit
    ADD CONSTRAINT account_audit_pkey PRIMARY KEY (id);

ALTER TABLE ONLY muster.account_links
    ADD CONSTRAINT account_links_pkey PRIMARY KEY (id);

ALTER TABLE ONLY muster.account_links
    ADD CONSTRAINT account_links_token_hash_key UNIQUE (token_hash);

ALTER TABLE ONLY muster.accounts
    ADD CONSTRAINT accounts_email_key UNIQUE (email);

ALTER TABLE ONLY muster.accounts
    ADD CONSTRAINT accounts_pkey PRIMARY KEY (id);

ALTER TABLE ONLY muster.audit
    ADD CONSTRAINT audit_pkey PRIMARY KEY (institution_id, id);

ALTER TABLE ONLY muster.dev_mailbox
    ADD CONSTRAINT dev_mailbox_pkey PRIMARY KEY (id);

ALTER TABLE ONLY muster.function_files
    ADD CONSTRAINT function_files_pkey PRIMARY KEY (name);

ALTER TABLE ONLY muster.import_chunks
    ADD CONSTRAINT import_chunks_pkey PRIMARY KEY (institution_id, import_id, phase, number);

ALTER TABLE ONLY muster.import_edits
    ADD CONSTRAINT import_edits_pkey PRIMARY KEY (institution_id, import_id, "row", field);

ALTER TABLE ONLY muster.import_mappings
    ADD CONSTRAINT import_mappings_pkey PRIMARY KEY (institution_id, key);

ALTER TABLE ONLY muster.import_parts
    ADD CONSTRAINT import_parts_pkey PRIMARY KEY (institution_id, import_id, number);

ALTER TABLE ONLY muster.import_reserved_usernames
    ADD CONSTRAINT import_reserved_usernames_pkey PRIMARY KEY (institution_id, import_id, username);

ALTER TABLE ONLY muster.import_rows
    ADD CONSTRAINT import_rows_pkey PRIMARY KEY (institution_id, import_id, number);

ALTER TABLE ONLY muster.imports
    ADD CONSTRAINT imports_key UNIQUE (institution_id, key);

ALTER TABLE ONLY muster.imports
    ADD CONSTRAINT imports_pkey PRIMARY KEY (institution_id, id);

ALTER TABLE ONLY muster.institutions
    ADD CONSTRAINT institutions_pkey PRIMARY KEY (id);

ALTER TABLE ONLY muster.institutions
    ADD CONSTRAINT institutions_slug_key UNIQUE (slug);

ALTER TABLE ONLY muster.invitations
    ADD CONSTRAINT invitations_pkey PRIMARY KEY (institution_id, membership_id);

ALTER TABLE ONLY muster.mail_pauses
    ADD CONSTRAINT mail_pauses_pkey PRIMARY KEY (scope);

ALTER TABLE ONLY muster.membership_search_terms
    ADD CONSTRAINT membership_search_terms_pkey PRIMARY KEY (institution_id, term, membership_id) INCLUDE (listing);

ALTER TABLE ONLY muster.memberships
    ADD CONSTRAINT memberships_pkey PRIMARY KEY (institution_id, id);

ALTER TABLE ONLY muster.outbox
    ADD CONSTRAINT outbox_message_id_key UNIQUE (message_id);

ALTER TABLE ONLY muster.outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (id);

ALTER TABLE ONLY muster.rate_limits
    ADD CONSTRAINT rate_limits_pkey PRIMARY KEY (key, window_at);

ALTER TABLE ONLY muster.roles
    ADD CONSTRAINT roles_name_key UNIQUE (institution_id, name);

ALTER TABLE ONLY muster.roles
    ADD CONSTRAINT roles_pkey PRIMARY KEY (institution_id, id);

ALTER TABLE ONLY muster.sessions
    ADD CONSTRAINT sessions_pkey PRIMARY KEY (token_hash);

ALTER TABLE ONLY muster.setup
    ADD CONSTRAINT setup_pkey PRIMARY KEY (only_one);

ALTER TABLE ONLY muster.sign_in_failures
    ADD CONSTRAINT sign_in_failures_pkey PRIMARY KEY (key);

CREATE INDEX account_audit_account ON muster.account_audit USING btree (account_id, at);

CREATE INDEX account_links_account ON muster.account_links USING btree (account_id, kind, created_at);

CREATE INDEX accounts_lock_to_sync ON muster.accounts USING btree (id) WHERE lock_to_sync;

CREATE UNIQUE INDEX accounts_username_key ON muster.accounts USING btree (lower(username));

CREATE INDEX audit_actor ON muster.audit USING btree (institution_id, actor_id) WHERE (ip IS NOT NULL);

CREATE INDEX audit_subject ON muster.audit USING btree (institution_id, subject_id, at);

CREATE INDEX import_reserved_usernames_username ON muster.import_reserved_usernames USING btree (username);

CREATE INDEX import_rows_by_verdict ON muster.import_rows USING btree (institution_id, import_id, verdict, number) WHERE (verdict <> 'invite'::text);

CREATE INDEX import_rows_kept ON muster.import_rows USING btree (institution_id, import_id, number) WHERE (undone = 'kept'::text);

CREATE INDEX import_rows_with_warnings ON muster.import_rows USING btree (institution_id, import_id, number) WHERE ((reasons <> '[]'::jsonb) AND (verdict <> 'refused'::text));

CREATE INDEX imports_by_created ON muster.imports USING btree (institution_id, created_at);

CREATE INDEX imports_to_send ON muster.imports USING btree (send_at) WHERE (send_at IS NOT NULL);

CREATE INDEX imports_waiting ON muster.imports USING btree (last_slice_at) WHERE (state = ANY (ARRAY['checking'::text, 'applying'::text, 'undoing'::text]));

CREATE INDEX invitations_asked_again ON muster.invitations USING btree (institution_id, asked_again_at) WHERE ((closed_at IS NULL) AND (asked_again_at IS NOT NULL));

CREATE INDEX invitations_by_expiry ON muster.invitations USING btree (institution_id, expires_at) WHERE (closed_at IS NULL);

CREATE INDEX invitations_by_inviter ON muster.invitations USING btree (institution_id, inviter_id);

CREATE UNIQUE INDEX invitations_copied_key ON muster.invitations USING btree (copied_hash) WHERE (copied_hash IS NOT NULL);

CREATE INDEX invitations_password ON muster.invitations USING btree (password_hash) WHERE (password_hash IS NOT NULL);

CREATE INDEX invitations_refused ON muster.invitations USING btree (institution_id, mail_state_at) WHERE ((closed_at IS NULL) AND (mail_state = 'refused'::text));

CREATE UNIQUE INDEX invitations_token_key ON muster.invitations USING btree (token_hash);

CREATE INDEX invitations_username ON muster.invitations USING btree (lower(username)) WHERE ((username IS NOT NULL) AND (closed_at IS NULL));

CREATE INDEX invitations_waiting ON muster.invitations USING btree (institution_id, import_id, membership_id) WHERE ((expires_at = 'infinity'::timestamp with time zone) AND (closed_at IS NULL));

CREATE INDEX membership_search_terms_of ON muster.membership_search_terms USING btree (institution_id, membership_id, term);

CREATE UNIQUE INDEX memberships_account_key ON muster.memberships USING btree (institution_id, account_id) WHERE (status = ANY (ARRAY['active'::text, 'deactivated'::text]));

CREATE INDEX memberships_by_account ON muster.memberships USING btree (account_id, viewed_at DESC NULLS LAST) WHERE (status = 'active'::text);

CREATE INDEX memberships_by_created ON muster.memberships USING btree (institution_id, created_at, id) WHERE (listing IS NOT NULL);

CREATE INDEX memberships_by_email ON muster.memberships USING btree (institution_id, email) WHERE (listing IS NOT NULL);

CREATE INDEX memberships_by_listing ON muster.memberships USING btree (institution_id, listing, sort_name, id) WHERE (listing IS NOT NULL);

CREATE INDEX memberships_by_name ON muster.memberships USING btree (institution_id, sort_name, id) WHERE (listing IS NOT NULL);

CREATE INDEX memberships_by_role ON muster.memberships USING btree (institution_id, role_id, sort_name, id) WHERE (listing IS NOT NULL);

CREATE INDEX memberships_by_viewed ON muster.memberships USING btree (institution_id, COALESCE(viewed_at, '-infinity'::timestamp with time zone), id) WHERE (listing IS NOT NULL);

CREATE INDEX memberships_names_to_erase ON muster.memberships USING btree (ended_at) WHERE ((ended_at IS NOT NULL) AND (names_erased_at IS NULL));

CREATE UNIQUE INDEX memberships_open_email_key ON muster.memberships USING btree (institution_id, email) WHERE (status = 'invited'::text);

CREATE INDEX memberships_to_erase ON muster.memberships USING btree (ended_at) WHERE (ended_at IS NOT NULL);

CREATE INDEX outbox_bulk ON muster.outbox USING btree (institution_id, next_at) WHERE ((state = 'queued'::text) AND bulk);

CREATE INDEX outbox_due ON muster.outbox USING btree (next_at) WHERE ((state = 'queued'::text) AND (NOT bulk));

CREATE INDEX rate_limits_window_at ON muster.rate_limits USING btree (window_at);

CREATE INDEX sessions_absolute_until ON muster.sessions USING btree (absolute_until);

CREATE INDEX sessions_account ON muster.sessions USING btree (account_id);

CREATE INDEX sign_in_failures_last_at ON muster.sign_in_failures USING btree (last_at);

CREATE STATISTICS muster.memberships_states (mcv) ON institution_id, role_id, listing FROM muster.memberships;

CREATE TRIGGER insert_reserved_username_terms AFTER INSERT ON muster.invitations REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION muster.insert_reserved_username_terms();

CREATE TRIGGER insert_search_terms AFTER INSERT ON muster.memberships REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION muster.insert_search_terms();

CREATE TRIGGER release_reservations BEFORE UPDATE OF state ON muster.imports FOR EACH ROW WHEN (((old.state = 'applying'::text) AND (new.state <> 'applying'::text))) EXECUTE FUNCTION muster.release_reservations();

CREATE TRIGGER set_membership_end BEFORE UPDATE OF status ON muster.memberships FOR EACH ROW WHEN ((old.status <> new.status)) EXECUTE FUNCTION muster.set_membership_end();

CREATE TRIGGER sync_membership_lock BEFORE UPDATE OF locked_at, lock_to_sync ON muster.accounts FOR EACH ROW WHEN ((((new.locked_at IS NULL) <> (old.locked_at IS NULL)) OR new.lock_to_sync)) EXECUTE FUNCTION muster.sync_membership_lock();

CREATE TRIGGER update_reserved_username_terms AFTER UPDATE OF username ON muster.invitations FOR EACH ROW WHEN ((new.username IS DISTINCT FROM old.username)) EXECUTE FUNCTION muster.update_reserved_username_terms();

CREATE TRIGGER update_search_terms AFTER UPDATE ON muster.memberships REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION muster.update_search_terms();

ALTER TABLE ONLY muster.account_audit
    ADD CONSTRAINT account_audit_account_id_fkey FOREIGN KEY (account_id) REFERENCES muster.accounts(id) ON DELETE CASCADE;

ALTER TABLE ONLY muster.account_links
    ADD CONSTRAINT account_links_account_id_fkey FOREIGN KEY (account_id) REFERENCES muster.accounts(id) ON DELETE CASCADE;

ALTER TABLE ONLY muster.audit
    ADD CONSTRAINT audit_institution_id_fkey FOREIGN KEY (institution_id) REFERENCES muster.institutions(id) ON DELETE CASCADE;

ALTER TABLE ONLY muster.import_chunks
    ADD CONSTRAINT import_chunks_institution_id_import_id_fkey FOREIGN KEY (institution_id, import_id) REFERENCES muster.imports(institution_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY muster.import_edits
    ADD CONSTRAINT import_edits_institution_id_import_id_fkey FOREIGN KEY (institution_id, import_id) REFERENCES muster.imports(institution_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY muster.import_mappings
    ADD CONSTRAINT import_mappings_institution_id_fkey FOREIGN KEY (institution_id) REFERENCES muster.institutions(id) ON DELETE CASCADE;

ALTER TABLE ONLY muster.import_parts
    ADD CONSTRAINT import_parts_institution_id_import_id_fkey FOREIGN KEY (institution_id, import_id) REFERENCES muster.imports(institution_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY muster.import_reserved_usernames
    ADD CONSTRAINT import_reserved_usernames_institution_id_import_id_fkey FOREIGN KEY (institution_id, import_id) REFERENCES muster.imports(institution_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY muster.imports
    ADD CONSTRAINT imports_institution_id_acting_fkey FOREIGN KEY (institution_id, acting) REFERENCES muster.memberships(institution_id, id);

ALTER TABLE ONLY muster.imports
    ADD CONSTRAINT imports_institution_id_begun_by_fkey FOREIGN KEY (institution_id, begun_by) REFERENCES muster.memberships(institution_id, id);

ALTER TABLE ONLY muster.imports
    ADD CONSTRAINT imports_institution_id_fkey FOREIGN KEY (institution_id) REFERENCES muster.institutions(id) ON DELETE CASCADE;

ALTER TABLE ONLY muster.imports
    ADD CONSTRAINT imports_institution_id_sender_fkey FOREIGN KEY (institution_id, sender) REFERENCES muster.memberships(institution_id, id);

ALTER TABLE ONLY muster.institutions
    ADD CONSTRAINT institutions_main_contact FOREIGN KEY (id, main_contact) REFERENCES muster.memberships(institution_id, id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY muster.invitations
    ADD CONSTRAINT invitations_institution_id_import_id_fkey FOREIGN KEY (institution_id, import_id) REFERENCES muster.imports(institution_id, id);

ALTER TABLE ONLY muster.invitations
    ADD CONSTRAINT invitations_institution_id_inviter_id_fkey FOREIGN KEY (institution_id, inviter_id) REFERENCES muster.memberships(institution_id, id);

ALTER TABLE ONLY muster.invitations
    ADD CONSTRAINT invitations_institution_id_membership_id_fkey FOREIGN KEY (institution_id, membership_id) REFERENCES muster.memberships(institution_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY muster.memberships
    ADD CONSTRAINT memberships_account_id_fkey FOREIGN KEY (account_id) REFERENCES muster.accounts(id);

ALTER TABLE ONLY muster.memberships
    ADD CONSTRAINT memberships_institution_id_fkey FOREIGN KEY (institution_id) REFERENCES muster.institutions(id) ON DELETE CASCADE;

ALTER TABLE ONLY muster.memberships
    ADD CONSTRAINT memberships_institution_id_role_id_fkey FOREIGN KEY (institution_id, role_id) REFERENCES muster.roles(institution_id, id);

ALTER TABLE ONLY muster.roles
    ADD CONSTRAINT roles_institution_id_fkey FOREIGN KEY (institution_id) REFERENCES muster.institutions(id) ON DELETE CASCADE;

ALTER TABLE ONLY muster.sessions
    ADD CONSTRAINT sessions_account_id_fkey FOREIGN KEY (account_id) REFERENCES muster.accounts(id) ON DELETE CASCADE;

ALTER TABLE muster.audit ENABLE ROW LEVEL SECURITY;

ALTER TABLE muster.import_chunks ENABLE ROW LEVEL SECURITY;

ALTER TABLE muster.import_edits ENABLE ROW LEVEL SECURITY;

ALTER TABLE muster.import_mappings ENABLE ROW LEVEL SECURITY;

ALTER TABLE muster.import_parts ENABLE ROW LEVEL SECURITY;

ALTER TABLE muster.import_reserved_usernames ENABLE ROW LEVEL SECURITY;

ALTER TABLE muster.import_rows ENABLE ROW LEVEL SECURITY;

ALTER TABLE muster.imports ENABLE ROW LEVEL SECURITY;

ALTER TABLE muster.institutions ENABLE ROW LEVEL SECURITY;

ALTER TABLE muster.invitations ENABLE ROW LEVEL SECURITY;

ALTER TABLE muster.membership_search_terms ENABLE ROW LEVEL SECURITY;

ALTER TABLE muster.memberships ENABLE ROW LEVEL SECURITY;

CREATE POLICY owner_delete ON muster.import_edits FOR DELETE TO muster_owner USING (true);

CREATE POLICY owner_delete ON muster.import_parts FOR DELETE TO muster_owner USING (true);

CREATE POLICY owner_delete ON muster.import_reserved_usernames FOR DELETE TO muster_owner USING (true);

CREATE POLICY owner_delete ON muster.import_rows FOR DELETE TO muster_owner USING (true);

CREATE POLICY owner_delete ON muster.invitations FOR DELETE TO muster_owner USING (true);

CREATE POLICY owner_delete ON muster.membership_search_terms FOR DELETE TO muster_owner USING (true);

CREATE POLICY owner_delete ON muster.memberships FOR DELETE TO muster_owner USING (true);

CREATE POLICY owner_insert ON muster.membership_search_terms FOR INSERT TO muster_owner WITH CHECK (true);

CREATE POLICY owner_read ON muster.audit FOR SELECT TO muster_owner USING (true);

CREATE POLICY owner_read ON muster.import_chunks FOR SELECT TO muster_owner USING (true);

CREATE POLICY owner_read ON muster.import_edits FOR SELECT TO muster_owner USING (true);

CREATE POLICY owner_read ON muster.import_mappings FOR SELECT TO muster_owner USING (true);

CREATE POLICY owner_read ON muster.import_parts FOR SELECT TO muster_owner USING (true);

CREATE POLICY owner_read ON muster.import_reserved_usernames FOR SELECT TO muster_owner USING (true);

CREATE POLICY owner_read ON muster.import_rows FOR SELECT TO muster_owner USING (true);

CREATE POLICY owner_read ON muster.imports FOR SELECT TO muster_owner USING (true);

CREATE POLICY owner_read ON muster.institutions FOR SELECT TO muster_owner USING (true);

CREATE POLICY owner_read ON muster.invitations FOR SELECT TO muster_owner USING (true);

CREATE POLICY owner_read ON muster.membership_search_terms FOR SELECT TO muster_owner USING (true);

CREATE POLICY owner_read ON muster.memberships FOR SELECT TO muster_owner USING (true);

CREATE POLICY owner_read ON muster.roles FOR SELECT TO muster_owner USING (true);

CREATE POLICY owner_update ON muster.audit FOR UPDATE TO muster_owner USING (true) WITH CHECK (true);

CREATE POLICY owner_update ON muster.import_rows FOR UPDATE TO muster_owner USING (true) WITH CHECK (true);

CREATE POLICY owner_update ON muster.imports FOR UPDATE TO muster_owner USING (true) WITH CHECK (true);

CREATE POLICY owner_update ON muster.invitations FOR UPDATE TO muster_owner USING (true) WITH CHECK (true);

CREATE POLICY owner_update ON muster.memberships FOR UPDATE TO muster_owner USING (true) WITH CHECK (true);

ALTER TABLE muster.roles ENABLE ROW LEVEL SECURITY;

CREATE POLICY tenant ON muster.audit USING ((institution_id = muster.current_institution())) WITH CHECK ((institution_id = muster.current_institution()));

CREATE POLICY tenant ON muster.import_chunks USING ((institution_id = muster.current_institution())) WITH CHECK ((institution_id = muster.current_institution()));

CREATE POLICY tenant ON muster.import_edits USING ((institution_id = muster.current_institution())) WITH CHECK ((institution_id = muster.current_institution()));

CREATE POLICY tenant ON muster.import_mappings USING ((institution_id = muster.current_institution())) WITH CHECK ((institution_id = muster.current_institution()));

CREATE POLICY tenant ON muster.import_parts USING ((institution_id = muster.current_institution())) WITH CHECK ((institution_id = muster.current_institution()));

CREATE POLICY tenant ON muster.import_reserved_usernames USING ((institution_id = muster.current_institution())) WITH CHECK ((institution_id = muster.current_institution()));

CREATE POLICY tenant ON muster.import_rows USING ((institution_id = muster.current_institution())) WITH CHECK ((institution_id = muster.current_institution()));

CREATE POLICY tenant ON muster.imports USING ((institution_id = muster.current_institution())) WITH CHECK ((institution_id = muster.current_institution()));

CREATE POLICY tenant ON muster.institutions USING ((id = muster.current_institution())) WITH CHECK ((id = muster.current_institution()));

CREATE POLICY tenant ON muster.invitations USING ((institution_id = muster.current_institution())) WITH CHECK ((institution_id = muster.current_institution()));

CREATE POLICY tenant ON muster.membership_search_terms USING ((institution_id = muster.current_institution())) WITH CHECK ((institution_id = muster.current_institution()));

CREATE POLICY tenant ON muster.memberships USING ((institution_id = muster.current_institution())) WITH CHECK ((institution_id = muster.current_institution()));

CREATE POLICY tenant ON muster.roles USING ((institution_id = muster.current_institution())) WITH CHECK ((institution_id = muster.current_institution()));

GRANT USAGE ON SCHEMA muster TO muster_app;
GRANT USAGE ON SCHEMA muster TO muster_worker;

REVOKE ALL ON FUNCTION muster.analyze_imports() FROM PUBLIC;
GRANT ALL ON FUNCTION muster.analyze_imports() TO muster_worker;

REVOKE ALL ON FUNCTION muster.any_institution() FROM PUBLIC;
GRANT ALL ON FUNCTION muster.any_institution() TO muster_app;

REVOKE ALL ON FUNCTION muster.fold(value text) FROM PUBLIC;
GRANT ALL ON FUNCTION muster.fold(value text) TO muster_app;
GRANT ALL ON FUNCTION muster.fold(value text) TO muster_worker;

REVOKE ALL ON FUNCTION muster.attribute_search_terms(attributes jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION muster.bulk_mail() FROM PUBLIC;
GRANT ALL ON FUNCTION muster.bulk_mail() TO muster_worker;

REVOKE ALL ON FUNCTION muster.claim_import(seconds integer) FROM PUBLIC;
GRANT ALL ON FUNCTION muster.claim_import(seconds integer) TO muster_worker;

REVOKE ALL ON FUNCTION muster.current_institution() FROM PUBLIC;
GRANT ALL ON FUNCTION muster.current_institution() TO muster_app;
GRANT ALL ON FUNCTION muster.current_institution() TO muster_worker;

REVOKE ALL ON FUNCTION muster.erase_names(max_members integer) FROM PUBLIC;
GRANT ALL ON FUNCTION muster.erase_names(max_members integer) TO muster_worker;

REVOKE ALL ON FUNCTION muster.erase_people(max_members integer) FROM PUBLIC;
GRANT ALL ON FUNCTION muster.erase_people(max_members integer) TO muster_worker;

REVOKE ALL ON FUNCTION muster.estimate_user_count(wanted_listing text, wanted_role uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION muster.estimate_user_count(wanted_listing text, wanted_role uuid) TO muster_app;

REVOKE ALL ON FUNCTION muster.find_institution(wanted_slug text) FROM PUBLIC;
GRANT ALL ON FUNCTION muster.find_institution(wanted_slug text) TO muster_app;

REVOKE ALL ON FUNCTION muster.find_invitation(hash bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION muster.find_invitation(hash bytea) TO muster_app;

REVOKE ALL ON FUNCTION muster.find_login_details(hash bytea, identifier text) FROM PUBLIC;
GRANT ALL ON FUNCTION muster.find_login_details(hash bytea, identifier text) TO muster_app;

REVOKE ALL ON FUNCTION muster.has_waiting_imports() FROM PUBLIC;
GRANT ALL ON FUNCTION muster.has_waiting_imports() TO muster_worker;

REVOKE ALL ON FUNCTION muster.imports_to_send() FROM PUBLIC;
GRANT ALL ON FUNCTION muster.imports_to_send() TO muster_worker;

REVOKE ALL ON FUNCTION muster.insert_reserved_username_terms() FROM PUBLIC;

REVOKE ALL ON FUNCTION muster.insert_search_terms() FROM PUBLIC;

REVOKE ALL ON FUNCTION muster.institutions_of(account uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION muster.institutions_of(account uuid) TO muster_app;
GRANT ALL ON FUNCTION muster.institutions_of(account uuid) TO muster_worker;

REVOKE ALL ON FUNCTION muster.mail_paused_since() FROM PUBLIC;
GRANT ALL ON FUNCTION muster.mail_paused_since() TO muster_app;

REVOKE ALL ON FUNCTION muster.name_of(account uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION muster.name_of(account uuid) TO muster_app;

REVOKE ALL ON FUNCTION muster.open_institution(wanted_slug text, account uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION muster.open_institution(wanted_slug text, account uuid) TO muster_app;

REVOKE ALL ON FUNCTION muster.release_reservations() FROM PUBLIC;

REVOKE ALL ON FUNCTION muster.revoke_imported(import uuid, from_row integer, to_row integer, assignable_roles uuid[]) FROM PUBLIC;
GRANT ALL ON FUNCTION muster.revoke_imported(import uuid, from_row integer, to_row integer, assignable_roles uuid[]) TO muster_worker;

REVOKE ALL ON FUNCTION muster.search_terms_of(folded_name text, email text, username text) FROM PUBLIC;

REVOKE ALL ON FUNCTION muster.set_membership_end() FROM PUBLIC;

REVOKE ALL ON FUNCTION muster.slug_in_use(wanted text) FROM PUBLIC;
GRANT ALL ON FUNCTION muster.slug_in_use(wanted text) TO muster_app;

REVOKE ALL ON FUNCTION muster.sweep_imports() FROM PUBLIC;
GRANT ALL ON FUNCTION muster.sweep_imports() TO muster_worker;

REVOKE ALL ON FUNCTION muster.sync_locks() FROM PUBLIC;
GRANT ALL ON FUNCTION muster.sync_locks() TO muster_worker;

REVOKE ALL ON FUNCTION muster.sync_membership_lock() FROM PUBLIC;

REVOKE ALL ON FUNCTION muster.update_reserved_username_terms() FROM PUBLIC;

REVOKE ALL ON FUNCTION muster.update_search_terms() FROM PUBLIC;

REVOKE ALL ON FUNCTION muster.username_in_use(wanted text, except_institution uuid, except_membership uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION muster.username_in_use(wanted text, except_institution uuid, except_membership uuid) TO muster_app;

REVOKE ALL ON FUNCTION muster.usernames_in_use(wanted text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION muster.usernames_in_use(wanted text[]) TO muster_worker;

REVOKE ALL ON FUNCTION muster.was_mailed_to(account uuid, hash bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION muster.was_mailed_to(account uuid, hash bytea) TO muster_app;

GRANT SELECT,INSERT ON TABLE muster.account_audit TO muster_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE muster.account_links TO muster_app;
GRANT SELECT,INSERT ON TABLE muster.account_links TO muster_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE muster.accounts TO muster_app;
GRANT SELECT ON TABLE muster.accounts TO muster_worker;

GRANT SELECT,INSERT ON TABLE muster.audit TO muster_app;
GRANT INSERT ON TABLE muster.audit TO muster_worker;

GRANT SELECT ON TABLE muster.dev_mailbox TO muster_app;
GRANT SELECT,INSERT,DELETE ON TABLE muster.dev_mailbox TO muster_worker;

GRANT SELECT ON TABLE muster.function_files TO muster_app;
GRANT SELECT ON TABLE muster.function_files TO muster_worker;

GRANT SELECT,INSERT ON TABLE muster.import_chunks TO muster_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE muster.import_edits TO muster_app;
GRANT SELECT ON TABLE muster.import_edits TO muster_worker;

GRANT SELECT ON TABLE muster.import_mappings TO muster_app;
GRANT SELECT,INSERT,UPDATE ON TABLE muster.import_mappings TO muster_worker;

GRANT SELECT,INSERT,DELETE ON TABLE muster.import_parts TO muster_app;
GRANT SELECT ON TABLE muster.import_parts TO muster_worker;

GRANT SELECT,INSERT,DELETE ON TABLE muster.import_reserved_usernames TO muster_worker;

GRANT SELECT ON TABLE muster.import_rows TO muster_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE muster.import_rows TO muster_worker;

GRANT SELECT,INSERT,UPDATE ON TABLE muster.imports TO muster_app;
GRANT SELECT,UPDATE ON TABLE muster.imports TO muster_worker;

GRANT SELECT,INSERT,UPDATE ON TABLE muster.institutions TO muster_app;
GRANT SELECT ON TABLE muster.institutions TO muster_worker;

GRANT UPDATE(created_at) ON TABLE muster.institutions TO muster_worker;

GRANT SELECT,INSERT,UPDATE ON TABLE muster.invitations TO muster_app;
GRANT SELECT,INSERT,UPDATE ON TABLE muster.invitations TO muster_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE muster.mail_pauses TO muster_worker;

GRANT SELECT ON TABLE muster.membership_search_terms TO muster_app;

GRANT SELECT,INSERT,UPDATE ON TABLE muster.memberships TO muster_app;
GRANT SELECT ON TABLE muster.memberships TO muster_worker;

GRANT INSERT(institution_id) ON TABLE muster.memberships TO muster_worker;

GRANT INSERT(id) ON TABLE muster.memberships TO muster_worker;

GRANT INSERT(role_id),UPDATE(role_id) ON TABLE muster.memberships TO muster_worker;

GRANT INSERT(status) ON TABLE muster.memberships TO muster_worker;

GRANT INSERT(email) ON TABLE muster.memberships TO muster_worker;

GRANT INSERT(first_name),UPDATE(first_name) ON TABLE muster.memberships TO muster_worker;

GRANT INSERT(last_name),UPDATE(last_name) ON TABLE muster.memberships TO muster_worker;

GRANT INSERT(phone),UPDATE(phone) ON TABLE muster.memberships TO muster_worker;

GRANT UPDATE(version) ON TABLE muster.memberships TO muster_worker;

GRANT INSERT(attributes),UPDATE(attributes) ON TABLE muster.memberships TO muster_worker;

GRANT INSERT ON TABLE muster.outbox TO muster_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE muster.outbox TO muster_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE muster.rate_limits TO muster_app;
GRANT SELECT,DELETE ON TABLE muster.rate_limits TO muster_worker;

GRANT SELECT,INSERT,UPDATE ON TABLE muster.roles TO muster_app;
GRANT SELECT ON TABLE muster.roles TO muster_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE muster.sessions TO muster_app;
GRANT SELECT,DELETE ON TABLE muster.sessions TO muster_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE muster.setup TO muster_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE muster.sign_in_failures TO muster_app;
GRANT SELECT,DELETE ON TABLE muster.sign_in_failures TO muster_worker;

