//! Tests the preview, check and correction of an untidy file, as the page does it through the worker.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use muster::ids::RoleId;
use muster::import::{Access, Applying, Column, MatchBy, Mode, Options, Send};

use super::*;

mod pages;
mod proposals;
mod saved;

const MESSY: &str = "\
Vorname;Nachname;Benutzername;E-Mail
Marty;McFly;marty.mcfly;marty@example.org
Zoë;Åström;za;zoe@example.org
Omar;Khan;opal.river;omar.example.org
Pia;Quist;kestrel90;pia@example.org
Pio;Quint;Kestrel90;pio@example.org
Uma;Berg;quill.orbit;uma@example.org
Too;Few
";

fn looked(text: &str) -> Looked {
    match look(text.as_bytes(), text.len() as u64, Reading::default()) {
        Tell::Looked(looked) => looked,
        other => panic!("{other:?}"),
    }
}

fn checked(text: &str, slice: usize) -> (Checking, Progress) {
    checked_with(text, slice, |_| {})
}

fn checked_for(access: Access, text: &str, slice: usize) -> (Checking, Progress) {
    checked_with(text, slice, |choices| choices.options.access = access)
}

fn checked_with(
    text: &str,
    slice: usize,
    choose: impl FnOnce(&mut Choices),
) -> (Checking, Progress) {
    let looked = looked(text);
    let mut choices = Choices {
        dialect: looked.dialect,
        mapping: looked.mapping,
        options: Options {
            mode: Mode::Add,
            match_by: MatchBy::Email,
            clear: None,
            access: Access::Invite,
            send: Send::Now,
            send_at: None,
            applying: Applying::RowByRow,
            role: Some(uuid()),
        },
        roles: Vec::new(),
    };
    choose(&mut choices);
    let mut checking = Checking::new(choices, 7);
    for bytes in text.as_bytes().chunks(slice) {
        checking.read(bytes);
    }
    match checking.finish(10) {
        Tell::Progress(progress) => (checking, progress),
        other => panic!("{other:?}"),
    }
}

fn uuid() -> RoleId {
    "0195d3a0-0000-7000-8000-000000000001".parse().unwrap()
}

fn ask(checking: &mut Checking, ask: Ask) -> (Counts, Shown) {
    match checking.answer(Asked { number: 1, ask }) {
        Tell::Shown { counts, shown, .. } => (counts, shown),
        other => panic!("{other:?}"),
    }
}

/// Returns the corrections that are sent with the file.
fn sent_corrections(checking: &mut Checking) -> rpc::imports::EditsDraft {
    let ask = Ask::Mended;
    match checking.answer(Asked { number: 2, ask }) {
        Tell::Mended(edits) => edits,
        other => panic!("{other:?}"),
    }
}

fn rows(shown: &Shown) -> Vec<u32> {
    shown.rows.iter().map(|row| row.number).collect()
}

fn edit(row: u32, column: Column, text: &str) -> Ask {
    Ask::Edit {
        row,
        column,
        text: text.to_owned(),
    }
}

#[test]
fn a_file_that_is_too_large_is_refused_by_its_size_alone() {
    let size = muster::import::MAX_BYTES;
    let fault = |size| match look(MESSY.as_bytes(), size, Reading::default()) {
        Tell::Looked(looked) => (looked.fault.map(|it| it.kind.code()), looked.headers.len()),
        other => panic!("{other:?}"),
    };
    assert_eq!(fault(size + 1), (Some("too_large"), 0));
    assert_eq!(fault(size), (None, 4));
}

#[test]
fn a_file_says_how_it_is_written_and_what_its_columns_mean() {
    let looked = looked(MESSY);
    assert_eq!(looked.dialect.delimiter.code(), "semicolon");
    assert_eq!(looked.headers.len(), 4);
    assert_eq!(looked.examples[0], ["Marty", "Zoë", "Omar"]);
    assert!(looked.mapping.layout().has(Column::Username));
}

#[test]
fn only_the_rows_that_need_attention_are_kept_however_the_file_is_sliced() {
    for slice in [1, 7, 1000] {
        let (_, progress) = checked(MESSY, slice);
        let counts = progress.counts;
        assert_eq!((counts.rows, counts.ready, counts.wrong), (7, 2, 5));
        assert_eq!(rows(&progress.shown), [1, 2, 3, 5, 7]);
        assert_eq!(counts.proposable, 3);
        assert!(progress.done && progress.stop.is_none());
    }
}

#[test]
fn a_cell_that_is_mended_is_judged_at_once_and_stays_in_sight() {
    let (mut checking, _) = checked(MESSY, 64);
    let (counts, shown) = ask(&mut checking, edit(3, Column::Email, "omar@example.org"));
    assert_eq!((counts.ready, counts.wrong, counts.mended), (3, 4, 1));
    assert_eq!(rows(&shown), [1, 2, 3, 5, 7]);
    assert_eq!(shown.rows[2].state, RowState::Mended);
    let (counts, shown) = ask(&mut checking, edit(3, Column::Email, "pia@example.org"));
    assert_eq!(counts.wrong, 5);
    assert_eq!(shown.rows[2].problems[0].same_as, Some(4));
}

#[test]
fn a_name_that_is_given_free_mends_the_row_that_said_the_same() {
    let (mut checking, _) = checked(MESSY, 64);
    ask(&mut checking, edit(2, Column::Username, "lumen.742"));
    let (_, shown) = ask(&mut checking, edit(1, Column::Username, "Lumen.742"));
    assert_eq!(shown.rows[0].problems[0].same_as, Some(2));
    let (counts, shown) = ask(&mut checking, Ask::LeaveOut { row: 2, out: true });
    assert_eq!(shown.rows[0].state, RowState::Mended);
    assert_eq!((counts.left_out, counts.mended), (1, 1));
    let (_, shown) = ask(&mut checking, Ask::LeaveOut { row: 2, out: false });
    assert_eq!(shown.rows[1].problems[0].same_as, Some(1));
}

#[test]
fn proposed_usernames_keep_the_rules_and_none_is_given_twice() {
    let (mut checking, _) = checked(MESSY, 64);
    let (counts, shown) = ask(&mut checking, Ask::ProposeAll);
    assert_eq!((counts.proposable, counts.wrong, counts.ready), (0, 2, 5));
    let mut usernames: Vec<String> = shown
        .rows
        .iter()
        .filter(|row| row.state == RowState::Mended)
        .map(|row| row.cells.iter().find(|(it, _)| *it == Column::Username))
        .map(|cell| cell.unwrap().1.to_lowercase())
        .collect();
    usernames.sort();
    usernames.dedup();
    assert_eq!(usernames.len(), 3);
}

const NAMELESS: &str = "\
Vorname;Nachname;E-Mail
Omar;Khan;omar@example.org
Pia;Quist;pia.example.org
Zoë;Åström;zoe@example.org
";

fn username(shown: &Shown, row: u32) -> Option<&str> {
    let row = shown.rows.iter().find(|it| it.number == row).unwrap();
    let cell = row.cells.iter().find(|(it, _)| *it == Column::Username);
    cell.map(|(_, text)| text.as_str())
}

#[test]
fn a_username_that_the_file_has_no_column_for_is_a_cell_that_can_be_changed() {
    let (mut checking, progress) = checked_for(Access::Passwords, NAMELESS, 64);
    assert_eq!(rows(&progress.shown), [1, 2, 3]);
    assert_eq!(username(&progress.shown, 1), Some(""));
    let proposal = progress.shown.rows[0].proposal.clone().unwrap();
    let (_, shown) = ask(&mut checking, Ask::Propose { row: 1 });
    assert_eq!(username(&shown, 1), Some(proposal.as_str()));
    let (counts, shown) = ask(&mut checking, Ask::ProposeAll);
    assert_eq!((counts.ready, counts.proposable), (2, 0));
    assert!(username(&shown, 3).is_some_and(|it| !it.is_empty()));
    let (_, shown) = ask(&mut checking, edit(3, Column::Username, &proposal));
    assert_eq!(shown.rows[2].problems[0].same_as, Some(1));
    ask(&mut checking, edit(3, Column::Username, "lumen.742"));
    // The column stays after no username is wrong any more.
    let (_, shown) = ask(&mut checking, Ask::Show(Filter::Mended));
    assert_eq!(username(&shown, 3), Some("lumen.742"));
    let edits = sent_corrections(&mut checking);
    let put_in = |row: u32| edits.edits.iter().find(|it| it.row == row);
    assert_eq!(put_in(3).unwrap().value.as_deref(), Some("lumen.742"));
    assert_eq!(put_in(3).unwrap().column, Column::Username);
}

#[test]
fn who_is_invited_chooses_a_username_and_has_no_cell_for_it() {
    let (_, progress) = checked(NAMELESS, 64);
    assert_eq!(rows(&progress.shown), [2]);
    assert_eq!(username(&progress.shown, 2), None);
}

#[test]
fn what_goes_along_with_the_file_is_what_was_changed_and_nothing_else() {
    let (mut checking, _) = checked(MESSY, 64);
    ask(&mut checking, edit(3, Column::Email, "omar@example.org"));
    ask(&mut checking, Ask::Propose { row: 1 });
    let (counts, _) = ask(&mut checking, Ask::LeaveRestOut);
    assert_eq!((counts.wrong, counts.left_out, counts.ready), (0, 3, 4));
    let edits = sent_corrections(&mut checking);
    let cells: Vec<_> = edits.edits.iter().map(|it| (it.row, it.column)).collect();
    assert_eq!(cells, [(1, Column::Username), (3, Column::Email)]);
    assert_eq!(edits.left_out, [2, 5, 7]);
}

#[test]
fn what_was_left_out_is_taken_in_again_at_once_and_judged_anew() {
    let (mut checking, before) = checked(MESSY, 64);
    ask(&mut checking, Ask::LeaveRestOut);
    let (counts, _) = ask(&mut checking, Ask::TakeAllIn);
    assert_eq!(counts, before.counts);
    let edits = sent_corrections(&mut checking);
    // An upload that began with these rows skipped is notified that they no longer are.
    assert_eq!(edits.left_out, [] as [u32; 0]);
    assert_eq!(edits.taken.len(), usize::try_from(counts.wrong).unwrap());
}

#[test]
fn a_file_that_ends_within_a_quote_is_stopped_with_its_place() {
    let (_, progress) = checked("Email,First name,Last name\na@example.org,\"Ana,Diaz\n", 16);
    let stop = progress.stop.unwrap();
    assert_eq!(
        (stop.kind.code(), stop.line, stop.column),
        ("open_quote", 2, 15)
    );
}

#[test]
fn every_code_of_an_import_has_its_words() {
    let words = i18n::ImportWords::of(i18n::Locale::en);
    for (kind, code) in muster::import::codes() {
        let word = match kind {
            "encoding" => words.encoding(code.parse().unwrap()),
            "delimiter" => words.delimiter(code.parse().unwrap()),
            "line_end" => words.line_end(code.parse().unwrap()),
            "column" => words.column(code.parse().unwrap()),
            "name_order" => words.name_order(code.parse().unwrap()),
            "mode" => words.mode(code.parse().unwrap()),
            "match_by" => words.match_by(code.parse().unwrap()),
            "access" => words.access(code.parse().unwrap()),
            "send" => words.send(code.parse().unwrap()),
            "applying" => words.applying(code.parse().unwrap()),
            // These need their numbers: the match over them is exhaustive.
            "fault" => continue,
            other => panic!("{other}: {code}"),
        };
        assert!(!word.is_empty(), "{kind} {code}");
    }
}

#[test]
fn numbers_are_completed_by_the_countrys_code_and_the_rest_can_be_left_empty_at_once() {
    let text = "First name,Last name,Email,Phone
Ada,Quill,ada@example.org,030 1234567
Bo,Lund,bo@example.org,ask the desk
Cy,Dorn,cy@example.org,ext. 12
";
    let (_, progress) = checked(text, 64);
    assert_eq!(progress.counts.wrong, 3);
    let within = muster::phone::CallingCode::parse("+49").unwrap();
    let (mut checking, progress) = checked_with(text, 64, |choices| {
        choices.mapping.calling_code = within;
    });
    assert_eq!((progress.counts.wrong, progress.counts.ready), (2, 1));
    let kind = progress.counts.kinds[0].kind.clone();
    assert_eq!(
        (kind.column, kind.code.as_str()),
        (Some(Column::Phone), "not_a_number")
    );
    let (counts, _) = ask(&mut checking, Ask::Empty(kind));
    assert_eq!((counts.wrong, counts.ready, counts.mended), (0, 3, 2));
    let edits = sent_corrections(&mut checking);
    let emptied: Vec<_> = edits
        .edits
        .iter()
        .map(|it| (it.row, it.value.as_deref()))
        .collect();
    assert_eq!(emptied, [(2, Some("")), (3, Some(""))]);
}

#[test]
fn a_cell_that_must_say_something_is_not_emptied() {
    let (mut checking, _) = checked(MESSY, 64);
    let kind = Kind {
        column: Some(Column::Email),
        code: "not_an_address".to_owned(),
    };
    let (counts, _) = ask(&mut checking, Ask::Empty(kind));
    assert_eq!((counts.wrong, counts.mended), (5, 0));
}
