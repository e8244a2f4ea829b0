-- The least privileges of each role. Audit entries can be added and read, never changed.
SET LOCAL ROLE muster_owner;
SET LOCAL search_path = muster, public;

GRANT SELECT, INSERT, UPDATE, DELETE ON accounts, sign_in_failures, rate_limits, sessions, account_links, setup
    TO muster_app;
GRANT SELECT, INSERT, UPDATE ON institutions, roles, memberships, invitations, imports TO muster_app;
GRANT SELECT, INSERT ON audit, account_audit TO muster_app;
GRANT SELECT, INSERT, DELETE ON import_parts TO muster_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON import_edits TO muster_app;
GRANT SELECT ON membership_search_terms, import_rows, import_mappings, dev_mailbox TO muster_app;
GRANT INSERT ON outbox TO muster_app;

GRANT SELECT ON accounts, institutions, roles, memberships, import_parts, import_edits TO muster_worker;
-- Without `account_id` a worker can invite but not add a member, and it cannot change a member's status.
GRANT INSERT (institution_id, id, role_id, status, email, first_name, last_name, phone, attributes),
    UPDATE (first_name, last_name, phone, role_id, attributes, version) ON memberships TO muster_worker;
-- To lock the row of the institution, without the privilege to change any other column.
GRANT UPDATE (created_at) ON institutions TO muster_worker;
GRANT SELECT, INSERT, UPDATE ON invitations, import_mappings TO muster_worker;
GRANT SELECT, UPDATE ON imports TO muster_worker;
GRANT SELECT, INSERT, UPDATE, DELETE ON import_rows, mail_pauses, outbox TO muster_worker;
GRANT SELECT, INSERT ON import_chunks, account_links TO muster_worker;
GRANT SELECT, INSERT, DELETE ON import_reserved_usernames TO muster_worker;
GRANT INSERT ON audit TO muster_worker;
GRANT SELECT, INSERT, DELETE ON dev_mailbox TO muster_worker;
GRANT SELECT, DELETE ON sessions, sign_in_failures, rate_limits TO muster_worker;

RESET ROLE;
RESET search_path;
