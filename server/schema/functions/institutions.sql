-- Lookups of institutions across tenants. PL/pgSQL, because a distributed Postgres can't plan SQL functions with parameters.

-- Returns the institution with this slug and the membership of an active member. For everyone else it does not exist.
CREATE OR REPLACE FUNCTION open_institution(wanted_slug text, account uuid)
    RETURNS TABLE (institution_id uuid, membership_id uuid)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = muster, pg_temp
    AS $$
    BEGIN
        RETURN QUERY
        SELECT i.id, m.id
        FROM institutions i
        JOIN memberships m ON m.institution_id = i.id AND m.account_id = account AND m.status = 'active'
        WHERE i.slug = wanted_slug;
    END
    $$;

-- Returns the institutions of an account's active memberships, the most recently viewed first.
CREATE OR REPLACE FUNCTION institutions_of(account uuid)
    RETURNS TABLE (institution_id uuid, slug text, name text, language text, time_zone text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = muster, pg_temp
    AS $$
    BEGIN
        RETURN QUERY
        SELECT i.id, i.slug, i.name, i.language, i.time_zone
        FROM memberships m
        JOIN institutions i ON i.id = m.institution_id
        WHERE m.account_id = account AND m.status = 'active'
        ORDER BY m.viewed_at DESC NULLS LAST, m.joined_at DESC, i.slug;
    END
    $$;

-- Returns the account's name in the institution that it viewed last. A new membership starts with it.
CREATE OR REPLACE FUNCTION name_of(account uuid) RETURNS TABLE (first_name text, last_name text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = muster, pg_temp
    AS $$
    BEGIN
        RETURN QUERY
        SELECT m.first_name, m.last_name
        FROM memberships m
        WHERE m.account_id = account AND m.status = 'active' AND m.last_name <> ''
        ORDER BY m.viewed_at DESC NULLS LAST, m.joined_at DESC
        LIMIT 1;
    END
    $$;

-- Returns the institution with this slug and the account of its main contact, for the operator's command line.
CREATE OR REPLACE FUNCTION find_institution(wanted_slug text) RETURNS TABLE (institution_id uuid, main_contact uuid)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = muster, pg_temp
    AS $$
    BEGIN
        RETURN QUERY
        SELECT i.id, m.account_id FROM institutions i
        JOIN memberships m ON m.institution_id = i.id AND m.id = i.main_contact
        WHERE i.slug = wanted_slug;
    END
    $$;

-- Returns whether any institution exists.
CREATE OR REPLACE FUNCTION any_institution() RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = muster, pg_temp
    AS $$ SELECT EXISTS (SELECT 1 FROM institutions) $$;

-- Returns whether an institution has this slug.
CREATE OR REPLACE FUNCTION slug_in_use(wanted text) RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = muster, pg_temp
    AS $$ BEGIN RETURN EXISTS (SELECT 1 FROM institutions i WHERE i.slug = wanted); END $$;

REVOKE EXECUTE ON FUNCTION open_institution(text, uuid), institutions_of(uuid), name_of(uuid), find_institution(text),
    any_institution(), slug_in_use(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION institutions_of(uuid) TO muster_app, muster_worker;
GRANT EXECUTE ON FUNCTION open_institution(text, uuid), name_of(uuid), find_institution(text), any_institution(),
    slug_in_use(text) TO muster_app;
