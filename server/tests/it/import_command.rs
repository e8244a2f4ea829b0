//! `muster import` as an operator runs it: the real program, its output, the files it writes and its exit code.

use std::{path::PathBuf, process::Output};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    imports::chief,
    support::{
        Site,
        importing::people,
        process::{ended, muster},
    },
};

/// Three people to invite, one of them twice, and one without an address.
const CSV: &str = "First name,Last name,Email,Phone\n\
    Ines,Caro,ines@example.org,+41791234567\n\
    Ada,Berg,ada@example.org,\n\
    Ines,Again,ines@example.org,\n\
    Tom,Reed,,\n";
const INVITED: &str = "SELECT count(*) FROM muster.memberships WHERE status = 'invited'";

/// The exit code and the output of a run.
struct Run {
    code: Option<i32>,
    out: String,
    err: String,
}

/// A site with the institution Harbour, and a folder for files.
struct Desk {
    site: Site,
    folder: TempDir,
}

impl Desk {
    async fn new() -> Self {
        let (site, _, _) = chief().await;
        Self {
            site,
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    /// Imports a file with this content; arguments that begin with @ are files in the folder.
    async fn import(&self, csv: impl AsRef<[u8]>, arguments: &[&str]) -> Run {
        std::fs::write(self.path("people.csv"), csv).unwrap();
        self.run(
            &[
                &["import", "@people.csv", "--institution", "harbour"],
                arguments,
            ]
            .concat(),
        )
        .await
    }

    async fn run(&self, arguments: &[&str]) -> Run {
        let mut command = muster(self.site.database_url());
        for argument in arguments {
            match argument.strip_prefix('@') {
                Some(name) => command.arg(self.path(name)),
                None => command.arg(argument),
            };
        }
        let Output {
            status,
            stdout,
            stderr,
        } = ended(command).await;
        Run {
            code: status.code(),
            out: String::from_utf8(stdout).unwrap(),
            err: String::from_utf8(stderr).unwrap(),
        }
    }
}

#[tokio::test]
async fn a_dry_run_reports_the_plan_and_changes_nothing() {
    let desk = Desk::new().await;
    let report = ["--dry-run", "--report", "@report.csv"];
    let run = desk.import(CSV, &report).await;
    assert_eq!(
        (run.code, run.out.as_str()),
        (
            Some(3),
            "planned, nothing applied: 4 rows, 2 invited, 0 updated, 0 unchanged, 2 rejected\n"
        ),
        "{}",
        run.err
    );
    assert_eq!(desk.site.count(INVITED).await, 0);
    let mails = "SELECT count(*) FROM muster.outbox WHERE kind = 'invitation'";
    assert_eq!(desk.site.count(mails).await, 0);
    let lines: Vec<String> = desk.read("report.csv").lines().map(str::to_owned).collect();
    assert_eq!(lines.len(), 5, "{lines:?}");
    assert_eq!(lines[0], "First name,Last name,Email,Phone,Result,Detail");
}

#[tokio::test]
async fn rejected_rows_do_not_stop_the_others_and_the_exit_code_is_3() {
    let desk = Desk::new().await;
    let run = desk.import(CSV, &["--report", "@report.csv"]).await;
    assert_eq!(
        (run.code, run.out.as_str()),
        (
            Some(3),
            "done: 4 rows, 2 invited, 0 updated, 0 unchanged, 2 rejected\n"
        ),
        "{}",
        run.err
    );
    assert_eq!(desk.site.count(INVITED).await, 2);
    let report = desk.read("report.csv");
    let mut rows = csv::Reader::from_reader(report.as_bytes());
    let results: Vec<(String, bool)> = rows
        .records()
        .map(|row| {
            let row = row.unwrap();
            (row[4].to_owned(), row[5].is_empty())
        })
        .collect();
    assert_eq!(results[0], results[1], "two that were invited");
    assert_eq!(results[2], results[3], "two that were refused");
    assert_ne!(results[0].0, results[2].0);
    assert!(results[0].1 && !results[2].1, "why: {report}");
    // The audit entry names the operator.
    let by_nobody =
        "SELECT count(*) FROM muster.audit WHERE action = 'import.applied' AND actor_id IS NULL";
    assert_eq!(desk.site.count(by_nobody).await, 1);
}

#[tokio::test]
async fn a_complete_import_exits_with_0_and_shows_no_progress_bar_without_a_terminal() {
    let desk = Desk::new().await;
    let arguments = ["--report", "@report.json", "--format", "json"];
    let run = desk.import(people(40), &arguments).await;
    assert_eq!(run.code, Some(0), "{}", run.err);
    assert_eq!(desk.site.count(INVITED).await, 40);
    for said in [&run.out, &run.err] {
        assert!(
            !said.contains(['\r', '\u{1b}', '%']) && !said.contains("rows/s"),
            "{said:?}"
        );
    }
    assert!(
        run.err.contains("email: email"),
        "what columns mean: {}",
        run.err
    );
    let rows: Vec<Value> = desk
        .read("report.json")
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(rows.len(), 40);
    assert_eq!(
        (&rows[39]["row"], &rows[39]["reasons"]),
        (&json!(40), &json!([]))
    );
    // The same file again changes nobody, which is not an error.
    let run = desk.import(people(40), &[]).await;
    assert_eq!(
        (run.code, run.out.as_str()),
        (
            Some(0),
            "done: 40 rows, 0 invited, 0 updated, 40 unchanged, 0 rejected\n"
        )
    );
}

#[tokio::test]
async fn phone_numbers_are_completed_with_the_country_code() {
    let desk = Desk::new().await;
    let csv = "First name,Last name,Email,Phone\nInes,Caro,ines@example.org,030 1234567\n";
    let run = desk.import(csv, &["--country-code", "Germany"]).await;
    assert_eq!(run.code, Some(1));
    assert!(run.err.contains("one to three digits"), "{}", run.err);
    let run = desk.import(csv, &["--country-code", "+49"]).await;
    assert_eq!(run.code, Some(0), "{}", run.err);
    let completed = "SELECT count(*) FROM muster.memberships WHERE phone = '+49301234567'";
    assert_eq!(desk.site.count(completed).await, 1);
}

#[tokio::test]
async fn existing_members_are_updated_if_requested() {
    let desk = Desk::new().await;
    desk.import(CSV, &[]).await;
    let csv =
        "First name,Last name,Email\nInês,Caro,ines@example.org\nNew,Person,new@example.org\n";
    let run = desk.import(csv, &["--mode", "update"]).await;
    assert_eq!(
        (run.code, run.out.as_str()),
        (
            Some(3),
            "done: 2 rows, 0 invited, 1 updated, 0 unchanged, 1 rejected\n"
        )
    );
    let run = desk
        .import(csv, &["--mode", "both", "--role", "administrator"])
        .await;
    assert_eq!(
        (run.code, run.out.as_str()),
        (
            Some(0),
            "done: 2 rows, 1 invited, 0 updated, 1 unchanged, 0 rejected\n"
        )
    );
    let role = "SELECT r.code FROM muster.memberships m JOIN muster.roles r ON r.id = m.role_id WHERE m.email = $1";
    let role = desk.site.text(role, "new@example.org").await;
    assert_eq!(role.as_deref(), Some("administrator"));
}

#[tokio::test]
async fn rows_beyond_the_available_seats_are_rejected() {
    let desk = Desk::new().await;
    // The main contact has one of the seats.
    let run = desk.run(&["institution", "seats", "harbour", "6"]).await;
    assert_eq!(run.code, Some(0), "{}", run.err);
    let arguments = ["--report", "@report.json", "--format", "json"];
    let run = desk.import(people(8), &arguments).await;
    assert_eq!(
        (run.code, run.out.as_str()),
        (
            Some(3),
            "done: 8 rows, 5 invited, 0 updated, 0 unchanged, 3 rejected\n"
        )
    );
    assert_eq!(desk.site.count(INVITED).await, 5);
    let last = desk.read("report.json").lines().last().unwrap().to_owned();
    let last: Value = serde_json::from_str(&last).unwrap();
    assert_eq!(
        (&last["row"], &last["reasons"]),
        (&json!(8), &json!(["seats_full"]))
    );
}

#[tokio::test]
async fn an_impossible_import_is_reported_in_one_sentence_and_exits_with_1() {
    let desk = Desk::new().await;
    std::fs::write(desk.path("there.csv"), people(2)).unwrap();
    let quote = "First name,Last name,Email\nInes,\"Caro,ines@example.org\n";
    std::fs::write(desk.path("quote.csv"), quote).unwrap();
    std::fs::write(desk.path("empty.csv"), "").unwrap();
    // Sparse: it takes no disk space, and reading all of it would take too long.
    let large = std::fs::File::create(desk.path("large.csv")).unwrap();
    large.set_len(1 << 42).unwrap();
    let harbour = ["--institution", "harbour"];
    for (arguments, sentence) in [
        (
            vec!["@there.csv", "--institution", "nowhere"],
            "there is no institution nowhere.",
        ),
        (vec!["@gone.csv", harbour[0], harbour[1]], "gone.csv: "),
        (
            vec!["@quote.csv", harbour[0], harbour[1]],
            "the file can't be read: open_quote at line 2, character ",
        ),
        (
            vec!["@empty.csv", harbour[0], harbour[1]],
            "empty.csv: the header row can't be read.",
        ),
        (
            vec!["@large.csv", harbour[0], harbour[1]],
            "large.csv: larger than 2 GB, which is the most that can be imported at once.",
        ),
        (
            vec!["@there.csv", harbour[0], harbour[1], "--role", "Captain"],
            "there is no role Captain; the roles are ",
        ),
        (
            vec!["@there.csv", harbour[0], harbour[1], "--mode", "sideways"],
            "mode: ",
        ),
        (
            vec![
                "@there.csv",
                harbour[0],
                harbour[1],
                "--report",
                "@no/such/folder",
            ],
            "no/such/folder: ",
        ),
    ] {
        let run = desk.run(&[&["import"], &arguments[..]].concat()).await;
        assert_eq!(
            (run.code, run.out.as_str()),
            (Some(1), ""),
            "{arguments:?} {}",
            run.err
        );
        let last = run.err.lines().last().unwrap();
        assert!(
            last.starts_with("muster: ") && last.contains(sentence),
            "{arguments:?} {last}"
        );
    }
    assert_eq!(desk.site.count(INVITED).await, 0);
}
