-- Login details: an import may mail a username and a password that Muster makes, instead of a link by which people choose
-- their own. What is offered is an invitation as ever; the account is made by the first sign-in.
SET LOCAL ROLE muster_owner;
SET LOCAL search_path = muster, public;

-- The password that was mailed is spent: nothing else is possible before the person has chosen their own.
ALTER TABLE accounts ADD COLUMN must_change_password boolean NOT NULL DEFAULT false;

ALTER TABLE invitations
    -- Its mail carries login details, where the address has no account; nobody but the mail says which.
    ADD COLUMN login_details boolean NOT NULL DEFAULT false,
    ADD COLUMN change_password boolean NOT NULL DEFAULT true,
    -- A keyed hash of the password of this epoch, from the moment its mail was first written. The password itself is derived
    -- again from the server's key for each try of the mail.
    ADD COLUMN password_hash bytea CHECK (length(password_hash) = 32);
CREATE INDEX invitations_password ON invitations (password_hash) WHERE password_hash IS NOT NULL;

-- What the row's own column says; NULL where it says nothing.
ALTER TABLE import_rows ADD COLUMN change_password boolean;

-- The open invitation that a username (in its exact case) or an address and a mailed password name.
CREATE FUNCTION find_login_details(hash bytea, identifier text)
    RETURNS TABLE (institution_id uuid, membership_id uuid, epoch integer, change_password boolean)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = muster, pg_temp
    AS $$
        SELECT i.institution_id, i.membership_id, i.epoch, i.change_password
        FROM invitations i
        JOIN memberships m ON m.institution_id = i.institution_id AND m.id = i.membership_id
        WHERE i.password_hash = hash AND i.closed_at IS NULL AND i.expires_at > clock_timestamp()
          AND (i.username = identifier OR m.email = identifier)
    $$;

-- Whether a person came in by the password with this hash.
CREATE FUNCTION was_mailed_to(person uuid, hash bytea) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = muster, pg_temp
    AS $$
        SELECT EXISTS (
            SELECT FROM invitations i
            JOIN memberships m ON m.institution_id = i.institution_id AND m.id = i.membership_id
            WHERE i.password_hash = hash AND m.account_id = person)
    $$;

REVOKE EXECUTE ON FUNCTION find_login_details(bytea, text), was_mailed_to(uuid, bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION find_login_details(bytea, text), was_mailed_to(uuid, bytea) TO muster_app;

RESET ROLE;
RESET search_path;
