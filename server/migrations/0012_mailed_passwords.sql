-- A password that was mailed and stays is compared without spaces and dashes, and with look-alike characters as one.
SET LOCAL ROLE muster_owner;
SET LOCAL search_path = muster, public;

ALTER TABLE accounts ADD COLUMN password_mailed boolean NOT NULL DEFAULT false;

RESET ROLE;
RESET search_path;
