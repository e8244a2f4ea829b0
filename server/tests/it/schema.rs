//! The readable schema, the files of functions, and the rules that keep the schema ready for a distributed Postgres.
//! `docs/decisions/0009-schema.md` has the reasons for the rules.

use std::{collections::BTreeMap, fs, path::Path};

use server::store;
use sqlx::PgPool;

use crate::support::{
    postgres::database,
    process::ended,
    server_versions::{Server, on_15_and_18, run_as},
};

on_15_and_18! {
    the_readable_schema_equals_that_of_a_migrated_database,
    changed_functions_are_applied_again_and_refused_by_a_login_that_may_not,
}

/// Returns the lines of a dump without comments, session settings and empty lines.
fn definitions(dump: &str) -> Vec<&str> {
    let omitted = ["--", "\\", "SET ", "SELECT pg_catalog"];
    dump.lines()
        .filter(|line| !line.is_empty() && !omitted.iter().any(|prefix| line.starts_with(prefix)))
        .collect()
}

async fn the_readable_schema_equals_that_of_a_migrated_database(version: u32) {
    let server = Server::managed(version, "muster", "muster").await;
    store::migrate(&server.url("muster", "muster"))
        .await
        .unwrap();
    let mut command = server.program("pg_dump");
    command.args([
        "--schema-only",
        "--no-owner",
        "--schema=muster",
        "--exclude-table=muster._sqlx_migrations",
        &server.cluster.url("muster"),
    ]);
    let output = ended(command).await;
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let dump = String::from_utf8(output.stdout).unwrap();
    let readable = include_str!("../../schema/schema.sql");
    let (migrated, readable) = (definitions(&dump), definitions(readable));
    let first = migrated
        .iter()
        .zip(&readable)
        .find(|(migrated, readable)| migrated != readable);
    assert!(
        first.is_none() && migrated.len() == readable.len(),
        "run `make queries`: {first:?}, {} and {} lines",
        migrated.len(),
        readable.len()
    );
}

async fn changed_functions_are_applied_again_and_refused_by_a_login_that_may_not(version: u32) {
    let server = Server::managed(version, "muster", "muster").await;
    let owner = server.url("muster", "muster");
    store::migrate(&owner).await.unwrap();
    server
        .run(
            "muster",
            "CREATE ROLE web LOGIN PASSWORD 'web' IN ROLE muster_app",
        )
        .await;
    let web = server.url("web", "muster");
    store::migrate(&web).await.unwrap();
    let body =
        "SELECT xmin || prosrc FROM pg_proc WHERE oid = 'muster.any_institution()'::regprocedure";
    let applied = server.text("muster", body).await;

    // As left by a version with another body.
    let other = "CREATE OR REPLACE FUNCTION muster.any_institution() RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER
            SET search_path = muster, pg_temp AS 'SELECT true';
         UPDATE muster.function_files SET checksum = sha256('another body') WHERE name = 'institutions'";
    run_as(&server.cluster.url("muster"), other).await.unwrap();
    let refused = store::migrate(&web).await.unwrap_err().to_string();
    assert!(refused.contains("muster migrate"), "{refused}");
    store::migrate(&owner).await.unwrap();
    store::migrate(&web).await.unwrap();
    let again = server.text("muster", body).await;
    let source = |found: &str| found.trim_start_matches(char::is_numeric).to_owned();
    assert_eq!(source(&again), source(&applied));

    // Unchanged files are not applied.
    store::migrate(&owner).await.unwrap();
    assert_eq!(server.text("muster", body).await, again);

    let unknown = "INSERT INTO muster.function_files VALUES ('unknown', sha256(''))";
    run_as(&server.cluster.url("muster"), unknown)
        .await
        .unwrap();
    for url in [&owner, &web] {
        let refused = store::migrate(url).await.unwrap_err().to_string();
        assert!(refused.contains("newer version"), "{refused}");
    }
}

/// A list of codes in a CHECK repeats the enum that owns them, so adding a value would need a migration. These lists belong
/// to no Rust enum yet.
#[tokio::test]
async fn no_check_constraint_lists_the_codes_of_a_rust_enum() {
    let database = database().await;
    let lists = texts(
        &database.pool,
        "SELECT conname::text FROM pg_constraint
         WHERE connamespace = 'muster'::regnamespace AND contype = 'c' AND pg_get_constraintdef(oid) LIKE '%ANY (ARRAY[%'
         ORDER BY conname",
    )
    .await;
    assert_eq!(
        lists,
        [
            "import_chunks_phase_check",
            "import_rows_undone_check",
            "invitations_mail_state_check",
            "memberships_check",
            "memberships_status_check",
            "outbox_kind_check",
            "outbox_state_check",
            "roles_code_check",
        ]
    );
}

/// A distributed Postgres supports no triggers on distributed or reference tables. A new rule of this kind is a statement in
/// `store`, beside the change that it belongs to.
#[tokio::test]
async fn tenant_tables_have_no_triggers_except_these() {
    let database = database().await;
    let triggers = texts(
        &database.pool,
        "SELECT tgrelid::regclass::text || ' ' || tgname FROM pg_trigger
         WHERE NOT tgisinternal AND tgrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'muster'::regnamespace)
         ORDER BY 1",
    )
    .await;
    assert_eq!(
        triggers,
        [
            // Copies the lock into memberships, for every statement that sets or removes it.
            "muster.accounts sync_membership_lock",
            // Releases reservations, however an import stops being applied: also by sweeping and by discarding.
            "muster.imports release_reservations",
            // Maintain the search terms, for every statement that changes names, addresses, states or usernames.
            "muster.invitations insert_reserved_username_terms",
            "muster.invitations update_reserved_username_terms",
            "muster.memberships insert_search_terms",
            // Sets the time from which personal data is erased, for every way in which a membership ends.
            "muster.memberships set_membership_end",
            "muster.memberships update_search_terms",
        ]
    );
}

/// A distributed Postgres can plan the statements of PL/pgSQL, but not those of SQL functions with parameters.
#[tokio::test]
async fn functions_that_read_tables_with_parameters_are_in_plpgsql() {
    let database = database().await;
    let functions = texts(
        &database.pool,
        "SELECT oid::regprocedure::text FROM pg_proc
         WHERE pronamespace = 'muster'::regnamespace AND prolang = (SELECT oid FROM pg_language WHERE lanname = 'sql')
           AND pronargs > 0 AND provolatile <> 'i'",
    )
    .await;
    assert_eq!(functions, [""; 0]);
}

/// `clock_timestamp()` and `gen_random_uuid()` are volatile: a distributed Postgres refuses them in writes. Writes use
/// `statement_timestamp()` or a parameter.
#[tokio::test]
async fn writes_to_distributed_tables_call_no_volatile_functions() {
    let tables = distributed_tables(&database().await.pool).await;
    let found: Vec<_> = statements()
        .into_iter()
        .filter(|(_, sql)| writes_a_volatile_value(sql, &tables))
        .collect();
    assert!(found.is_empty(), "{found:#?}");
}

/// Returns whether a write to one of these tables calls a volatile function.
fn writes_a_volatile_value(sql: &str, tables: &[String]) -> bool {
    const VOLATILE: [&str; 4] = ["clock_timestamp", "gen_random_uuid", "random", "timeofday"];
    let tokens = tokens(sql);
    let writes = writes(&tokens);
    tokens.windows(2).enumerate().any(|(at, call)| {
        // The write that the call belongs to: the last one before it, or the first one if it is in a CTE.
        let before = writes.iter().rev().find(|(from, _)| *from < at);
        VOLATILE.contains(&call[0].as_str())
            && call[1] == "("
            && before
                .or(writes.first())
                .is_some_and(|(_, table)| tables.contains(table))
    })
}

/// A distributed Postgres sends a query to one node only if every table in it is restricted to the institution: by `$1` in
/// `store`, where a join on another table's `institution_id` would be planned for all nodes.
#[tokio::test]
async fn queries_restrict_every_tenant_table_to_the_institution() {
    let tables = tenant_tables(&database().await.pool).await;
    let found: Vec<_> = queries()
        .into_iter()
        .filter(|(_, sql)| !restricts_every_table(sql, &tables))
        .collect();
    assert!(found.is_empty(), "{found:#?}");
}

/// Returns whether each of these tables in the query is restricted to the institution `$1`.
fn restricts_every_table(sql: &str, tables: &[String]) -> bool {
    let tokens = tokens(sql);
    references(&tokens, tables)
        .iter()
        .all(|reference| reference.is_equal_to(&tokens, &["$1"]))
}

#[test]
fn the_rules_detect_violations() {
    let tables = ["memberships", "invitations"].map(str::to_owned);
    for (sql, is_refused) in [
        ("UPDATE memberships SET viewed_at = clock_timestamp()", true),
        (
            "WITH now AS (SELECT clock_timestamp() AS at) UPDATE memberships SET viewed_at = now.at FROM now",
            true,
        ),
        (
            "DELETE FROM invitations WHERE expires_at < clock_timestamp()",
            true,
        ),
        (
            "UPDATE memberships SET viewed_at = statement_timestamp() -- not clock_timestamp()",
            false,
        ),
        (
            "WITH sent AS (UPDATE invitations SET epoch = 2) INSERT INTO outbox SELECT gen_random_uuid() FROM sent",
            false,
        ),
        (
            "SELECT clock_timestamp() FROM memberships FOR UPDATE",
            false,
        ),
    ] {
        assert_eq!(writes_a_volatile_value(sql, &tables), is_refused, "{sql}");
    }
    for (sql, is_restricted) in [
        (
            "SELECT FROM memberships m JOIN invitations i ON i.institution_id = m.institution_id WHERE m.institution_id = $1",
            false,
        ),
        (
            "SELECT FROM memberships m JOIN invitations AS i ON i.institution_id = $1 WHERE m.institution_id = $1",
            true,
        ),
        ("DELETE FROM invitations WHERE membership_id = $2", false),
        ("DELETE FROM invitations WHERE institution_id = $1", true),
    ] {
        assert_eq!(restricts_every_table(sql, &tables), is_restricted, "{sql}");
    }
}

/// Functions may act across institutions, but they join tenant tables by institution.
#[tokio::test]
async fn functions_join_tenant_tables_by_institution() {
    let tables = tenant_tables(&database().await.pool).await;
    let mut found = Vec::new();
    for (function, sql) in function_statements() {
        let tokens = tokens(&sql);
        let references = references(&tokens, &tables);
        if references.len() > 1
            && references
                .iter()
                .any(|reference| !reference.is_equal_to(&tokens, &[]))
        {
            found.push(function);
        }
    }
    // These look for a value in several tables, without a join. `sync_membership_lock` finds the memberships of one
    // account, in every institution.
    assert_eq!(
        found,
        [
            "find_invitation",
            "sync_membership_lock",
            "username_in_use",
            "usernames_in_use"
        ]
    );
}

#[test]
fn queries_use_syntax_that_distributed_databases_support() {
    for (place, sql) in statements() {
        let tokens = tokens(&sql);
        // An empty list of columns in a subquery.
        let empty = tokens
            .windows(3)
            .any(|it| it[0] == "(" && it[1] == "select" && it[2] == "from");
        assert!(
            !empty,
            "{place}: EXISTS (SELECT FROM …) has no columns: {sql}"
        );
        // The institution is set with SET LOCAL, which is passed on to the nodes.
        assert!(!sql.contains("set_config"), "{place}: {sql}");
    }
}

async fn texts(pool: &PgPool, sql: &'static str) -> Vec<String> {
    sqlx::query_scalar(sql).fetch_all(pool).await.unwrap()
}

async fn tenant_tables(pool: &PgPool) -> Vec<String> {
    texts(
        pool,
        "SELECT relname::text FROM pg_class WHERE relnamespace = 'muster'::regnamespace AND relrowsecurity",
    )
    .await
}

/// Returns the tables that would be distributed by institution, and `accounts`, which would be on every node.
async fn distributed_tables(pool: &PgPool) -> Vec<String> {
    let mut tables = tenant_tables(pool).await;
    tables.push("accounts".to_owned());
    tables
}

/// Returns the statements of all queries and functions, with the place of each.
fn statements() -> Vec<(String, String)> {
    let mut statements = queries();
    statements.extend(function_statements());
    statements
}

/// Returns the queries in `.sqlx`, by the beginning of their text.
fn queries() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.sqlx");
    let queries: Vec<(String, String)> = fs::read_dir(folder)
        .unwrap()
        .map(|file| {
            let text = fs::read_to_string(file.unwrap().path()).unwrap();
            let json: serde_json::Value = serde_json::from_str(&text).unwrap();
            let sql = json["query"].as_str().unwrap().to_owned();
            (sql.chars().take(40).collect(), sql)
        })
        .collect();
    assert!(queries.len() > 100, "{}", queries.len());
    queries
}

/// Returns the statements of the functions, with the name of the function.
fn function_statements() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema/functions");
    let mut statements = BTreeMap::new();
    for file in fs::read_dir(folder).unwrap() {
        let text = fs::read_to_string(file.unwrap().path()).unwrap();
        for function in text.split("CREATE OR REPLACE FUNCTION ").skip(1) {
            let name = function.split('(').next().unwrap();
            for (number, statement) in function.split(';').enumerate() {
                statements.insert((name.to_owned(), number), statement.to_owned());
            }
        }
    }
    assert!(statements.len() > 50, "{}", statements.len());
    statements
        .into_iter()
        .map(|((name, _), statement)| (name, statement))
        .collect()
}

/// Returns the words, parameters, literals and signs of a statement, in lowercase and without comments.
fn tokens(sql: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    for line in sql.lines() {
        let line = line.split("--").next().unwrap_or_default();
        let mut rest = line.trim_start();
        while let Some(first) = rest.chars().next() {
            let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
            let end = if word(first) || first == '$' {
                rest.char_indices()
                    .skip(1)
                    .find(|(_, c)| !word(*c))
                    .map_or(rest.len(), |(at, _)| at)
            } else {
                first.len_utf8()
            };
            tokens.push(rest[..end].to_lowercase());
            rest = rest[end..].trim_start();
        }
    }
    tokens
}

/// Returns the positions of a statement's writes, with their tables.
fn writes(tokens: &[String]) -> Vec<(usize, String)> {
    let table = |at: usize| tokens.get(at).cloned().unwrap_or_default();
    let mut writes = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let before = at.checked_sub(1).map(table).unwrap_or_default();
        match token.as_str() {
            // Not `FOR UPDATE`, `FOR NO KEY UPDATE` and `DO UPDATE`.
            "update" if !["for", "key", "do"].contains(&before.as_str()) => {
                writes.push((at, table(at + 1)));
            }
            "into" if before == "insert" => writes.push((at, table(at + 1))),
            "from" if before == "delete" => writes.push((at, table(at + 1))),
            _ => {}
        }
    }
    writes
}

/// A table that a statement reads, updates or deletes from.
#[derive(Debug)]
struct Reference {
    table: String,
    alias: Option<String>,
}

/// Returns the references to these tables.
fn references(tokens: &[String], tables: &[String]) -> Vec<Reference> {
    const NO_ALIAS: [&str; 19] = [
        "where",
        "set",
        "on",
        "join",
        "left",
        "cross",
        "inner",
        "using",
        "order",
        "group",
        "limit",
        "for",
        "returning",
        "values",
        "select",
        "union",
        "and",
        "or",
        "offset",
    ];
    let mut references = Vec::new();
    for (at, pair) in tokens.windows(2).enumerate() {
        if !["from", "join", "update", "using"].contains(&pair[0].as_str())
            || !tables.contains(&pair[1])
        {
            continue;
        }
        let mut next = at + 2;
        if tokens.get(next).is_some_and(|token| token == "as") {
            next += 1;
        }
        let alias = tokens.get(next).filter(|token| {
            token.starts_with(|first: char| first.is_ascii_lowercase())
                && !NO_ALIAS.contains(&token.as_str())
        });
        references.push(Reference {
            table: pair[1].clone(),
            alias: alias.cloned(),
        });
    }
    references
}

impl Reference {
    /// Returns whether the statement compares the table's institution with one of these values, or with anything if there
    /// are none.
    fn is_equal_to(&self, tokens: &[String], values: &[&str]) -> bool {
        let column = if self.table == "institutions" {
            "id"
        } else {
            "institution_id"
        };
        tokens.iter().enumerate().any(|(at, token)| {
            let before = |distance: usize| at.checked_sub(distance).map(|at| tokens[at].as_str());
            let qualifier = before(1).filter(|it| *it == ".").and_then(|_| before(2));
            let value_before = before(if qualifier.is_some() { 3 } else { 1 });
            let after = |distance: usize| tokens.get(at + distance).map(String::as_str);
            let equal = (after(1) == Some("=")
                && (values.is_empty() || after(2).is_some_and(|value| values.contains(&value))))
                || (values.is_empty() && value_before == Some("="));
            token == column && qualifier == self.alias.as_deref() && equal
        })
    }
}
