-- Invitations: an offer of one membership to one email address.
SET LOCAL ROLE muster_owner;
SET LOCAL search_path = muster, public;

CREATE TABLE invitations (
    institution_id  uuid NOT NULL,
    membership_id   uuid NOT NULL,
    inviter_id      uuid NOT NULL,
    note            text NOT NULL DEFAULT '' CHECK (char_length(note) <= 1000),
    -- The language of the email.
    language        text NOT NULL,
    -- The reserved username. It holds until the invitation closes or expires.
    username        text CHECK (username IS NULL OR char_length(username) BETWEEN 6 AND 64),
    -- Incremented by each resend, which invalidates earlier links.
    epoch           integer NOT NULL DEFAULT 1 CHECK (epoch > 0),
    token_hash      bytea NOT NULL CHECK (length(token_hash) = 32),
    copied_hash     bytea CHECK (length(copied_hash) = 32),
    copied_at       timestamptz,
    -- NULL while the invitation waits to be sent. Its expiry is `infinity` then, so every condition on the clock treats it as
    -- open: it holds its seat and its username.
    sent_at         timestamptz,
    resent_at       timestamptz,
    expires_at      timestamptz NOT NULL,
    viewed_at       timestamptz,
    asked_again_at  timestamptz,
    used_at         timestamptz,
    closed_at       timestamptz,
    mail_state      text NOT NULL DEFAULT 'queued' CHECK (mail_state IN ('queued', 'delayed', 'sent', 'refused')),
    mail_state_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    mail_response   text NOT NULL DEFAULT '',
    -- The import with which it waits to be sent; NULL if it was sent when it was created.
    import_id       uuid,
    -- The email has login details if the address has no account.
    login_details   boolean NOT NULL DEFAULT false,
    change_password boolean NOT NULL DEFAULT true,
    -- The keyed hash of this epoch's temporary password, from the first attempt to send it. The password is derived from the
    -- server's key for each attempt.
    password_hash   bytea CHECK (length(password_hash) = 32),
    PRIMARY KEY (institution_id, membership_id),
    FOREIGN KEY (institution_id, membership_id) REFERENCES memberships (institution_id, id) ON DELETE CASCADE,
    FOREIGN KEY (institution_id, inviter_id) REFERENCES memberships (institution_id, id),
    FOREIGN KEY (institution_id, import_id) REFERENCES imports (institution_id, id),
    CONSTRAINT invitations_unsent_never_expire CHECK (isfinite(expires_at) OR sent_at IS NULL)
);
-- Tokens are looked up before the institution is known. They are 256-bit secrets, so their hashes are unique across
-- institutions.
CREATE UNIQUE INDEX invitations_token_key ON invitations (token_hash);
CREATE UNIQUE INDEX invitations_copied_key ON invitations (copied_hash) WHERE copied_hash IS NOT NULL;
CREATE INDEX invitations_password ON invitations (password_hash) WHERE password_hash IS NOT NULL;
CREATE INDEX invitations_username ON invitations (lower(username)) WHERE username IS NOT NULL AND closed_at IS NULL;
-- Invitations by expiry, and those that need an administrator.
CREATE INDEX invitations_by_expiry ON invitations (institution_id, expires_at) WHERE closed_at IS NULL;
CREATE INDEX invitations_asked_again ON invitations (institution_id, asked_again_at)
    WHERE closed_at IS NULL AND asked_again_at IS NOT NULL;
CREATE INDEX invitations_refused ON invitations (institution_id, mail_state_at)
    WHERE closed_at IS NULL AND mail_state = 'refused';
CREATE INDEX invitations_waiting ON invitations (institution_id, import_id, membership_id)
    WHERE expires_at = 'infinity' AND closed_at IS NULL;
-- The invitations that end with their inviter's membership. A membership is erased only if it has none.
CREATE INDEX invitations_by_inviter ON invitations (institution_id, inviter_id);

RESET ROLE;
RESET search_path;
