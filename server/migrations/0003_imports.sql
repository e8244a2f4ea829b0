-- Bulk import: a file comes in parts, is checked into rows with their verdicts, and is applied in chunks. What a worker
-- has done stands in one transaction with its line in the ledger, so that another one goes on wherever it ended.
SET LOCAL ROLE muster_owner;
SET LOCAL search_path = muster, public;

CREATE TABLE imports (
    institution_id uuid NOT NULL REFERENCES institutions ON DELETE CASCADE,
    id             uuid NOT NULL,
    -- Chosen by the page: who begins twice gets the same import.
    key            text NOT NULL CHECK (length(key) BETWEEN 16 AND 64),
    begun_by       uuid NOT NULL,
    -- The operator's command line acts, in the main contact's name.
    operator       boolean NOT NULL DEFAULT false,
    created_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    file_name      text NOT NULL CHECK (char_length(file_name) BETWEEN 1 AND 255),
    size           bigint NOT NULL CHECK (size > 0),
    sha256         bytea CHECK (length(sha256) = 32),
    encoding       text NOT NULL,
    delimiter      text NOT NULL,
    mapping        jsonb NOT NULL,
    options        jsonb NOT NULL,
    -- Found out while it is checked.
    headers        text[] NOT NULL DEFAULT '{}',
    line_end       text,
    fault          jsonb,
    mismatch       boolean NOT NULL DEFAULT false,
    state          text NOT NULL DEFAULT 'uploading' CHECK (state IN (
        'uploading', 'checking', 'refused', 'planned', 'applying', 'stopped', 'done', 'undoing', 'undone', 'discarded')),
    stopped_by     text CHECK (stopped_by IN ('permission', 'trouble')),
    -- In whose name a worker applies or undoes: what they may do is looked up again for each chunk.
    acting         uuid,
    -- Since when it waits for a worker or has one; of an institution's imports the one that waits longest comes first.
    phase_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- Whoever claims raises the fence; a worker that comes back late finds another number and is turned away.
    fence          bigint NOT NULL DEFAULT 0,
    leased_until   timestamptz NOT NULL DEFAULT '-infinity',
    turn_at        timestamptz NOT NULL DEFAULT '-infinity',
    attempts       integer NOT NULL DEFAULT 0,
    -- How far what is under way has come: the number of the last row that was staged, or rows applied or undone.
    progress       integer NOT NULL DEFAULT 0,
    -- Rows of a chunk: kept here, so that every worker cuts the same ones.
    chunk_rows     integer NOT NULL DEFAULT 10000 CHECK (chunk_rows > 0),
    checked_bytes  bigint NOT NULL DEFAULT 0,
    -- Counts by verdict: of the plan, of what was applied; and how many rows were undone and kept.
    plan           jsonb,
    done           jsonb,
    undone         integer[],
    applied_at     timestamptz,
    PRIMARY KEY (institution_id, id),
    CONSTRAINT imports_key UNIQUE (institution_id, key),
    FOREIGN KEY (institution_id, begun_by) REFERENCES memberships (institution_id, id),
    FOREIGN KEY (institution_id, acting) REFERENCES memberships (institution_id, id)
);
CREATE INDEX imports_by_age ON imports (institution_id, created_at);
CREATE INDEX imports_waiting ON imports (turn_at) WHERE state IN ('checking', 'applying', 'undoing');

-- The file itself, any replica's to read; untouched bytes.
CREATE TABLE import_parts (
    institution_id uuid NOT NULL,
    import_id      uuid NOT NULL,
    number         integer NOT NULL CHECK (number >= 0),
    sha256         bytea NOT NULL CHECK (length(sha256) = 32),
    size           integer NOT NULL CHECK (size BETWEEN 1 AND 4194304),
    bytes          bytea NOT NULL,
    PRIMARY KEY (institution_id, import_id, number),
    FOREIGN KEY (institution_id, import_id) REFERENCES imports (institution_id, id) ON DELETE CASCADE
);
-- Compressing it would cost more time than disk.
ALTER TABLE import_parts ALTER COLUMN bytes SET STORAGE EXTERNAL;

-- What was changed in the grid, beside the bytes: a cell by its column's code, or, as `left_out`, that the row is.
CREATE TABLE import_edits (
    institution_id uuid NOT NULL,
    import_id      uuid NOT NULL,
    row            integer NOT NULL CHECK (row > 0),
    field          text NOT NULL,
    value          text NOT NULL,
    PRIMARY KEY (institution_id, import_id, row, field),
    FOREIGN KEY (institution_id, import_id) REFERENCES imports (institution_id, id) ON DELETE CASCADE
);

-- One row of the file each, with its verdict. No foreign key: it is filled at the speed of the disk, by one statement
-- that has just locked the import.
CREATE TABLE import_rows (
    institution_id uuid NOT NULL,
    import_id      uuid NOT NULL,
    number         integer NOT NULL,
    line           bigint NOT NULL,
    -- Its cells are in order and it is not left out: only such rows make others of the file duplicates.
    sound          boolean NOT NULL,
    username       text,
    first_name     text,
    last_name      text,
    email          text,
    phone          text,
    -- The phone is to be set, to nothing too.
    sets_phone     boolean NOT NULL,
    role_id        uuid,
    language       text,
    attributes     jsonb,
    verdict        text NOT NULL CHECK (verdict IN ('invite', 'update', 'unchanged', 'refused', 'left_out')),
    reasons        jsonb NOT NULL DEFAULT '[]',
    -- Who is meant, or the membership that it makes.
    membership_id  uuid,
    token_hash     bytea,
    -- What an update changes, as it was when the plan was made.
    old            jsonb,
    undone         text CHECK (undone IN ('undone', 'kept')),
    PRIMARY KEY (institution_id, import_id, number)
);
CREATE INDEX import_rows_by_verdict ON import_rows (institution_id, import_id, verdict, number) WHERE verdict <> 'invite';
CREATE INDEX import_rows_warned ON import_rows (institution_id, import_id, number) WHERE reasons <> '[]' AND verdict <> 'refused';
CREATE INDEX import_rows_kept ON import_rows (institution_id, import_id, number) WHERE undone = 'kept';

-- The ledger: a chunk that has a line here is written, whole.
CREATE TABLE import_chunks (
    institution_id uuid NOT NULL,
    import_id      uuid NOT NULL,
    phase          text NOT NULL CHECK (phase IN ('apply', 'undo')),
    number         integer NOT NULL CHECK (number >= 0),
    fence          bigint NOT NULL,
    counts         jsonb NOT NULL,
    at             timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (institution_id, import_id, phase, number),
    FOREIGN KEY (institution_id, import_id) REFERENCES imports (institution_id, id) ON DELETE CASCADE
);

-- What the columns of files with these headers meant last time.
CREATE TABLE import_mappings (
    institution_id uuid NOT NULL REFERENCES institutions ON DELETE CASCADE,
    -- SHA-256 of the headers without case, spacing, punctuation and accents: 200 of them can be long.
    key            bytea NOT NULL CHECK (length(key) = 32),
    mapping        jsonb NOT NULL,
    used_at        timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (institution_id, key)
);

-- Further columns that an institution keeps, as text under their headers.
ALTER TABLE memberships ADD COLUMN attributes jsonb;
-- By whom an address is held: asked for each row of a file.
CREATE INDEX memberships_by_email ON memberships (institution_id, email) WHERE listing IS NOT NULL;

-- Once a statement, not once a row; and only what the membership's own trigger could not know yet.
CREATE FUNCTION add_reserved_words() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = muster, pg_temp
    AS $$
    BEGIN
        INSERT INTO membership_words (institution_id, word, membership_id, listing)
        SELECT m.institution_id, w.word, m.id, m.listing
        FROM new_rows n
        JOIN memberships m ON m.institution_id = n.institution_id AND m.id = n.membership_id
        CROSS JOIN LATERAL (
            SELECT lower(n.username)
            UNION SELECT part FROM unnest((string_to_array(lower(n.username), '.'))[2:]) AS part WHERE part <> ''
        ) AS w (word)
        WHERE n.username IS NOT NULL AND m.listing IS NOT NULL
        ON CONFLICT DO NOTHING;
        RETURN NULL;
    END
    $$;
DROP TRIGGER words_reserved ON invitations;
CREATE TRIGGER words_reserved AFTER INSERT ON invitations
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION add_reserved_words();

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['imports', 'import_parts', 'import_edits', 'import_rows', 'import_chunks', 'import_mappings'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format(
            'CREATE POLICY tenant ON %I USING (institution_id = current_institution())
             WITH CHECK (institution_id = current_institution())', name);
    END LOOP;
END
$$;

-- The next import that waits for a worker, whosever it is. An institution's come one after the other; among
-- institutions the one whose last turn is longest ago is next.
CREATE POLICY across ON imports FOR SELECT TO muster_owner USING (true);
CREATE POLICY across_claims ON imports FOR UPDATE TO muster_owner USING (true) WITH CHECK (true);
CREATE FUNCTION claim_import(seconds integer)
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
            WHERE c.state IN ('checking', 'applying', 'undoing') AND c.leased_until <= clock_timestamp()
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

-- Whether another import than this one waits for a worker: whoever has worked for long then lets it have its turn.
CREATE FUNCTION imports_wait() RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = muster, pg_temp
    AS $$
        SELECT EXISTS (SELECT FROM imports WHERE state IN ('checking', 'applying', 'undoing') AND leased_until <= clock_timestamp())
    $$;

-- Which of these usernames are in use or reserved, in lower case: that is told, whose they are is not.
CREATE FUNCTION usernames_in_use(wanted text[]) RETURNS TABLE (username text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = muster, pg_temp
    AS $$
        SELECT w.name FROM unnest(wanted) AS w (name) JOIN accounts a ON lower(a.username) = w.name
        UNION
        SELECT w.name FROM unnest(wanted) AS w (name) JOIN invitations i ON lower(i.username) = w.name
        WHERE i.username IS NOT NULL AND i.closed_at IS NULL AND i.expires_at > clock_timestamp()
    $$;

-- What nobody needs any more: files and rows of what was given up, or left lying for a week, and of what was applied a
-- month ago. The import itself and its counts stay.
CREATE POLICY swept ON import_parts TO muster_owner USING (true);
CREATE POLICY swept ON import_rows TO muster_owner USING (true);
CREATE POLICY swept ON import_edits TO muster_owner USING (true);
CREATE FUNCTION sweep_imports() RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = muster, pg_temp
    AS $$
    DECLARE
        old record;
    BEGIN
        UPDATE imports SET state = 'discarded'
        WHERE state IN ('uploading', 'refused', 'planned') AND phase_at < clock_timestamp() - interval '7 days';
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

-- A new import is nothing that the planner knows of until its rows are counted.
CREATE FUNCTION analyze_imports() RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = muster, pg_temp
    AS $$ BEGIN ANALYZE import_rows; END $$;

-- Undoing: whom a chunk of an import invited and who has not accepted is invited no more. The worker has no right of its
-- own over a membership's status.
CREATE FUNCTION revoke_imported(import uuid, from_row integer, to_row integer) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = muster, pg_temp
    AS $$
        UPDATE memberships m SET status = 'revoked' FROM import_rows r
        WHERE r.institution_id = current_institution() AND r.import_id = import AND r.number BETWEEN from_row AND to_row
          AND r.verdict = 'invite'
          AND m.institution_id = current_institution() AND m.id = r.membership_id AND m.status = 'invited'
    $$;

-- The institution behind a path and its main contact's account, for the operator's command line.
CREATE FUNCTION find_institution(wanted_slug text) RETURNS TABLE (institution_id uuid, main_contact uuid)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = muster, pg_temp
    AS $$
        SELECT i.id, m.account_id FROM institutions i
        JOIN memberships m ON m.institution_id = i.id AND m.id = i.main_contact
        WHERE i.slug = wanted_slug
    $$;

REVOKE EXECUTE ON FUNCTION add_reserved_words(), claim_import(integer), imports_wait(), usernames_in_use(text[]),
    find_institution(text), revoke_imported(uuid, integer, integer), sweep_imports(),
    analyze_imports() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION claim_import(integer), imports_wait(), usernames_in_use(text[]),
    revoke_imported(uuid, integer, integer), sweep_imports(),
    analyze_imports() TO muster_worker;

GRANT EXECUTE ON FUNCTION find_institution(text) TO muster_app;
GRANT SELECT, INSERT, UPDATE ON imports TO muster_app;
GRANT SELECT, INSERT, DELETE ON import_parts TO muster_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON import_edits TO muster_app;
GRANT SELECT ON import_rows, import_mappings TO muster_app;

GRANT SELECT, UPDATE ON imports TO muster_worker;
GRANT SELECT ON import_parts, import_edits TO muster_worker;
GRANT SELECT, INSERT, UPDATE, DELETE ON import_rows TO muster_worker;
GRANT SELECT, INSERT ON import_chunks TO muster_worker;
GRANT SELECT, INSERT, UPDATE ON import_mappings TO muster_worker;
-- Without `account_id` nobody can be made a member, only be invited; and whoever changes a member leaves the status.
GRANT INSERT (institution_id, id, role_id, status, email, first_name, last_name, phone, attributes),
    UPDATE (first_name, last_name, phone, role_id, attributes, version) ON memberships TO muster_worker;
GRANT INSERT ON invitations, outbox, audit TO muster_worker;
-- To hold the institution's lock, without a right to change anything that matters of it.
GRANT UPDATE (created_at) ON institutions TO muster_worker;

RESET ROLE;
RESET search_path;
