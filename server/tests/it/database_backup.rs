//! What the handbook says of backups: a dump of the one schema, an empty server, a restore, and Muster serves again; on 15 and
//! on 18, and from 15 to 18, without a superuser.

use std::path::Path;

use crate::support::{
    process::{Process, ended, muster},
    server_versions::{Server, is_there, on_15_and_18},
};

on_15_and_18! {
    a_dump_of_the_schema_is_restored_into_an_empty_server_and_serves,
}

/// Each table with a digest of all its rows, and whatever else a dump could lose.
const CONTENTS: &str = "SELECT string_agg(line, E'\\n' ORDER BY line) FROM (
    SELECT 'table ' || relname || ' ' || (xpath('//digest/text()', query_to_xml(format(
        'SELECT count(*) || '' '' || coalesce(md5(string_agg(t::text, chr(10) ORDER BY t::text)), '''') AS digest FROM muster.%I t',
        relname), false, true, '')))[1]::text || ' ' || relowner::regrole || ' ' || relrowsecurity || relforcerowsecurity || ' '
        || (SELECT string_agg(acl::text, ' ' ORDER BY acl::text) FROM unnest(relacl) acl)
    FROM pg_class WHERE relnamespace = 'muster'::regnamespace AND relkind = 'r'
    UNION ALL
    SELECT 'index ' || indexdef FROM pg_indexes WHERE schemaname = 'muster'
    UNION ALL
    SELECT 'function ' || oid::regprocedure || ' ' || proowner::regrole || ' ' || prosecdef || ' ' || md5(prosrc) || ' '
        || coalesce((SELECT string_agg(acl::text, ' ' ORDER BY acl::text) FROM unnest(proacl) acl), '') || coalesce(proconfig::text, '')
    FROM pg_proc WHERE pronamespace = 'muster'::regnamespace
    UNION ALL
    SELECT concat_ws(' ', 'policy', tablename, policyname, roles, cmd, qual, with_check) FROM pg_policies WHERE schemaname = 'muster'
    UNION ALL
    SELECT 'trigger ' || pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL
    SELECT 'constraint ' || conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint
    WHERE connamespace = 'muster'::regnamespace AND contype <> 'n'
) all_lines (line)";

async fn a_dump_of_the_schema_is_restored_into_an_empty_server_and_serves(version: u32) {
    let from = Server::managed(version, "muster", "muster").await;
    let to = Server::managed(version, "muster", "muster").await;
    restored(&from, &to).await;
}

#[tokio::test]
async fn a_dump_of_postgres_15_is_restored_into_18() {
    if is_there(18) {
        let from = Server::managed(15, "muster", "muster").await;
        let to = Server::managed(18, "muster", "muster").await;
        restored(&from, &to).await;
    }
}

async fn restored(from: &Server, to: &Server) {
    let (old, new) = (from.url("muster", "muster"), to.url("muster", "muster"));
    run(&old, &["demo"]).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("people.csv");
    std::fs::write(&file, "First name,Last name,Email\nInes,Caro,ines@example.org\n").unwrap();
    let slug = from.text("muster", "SELECT slug FROM muster.institutions").await;
    run(&old, &["import", file.to_str().unwrap(), "--institution", &slug]).await;
    let contents = from.text("muster", CONTENTS).await;
    for table in ["memberships", "audit", "import_rows", "import_chunks", "_sqlx_migrations"] {
        assert!(contents.contains(&format!("table {table} ")), "{contents}");
        assert!(!contents.contains(&format!("table {table} 0 ")), "{table} has rows");
    }

    // Word for word as in the handbook.
    let document = include_str!("../../../docs/OPERATIONS.md");
    let dump = &folder.path().join("muster.dump");
    by_the_handbook(document, "pg_dump ", from, &old, dump).await;
    run(&new, &["migrate", "--roles-only"]).await;
    by_the_handbook(document, "pg_restore ", to, &new, dump).await;

    assert_eq!(to.text("muster", CONTENTS).await, contents);
    for _ in 0..2 {
        drop(Process::start(&new).await);
    }
    run(&new, &["institution", "seats", &slug, "900"]).await;
}

/// Runs the line of the handbook that begins with this program.
async fn by_the_handbook(document: &str, program: &str, server: &Server, url: &str, dump: &Path) {
    let line = document
        .lines()
        .find_map(|line| line.trim().strip_prefix(program))
        .unwrap();
    let words: Vec<String> = line
        .split_whitespace()
        .map(|word| {
            word.replace("\"$DATABASE_URL\"", url)
                .replace("muster.dump", dump.to_str().unwrap())
        })
        .collect();
    let mut command = server.program(program.trim());
    command.args(&words);
    let output = ended(command).await;
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {words:?}: {said}");
    assert_eq!(said, "", "{program} {words:?}");
}

async fn run(url: &str, words: &[&str]) {
    let mut command = muster(url);
    command.args(words);
    let output = ended(command).await;
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{words:?}: {said}");
}
