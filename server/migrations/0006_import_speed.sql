-- What a chunk of an import costs beyond its rows: words are made by the set and not by the person, and usernames are
-- looked up one by one through their index. `docs/BENCHMARKS.md` has what that came to.
SET LOCAL ROLE muster_owner;
SET LOCAL search_path = muster, public;

-- Gives what it gave, with a short way for ASCII, where nothing decomposes. No longer STRICT: a strict function with a
-- CASE would be called row by row instead of becoming part of the statement.
CREATE OR REPLACE FUNCTION fold(value text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN octet_length(value) = char_length(value) THEN lower(value)
        ELSE replace(replace(replace(replace(translate(
            regexp_replace(lower(normalize(value, NFKD)), '[\u0300-\u036f]', '', 'g'),
            'øđłðı', 'odldi'), 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th')
    END;

-- The words of a user, some of them twice or empty: of the folded name the parts of double names, and the double names as
-- they are typed; the address; the username and its later parts.
DROP FUNCTION words_of(text, text, text, text);
CREATE FUNCTION words_of(folded_name text, email text, username text) RETURNS text[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN string_to_array(translate(folded_name, E'-''’.,\t\n\u000b\f\r\u1680\u2028\u2029', repeat(' ', 13)), ' ')
        || string_to_array(translate(folded_name, E'\t\n\u000b\f\r\u1680\u2028\u2029', repeat(' ', 8)), ' ')
        || fold(email) || lower(username) || (string_to_array(lower(username), '.'))[2:];

-- What an institution keeps in further columns is searched for, too.
-- The words of all values; of each the first hundred, none longer than anybody types to find it.
CREATE FUNCTION attribute_words(attributes jsonb) RETURNS text[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN attributes IS NULL THEN '{}'::text[] ELSE (
        SELECT coalesce(array_agg(DISTINCT left(word, 60)), '{}'::text[])
        FROM jsonb_each_text(attributes) AS further (name, value)
        CROSS JOIN LATERAL unnest((regexp_split_to_array(fold(left(value, 1000)), '[[:space:],;|/]+'))[:100]) AS word
    ) END;

-- The folded name is what a membership is sorted by, where it has one. Words come in their own order, so that a chunk goes
-- through the index once.
CREATE OR REPLACE FUNCTION add_words() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = muster, pg_temp
    AS $$
    BEGIN
        INSERT INTO membership_words (institution_id, word, membership_id, listing)
        SELECT DISTINCT n.institution_id, w.word, n.id, n.listing
        FROM new_rows n
        -- One by one: joined at once, all accounts there are would be read for each chunk.
        LEFT JOIN LATERAL (SELECT username FROM accounts WHERE id = n.account_id OFFSET 0) a ON true
        CROSS JOIN LATERAL unnest(words_of(
            CASE WHEN btrim(n.first_name || ' ' || n.last_name) <> '' THEN n.sort_name END, n.email, a.username)
            || attribute_words(n.attributes)) AS w (word)
        WHERE n.listing IS NOT NULL AND w.word <> ''
        ORDER BY w.word, n.institution_id, n.id;
        RETURN NULL;
    END
    $$;

CREATE OR REPLACE FUNCTION change_words() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = muster, pg_temp
    AS $$
    BEGIN
        WITH changed AS (
            SELECT n.institution_id, n.id
            FROM new_rows n JOIN old_rows o ON o.institution_id = n.institution_id AND o.id = n.id
            WHERE (n.first_name, n.last_name, n.email, n.account_id, n.listing, n.attributes)
                  IS DISTINCT FROM (o.first_name, o.last_name, o.email, o.account_id, o.listing, o.attributes)
        )
        DELETE FROM membership_words w USING changed c
        WHERE w.institution_id = c.institution_id AND w.membership_id = c.id;
        INSERT INTO membership_words (institution_id, word, membership_id, listing)
        SELECT DISTINCT n.institution_id, w.word, n.id, n.listing
        FROM new_rows n
        JOIN old_rows o ON o.institution_id = n.institution_id AND o.id = n.id
        LEFT JOIN LATERAL (SELECT username FROM accounts WHERE id = n.account_id OFFSET 0) a ON true
        LEFT JOIN LATERAL (
            SELECT username FROM invitations WHERE n.account_id IS NULL AND institution_id = n.institution_id AND membership_id = n.id OFFSET 0
        ) i ON true
        CROSS JOIN LATERAL unnest(words_of(
            CASE WHEN btrim(n.first_name || ' ' || n.last_name) <> '' THEN n.sort_name END, n.email,
            coalesce(a.username, i.username)) || attribute_words(n.attributes)) AS w (word)
        WHERE n.listing IS NOT NULL AND w.word <> ''
          AND (n.first_name, n.last_name, n.email, n.account_id, n.listing, n.attributes)
              IS DISTINCT FROM (o.first_name, o.last_name, o.email, o.account_id, o.listing, o.attributes)
        ORDER BY w.word, n.institution_id, n.id;
        RETURN NULL;
    END
    $$;

CREATE OR REPLACE FUNCTION change_reserved_words() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = muster, pg_temp
    AS $$
    BEGIN
        DELETE FROM membership_words w
        WHERE w.institution_id = NEW.institution_id AND w.membership_id = NEW.membership_id;
        INSERT INTO membership_words (institution_id, word, membership_id, listing)
        SELECT DISTINCT m.institution_id, w.word, m.id, m.listing
        FROM memberships m
        LEFT JOIN accounts a ON a.id = m.account_id
        CROSS JOIN LATERAL unnest(words_of(
            CASE WHEN btrim(m.first_name || ' ' || m.last_name) <> '' THEN m.sort_name END, m.email,
            coalesce(a.username, NEW.username)) || attribute_words(m.attributes)) AS w (word)
        WHERE m.institution_id = NEW.institution_id AND m.id = NEW.membership_id AND m.listing IS NOT NULL AND w.word <> '';
        RETURN NULL;
    END
    $$;

CREATE OR REPLACE FUNCTION add_reserved_words() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = muster, pg_temp
    AS $$
    BEGIN
        INSERT INTO membership_words (institution_id, word, membership_id, listing)
        SELECT n.institution_id, w.word, n.membership_id, m.listing
        FROM new_rows n
        CROSS JOIN LATERAL (
            SELECT listing FROM memberships WHERE institution_id = n.institution_id AND id = n.membership_id OFFSET 0) m
        CROSS JOIN LATERAL unnest(words_of(NULL, NULL, n.username)) AS w (word)
        WHERE n.username IS NOT NULL AND m.listing IS NOT NULL AND w.word <> ''
        ORDER BY w.word, n.institution_id, n.membership_id
        ON CONFLICT DO NOTHING;
        RETURN NULL;
    END
    $$;

-- Which of these usernames are in use or reserved, in lower case: that is told, whose they are is not. One by one through
-- the index: of a table that has just grown the planner knows too little, and would compare each with each.
CREATE OR REPLACE FUNCTION usernames_in_use(wanted text[]) RETURNS TABLE (username text)
    LANGUAGE sql STABLE ROWS 10 SECURITY DEFINER SET search_path = muster, pg_temp SET enable_seqscan = off
    AS $$
        SELECT DISTINCT w.name FROM unnest(wanted) AS w (name)
        WHERE EXISTS (SELECT FROM accounts a WHERE lower(a.username) = w.name OFFSET 0)
           OR EXISTS (
               SELECT FROM invitations i
               WHERE lower(i.username) = w.name AND i.username IS NOT NULL AND i.closed_at IS NULL
                 AND i.expires_at > clock_timestamp() OFFSET 0)
           OR EXISTS (SELECT FROM import_names n WHERE n.name = w.name OFFSET 0)
    $$;

-- Whoever claimed an import before the database started is gone, or finds out that somebody else has it: nobody waits for
-- their leases to run out.
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
        SET fence = i.fence + 1, attempts = i.attempts + 1, turn_at = clock_timestamp(),
            leased_until = clock_timestamp() + make_interval(secs => seconds)
        FROM (
            SELECT c.institution_id, c.id FROM imports c
            WHERE c.state IN ('checking', 'applying', 'undoing')
              AND (c.leased_until <= clock_timestamp() OR c.turn_at < pg_postmaster_start_time())
              AND NOT EXISTS (
                  SELECT FROM imports o
                  WHERE o.institution_id = c.institution_id AND o.state IN ('checking', 'applying', 'undoing')
                    AND (o.phase_at, o.id) < (c.phase_at, c.id))
            ORDER BY c.turn_at, c.phase_at LIMIT 1 FOR UPDATE SKIP LOCKED
        ) next
        WHERE i.institution_id = next.institution_id AND i.id = next.id
        RETURNING i.institution_id, i.id, i.fence, i.state, i.attempts;
    END
    $$;

INSERT INTO membership_words (institution_id, word, membership_id, listing)
SELECT m.institution_id, w.word, m.id, m.listing
FROM memberships m CROSS JOIN LATERAL unnest(attribute_words(m.attributes)) AS w (word)
WHERE m.attributes IS NOT NULL AND m.listing IS NOT NULL AND w.word <> ''
ON CONFLICT DO NOTHING;

REVOKE EXECUTE ON FUNCTION words_of(text, text, text), attribute_words(jsonb) FROM PUBLIC;

RESET ROLE;
RESET search_path;
