-- Triggers that maintain columns of memberships, and the estimate of the list's size.

-- Copies an account's lock into its memberships in every institution: lists filter by it.
CREATE OR REPLACE FUNCTION sync_membership_lock() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = muster, pg_temp
    AS $$
    BEGIN
        UPDATE memberships SET locked = NEW.locked_at IS NOT NULL WHERE account_id = NEW.id;
        RETURN NULL;
    END
    $$;
CREATE OR REPLACE TRIGGER sync_membership_lock AFTER UPDATE OF locked_at ON accounts
    FOR EACH ROW WHEN ((NEW.locked_at IS NULL) <> (OLD.locked_at IS NULL)) EXECUTE FUNCTION sync_membership_lock();

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
            'EXPLAIN (FORMAT JSON) SELECT FROM memberships WHERE institution_id = %L AND listing IS NOT NULL', current_institution())
            || CASE WHEN wanted_listing IS NULL THEN '' ELSE format(' AND listing = %L', wanted_listing) END
            || CASE WHEN wanted_role IS NULL THEN '' ELSE format(' AND role_id = %L', wanted_role) END
        INTO plan;
        RETURN (plan -> 0 -> 'Plan' ->> 'Plan Rows')::numeric::bigint;
    END
    $$;

REVOKE EXECUTE ON FUNCTION sync_membership_lock(), set_membership_end(), estimate_user_count(text, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION estimate_user_count(text, uuid) TO muster_app;
