//! The form that invites: each row has its own outcome, and a note can forge nothing.

use muster::draft::{InviteDraft, InviteRow, MAX_ROWS};
use muster::problem::{FieldProblem, Problem};

const ROLE: &str = "01935f8e-0000-7000-8000-000000000001";

fn said(problems: &[FieldProblem]) -> Vec<(&str, &str)> {
    problems
        .iter()
        .map(|problem| (problem.field.as_str(), problem.problem.code()))
        .collect()
}

fn row(email: &str, role: &str) -> InviteRow {
    InviteRow {
        email: email.to_owned(),
        role: role.to_owned(),
    }
}

#[test]
fn each_row_of_an_invitation_has_its_own_outcome() {
    let draft = InviteDraft {
        rows: vec![
            row("marty@example.org", ROLE),
            row("  ", ""),
            row("emmett", ROLE),
            row("MARTY@example.org ", ROLE),
            row("jennifer@example.org", ""),
            row("lorraine@example.org", "administrator"),
        ],
        note: String::new(),
    };
    let rows = draft.parse_rows();
    assert_eq!(
        rows.iter()
            .map(|(index, row)| (*index, row.is_ok()))
            .collect::<Vec<_>>(),
        [(0, true), (2, false), (3, false), (4, false), (5, false)]
    );
    assert_eq!(
        said(&draft.check()),
        [
            ("rows.2.email", "not_an_address"),
            ("rows.3.email", "duplicate"),
            ("rows.4.role", "required"),
            ("rows.5.role", "unknown"),
        ]
    );
    assert!(draft.form_problems().is_empty());
}

#[test]
fn an_invitation_needs_a_row_and_has_room_for_fifty() {
    assert_eq!(
        InviteDraft {
            rows: vec![row("", ROLE)],
            note: String::new()
        }
        .check(),
        [FieldProblem::new("rows", Problem::Required)]
    );
    let rows: Vec<_> = (0..=MAX_ROWS)
        .map(|n| row(&format!("marty{n}@example.org"), ROLE))
        .collect();
    let mut draft = InviteDraft {
        rows,
        note: String::new(),
    };
    assert_eq!(
        draft.check(),
        [FieldProblem::new("rows", Problem::TooMany { maximum: 50 })]
    );
    draft.rows.pop();
    draft.rows.push(row(" ", ""));
    assert_eq!(draft.check(), []);
}

#[test]
fn a_note_keeps_its_lines_and_can_forge_nothing() {
    let note = |note: &str| {
        InviteDraft {
            note: note.to_owned(),
            ..InviteDraft::default()
        }
        .parse_note()
    };
    assert_eq!(
        note(" Welcome!\r\nSee you. ").unwrap().unwrap().as_str(),
        "Welcome!\nSee you."
    );
    assert_eq!(note(" \r\n "), Ok(None));
    assert_eq!(
        note("a\rBcc: x@example.org").unwrap_err().problem.code(),
        "not_printable"
    );
    assert_eq!(
        note("\u{202E}gro.elpmaxe").unwrap_err().problem.code(),
        "not_printable"
    );
    assert!(note(&"ü".repeat(1000)).is_ok());
    assert_eq!(
        note(&"ü".repeat(1001)).unwrap_err(),
        FieldProblem::new("note", Problem::TooLong { maximum: 1000 })
    );
}
