-- Sign-ins and the choice of usernames do not wait for imports.
SET LOCAL ROLE muster_owner;
SET LOCAL search_path = muster, public;

-- An all-or-nothing import keeps the members that it changes locked for as long as it writes. Locking an account must not
-- wait for that: members that are locked by another transaction are marked later, by a worker.
ALTER TABLE accounts ADD COLUMN lock_to_sync boolean NOT NULL DEFAULT false;
CREATE INDEX accounts_lock_to_sync ON accounts (id) WHERE lock_to_sync;

DROP TRIGGER lock_carried ON accounts;
CREATE OR REPLACE FUNCTION carry_lock() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = muster, pg_temp
    AS $$
    BEGIN
        UPDATE memberships m SET locked = NEW.locked_at IS NOT NULL
        FROM (SELECT institution_id, id FROM memberships
              WHERE account_id = NEW.id AND locked <> (NEW.locked_at IS NOT NULL)
              FOR NO KEY UPDATE SKIP LOCKED) free
        WHERE m.institution_id = free.institution_id AND m.id = free.id;
        NEW.lock_to_sync := EXISTS (
            SELECT FROM memberships WHERE account_id = NEW.id AND locked <> (NEW.locked_at IS NOT NULL));
        RETURN NEW;
    END
    $$;
CREATE TRIGGER lock_carried BEFORE UPDATE OF locked_at, lock_to_sync ON accounts
    FOR EACH ROW WHEN ((NEW.locked_at IS NULL) <> (OLD.locked_at IS NULL) OR NEW.lock_to_sync)
    EXECUTE FUNCTION carry_lock();

-- Marks the members that were locked before. The trigger does it.
CREATE FUNCTION sync_locks() RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = muster, pg_temp
    AS $$
        UPDATE accounts SET lock_to_sync = true
        WHERE id IN (SELECT id FROM accounts WHERE lock_to_sync FOR NO KEY UPDATE SKIP LOCKED)
    $$;
REVOKE EXECUTE ON FUNCTION sync_locks() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sync_locks() TO muster_worker;

-- A chunk's usernames are reserved before the chunk is written, and are free again when its invitations have them.
GRANT DELETE ON import_names TO muster_worker;

RESET ROLE;
RESET search_path;
