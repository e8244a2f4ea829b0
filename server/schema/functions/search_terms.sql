-- The search terms of memberships, and the triggers that maintain them. The triggers run once for each statement, so a chunk
-- of an import runs them once.

-- Returns the search terms of a member, some of them duplicate or empty: the parts of the folded name, double names as one
-- term and as two, the email address, the username and its later parts.
CREATE OR REPLACE FUNCTION search_terms_of(folded_name text, email text, username text) RETURNS text[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN string_to_array(translate(folded_name, E'-''’.,\t\n\u000b\f\r\u1680\u2028\u2029', repeat(' ', 13)), ' ')
        || string_to_array(translate(folded_name, E'\t\n\u000b\f\r\u1680\u2028\u2029', repeat(' ', 8)), ' ')
        || fold(email) || lower(username) || (string_to_array(lower(username), '.'))[2:];

-- Returns the search terms of the custom attributes: at most 100 of each, 200 in total, and 60 characters of each term.
-- These limits bound the work under the institution's lock.
CREATE OR REPLACE FUNCTION attribute_search_terms(attributes jsonb) RETURNS text[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN attributes IS NULL THEN '{}'::text[] ELSE (
        SELECT coalesce((array_agg(DISTINCT left(term, 60)))[:200], '{}'::text[])
        FROM jsonb_each_text(attributes) AS attribute (name, value)
        CROSS JOIN LATERAL unnest((regexp_split_to_array(fold(left(value, 1000)), '[[:space:],;|/]+'))[:100]) AS term
    ) END;

-- Adds the terms of new memberships. Terms are ordered, so a chunk walks the index once. `sort_name` is the folded name if
-- the member has one.
CREATE OR REPLACE FUNCTION insert_search_terms() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = muster, pg_temp
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

-- Replaces the terms of changed memberships.
CREATE OR REPLACE FUNCTION update_search_terms() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = muster, pg_temp
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

-- Adds the terms of usernames that new invitations reserve. The trigger of the membership could not know them.
CREATE OR REPLACE FUNCTION insert_reserved_username_terms() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = muster, pg_temp
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

-- Replaces the terms of a membership whose invitation reserves another username.
CREATE OR REPLACE FUNCTION update_reserved_username_terms() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = muster, pg_temp
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

CREATE OR REPLACE TRIGGER insert_search_terms AFTER INSERT ON memberships
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION insert_search_terms();
CREATE OR REPLACE TRIGGER update_search_terms AFTER UPDATE ON memberships
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION update_search_terms();
CREATE OR REPLACE TRIGGER insert_reserved_username_terms AFTER INSERT ON invitations
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION insert_reserved_username_terms();
CREATE OR REPLACE TRIGGER update_reserved_username_terms AFTER UPDATE OF username ON invitations
    FOR EACH ROW WHEN (NEW.username IS DISTINCT FROM OLD.username) EXECUTE FUNCTION update_reserved_username_terms();

REVOKE EXECUTE ON FUNCTION search_terms_of(text, text, text), attribute_search_terms(jsonb), insert_search_terms(),
    update_search_terms(), insert_reserved_username_terms(), update_reserved_username_terms() FROM PUBLIC;
