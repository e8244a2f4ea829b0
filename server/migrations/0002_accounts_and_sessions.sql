-- Accounts, their sessions and links, and the limits on sign-in. An account belongs to a person, not to an institution.
SET LOCAL ROLE muster_owner;
SET LOCAL search_path = muster, public;

CREATE TABLE accounts (
    id                   uuid PRIMARY KEY,
    -- The confirmed address, canonical. An unconfirmed address need not be unique, so it blocks no one who confirms it.
    email                text UNIQUE CHECK (length(email) BETWEEN 3 AND 254),
    unconfirmed_email    text CHECK (length(unconfirmed_email) BETWEEN 3 AND 254),
    username             text NOT NULL
                         CONSTRAINT accounts_username_length CHECK (char_length(username) BETWEEN 6 AND 64)
                         CONSTRAINT accounts_username_characters CHECK (username ~ '^[A-Za-z0-9.]*$')
                         CONSTRAINT accounts_username_periods CHECK (username !~ '(^\.|\.$|\.\.)'),
    password_hash        text NOT NULL,
    -- A code of `muster::language::Language`.
    language             text,
    created_at           timestamptz NOT NULL DEFAULT clock_timestamp(),
    password_changed_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    locked_at            timestamptz,
    -- Some of its memberships were held when the lock changed; `sync_locks` marks them.
    lock_to_sync         boolean NOT NULL DEFAULT false,
    -- The temporary password has been used: the person has to choose a password before anything else.
    must_change_password boolean NOT NULL DEFAULT false,
    -- The password is an emailed one. It is compared without spaces and dashes, and look-alike characters are equal.
    password_mailed      boolean NOT NULL DEFAULT false,
    CONSTRAINT accounts_one_address CHECK (email IS NULL OR unconfirmed_email IS NULL)
);
CREATE UNIQUE INDEX accounts_username_key ON accounts (lower(username));
CREATE INDEX accounts_lock_to_sync ON accounts (id) WHERE lock_to_sync;

-- Failed sign-ins by account, or by the keyed hash of an identifier without an account, so that both look alike from outside.
CREATE TABLE sign_in_failures (
    key           bytea PRIMARY KEY CHECK (length(key) = 32),
    failures      integer NOT NULL CHECK (failures > 0),
    last_at       timestamptz NOT NULL,
    blocked_until timestamptz NOT NULL
);
CREATE INDEX sign_in_failures_last_at ON sign_in_failures (last_at);

-- Counters of rate limits, shared by all replicas and kept over restarts.
CREATE TABLE rate_limits (
    key        text NOT NULL,
    window_at  timestamptz NOT NULL,
    used       integer NOT NULL CHECK (used > 0),
    PRIMARY KEY (key, window_at)
);
CREATE INDEX rate_limits_window_at ON rate_limits (window_at);

CREATE TABLE sessions (
    token_hash     bytea PRIMARY KEY CHECK (length(token_hash) = 32),
    account_id     uuid NOT NULL REFERENCES accounts ON DELETE CASCADE,
    created_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    idle_until     timestamptz NOT NULL,
    absolute_until timestamptz NOT NULL,
    idle_seconds   integer NOT NULL CHECK (idle_seconds > 0)
);
CREATE INDEX sessions_account ON sessions (account_id);
CREATE INDEX sessions_absolute_until ON sessions (absolute_until);

-- Emailed links of accounts. The token is derived from the id and the server's key whenever the email is sent; only its hash
-- is stored.
CREATE TABLE account_links (
    id         uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES accounts ON DELETE CASCADE,
    -- A code of `server::store::links::Kind`.
    kind       text NOT NULL,
    email      text,
    token_hash bytea NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    expires_at timestamptz NOT NULL,
    used_at    timestamptz,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX account_links_account ON account_links (account_id, kind, created_at);

-- The one-time link of the first start: at most one row.
CREATE TABLE setup (
    only_one   boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    token_hash bytea NOT NULL CHECK (length(token_hash) = 32),
    used_at    timestamptz
);

-- The audit log of accounts: what happens outside any institution.
CREATE TABLE account_audit (
    id         uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES accounts ON DELETE CASCADE,
    at         timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- A code of `muster::audit::AccountAction`.
    action     text NOT NULL,
    detail     jsonb NOT NULL DEFAULT '{}',
    ip         inet
);
CREATE INDEX account_audit_account ON account_audit (account_id, at);

RESET ROLE;
RESET search_path;
