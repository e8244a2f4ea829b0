-- Imports: a file arrives in parts, is checked into rows with verdicts, and is applied in chunks. Each chunk and its entry in
-- the ledger are one transaction, so another worker can continue after a crash.
SET LOCAL ROLE muster_owner;
SET LOCAL search_path = muster, public;

CREATE TABLE imports (
    institution_id uuid NOT NULL REFERENCES institutions ON DELETE CASCADE,
    id             uuid NOT NULL,
    -- The idempotency key of the page that started it.
    key            text NOT NULL CHECK (length(key) BETWEEN 16 AND 64),
    begun_by       uuid NOT NULL,
    -- Started from the operator's command line, in the name of the main contact.
    operator       boolean NOT NULL DEFAULT false,
    created_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    file_name      text NOT NULL CHECK (char_length(file_name) BETWEEN 1 AND 255),
    size           bigint NOT NULL CHECK (size > 0),
    sha256         bytea CHECK (length(sha256) = 32),
    encoding       text NOT NULL,
    delimiter      text NOT NULL,
    mapping        jsonb NOT NULL,
    options        jsonb NOT NULL,
    -- Results of the check.
    headers        text[] NOT NULL DEFAULT '{}',
    line_end       text,
    fault          jsonb,
    mismatch       boolean NOT NULL DEFAULT false,
    -- Codes of the import API's `ImportState` and `StoppedBy`.
    state          text NOT NULL DEFAULT 'uploading',
    stopped_by     text,
    -- The member in whose name a worker applies or undoes. Their permissions are read again for each chunk.
    acting         uuid,
    -- When the current phase began. An institution's imports run in this order.
    phase_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- The fencing token: each claim increments it, and a worker with an older one is rejected.
    fence          bigint NOT NULL DEFAULT 0,
    leased_until   timestamptz NOT NULL DEFAULT '-infinity',
    last_slice_at  timestamptz NOT NULL DEFAULT '-infinity',
    attempts       integer NOT NULL DEFAULT 0,
    -- The number of the last row that was staged, applied or undone.
    progress       integer NOT NULL DEFAULT 0,
    -- Rows of a chunk, stored so that every worker cuts the same chunks.
    chunk_rows     integer NOT NULL DEFAULT 10000 CHECK (chunk_rows > 0),
    checked_bytes  bigint NOT NULL DEFAULT 0,
    -- Counts by verdict, planned and applied; the numbers of rows that were undone and kept.
    plan           jsonb,
    done           jsonb,
    undone         integer[],
    applied_at     timestamptz,
    -- When a worker sends the waiting invitations; NULL if they are sent manually or were sent.
    send_at        timestamptz,
    -- The member who sends them, if not the inviter.
    sender         uuid,
    -- Seats reserved by an all-or-nothing import that is being applied.
    reserved_seats integer NOT NULL DEFAULT 0 CHECK (reserved_seats >= 0),
    PRIMARY KEY (institution_id, id),
    CONSTRAINT imports_key UNIQUE (institution_id, key),
    FOREIGN KEY (institution_id, begun_by) REFERENCES memberships (institution_id, id),
    FOREIGN KEY (institution_id, acting) REFERENCES memberships (institution_id, id),
    FOREIGN KEY (institution_id, sender) REFERENCES memberships (institution_id, id)
);
CREATE INDEX imports_by_created ON imports (institution_id, created_at);
CREATE INDEX imports_waiting ON imports (last_slice_at) WHERE state IN ('checking', 'applying', 'undoing');
CREATE INDEX imports_to_send ON imports (send_at) WHERE send_at IS NOT NULL;

-- The file, unchanged, where every replica can read it.
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
-- Compression would cost more time than the disk space is worth.
ALTER TABLE import_parts ALTER COLUMN bytes SET STORAGE EXTERNAL;

-- Corrections by hand: a cell by its column's code, or `left_out` if the row is skipped.
CREATE TABLE import_edits (
    institution_id uuid NOT NULL,
    import_id      uuid NOT NULL,
    row            integer NOT NULL CHECK (row > 0),
    field          text NOT NULL,
    value          text NOT NULL,
    PRIMARY KEY (institution_id, import_id, row, field),
    FOREIGN KEY (institution_id, import_id) REFERENCES imports (institution_id, id) ON DELETE CASCADE
);

-- The rows of the file with their verdicts. Without a foreign key, because it is filled by statements that have just locked
-- the import.
CREATE TABLE import_rows (
    institution_id  uuid NOT NULL,
    import_id       uuid NOT NULL,
    number          integer NOT NULL,
    line            bigint NOT NULL,
    -- The cells are valid and the row is not skipped: only such rows make others duplicates.
    sound           boolean NOT NULL,
    username        text,
    first_name      text,
    last_name       text,
    email           text,
    phone           text,
    -- The phone number is set, even to nothing.
    sets_phone      boolean NOT NULL,
    role_id         uuid,
    language        text,
    attributes      jsonb,
    -- A code of the import API's `Verdict`.
    verdict         text NOT NULL,
    reasons         jsonb NOT NULL DEFAULT '[]',
    -- The matching membership, or the one that the row creates.
    membership_id   uuid,
    token_hash      bytea,
    -- The values that an update replaces, as they were when the plan was made.
    old             jsonb,
    undone          text CHECK (undone IN ('undone', 'kept')),
    -- The row's own setting; NULL if it has none.
    change_password boolean,
    PRIMARY KEY (institution_id, import_id, number)
);
CREATE INDEX import_rows_by_verdict ON import_rows (institution_id, import_id, verdict, number) WHERE verdict <> 'invite';
CREATE INDEX import_rows_with_warnings ON import_rows (institution_id, import_id, number) WHERE reasons <> '[]' AND verdict <> 'refused';
CREATE INDEX import_rows_kept ON import_rows (institution_id, import_id, number) WHERE undone = 'kept';

-- The ledger: a chunk with an entry is complete.
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

-- The meaning of the columns of earlier files with the same headers.
CREATE TABLE import_mappings (
    institution_id uuid NOT NULL REFERENCES institutions ON DELETE CASCADE,
    -- The SHA-256 of the headers without case, spacing, punctuation and accents: 200 headers can be long.
    key            bytea NOT NULL CHECK (length(key) = 32),
    mapping        jsonb NOT NULL,
    used_at        timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (institution_id, key)
);

-- Lowercase usernames that all-or-nothing imports reserve until their last transaction writes all rows.
CREATE TABLE import_reserved_usernames (
    institution_id uuid NOT NULL,
    import_id      uuid NOT NULL,
    username       text NOT NULL,
    PRIMARY KEY (institution_id, import_id, username),
    FOREIGN KEY (institution_id, import_id) REFERENCES imports (institution_id, id) ON DELETE CASCADE
);
CREATE INDEX import_reserved_usernames_username ON import_reserved_usernames (username);

RESET ROLE;
RESET search_path;
