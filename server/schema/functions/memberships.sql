-- Triggers that maintain columns of memberships, and the estimate of the list's size.

-- Copies an account's lock into its memberships in every institution: lists filter by it. An import may hold a membership
-- for as long as it writes, and no sign-in waits for that: memberships that are held are marked later, by `sync_locks`.
CREATE OR REPLACE FUNCTION sync_membership_lock() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = muster, pg_temp
    AS $$
    BEGIN
        UPDATE memberships m SET locked = NEW.locked_at IS NOT NULL
        FROM (SELECT institution_id, id FROM memberships
              WHERE account_id = NEW.id AND locked <> (NEW.locked_at IS NOT NULL)
              FOR NO KEY UPDATE SKIP LOCKED) free
        WHERE m.institution_id = free.institution_id AND m.id = free.id;
        NEW.lock_to_sync := EXISTS (
            SELECT 1 FROM memberships WHERE account_id = NEW.id AND locked <> (NEW.locked_at IS NOT NULL));
        RETURN NEW;
    END
    $$;
CREATE OR REPLACE TRIGGER sync_membership_lock BEFORE UPDATE OF locked_at, lock_to_sync ON accounts
    FOR EACH ROW WHEN ((NEW.locked_at IS NULL) <> (OLD.locked_at IS NULL) OR NEW.lock_to_sync)
    EXECUTE FUNCTION sync_membership_lock();

-- Marks the memberships that were held before. The trigger does it.
CREATE OR REPLACE FUNCTION sync_locks() RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = muster, pg_temp
    AS $$
        UPDATE accounts SET lock_to_sync = true
        WHERE id IN (SELECT id FROM accounts WHERE lock_to_sync FOR NO KEY UPDATE SKIP LOCKED)
    $$;

-- Sets `ended_at` when a membership ends, and clears it when the membership begins again. A declined invitation loses its
-- personal data at once.
CREATE OR REPLACE FUNCTION set_membership_end() RETURNS trigger
    LANGUAGE plpgsql SET search_path = muster, pg_temp
    AS $$
    BEGIN
        NEW.names_erased_at := NULL;
        IF NEW.status IN ('declined', 'revoked', 'removed') THEN
            NEW.ended_at := statement_timestamp();
        ELSE
            NEW.ended_at := NULL;
        END IF;
        IF NEW.status = 'declined' THEN
            NEW.first_name := '';
            NEW.last_name := '';
            NEW.phone := NULL;
            NEW.attributes := NULL;
        END IF;
        RETURN NEW;
    END
    $$;
CREATE OR REPLACE TRIGGER set_membership_end BEFORE UPDATE OF status ON memberships
    FOR EACH ROW WHEN (OLD.status <> NEW.status) EXECUTE FUNCTION set_membership_end();

-- Returns the planner's estimate of the number of users under a filter: counting a million takes longer than reading a page.
-- Runs as the owner, because the planner would estimate the condition of row-level security a second time.
CREATE OR REPLACE FUNCTION estimate_user_count(wanted_listing text, wanted_role uuid) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = muster, pg_temp
    AS $$
    DECLARE
        plan json;
    BEGIN
        EXECUTE format(
            'EXPLAIN (FORMAT JSON) SELECT 1 FROM memberships WHERE institution_id = %L AND listing IS NOT NULL', current_institution())
            || CASE WHEN wanted_listing IS NULL THEN '' ELSE format(' AND listing = %L', wanted_listing) END
            || CASE WHEN wanted_role IS NULL THEN '' ELSE format(' AND role_id = %L', wanted_role) END
        INTO plan;
        RETURN (plan -> 0 -> 'Plan' ->> 'Plan Rows')::numeric::bigint;
    END
    $$;

REVOKE EXECUTE ON FUNCTION sync_membership_lock(), sync_locks(), set_membership_end(), estimate_user_count(text, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION estimate_user_count(text, uuid) TO muster_app;
GRANT EXECUTE ON FUNCTION sync_locks() TO muster_worker;
