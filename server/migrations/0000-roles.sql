-- Muster's three roles. This is not a migration: it runs in a transaction before them, at every start that migrates, so that
-- the record of migrations itself can belong to the owner.
--
-- owner    migrates and owns everything in the schema; no process of Muster serves requests with it
-- app      answers people; sees an institution's rows only inside a transaction that names the institution
-- worker   sends mail and applies imports; like app, and claims from the outbox
--
-- Roles belong to the whole database server. So a login is made a member only of roles that it creates here, or that it
-- administers: joining any role of these names would hand the tables of one database to the login of another.
DO $$
DECLARE
    name text;
    created boolean;
    has_schema constant boolean := to_regnamespace('muster') IS NOT NULL;
    grants_options constant boolean := current_setting('server_version_num')::integer >= 160000;
    may_set_role constant text := CASE WHEN grants_options THEN 'SET' ELSE 'MEMBER' END;
BEGIN
    FOREACH name IN ARRAY ARRAY['muster_owner', 'muster_app', 'muster_worker'] LOOP
        created := false;
        IF to_regrole(name) IS NULL THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I NOLOGIN NOSUPERUSER NOBYPASSRLS', name);
                created := true;
            EXCEPTION
                WHEN duplicate_object OR unique_violation THEN
                    NULL;
                WHEN insufficient_privilege THEN
                    RAISE EXCEPTION 'the role % does not exist and the login % is not allowed to create it; give the login CREATEROLE, or create the roles as docs/OPERATIONS.md says under "A login for each"',
                        name, current_user;
            END;
        END IF;
        IF NOT created AND NOT has_schema AND EXISTS (
            SELECT FROM pg_shdepend
            WHERE refclassid = 'pg_authid'::regclass AND refobjid = to_regrole(name) AND deptype = 'o'
              AND dbid NOT IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
        ) THEN
            RAISE EXCEPTION 'the role % already owns tables in another database of this server; set MUSTER_DATABASE_ROLE_PREFIX to a prefix that no other database uses',
                name;
        END IF;
        -- PostgreSQL 16 gives the creator of a role the right to administer it, but not to use it.
        IF NOT pg_has_role(name, may_set_role) AND (created OR pg_has_role(name, 'MEMBER WITH ADMIN OPTION')) THEN
            EXECUTE format('GRANT %I TO CURRENT_USER', name)
                || CASE WHEN grants_options THEN ' WITH INHERIT TRUE, SET TRUE' ELSE '' END;
        END IF;
    END LOOP;
    -- Migrations switch to the owner and write their record with its privileges.
    IF NOT (pg_has_role('muster_owner', may_set_role) AND pg_has_role('muster_owner', 'USAGE')) THEN
        RAISE EXCEPTION 'the role muster_owner exists and the login % is not a member of it; if this database is the only one that uses the role, run "GRANT muster_owner TO %" as an administrator, otherwise set MUSTER_DATABASE_ROLE_PREFIX to a prefix that no other database uses',
            current_user, quote_ident(current_user);
    END IF;
END
$$;
