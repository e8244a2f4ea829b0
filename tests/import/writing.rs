//! What is written for a spreadsheet is inert and comes back unchanged; a person's own file comes back with
//! two columns behind it.

use muster::import::{Delimiter, Encoding, Limits, LineEnd, Reader, Writing, inert};
use muster::phone::PhoneNumber;
use proptest::prelude::*;

use crate::all::All;

/// Cells near what a spreadsheet runs, now and then anything.
fn cells() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "['=+@\t\r\n ＝＋－＠-]{0,4}[a-z0-9;\",=]{0,4}",
        1 => any::<String>(),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4096, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_comes_back_and_never_runs(cell in cells()) {
        let written = inert::escape(&cell);
        prop_assert_eq!(inert::unescape(&written), &cell);
        let shown = written.trim_start_matches(|c: char| c.is_whitespace() && !"\t\r\n".contains(c));
        prop_assert!(!shown.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '\0', '＝', '＋', '－', '＠']), "{:?}", written);
        // Twice is still inert, and twice back is still the same.
        let twice = inert::escape(&written);
        prop_assert_eq!(inert::unescape(&twice), written.as_ref());
    }

    #[test]
    fn our_own_export_is_read_back_unchanged(
        rows in prop::collection::vec(prop::collection::vec(cells(), 3), 1..6),
        delimiter in prop::sample::select(Delimiter::ALL),
        line_end in prop::sample::select(LineEnd::ALL),
    ) {
        let writing = Writing { delimiter, line_end };
        let mut file = String::new();
        writing.record(["one", "two", "three", "last"], &mut file);
        for row in &rows {
            // A last cell that is there, so that no row is blank.
            writing.record(row.iter().map(String::as_str).chain(["x"]), &mut file);
        }
        let all = All::read(file.as_bytes(), Encoding::Utf8, delimiter);
        prop_assert_eq!(all.records.len(), rows.len() + 1);
        for (record, row) in all.records[1..].iter().zip(&rows) {
            let cells: Vec<&str> = record.fields[..3].iter().map(|cell| inert::unescape(cell)).collect();
            prop_assert_eq!(&cells, row);
        }
    }
}

#[test]
fn a_phone_number_survives_the_export_and_the_import() {
    let number = PhoneNumber::parse("+49 151 2345678").unwrap().unwrap();
    assert_eq!(inert::escape(number.as_str()), "'+491512345678");
    assert_eq!(inert::unescape("'+491512345678"), number.as_str());
    // What is no formula stays as people write it.
    for name in [
        "O'Neill",
        "'t Hooft",
        "d’Arc",
        "Anne-Marie",
        "a=b",
        "''",
        "",
    ] {
        assert_eq!(inert::escape(name), name);
        assert_eq!(inert::unescape(name), name);
    }
    for formula in [
        "=1+1", " =1", "\t=1", "@SUM(A1)", "-1+1|cmd", "＝1", "\0=1", "'=1",
    ] {
        assert!(inert::escape(formula).starts_with('\''), "{formula:?}");
    }
}

#[test]
fn the_persons_own_file_comes_back_byte_for_byte_with_two_columns() {
    let file = "name;\"e-mail\" ;note;\r\n\"Zoë \"\"Z\"\"\";zoe@example.org;\"a\r\nb\";\r\n\r\nOmar;omar@example.org;x\r\n\
                Pia;pia@example.org;;;\r\nragged;row\r\n";
    let writing = Writing {
        delimiter: Delimiter::Semicolon,
        line_end: LineEnd::CrLf,
    };
    let mut reader = Reader::new(Encoding::Utf8, Delimiter::Semicolon, Limits::default());
    let (mut out, mut rest, mut width) = (String::new(), file.as_bytes(), 0);
    while let Some(record) = reader.read(&mut rest) {
        let record = record.unwrap();
        let cells = match record.number {
            0 => {
                width = record.fields.len();
                ["Result", "Detail"]
            }
            1 => ["created", "=HYPERLINK(\"x\")"],
            _ => ["refused", "one; two"],
        };
        writing.with_cells(&record, width, &cells, &mut out);
    }
    assert_eq!(
        out,
        "name;\"e-mail\" ;note;;Result;Detail\r\n\
         \"Zoë \"\"Z\"\"\";zoe@example.org;\"a\r\nb\";;created;\"'=HYPERLINK(\"\"x\"\")\"\r\n\
         Omar;omar@example.org;x;;refused;\"one; two\"\r\n\
         Pia;pia@example.org;;;refused;\"one; two\"\r\n\
         ragged;row;;;refused;\"one; two\"\r\n"
    );
    let again = All::read(out.as_bytes(), Encoding::Utf8, Delimiter::Semicolon);
    assert!(again.records.iter().all(|record| record.fault.is_none()));
}
