-- Sending pauses, on every replica, while the mail server refuses what is ours: the name in EHLO, the sign-in, the sender,
-- relaying, or messages as a whole.
SET LOCAL ROLE muster_owner;
SET LOCAL search_path = muster, public;

CREATE TABLE mail_pauses (
    -- Whose mail waits: an institution's, an account's, or all (the nil UUID).
    scope       uuid PRIMARY KEY,
    cause       text NOT NULL CHECK (cause IN ('connection', 'tls', 'greeting', 'authentication', 'sender', 'relay', 'policy')),
    -- Whether every message meets the same objection.
    certain     boolean NOT NULL,
    response    text NOT NULL,
    since       timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- When one message is tried.
    until       timestamptz NOT NULL,
    probes      integer NOT NULL DEFAULT 0,
    -- When the server last accepted a message of another scope.
    accepted_at timestamptz
);

-- When a message met an objection that may be about it alone: it is refused for good only after the server has accepted
-- another message since.
ALTER TABLE outbox ADD COLUMN blocked_at timestamptz;

-- Since when this transaction's institution's mail waits; NULL if it does not.
CREATE FUNCTION mail_paused_since() RETURNS timestamptz
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = muster, pg_temp
    AS $$
        SELECT min(since) FROM mail_pauses
        WHERE scope IN ('00000000-0000-0000-0000-000000000000', current_institution())
    $$;

REVOKE EXECUTE ON FUNCTION mail_paused_since() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION mail_paused_since() TO muster_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON mail_pauses TO muster_worker;

RESET ROLE;
RESET search_path;
