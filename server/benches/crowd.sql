-- A crowd to measure with: 10,000 institutions, and beside them one of 1,000,000 users (slug `big`). Run by a
-- superuser on a migrated, empty database. Names are made of syllables, as unevenly as people's are.
SET search_path = muster, public;
BEGIN;
CREATE TEMP TABLE first_names AS SELECT row_number() OVER () AS n, name FROM unnest(string_to_array(
    'Anna Maria Sofia Emma Julia Laura Lena Sara Eva Nina Clara Ida Elsa Marta Ines Amara Aisha Fatima Mei Yuki Priya Ananya Olga Irina Zoë Chloé Lucía Camila Valentina Isabella Grace Hannah Ruth Esther Miriam Leila Noor Zeynep Elif Aylin Ebru Thea Freja Astrid Signe Saga Linnea Wilma Alva Stella Jonas Lukas Paul Felix Leon Ben Max Tim Jan Nils Erik Lars Olaf Sven Karl Hans Peter Georg Anton Emil Oskar Hugo Viktor Ivan Dmitri Pavel Marek Tomasz Piotr Jakub Mateusz Luca Marco Andrea Matteo Giulio Diego Mateo Santiago Javier Pablo Ahmed Omar Yusuf Ali Hassan Kofi Kwame Chidi Tunde Wei Jun Haruto Ren Arjun Rohan Vikram', ' ')) AS name;
CREATE TEMP TABLE last_names AS
SELECT row_number() OVER () AS n, initcap(a || b || c) AS name
FROM unnest(string_to_array('al ber car dor el fal gar hol is jor kal lin mar nor ol per quin ros sal tor ul var wes zan bren cros dal fen', ' ')) a,
     unnest(string_to_array('e i o a an en in on ar er', ' ')) b,
     unnest(string_to_array('son berg feld mann stein ova ski dez ic ton well ley man ford holm', ' ')) c;

INSERT INTO institutions (id, slug, name, time_zone, language, main_contact)
SELECT md5('i' || n)::uuid, CASE WHEN n = 0 THEN 'big' ELSE 'small-' || n END, 'Institution ' || n, 'Europe/Berlin', 'en', md5('m' || n)::uuid
FROM generate_series(0, 10000) n;
INSERT INTO roles (institution_id, id, code, name, administrator, permissions)
SELECT md5('i' || n)::uuid, md5(code || n)::uuid, code, initcap(code), code = 'administrator',
       CASE WHEN code = 'administrator' THEN '{view_users,invite_users,edit_users,remove_users,unlock_users,manage_institution}'::text[] ELSE '{}' END
FROM generate_series(0, 10000) n, unnest(ARRAY['administrator', 'basic']) code;

-- Main contacts, and 20 members of each small institution.
INSERT INTO accounts (id, email, username, password_hash)
SELECT md5('m' || n)::uuid, 'chief' || n || '@example.org', 'kestrel.chief' || n, '-' FROM generate_series(0, 10000) n;
INSERT INTO memberships (institution_id, id, account_id, role_id, status, email, first_name, last_name, joined_at)
SELECT md5('i' || n)::uuid, md5('m' || n)::uuid, md5('m' || n)::uuid, md5('administrator' || n)::uuid, 'active',
       'chief' || n || '@example.org', 'Amara', 'Okafor', now() FROM generate_series(0, 10000) n;
INSERT INTO memberships (institution_id, id, role_id, status, email, first_name, last_name)
SELECT md5('i' || n)::uuid, md5('s' || n || '-' || k)::uuid, md5('basic' || n)::uuid, 'declined', 's' || k || '@example.org', 'Ines', 'Caro'
FROM generate_series(1, 10000) n, generate_series(1, 20) k;

-- The big one: 90 of 100 active, 6 deactivated, 4 invited (of whom three quarters have expired); few are locked
-- and few administrators.
CREATE TEMP TABLE people AS
SELECT p.n, md5('p' || p.n)::uuid AS id, f.name AS first_name, l.name AS last_name
FROM generate_series(1, 1000000) p (n)
JOIN first_names f ON f.n = 1 + floor(100 * power((hashint8(p.n)::bigint & 2147483647) / 2147483649.0, 1.6))::int
JOIN last_names l ON l.n = 1 + floor(4199 * power((hashint8(p.n::bigint * 7919)::bigint & 2147483647) / 2147483649.0, 1.3))::int;
INSERT INTO accounts (id, email, username, password_hash, locked_at)
SELECT id, lower(fold(first_name)) || '.' || lower(last_name) || n || '@example.org', 'kes' || n || '.' || lower(substr(md5(n::text), 1, 6)), '-',
       CASE WHEN n % 50000 = 0 THEN now() END
FROM people WHERE n % 25 <> 0;
INSERT INTO memberships (institution_id, id, account_id, role_id, status, locked, email, first_name, last_name, created_at, joined_at, viewed_at)
SELECT md5('i0')::uuid, id, CASE WHEN n % 25 <> 0 THEN id END, md5(CASE WHEN n % 5000 = 1 THEN 'administrator0' ELSE 'basic0' END)::uuid,
       CASE WHEN n % 25 = 0 THEN 'invited' WHEN n % 17 = 0 THEN 'deactivated' ELSE 'active' END, n % 50000 = 1,
       lower(fold(first_name)) || '.' || lower(last_name) || n || '@example.org', first_name, last_name,
       now() - make_interval(mins => n::int), CASE WHEN n % 25 <> 0 THEN now() - make_interval(mins => n::int) END,
       CASE WHEN n % 25 <> 0 AND n % 3 <> 0 THEN now() - make_interval(secs => (n * 37) % 10000000) END
FROM people;
INSERT INTO invitations (institution_id, membership_id, inviter_id, language, token_hash, sent_at, expires_at, mail_state)
SELECT md5('i0')::uuid, id, md5('m0')::uuid, 'en', sha256(id::text::bytea), now(),
       now() + make_interval(mins => CASE WHEN n % 100 = 0 THEN (n / 100 % 1440)::int ELSE -(n % 40000)::int - 1 END), 'sent'
FROM people WHERE n % 25 = 0;
COMMIT;
VACUUM ANALYZE;
