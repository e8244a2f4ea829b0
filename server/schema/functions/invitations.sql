-- Lookups of invitations before the institution is known.

-- Returns the invitation with this token, and whether the token is of a copied link.
CREATE OR REPLACE FUNCTION find_invitation(hash bytea)
    RETURNS TABLE (institution_id uuid, membership_id uuid, copied boolean)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = muster, pg_temp
    AS $$
    BEGIN
        RETURN QUERY
        SELECT i.institution_id, i.membership_id, false FROM invitations i WHERE i.token_hash = hash
        UNION ALL
        SELECT i.institution_id, i.membership_id, true FROM invitations i WHERE i.copied_hash = hash;
    END
    $$;

-- Returns the open invitation with this temporary password and this username (case-sensitive) or email address.
CREATE OR REPLACE FUNCTION find_login_details(hash bytea, identifier text)
    RETURNS TABLE (institution_id uuid, membership_id uuid, epoch integer, change_password boolean)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = muster, pg_temp
    AS $$
    BEGIN
        RETURN QUERY
        SELECT i.institution_id, i.membership_id, i.epoch, i.change_password
        FROM invitations i
        JOIN memberships m ON m.institution_id = i.institution_id AND m.id = i.membership_id
        WHERE i.password_hash = hash AND i.closed_at IS NULL AND i.expires_at > clock_timestamp()
          AND (i.username = identifier OR m.email = identifier);
    END
    $$;

-- Returns whether the account accepted an invitation with this temporary password.
CREATE OR REPLACE FUNCTION was_mailed_to(account uuid, hash bytea) RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = muster, pg_temp
    AS $$
    BEGIN
        RETURN EXISTS (
            SELECT 1 FROM invitations i
            JOIN memberships m ON m.institution_id = i.institution_id AND m.id = i.membership_id
            WHERE i.password_hash = hash AND m.account_id = account);
    END
    $$;

REVOKE EXECUTE ON FUNCTION find_invitation(bytea), find_login_details(bytea, text), was_mailed_to(uuid, bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION find_invitation(bytea), find_login_details(bytea, text), was_mailed_to(uuid, bytea) TO muster_app;
