-- The schema, and the two functions that definitions of tables use. All other functions are in `server/schema/functions`.
-- The roles are in `0000-roles.sql`.
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

-- Returns the institution of this transaction, or NULL. Without one no tenant row is visible.
CREATE FUNCTION current_institution() RETURNS uuid
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT nullif(current_setting('muster.institution', true), '')::uuid $$;

-- Returns a name as it is compared: "muller" finds Müller, and Ö sorts beside O. ASCII takes a shortcut. Not STRICT: a strict
-- function with a CASE would be called for each row instead of being inlined. Stored columns contain its result, so a change
-- has to rewrite them.
CREATE FUNCTION fold(value text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN octet_length(value) = char_length(value) THEN lower(value)
        ELSE replace(replace(replace(replace(translate(
            regexp_replace(lower(normalize(value, NFKD)), '[\u0300-\u036f]', '', 'g'),
            'øđłðı', 'odldi'), 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th')
    END;

REVOKE EXECUTE ON FUNCTION current_institution(), fold(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION current_institution(), fold(text) TO muster_app, muster_worker;

-- The function files that were applied, with the SHA-256 of each. A start applies those that have changed.
CREATE TABLE function_files (
    name     text PRIMARY KEY,
    checksum bytea NOT NULL CHECK (length(checksum) = 32)
);
GRANT SELECT ON function_files TO muster_app, muster_worker;

-- A login that may not migrate reads the record of migrations to check the version. The record is missing if the files are
-- applied without Muster, to check queries.
DO $$
BEGIN
    IF to_regclass('muster._sqlx_migrations') IS NOT NULL THEN
        GRANT SELECT ON _sqlx_migrations TO muster_app, muster_worker;
    END IF;
END
$$;

RESET ROLE;
RESET search_path;
