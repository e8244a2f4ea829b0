-- The outbox, the built-in mailbox and the pauses of sending.
SET LOCAL ROLE muster_owner;
SET LOCAL search_path = muster, public;

-- Messages to send. The app inserts; the worker claims, sends and records the outcome. Contains ids, never links.
CREATE TABLE outbox (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind           text NOT NULL CHECK (kind IN ('invitation', 'reset', 'unlock', 'password_changed', 'confirm')),
    institution_id uuid,
    membership_id  uuid,
    epoch          integer,
    account_id     uuid,
    -- The identifier of a requested reset. The account is looked up when the message is composed, so that requests take equally
    -- long with and without an account.
    identifier     text,
    link_id        uuid,
    -- The same in every attempt.
    message_id     uuid NOT NULL UNIQUE,
    state          text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'sent', 'refused', 'dropped')),
    attempts       integer NOT NULL DEFAULT 0,
    next_at        timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- The fencing token: each claim increments it, and a sender with an older one is rejected.
    fence          bigint NOT NULL DEFAULT 0,
    response       text NOT NULL DEFAULT '',
    created_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    done_at        timestamptz,
    -- A message of an import. Others do not wait for these, nor small imports for large ones.
    bulk           boolean NOT NULL DEFAULT false,
    -- When the mail server objected to something that may concern this message alone. It is refused permanently only if the
    -- server has accepted another message since.
    blocked_at     timestamptz
);
CREATE INDEX outbox_due ON outbox (next_at) WHERE state = 'queued' AND NOT bulk;
CREATE INDEX outbox_bulk ON outbox (institution_id, next_at) WHERE state = 'queued' AND bulk;

-- The built-in mailbox, used if no mail server is configured.
CREATE TABLE dev_mailbox (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    message_id   text NOT NULL,
    recipient    text NOT NULL,
    subject      text NOT NULL,
    text_body    text NOT NULL,
    html_body    text NOT NULL,
    delivered_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- Sending pauses on all replicas while the mail server refuses the sender: the name in EHLO, the sign-in, the address,
-- relaying, or the messages as such.
CREATE TABLE mail_pauses (
    -- An institution, an account, or everything (the nil UUID).
    scope       uuid PRIMARY KEY,
    -- A code of `server::mail::Cause`.
    cause       text NOT NULL,
    -- Whether the objection applies to every message.
    certain     boolean NOT NULL,
    response    text NOT NULL,
    since       timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- When the next message is tried.
    until       timestamptz NOT NULL,
    probes      integer NOT NULL DEFAULT 0,
    -- When the server last accepted a message of another scope.
    accepted_at timestamptz
);

RESET ROLE;
RESET search_path;
