-- The list of users at a million: every order, filter and search walks an index from the key on and stops
-- after a page. `docs/decisions/0006-the-list-at-a-million.md` has the plans.
SET LOCAL ROLE muster_owner;
SET LOCAL search_path = muster, public;

-- Names as they are compared: product.md's folding. Sorts Ö beside O and finds Müller by "muller".
CREATE FUNCTION fold(value text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN replace(replace(replace(replace(translate(
        regexp_replace(lower(normalize(value, NFKD)), '[\u0300-\u036f]', '', 'g'),
        'øđłðı', 'odldi'), 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th');

ALTER TABLE memberships
    -- Raised by each change of the details: who changes an older version is told, and overwrites nothing.
    ADD COLUMN version integer NOT NULL DEFAULT 1,
    -- Of the account; kept here by the trigger below, so that the list filters by it.
    ADD COLUMN locked boolean NOT NULL DEFAULT false;

-- What the list is filtered by; NULL for who is not in it.
ALTER TABLE memberships ADD COLUMN listing text GENERATED ALWAYS AS (
    CASE WHEN status = 'active' AND locked THEN 'locked'
         WHEN status IN ('invited', 'active', 'deactivated') THEN status END
) STORED;
ALTER TABLE memberships DROP COLUMN sort_name;
ALTER TABLE memberships ADD COLUMN sort_name text COLLATE "C" NOT NULL GENERATED ALWAYS AS (
    fold(coalesce(nullif(btrim(first_name || ' ' || last_name), ''), email))
) STORED;

CREATE INDEX memberships_by_name ON memberships (institution_id, sort_name, id) WHERE listing IS NOT NULL;
CREATE INDEX memberships_by_seen ON memberships (institution_id, coalesce(viewed_at, '-infinity'::timestamptz), id)
    WHERE listing IS NOT NULL;
CREATE INDEX memberships_by_age ON memberships (institution_id, created_at, id) WHERE listing IS NOT NULL;
CREATE INDEX memberships_by_listing ON memberships (institution_id, listing, sort_name, id) WHERE listing IS NOT NULL;
CREATE INDEX memberships_by_role ON memberships (institution_id, role_id, sort_name, id) WHERE listing IS NOT NULL;
-- How common which state and role are in which institution: the planner chooses its index by that, and the
-- list says about how many there are.
CREATE STATISTICS memberships_states (mcv) ON institution_id, listing, role_id FROM memberships;
-- Which invitations end when, and which wait for an administrator.
CREATE INDEX invitations_by_end ON invitations (institution_id, expires_at) WHERE closed_at IS NULL;
CREATE INDEX invitations_asked_again ON invitations (institution_id, asked_again_at)
    WHERE closed_at IS NULL AND asked_again_at IS NOT NULL;
CREATE INDEX invitations_refused ON invitations (institution_id, mail_state_at)
    WHERE closed_at IS NULL AND mail_state = 'refused';
-- Whose invitations die with their leaving.
CREATE INDEX invitations_by_inviter ON invitations (institution_id, inviter_id) WHERE closed_at IS NULL;

-- ---------------------------------------------------------------------------------------------------
-- Search: the beginnings of the words that a user is known by. A word is a part of the name, the username
-- or a later part of it, or the address. A B-tree in byte order finds beginnings under row-level security
-- too, where trigram and text search operators, which are not leakproof, could not use their index.
-- ---------------------------------------------------------------------------------------------------
CREATE TABLE membership_words (
    institution_id uuid NOT NULL,
    word           text COLLATE "C" NOT NULL,
    membership_id  uuid NOT NULL,
    -- The membership's: a search under a filter finds its few among many without looking each one up.
    listing        text NOT NULL,
    PRIMARY KEY (institution_id, word, membership_id) INCLUDE (listing)
);
CREATE INDEX membership_words_of ON membership_words (institution_id, membership_id, word);

CREATE FUNCTION words_of(first_name text, last_name text, email text, username text) RETURNS SETOF text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
        -- Parts of double names, and the double names as they are typed.
        SELECT word FROM regexp_split_to_table(muster.fold(first_name || ' ' || last_name), '[\s\-''’.,]+') AS word
        WHERE word <> ''
        UNION SELECT word FROM regexp_split_to_table(muster.fold(first_name || ' ' || last_name), '\s+') AS word
        WHERE word <> ''
        UNION SELECT muster.fold(email)
        UNION SELECT lower(username) WHERE username IS NOT NULL
        UNION SELECT part FROM unnest((string_to_array(lower(username), '.'))[2:]) AS part WHERE part <> ''
    $$;

-- Both triggers run once a statement, so that a chunk of an import costs one.
CREATE FUNCTION add_words() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = muster, pg_temp
    AS $$
    BEGIN
        INSERT INTO membership_words (institution_id, word, membership_id, listing)
        SELECT n.institution_id, w.word, n.id, n.listing
        FROM new_rows n
        LEFT JOIN accounts a ON a.id = n.account_id
        CROSS JOIN LATERAL words_of(n.first_name, n.last_name, n.email, a.username) AS w (word)
        WHERE n.listing IS NOT NULL;
        RETURN NULL;
    END
    $$;

CREATE FUNCTION change_words() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = muster, pg_temp
    AS $$
    BEGIN
        WITH changed AS (
            SELECT n.institution_id, n.id
            FROM new_rows n JOIN old_rows o ON o.institution_id = n.institution_id AND o.id = n.id
            WHERE (n.first_name, n.last_name, n.email, n.account_id, n.listing)
                  IS DISTINCT FROM (o.first_name, o.last_name, o.email, o.account_id, o.listing)
        )
        DELETE FROM membership_words w USING changed c
        WHERE w.institution_id = c.institution_id AND w.membership_id = c.id;
        INSERT INTO membership_words (institution_id, word, membership_id, listing)
        SELECT n.institution_id, w.word, n.id, n.listing
        FROM new_rows n
        JOIN old_rows o ON o.institution_id = n.institution_id AND o.id = n.id
        LEFT JOIN accounts a ON a.id = n.account_id
        LEFT JOIN invitations i ON n.account_id IS NULL AND i.institution_id = n.institution_id AND i.membership_id = n.id
        CROSS JOIN LATERAL words_of(n.first_name, n.last_name, n.email, coalesce(a.username, i.username)) AS w (word)
        WHERE n.listing IS NOT NULL
          AND (n.first_name, n.last_name, n.email, n.account_id, n.listing)
              IS DISTINCT FROM (o.first_name, o.last_name, o.email, o.account_id, o.listing);
        RETURN NULL;
    END
    $$;

-- A username that an invitation has reserved, or has lost again.
CREATE FUNCTION change_reserved_words() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = muster, pg_temp
    AS $$
    BEGIN
        DELETE FROM membership_words w
        WHERE w.institution_id = NEW.institution_id AND w.membership_id = NEW.membership_id;
        INSERT INTO membership_words (institution_id, word, membership_id, listing)
        SELECT m.institution_id, w.word, m.id, m.listing
        FROM memberships m
        LEFT JOIN accounts a ON a.id = m.account_id
        CROSS JOIN LATERAL words_of(m.first_name, m.last_name, m.email, coalesce(a.username, NEW.username)) AS w (word)
        WHERE m.institution_id = NEW.institution_id AND m.id = NEW.membership_id AND m.listing IS NOT NULL;
        RETURN NULL;
    END
    $$;

CREATE TRIGGER words_added AFTER INSERT ON memberships
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION add_words();
CREATE TRIGGER words_changed AFTER UPDATE ON memberships
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION change_words();
CREATE TRIGGER words_reserved AFTER INSERT ON invitations
    FOR EACH ROW WHEN (NEW.username IS NOT NULL) EXECUTE FUNCTION change_reserved_words();
CREATE TRIGGER words_unreserved AFTER UPDATE OF username ON invitations
    FOR EACH ROW WHEN (NEW.username IS DISTINCT FROM OLD.username) EXECUTE FUNCTION change_reserved_words();

-- A lock is the account's; every list that the person is in shows it.
CREATE FUNCTION carry_lock() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = muster, pg_temp
    AS $$
    BEGIN
        UPDATE memberships SET locked = NEW.locked_at IS NOT NULL WHERE account_id = NEW.id;
        RETURN NULL;
    END
    $$;
CREATE TRIGGER lock_carried AFTER UPDATE OF locked_at ON accounts
    FOR EACH ROW WHEN ((NEW.locked_at IS NULL) <> (OLD.locked_at IS NULL)) EXECUTE FUNCTION carry_lock();

-- Only while `carry_lock` runs is there anybody who acts as the owner.
CREATE POLICY across_locks ON memberships FOR UPDATE TO muster_owner USING (true) WITH CHECK (true);

-- What stands in the tables already.
UPDATE memberships m SET locked = true FROM accounts a WHERE a.id = m.account_id AND a.locked_at IS NOT NULL;
INSERT INTO membership_words (institution_id, word, membership_id, listing)
SELECT m.institution_id, w.word, m.id, m.listing
FROM memberships m
LEFT JOIN accounts a ON a.id = m.account_id
LEFT JOIN invitations i ON m.account_id IS NULL AND i.institution_id = m.institution_id AND i.membership_id = m.id
CROSS JOIN LATERAL words_of(m.first_name, m.last_name, m.email, coalesce(a.username, i.username)) AS w (word)
WHERE m.listing IS NOT NULL;

ALTER TABLE membership_words ENABLE ROW LEVEL SECURITY;
ALTER TABLE membership_words FORCE ROW LEVEL SECURITY;
-- Nobody but the triggers acts as the owner, for whichever institution a statement changed.
CREATE POLICY kept ON membership_words TO muster_owner USING (true) WITH CHECK (true);
CREATE POLICY tenant ON membership_words USING (institution_id = current_institution())
    WITH CHECK (institution_id = current_institution());

-- About how many users a filter leaves, by the planner's statistics: counting a million takes longer than
-- showing fifty of them. As the owner, for whom no policy's condition is estimated a second time.
CREATE FUNCTION about_users(wanted_listing text, wanted_role uuid) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = muster, pg_temp
    AS $$
    DECLARE
        plan json;
    BEGIN
        EXECUTE format(
            'EXPLAIN (FORMAT JSON) SELECT FROM memberships WHERE institution_id = %L AND listing IS NOT NULL', current_institution())
            || CASE WHEN wanted_listing IS NULL THEN '' ELSE format(' AND listing = %L', wanted_listing) END
            || CASE WHEN wanted_role IS NULL THEN '' ELSE format(' AND role_id = %L', wanted_role) END
        INTO plan;
        RETURN (plan -> 0 -> 'Plan' ->> 'Plan Rows')::numeric::bigint;
    END
    $$;

REVOKE EXECUTE ON FUNCTION fold(text), words_of(text, text, text, text), add_words(), change_words(), change_reserved_words(),
    carry_lock(), about_users(text, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION fold(text) TO muster_app, muster_worker;
GRANT EXECUTE ON FUNCTION words_of(text, text, text, text), about_users(text, uuid) TO muster_app;
GRANT SELECT ON membership_words TO muster_app;

RESET ROLE;
RESET search_path;
