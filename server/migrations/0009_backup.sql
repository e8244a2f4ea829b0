-- What a backup needs: the record of migrations is read by every role, and the owner reads every row, so that `pg_dump` as the
-- owner is complete. (A superuser's dump always was; but managed servers hand out no superuser.)
SET LOCAL ROLE muster_owner;
SET LOCAL search_path = muster, public;

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['audit', 'import_chunks', 'import_mappings'] LOOP
        EXECUTE format('CREATE POLICY backup ON %I FOR SELECT TO muster_owner USING (true)', name);
    END LOOP;
    -- Absent where the files are applied without Muster, to check queries.
    IF to_regclass('muster._sqlx_migrations') IS NOT NULL THEN
        GRANT SELECT ON _sqlx_migrations TO muster_app, muster_worker;
    END IF;
END
$$;

RESET ROLE;
RESET search_path;
