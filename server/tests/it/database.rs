//! What the database guarantees itself, independently of the code above it.

use muster::username::MAX_LENGTH;
use server::error::constraint;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use crate::support::postgres::database;

async fn add(pool: &PgPool, username: &str) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO muster.accounts (id, username, password_hash) VALUES ($1, $2, '')")
        .bind(Uuid::now_v7())
        .bind(username)
        .execute(pool)
        .await
        .map(drop)
}

/// Returns the constraint that corresponds to a code of the shared vectors. Names, terms and endings have none: the shared
/// function checks them when a username is chosen.
fn constraint_of(code: &str) -> Option<&'static str> {
    match code {
        "too_short" | "too_long" => Some("accounts_username_length"),
        "invalid_character" | "email_address" => Some("accounts_username_characters"),
        "period_placement" => Some("accounts_username_periods"),
        _ => None,
    }
}

#[tokio::test]
async fn the_database_refuses_usernames_that_violate_its_constraints() {
    let database = database().await;
    let vectors = include_str!("../../../tests/vectors/usernames.csv");
    let mut reader = csv::Reader::from_reader(vectors.as_bytes());
    let mut held = [0, 0];
    for record in reader.records() {
        let record = record.unwrap();
        let (username, codes) = (&record[2], &record[3]);
        sqlx::query("DELETE FROM muster.accounts")
            .execute(&database.pool)
            .await
            .unwrap();
        let expected: Vec<_> = codes.split(';').filter_map(constraint_of).collect();
        match add(&database.pool, username).await {
            Ok(()) => {
                assert_eq!(expected, [""; 0], "{username} {codes}");
                held[0] += 1;
            }
            Err(error) => {
                let broken = constraint(&error)
                    .unwrap_or_else(|| panic!("{username}: {error}"))
                    .to_owned();
                assert!(
                    expected.contains(&broken.as_str()),
                    "{username} {codes}: {broken}"
                );
                held[1] += 1;
            }
        }
    }
    assert!(held[0] > 15 && held[1] > 8, "{held:?}");
    assert_eq!(MAX_LENGTH, 64);
}

#[tokio::test]
async fn usernames_are_unique_regardless_of_case() {
    let database = database().await;
    add(&database.pool, "Kestrel.88").await.unwrap();
    for same in ["Kestrel.88", "kestrel.88", "KESTREL.88"] {
        let error = add(&database.pool, same).await.unwrap_err();
        assert_eq!(constraint(&error), Some("accounts_username_key"), "{same}");
    }
    // One more period makes a different username.
    add(&database.pool, "Kestrel.8.8").await.unwrap();
}

#[tokio::test]
async fn every_tenant_table_has_forced_row_level_security() {
    let database = database().await;
    // The outbox spans all institutions: the app may insert but not read. It holds ids and no tenant data, and a worker
    // sets the institution before it reads the message's content.
    let open: Vec<String> = sqlx::query_scalar(
        "SELECT c.relname::text FROM pg_class c
         JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'institution_id' AND NOT a.attisdropped
         WHERE c.relnamespace = 'muster'::regnamespace AND c.relkind IN ('r', 'p')
           AND NOT (c.relrowsecurity AND c.relforcerowsecurity)",
    )
    .fetch_all(&database.pool)
    .await
    .unwrap();
    assert_eq!(open, ["outbox"]);
    let guarded: Vec<String> = sqlx::query_scalar(
        "SELECT relname::text FROM pg_class WHERE relnamespace = 'muster'::regnamespace AND relforcerowsecurity ORDER BY 1",
    )
    .fetch_all(&database.pool)
    .await
    .unwrap();
    assert_eq!(
        guarded,
        [
            "audit",
            "import_chunks",
            "import_edits",
            "import_mappings",
            "import_parts",
            "import_reserved_usernames",
            "import_rows",
            "imports",
            "institutions",
            "invitations",
            "membership_search_terms",
            "memberships",
            "roles"
        ]
    );
}

/// A dump made by the owner silently omits the rows that row-level security hides from it.
#[tokio::test]
async fn the_owner_can_read_every_row_so_that_its_dump_is_complete() {
    let database = database().await;
    let hidden: Vec<String> = sqlx::query_scalar(
        "SELECT c.relname::text FROM pg_class c
         WHERE c.relnamespace = 'muster'::regnamespace AND c.relrowsecurity AND NOT EXISTS (
            SELECT FROM pg_policies p
            WHERE p.schemaname = 'muster' AND p.tablename = c.relname AND p.roles = '{muster_owner}'
              AND p.cmd IN ('ALL', 'SELECT') AND p.permissive = 'PERMISSIVE' AND p.qual = 'true'
         )",
    )
    .fetch_all(&database.pool)
    .await
    .unwrap();
    assert_eq!(hidden, [""; 0]);
}

#[tokio::test]
async fn institution_id_is_first_in_every_unique_key_of_a_tenant_table() {
    let database = database().await;
    // Two exceptions: tokens are looked up before the institution is known, and are 256-bit secrets.
    let others: Vec<String> = sqlx::query_scalar(
        "SELECT i.indexrelid::regclass::text FROM pg_index i
         JOIN pg_class c ON c.oid = i.indrelid AND c.relnamespace = 'muster'::regnamespace AND c.relname <> 'outbox'
         JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'institution_id'
         WHERE i.indisunique AND i.indkey[0] <> a.attnum ORDER BY 1",
    )
    .fetch_all(&database.pool)
    .await
    .unwrap();
    assert_eq!(
        others,
        [
            "muster.invitations_copied_key",
            "muster.invitations_token_key"
        ]
    );
}

async fn refused(connection: &mut PgConnection, sql: &'static str) -> bool {
    let denied = "42501";
    match sqlx::query(sql).execute(connection).await {
        Ok(_) => false,
        Err(error) => {
            error
                .as_database_error()
                .and_then(|error| error.code().map(|code| code == denied))
                == Some(true)
        }
    }
}

#[tokio::test]
async fn only_the_owner_can_change_the_audit() {
    let database = database().await;
    for role in ["SET ROLE muster_app", "SET ROLE muster_worker"] {
        let mut connection = database.pool.acquire().await.unwrap();
        sqlx::query(role).execute(&mut *connection).await.unwrap();
        for sql in [
            "UPDATE muster.audit SET action = 'x'",
            "DELETE FROM muster.audit",
            "TRUNCATE muster.audit",
            "UPDATE muster.account_audit SET action = 'x'",
            "DELETE FROM muster.account_audit",
        ] {
            assert!(refused(&mut connection, sql).await, "{role}: {sql}");
        }
        sqlx::query("RESET ROLE")
            .execute(&mut *connection)
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn each_database_role_has_only_the_privileges_it_needs() {
    let database = database().await;
    let mut connection = database.pool.acquire().await.unwrap();
    sqlx::query("SET ROLE muster_app")
        .execute(&mut *connection)
        .await
        .unwrap();
    for sql in [
        "SELECT * FROM muster.outbox",
        "UPDATE muster.outbox SET state = 'sent'",
        "DELETE FROM muster.memberships",
        "DELETE FROM muster.institutions",
        "CREATE TABLE muster.own (id int)",
        "ALTER TABLE muster.memberships DISABLE ROW LEVEL SECURITY",
        "DROP POLICY tenant ON muster.memberships",
        "DELETE FROM muster.imports",
        "UPDATE muster.import_rows SET verdict = 'invite'",
        "INSERT INTO muster.import_chunks DEFAULT VALUES",
        "SELECT muster.claim_import(60)",
    ] {
        assert!(refused(&mut connection, sql).await, "app: {sql}");
    }
    sqlx::query("RESET ROLE")
        .execute(&mut *connection)
        .await
        .unwrap();
    sqlx::query("SET ROLE muster_worker")
        .execute(&mut *connection)
        .await
        .unwrap();
    for sql in [
        "UPDATE muster.accounts SET password_hash = ''",
        "INSERT INTO muster.sessions DEFAULT VALUES",
        "UPDATE muster.memberships SET status = 'active'",
        "INSERT INTO muster.memberships (account_id) VALUES (NULL)",
        "UPDATE muster.institutions SET seats = NULL",
        "DELETE FROM muster.import_chunks",
        "SELECT muster.find_invitation(''::bytea)",
    ] {
        assert!(refused(&mut connection, sql).await, "worker: {sql}");
    }
    let strong: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM pg_roles WHERE rolname LIKE 'muster_%' AND (rolsuper OR rolbypassrls OR rolcanlogin)",
    )
    .fetch_one(&mut *connection)
    .await
    .unwrap();
    assert_eq!(strong, 0);
    sqlx::query("RESET ROLE")
        .execute(&mut *connection)
        .await
        .unwrap();
}

#[tokio::test]
async fn usernames_in_use_are_found_by_index_even_without_planner_statistics() {
    let database = database().await;
    for username in ["kestrel.one", "kestrel.two"] {
        add(&database.pool, username).await.unwrap();
    }
    let mut tx = database.pool.begin().await.unwrap();
    let found: Vec<String> = sqlx::query_scalar(
        "SELECT username FROM muster.usernames_in_use('{kestrel.one,kestrel.three,kestrel.four}')",
    )
    .fetch_all(&mut *tx)
    .await
    .unwrap();
    assert_eq!(found, ["kestrel.one"]);
    let read: i64 = sqlx::query_scalar(
        "SELECT sum(seq_scan)::bigint FROM pg_stat_xact_user_tables WHERE schemaname = 'muster'
         AND relname IN ('accounts', 'invitations', 'import_reserved_usernames')",
    )
    .fetch_one(&mut *tx)
    .await
    .unwrap();
    assert_eq!(read, 0, "no table was read through");
}
