-- Institutions, roles, memberships and the audit log. `institution_id` is first in every key of a tenant table, so that these
-- tables can be distributed by it.
SET LOCAL ROLE muster_owner;
SET LOCAL search_path = muster, public;

CREATE TABLE institutions (
    id               uuid PRIMARY KEY,
    slug             text NOT NULL CONSTRAINT institutions_slug_key UNIQUE
                     CHECK (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' AND length(slug) <= 60),
    name             text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 120),
    time_zone        text NOT NULL,
    -- A code of `muster::language::Language`.
    language         text NOT NULL,
    -- The seat limit; NULL for none.
    seats            integer CHECK (seats >= 0),
    invitation_hours integer NOT NULL DEFAULT 24 CHECK (invitation_hours BETWEEN 1 AND 168),
    main_contact     uuid NOT NULL,
    created_at       timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE roles (
    institution_id uuid NOT NULL REFERENCES institutions ON DELETE CASCADE,
    id             uuid NOT NULL,
    -- A predefined role has a code and is named in the reader's language; a custom role has a name.
    code           text CHECK (code IN ('administrator', 'basic')),
    name           text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 100),
    administrator  boolean NOT NULL,
    permissions    text[] NOT NULL,
    PRIMARY KEY (institution_id, id),
    CONSTRAINT roles_name_key UNIQUE (institution_id, name)
);

-- A person in an institution, from the invitation on.
CREATE TABLE memberships (
    institution_id  uuid NOT NULL REFERENCES institutions ON DELETE CASCADE,
    id              uuid NOT NULL,
    -- NULL until the invitation is accepted: until then the institution has only what it entered.
    account_id      uuid REFERENCES accounts,
    role_id         uuid NOT NULL,
    status          text NOT NULL CHECK (status IN ('invited', 'active', 'deactivated', 'declined', 'revoked', 'removed')),
    email           text NOT NULL,
    first_name      text NOT NULL DEFAULT '' CHECK (char_length(first_name) <= 100),
    last_name       text NOT NULL DEFAULT '' CHECK (char_length(last_name) <= 100),
    phone           text CHECK (phone ~ '^\+[0-9]{7,15}$'),
    created_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    joined_at       timestamptz,
    viewed_at       timestamptz,
    -- The home page has shown which institution was joined.
    welcomed        boolean NOT NULL DEFAULT true,
    -- Incremented by each change of the details, to detect conflicting edits.
    version         integer NOT NULL DEFAULT 1,
    -- Copied from the account by a trigger, because lists filter by it.
    locked          boolean NOT NULL DEFAULT false,
    -- The state that lists filter by; NULL if the membership is in no list.
    listing         text GENERATED ALWAYS AS (
        CASE WHEN status = 'active' AND locked THEN 'locked'
             WHEN status IN ('invited', 'active', 'deactivated') THEN status END
    ) STORED,
    -- The folded name, or the email address if there is no name.
    sort_name       text COLLATE "C" NOT NULL GENERATED ALWAYS AS (
        fold(coalesce(nullif(btrim(first_name || ' ' || last_name), ''), email))
    ) STORED,
    -- Custom attributes: the text under each further column's header.
    attributes      jsonb,
    -- When the membership was declined, revoked or removed.
    ended_at        timestamptz,
    -- When name and phone number were erased, in imports too.
    names_erased_at timestamptz,
    PRIMARY KEY (institution_id, id),
    FOREIGN KEY (institution_id, role_id) REFERENCES roles (institution_id, id),
    CHECK ((account_id IS NULL) = (status IN ('invited', 'declined', 'revoked')) OR status = 'removed')
);
CREATE UNIQUE INDEX memberships_account_key ON memberships (institution_id, account_id)
    WHERE status IN ('active', 'deactivated');
CREATE UNIQUE INDEX memberships_open_email_key ON memberships (institution_id, email)
    WHERE status = 'invited';
CREATE INDEX memberships_by_account ON memberships (account_id, viewed_at DESC NULLS LAST)
    WHERE status = 'active';
-- The member with an email address: asked for each row of an imported file.
CREATE INDEX memberships_by_email ON memberships (institution_id, email) WHERE listing IS NOT NULL;
-- The list of a million members: each order and filter has an index that ends in the page's key
-- (docs/decisions/0006-the-list-at-a-million.md).
CREATE INDEX memberships_by_name ON memberships (institution_id, sort_name, id) WHERE listing IS NOT NULL;
CREATE INDEX memberships_by_viewed ON memberships (institution_id, coalesce(viewed_at, '-infinity'::timestamptz), id)
    WHERE listing IS NOT NULL;
CREATE INDEX memberships_by_created ON memberships (institution_id, created_at, id) WHERE listing IS NOT NULL;
CREATE INDEX memberships_by_listing ON memberships (institution_id, listing, sort_name, id) WHERE listing IS NOT NULL;
CREATE INDEX memberships_by_role ON memberships (institution_id, role_id, sort_name, id) WHERE listing IS NOT NULL;
-- The frequency of states and roles in each institution: the planner chooses an index by it, and lists show it as an estimate.
CREATE STATISTICS memberships_states (mcv) ON institution_id, listing, role_id FROM memberships;
-- Members whose personal data is due for erasure.
CREATE INDEX memberships_names_to_erase ON memberships (ended_at) WHERE ended_at IS NOT NULL AND names_erased_at IS NULL;
CREATE INDEX memberships_to_erase ON memberships (ended_at) WHERE ended_at IS NOT NULL;

ALTER TABLE institutions ADD CONSTRAINT institutions_main_contact
    FOREIGN KEY (id, main_contact) REFERENCES memberships (institution_id, id)
    DEFERRABLE INITIALLY DEFERRED;

-- Search terms of members, found by their beginnings: parts of the name, the username or a later part of it, the email
-- address, words of custom attributes. A B-tree in byte order works under row-level security; the operators of trigram and
-- text search are not leakproof and could not use their index. Triggers maintain the table.
CREATE TABLE membership_search_terms (
    institution_id uuid NOT NULL,
    term           text COLLATE "C" NOT NULL,
    membership_id  uuid NOT NULL,
    -- Copied from the membership, so that a search under a filter does not look up each member.
    listing        text NOT NULL,
    PRIMARY KEY (institution_id, term, membership_id) INCLUDE (listing)
);
CREATE INDEX membership_search_terms_of ON membership_search_terms (institution_id, membership_id, term);

CREATE TABLE audit (
    institution_id uuid NOT NULL REFERENCES institutions ON DELETE CASCADE,
    id             uuid NOT NULL,
    at             timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- NULL if the operator or the invited person acted.
    actor_id       uuid,
    -- A code of `muster::audit::AuditAction`.
    action         text NOT NULL,
    subject_id     uuid,
    detail         jsonb NOT NULL DEFAULT '{}',
    ip             inet,
    PRIMARY KEY (institution_id, id)
);
CREATE INDEX audit_subject ON audit (institution_id, subject_id, at);
CREATE INDEX audit_actor ON audit (institution_id, actor_id) WHERE ip IS NOT NULL;

RESET ROLE;
RESET search_path;
