-- The foundation: the tables, and row-level security that is enabled and forced. The roles are in `0000-roles.sql`.
DO $$
BEGIN
    IF to_regnamespace('muster') IS NULL THEN
        CREATE SCHEMA muster AUTHORIZATION muster_owner;
    END IF;
END
$$;

SET LOCAL ROLE muster_owner;
SET LOCAL search_path = muster, public;
GRANT USAGE ON SCHEMA muster TO muster_app, muster_worker;

-- The institution that this transaction works on; NULL (and so no row at all) where none was named.
CREATE FUNCTION current_institution() RETURNS uuid
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT nullif(current_setting('muster.institution', true), '')::uuid $$;

-- ---------------------------------------------------------------------------------------------------
-- Accounts: a person's, across institutions; global, and outside the tenant key rule.
-- ---------------------------------------------------------------------------------------------------
CREATE TABLE accounts (
    id                  uuid PRIMARY KEY,
    -- The proved sign-in address, canonical. An address that nobody proved stands beside it and takes
    -- nothing from whoever does prove it.
    email               text UNIQUE CHECK (length(email) BETWEEN 3 AND 254),
    unconfirmed_email   text CHECK (length(unconfirmed_email) BETWEEN 3 AND 254),
    username            text NOT NULL
                        CONSTRAINT accounts_username_length CHECK (char_length(username) BETWEEN 6 AND 64)
                        CONSTRAINT accounts_username_characters CHECK (username ~ '^[A-Za-z0-9.]*$')
                        CONSTRAINT accounts_username_periods CHECK (username !~ '(^\.|\.$|\.\.)'),
    password_hash       text NOT NULL,
    language            text CHECK (language IN ('en', 'de')),
    created_at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    password_changed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    locked_at           timestamptz,
    CONSTRAINT accounts_one_address CHECK (email IS NULL OR unconfirmed_email IS NULL)
);
CREATE UNIQUE INDEX accounts_username_key ON accounts (lower(username));

-- Failed sign-ins, by account where the identifier names one and else by the identifier's keyed hash, so
-- that both look alike from outside.
CREATE TABLE sign_in_failures (
    key           bytea PRIMARY KEY CHECK (length(key) = 32),
    failures      integer NOT NULL CHECK (failures > 0),
    last_at       timestamptz NOT NULL,
    blocked_until timestamptz NOT NULL
);
CREATE INDEX sign_in_failures_last_at ON sign_in_failures (last_at);

-- Counters that must hold over replicas and restarts.
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

-- Mailed links of accounts. Only a hash is kept: the token itself is derived again from the id and the
-- server's key when the mail is sent.
CREATE TABLE account_links (
    id         uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES accounts ON DELETE CASCADE,
    kind       text NOT NULL CHECK (kind IN ('reset', 'unlock', 'confirm')),
    email      text,
    token_hash bytea NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    expires_at timestamptz NOT NULL,
    used_at    timestamptz,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX account_links_account ON account_links (account_id, kind, created_at);

-- The one-time link of the first start: there is one row at most.
CREATE TABLE setup (
    only_one   boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    token_hash bytea NOT NULL CHECK (length(token_hash) = 32),
    used_at    timestamptz
);

-- ---------------------------------------------------------------------------------------------------
-- Tenants. institution_id leads every key, so that these tables can be partitioned and spread by it.
-- ---------------------------------------------------------------------------------------------------
CREATE TABLE institutions (
    id               uuid PRIMARY KEY,
    slug             text NOT NULL CONSTRAINT institutions_slug_key UNIQUE
                     CHECK (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' AND length(slug) <= 60),
    name             text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 120),
    time_zone        text NOT NULL,
    language         text NOT NULL CHECK (language IN ('en', 'de')),
    -- Licence spaces; NULL for none set.
    seats            integer CHECK (seats >= 0),
    invitation_hours integer NOT NULL DEFAULT 24 CHECK (invitation_hours BETWEEN 1 AND 168),
    main_contact     uuid NOT NULL,
    created_at       timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE roles (
    institution_id uuid NOT NULL REFERENCES institutions ON DELETE CASCADE,
    id             uuid NOT NULL,
    -- Predefined roles carry a code and are named in the reader's language; own roles carry a name.
    code           text CHECK (code IN ('administrator', 'basic')),
    name           text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 100),
    administrator  boolean NOT NULL,
    permissions    text[] NOT NULL,
    PRIMARY KEY (institution_id, id),
    CONSTRAINT roles_name_key UNIQUE (institution_id, name)
);

-- A user in an institution, from the invitation on: the institution's own directory entry.
CREATE TABLE memberships (
    institution_id uuid NOT NULL REFERENCES institutions ON DELETE CASCADE,
    id             uuid NOT NULL,
    -- NULL until somebody accepted: before that the institution has only what it typed itself.
    account_id     uuid REFERENCES accounts,
    role_id        uuid NOT NULL,
    status         text NOT NULL CHECK (status IN ('invited', 'active', 'deactivated', 'declined', 'revoked', 'removed')),
    email          text NOT NULL,
    first_name     text NOT NULL DEFAULT '' CHECK (char_length(first_name) <= 100),
    last_name      text NOT NULL DEFAULT '' CHECK (char_length(last_name) <= 100),
    phone          text CHECK (phone ~ '^\+[0-9]{7,15}$'),
    -- What the list is sorted by: the name, or where nobody gave one, the address.
    sort_name      text NOT NULL GENERATED ALWAYS AS (
        lower(coalesce(nullif(btrim(first_name || ' ' || last_name), ''), email))
    ) STORED,
    created_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    joined_at      timestamptz,
    viewed_at      timestamptz,
    -- Home says once which institution was joined.
    welcomed       boolean NOT NULL DEFAULT true,
    PRIMARY KEY (institution_id, id),
    FOREIGN KEY (institution_id, role_id) REFERENCES roles (institution_id, id),
    CHECK ((account_id IS NULL) = (status IN ('invited', 'declined', 'revoked')) OR status = 'removed')
);
CREATE UNIQUE INDEX memberships_account_key ON memberships (institution_id, account_id)
    WHERE status IN ('active', 'deactivated');
CREATE UNIQUE INDEX memberships_open_email_key ON memberships (institution_id, email)
    WHERE status = 'invited';
-- The list: keyset pages by name.
CREATE INDEX memberships_by_name ON memberships (institution_id, sort_name, id)
    WHERE status IN ('invited', 'active', 'deactivated');
CREATE INDEX memberships_by_account ON memberships (account_id, viewed_at DESC NULLS LAST)
    WHERE status = 'active';

ALTER TABLE institutions ADD CONSTRAINT institutions_main_contact
    FOREIGN KEY (id, main_contact) REFERENCES memberships (institution_id, id)
    DEFERRABLE INITIALLY DEFERRED;

-- An offer of one membership to one mailbox.
CREATE TABLE invitations (
    institution_id  uuid NOT NULL,
    membership_id   uuid NOT NULL,
    inviter_id      uuid NOT NULL,
    note            text NOT NULL DEFAULT '' CHECK (char_length(note) <= 1000),
    -- The language of its mail.
    language        text NOT NULL,
    username        text CHECK (username IS NULL OR char_length(username) BETWEEN 6 AND 64),
    -- Each sending is an epoch; a new one makes every older link dead.
    epoch           integer NOT NULL DEFAULT 1 CHECK (epoch > 0),
    token_hash      bytea NOT NULL CHECK (length(token_hash) = 32),
    copied_hash     bytea CHECK (length(copied_hash) = 32),
    copied_at       timestamptz,
    sent_at         timestamptz NOT NULL,
    resent_at       timestamptz,
    expires_at      timestamptz NOT NULL,
    viewed_at       timestamptz,
    asked_again_at  timestamptz,
    used_at         timestamptz,
    closed_at       timestamptz,
    mail_state      text NOT NULL DEFAULT 'queued' CHECK (mail_state IN ('queued', 'delayed', 'sent', 'refused')),
    mail_state_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    mail_response   text NOT NULL DEFAULT '',
    PRIMARY KEY (institution_id, membership_id),
    FOREIGN KEY (institution_id, membership_id) REFERENCES memberships (institution_id, id) ON DELETE CASCADE,
    FOREIGN KEY (institution_id, inviter_id) REFERENCES memberships (institution_id, id)
);
-- Tokens are looked up before the institution is known; they are 256-bit secrets, so the hash alone is
-- unique enough to be a key across institutions.
CREATE UNIQUE INDEX invitations_token_key ON invitations (token_hash);
CREATE UNIQUE INDEX invitations_copied_key ON invitations (copied_hash) WHERE copied_hash IS NOT NULL;
CREATE INDEX invitations_username ON invitations (lower(username)) WHERE username IS NOT NULL AND closed_at IS NULL;

CREATE TABLE audit (
    institution_id uuid NOT NULL REFERENCES institutions ON DELETE CASCADE,
    id             uuid NOT NULL,
    at             timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- NULL where the operator's command line or the invited person acted.
    actor_id       uuid,
    action         text NOT NULL,
    subject_id     uuid,
    detail         jsonb NOT NULL DEFAULT '{}',
    ip             inet,
    PRIMARY KEY (institution_id, id)
);
CREATE INDEX audit_subject ON audit (institution_id, subject_id, at);

-- What happens to accounts outside any institution (sign-ins that lock, changed passwords).
CREATE TABLE account_audit (
    id         uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES accounts ON DELETE CASCADE,
    at         timestamptz NOT NULL DEFAULT clock_timestamp(),
    action     text NOT NULL,
    detail     jsonb NOT NULL DEFAULT '{}',
    ip         inet
);
CREATE INDEX account_audit_account ON account_audit (account_id, at);

-- ---------------------------------------------------------------------------------------------------
-- Mail under way. The app only puts in; the worker claims, sends and records. Holds ids, never links.
-- ---------------------------------------------------------------------------------------------------
CREATE TABLE outbox (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind           text NOT NULL CHECK (kind IN ('invitation', 'reset', 'unlock', 'password_changed', 'confirm')),
    institution_id uuid,
    membership_id  uuid,
    epoch          integer,
    account_id     uuid,
    -- What was typed by who forgot the password. Whether it names an account is found out when the mail is
    -- made, so that asking costs the same in every case.
    identifier     text,
    link_id        uuid,
    -- Stays the same over every try.
    message_id     uuid NOT NULL UNIQUE,
    state          text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'sent', 'refused', 'dropped')),
    attempts       integer NOT NULL DEFAULT 0,
    next_at        timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- Whoever claims raises the fence; a sender that comes back late finds another number and is turned away.
    fence          bigint NOT NULL DEFAULT 0,
    response       text NOT NULL DEFAULT '',
    created_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    done_at        timestamptz
);
CREATE INDEX outbox_due ON outbox (next_at) WHERE state = 'queued';

-- The built-in mailbox, for where no mail server is set.
CREATE TABLE dev_mailbox (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    message_id   text NOT NULL,
    recipient    text NOT NULL,
    subject      text NOT NULL,
    text_body    text NOT NULL,
    html_body    text NOT NULL,
    delivered_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- ---------------------------------------------------------------------------------------------------
-- Row-level security: the second wall behind `WHERE institution_id = …`.
-- ---------------------------------------------------------------------------------------------------
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['roles', 'memberships', 'invitations', 'audit'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format(
            'CREATE POLICY tenant ON %I USING (institution_id = current_institution())
             WITH CHECK (institution_id = current_institution())', name);
    END LOOP;
END
$$;
ALTER TABLE institutions ENABLE ROW LEVEL SECURITY;
ALTER TABLE institutions FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON institutions USING (id = current_institution()) WITH CHECK (id = current_institution());

-- What must look across institutions goes through the named functions below. They run as the owner, for
-- whom this policy opens the rows while, and only while, one of them runs.
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['institutions', 'roles', 'memberships', 'invitations'] LOOP
        EXECUTE format('CREATE POLICY across ON %I FOR SELECT TO muster_owner USING (true)', name);
    END LOOP;
END
$$;

-- The institution that an invitation's token belongs to, whether by mail or copied.
CREATE FUNCTION find_invitation(hash bytea)
    RETURNS TABLE (institution_id uuid, membership_id uuid, copied boolean)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = muster, pg_temp
    AS $$
        SELECT i.institution_id, i.membership_id, false FROM invitations i WHERE i.token_hash = hash
        UNION ALL
        SELECT i.institution_id, i.membership_id, true FROM invitations i WHERE i.copied_hash = hash
    $$;

-- The institution behind a path, for a person who is an active member of it: for all others it does not
-- exist.
CREATE FUNCTION open_institution(wanted_slug text, person uuid)
    RETURNS TABLE (institution_id uuid, membership_id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = muster, pg_temp
    AS $$
        SELECT i.id, m.id
        FROM institutions i
        JOIN memberships m ON m.institution_id = i.id AND m.account_id = person AND m.status = 'active'
        WHERE i.slug = wanted_slug
    $$;

-- A person's institutions, most recently viewed first.
CREATE FUNCTION institutions_of(person uuid)
    RETURNS TABLE (institution_id uuid, slug text, name text, language text, time_zone text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = muster, pg_temp
    AS $$
        SELECT i.id, i.slug, i.name, i.language, i.time_zone
        FROM memberships m
        JOIN institutions i ON i.id = m.institution_id
        WHERE m.account_id = person AND m.status = 'active'
        ORDER BY m.viewed_at DESC NULLS LAST, m.joined_at DESC, i.slug
    $$;

-- The name that a person goes by in the institution viewed last: what a further institution begins with
-- once they have joined it.
CREATE FUNCTION name_of(person uuid) RETURNS TABLE (first_name text, last_name text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = muster, pg_temp
    AS $$
        SELECT m.first_name, m.last_name
        FROM memberships m
        WHERE m.account_id = person AND m.status = 'active' AND m.last_name <> ''
        ORDER BY m.viewed_at DESC NULLS LAST, m.joined_at DESC
        LIMIT 1
    $$;

-- Whether a username is in use or reserved by an open invitation other than the named one.
CREATE FUNCTION username_in_use(wanted text, but_institution uuid, but_membership uuid) RETURNS boolean
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
    $$;

-- Whether any institution exists yet.
CREATE FUNCTION any_institution() RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = muster, pg_temp
    AS $$ SELECT EXISTS (SELECT FROM institutions) $$;

-- Whether a slug is in use.
CREATE FUNCTION slug_in_use(wanted text) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = muster, pg_temp
    AS $$ SELECT EXISTS (SELECT FROM institutions i WHERE i.slug = wanted) $$;

REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA muster FROM PUBLIC;
GRANT EXECUTE ON FUNCTION current_institution(), institutions_of(uuid) TO muster_app, muster_worker;
GRANT EXECUTE ON FUNCTION find_invitation(bytea), open_institution(text, uuid), name_of(uuid),
    username_in_use(text, uuid, uuid), any_institution(), slug_in_use(text) TO muster_app;

-- The least that each needs. Audit rows can be added and read, never changed.
GRANT SELECT, INSERT, UPDATE, DELETE ON accounts, sign_in_failures, rate_limits, sessions, account_links, setup
    TO muster_app;
GRANT SELECT, INSERT, UPDATE ON institutions, roles, memberships, invitations TO muster_app;
GRANT SELECT, INSERT ON audit, account_audit TO muster_app;
GRANT INSERT ON outbox TO muster_app;
GRANT SELECT ON dev_mailbox TO muster_app;

GRANT SELECT, UPDATE, DELETE ON outbox TO muster_worker;
GRANT SELECT ON accounts, institutions, roles, memberships TO muster_worker;
GRANT SELECT, INSERT ON account_links TO muster_worker;
GRANT SELECT, UPDATE ON invitations TO muster_worker;
GRANT INSERT ON dev_mailbox TO muster_worker;
GRANT DELETE ON sessions, sign_in_failures, rate_limits, dev_mailbox TO muster_worker;
GRANT SELECT ON sessions, sign_in_failures, rate_limits, dev_mailbox TO muster_worker;

-- The migration's own record is written next, in this transaction, by whoever migrates.
RESET ROLE;
RESET search_path;
