-- Row-level security: the second barrier after `WHERE institution_id = …`. Enabled and forced, so it applies to the owner too.
SET LOCAL ROLE muster_owner;
SET LOCAL search_path = muster, public;

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['institutions', 'roles', 'memberships', 'membership_search_terms', 'invitations', 'audit',
        'imports', 'import_parts', 'import_edits', 'import_rows', 'import_chunks', 'import_mappings',
        'import_reserved_usernames'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY tenant ON %I USING (%I = current_institution()) WITH CHECK (%2$I = current_institution())',
            name, CASE name WHEN 'institutions' THEN 'id' ELSE 'institution_id' END);
        -- For `SECURITY DEFINER` functions across institutions, and so that a dump by the owner is complete. No process serves
        -- requests as the owner.
        EXECUTE format('CREATE POLICY owner_read ON %I FOR SELECT TO muster_owner USING (true)', name);
    END LOOP;
END
$$;

-- What functions that run as the owner write across institutions.
-- Claims of imports, sweeping, and the release of reservations.
CREATE POLICY owner_update ON imports FOR UPDATE TO muster_owner USING (true) WITH CHECK (true);
CREATE POLICY owner_delete ON import_parts FOR DELETE TO muster_owner USING (true);
CREATE POLICY owner_update ON import_rows FOR UPDATE TO muster_owner USING (true) WITH CHECK (true);
CREATE POLICY owner_delete ON import_rows FOR DELETE TO muster_owner USING (true);
CREATE POLICY owner_delete ON import_edits FOR DELETE TO muster_owner USING (true);
CREATE POLICY owner_delete ON import_reserved_usernames FOR DELETE TO muster_owner USING (true);
-- The lock of an account, and erasure.
CREATE POLICY owner_update ON memberships FOR UPDATE TO muster_owner USING (true) WITH CHECK (true);
CREATE POLICY owner_delete ON memberships FOR DELETE TO muster_owner USING (true);
CREATE POLICY owner_update ON invitations FOR UPDATE TO muster_owner USING (true) WITH CHECK (true);
CREATE POLICY owner_delete ON invitations FOR DELETE TO muster_owner USING (true);
CREATE POLICY owner_update ON audit FOR UPDATE TO muster_owner USING (true) WITH CHECK (true);
-- The search terms that triggers maintain.
CREATE POLICY owner_insert ON membership_search_terms FOR INSERT TO muster_owner WITH CHECK (true);
CREATE POLICY owner_delete ON membership_search_terms FOR DELETE TO muster_owner USING (true);

RESET ROLE;
RESET search_path;
