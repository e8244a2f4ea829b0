-- What an institution keeps in further columns is searched for, too.
SET LOCAL ROLE muster_owner;
SET LOCAL search_path = muster, public;

-- The words of all values; of each the first hundred, none longer than anybody types to find it.
CREATE FUNCTION attribute_words(attributes jsonb) RETURNS text[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN attributes IS NULL THEN '{}'::text[] ELSE (
        SELECT coalesce(array_agg(DISTINCT left(word, 60)), '{}'::text[])
        FROM jsonb_each_text(attributes) AS further (name, value)
        CROSS JOIN LATERAL unnest((regexp_split_to_array(fold(left(value, 1000)), '[[:space:],;|/]+'))[:100]) AS word
    ) END;

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

INSERT INTO membership_words (institution_id, word, membership_id, listing)
SELECT m.institution_id, w.word, m.id, m.listing
FROM memberships m CROSS JOIN LATERAL unnest(attribute_words(m.attributes)) AS w (word)
WHERE m.attributes IS NOT NULL AND m.listing IS NOT NULL AND w.word <> ''
ON CONFLICT DO NOTHING;

REVOKE EXECUTE ON FUNCTION attribute_words(jsonb) FROM PUBLIC;

RESET ROLE;
RESET search_path;
