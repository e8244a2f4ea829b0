//! The backup procedure of the handbook: dump the schema, restore it into an empty server, and start Muster. Tested on 15
//! and on 18, and from 15 to 18, without a superuser.

use std::path::Path;

use crate::support::{
    process::{Process, ended, muster},
    server_versions::{Server, is_there, on_15_and_18},
};

on_15_and_18! {
    muster_runs_on_a_dump_restored_into_an_empty_server,
}

/// Every definition that a dump could lose.
const DEFINITIONS: &str = "SELECT string_agg(line, E'\n' ORDER BY line) FROM (
    SELECT concat_ws(' ', 'table', relname, relowner::regrole, relrowsecurity, relforcerowsecurity,
        (SELECT string_agg(acl::text, ' ' ORDER BY acl::text) FROM unnest(relacl) acl WHERE acl::text !~ '^muster_owner='))
    FROM pg_class WHERE relnamespace = 'muster'::regnamespace AND relkind IN ('r', 'S')
    UNION ALL
    SELECT 'index ' || indexdef FROM pg_indexes WHERE schemaname = 'muster'
    UNION ALL
    SELECT concat_ws(' ', 'function', oid::regprocedure, proowner::regrole, prosecdef, proconfig, md5(prosrc),
        (SELECT string_agg(acl::text, ' ' ORDER BY acl::text) FROM unnest(proacl) acl))
    FROM pg_proc WHERE pronamespace = 'muster'::regnamespace
    UNION ALL
    SELECT concat_ws(' ', 'policy', tablename, policyname, roles, cmd, qual, with_check) FROM pg_policies WHERE schemaname = 'muster'
    UNION ALL
    SELECT 'trigger ' || pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL
    SELECT concat_ws(' ', 'constraint', conrelid::regclass, conname, pg_get_constraintdef(oid)) FROM pg_constraint
    WHERE connamespace = 'muster'::regnamespace AND contype <> 'n'
) all_lines (line)";

/// Returns the content of the schema: the definitions, and for each table the number of rows and a digest.
async fn contents(server: &Server) -> String {
    let tables = "SELECT string_agg(relname, ' ' ORDER BY relname) FROM pg_class
        WHERE relnamespace = 'muster'::regnamespace AND relkind = 'r'";
    let mut contents = server.text("muster", DEFINITIONS).await;
    for table in server.text("muster", tables).await.split(' ') {
        let rows = format!(
            "SELECT concat_ws(' ', E'\nrows of', '{table}', count(*), md5(string_agg(t::text, chr(10) ORDER BY t::text COLLATE \"C\")))
             FROM muster.{table} t"
        );
        contents += &server.text("muster", &rows).await;
    }
    contents
}

async fn muster_runs_on_a_dump_restored_into_an_empty_server(version: u32) {
    let from = Server::managed(version, "muster", "muster").await;
    let to = Server::managed(version, "muster", "muster").await;
    restored(&from, &to).await;
}

#[tokio::test]
async fn a_dump_of_postgres_15_can_be_restored_into_18() {
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
    std::fs::write(
        &file,
        "First name,Last name,Email\nInes,Caro,ines@example.org\n",
    )
    .unwrap();
    let slug = from
        .text("muster", "SELECT slug FROM muster.institutions")
        .await;
    run(
        &old,
        &["import", file.to_str().unwrap(), "--institution", &slug],
    )
    .await;
    let before = contents(from).await;
    for table in [
        "memberships",
        "audit",
        "import_rows",
        "import_chunks",
        "_sqlx_migrations",
    ] {
        assert!(before.contains(&format!("rows of {table} ")), "{before}");
        assert!(
            !before.contains(&format!("rows of {table} 0")),
            "{table} has rows"
        );
    }

    // Word for word as in the handbook.
    let document = include_str!("../../../docs/OPERATIONS.md");
    let dump = &folder.path().join("muster.dump");
    by_the_handbook(document, "pg_dump ", from, &old, dump).await;
    run(&new, &["migrate", "--roles-only"]).await;
    by_the_handbook(document, "pg_restore ", to, &new, dump).await;

    let after = contents(to).await;
    let lost: Vec<&str> = before
        .lines()
        .filter(|line| !after.contains(line))
        .collect();
    assert_eq!(lost, [""; 0]);
    assert_eq!(after.lines().count(), before.lines().count());
    for _ in 0..2 {
        drop(Process::start(&new).await);
    }
    run(&new, &["institution", "seats", &slug, "900"]).await;
}

/// Runs the handbook's line that begins with this program.
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
