//! The corpus of nasty files: each was met in the wild, and each has one outcome, read whole and byte by byte.
//! To add one: the file in `nasty/`, its outcome in the table.

use std::fmt::Write;

use muster::import::{Dialect, Fault, Limits};

use crate::all::All;

/// Encoding, delimiter and line end as guessed; then each record's number, line and fields, or its fault; then
/// the fault that stopped the reading.
fn outcome(file: &[u8]) -> String {
    let dialect = Dialect::guess(file);
    let all = All::read(file, dialect.encoding, dialect.delimiter);
    let byte_by_byte = All::slice_by_slice(
        file.chunks(1),
        dialect.encoding,
        dialect.delimiter,
        Limits::default(),
    );
    assert_eq!(byte_by_byte, all);
    let (encoding, delimiter) = (dialect.encoding.code(), dialect.delimiter.code());
    let mut out = format!("{encoding} {delimiter} {}", dialect.line_end.code());
    let place = |fault: Fault| format!("{}@{}:{}", fault.kind.code(), fault.line, fault.column);
    for record in &all.records {
        let _ = match record.fault {
            None => write!(
                out,
                " / {}@{} {}",
                record.number,
                record.line,
                record.fields.join("|")
            ),
            Some(fault) => write!(out, " / {} {}", record.number, place(fault)),
        };
    }
    if all.blank > 0 {
        let _ = write!(out, " / {} blank", all.blank);
    }
    if let Some(fault) = all.stopped {
        let _ = write!(out, " / stopped {}", place(fault));
    }
    out
}

macro_rules! corpus {
    ($($file:literal => $outcome:literal,)+) => {
        #[test]
        fn each_nasty_file_has_its_outcome() {
            let mut wrong = Vec::new();
            $(
                let found = outcome(include_bytes!(concat!("nasty/", $file)));
                if found != $outcome {
                    wrong.push(format!("{}\n  expected {:?}\n  found    {:?}", $file, $outcome, found));
                }
            )+
            assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        }
    };
}

corpus! {
    "blank-lines-between.csv" => "utf8 comma lf / 0@1 name|email / 1@4 Zoë|zoe@example.org / 2@7 Omar|omar@example.org / 5 blank",
    "blank-lines-only.csv" => "utf8 comma lf / 4 blank / stopped empty@5:1",
    "bom-and-quoted-header.csv" => "utf8_bom comma crlf / 0@1 name|email / 1@2 Zoë|zoe@example.org",
    "decimal-commas.csv" => "utf8 semicolon lf / 0@1 name|hours|email / 1@2 Zoë|38,5|zoe@example.org / 2@3 Omar|40,0|omar@example.org",
    "doubled-quotes.csv" => "utf8 comma lf / 0@1 name|email / 1@2 Zoë \"Z\" Åström|zoe@example.org / 2@3 \"|pia@example.org",
    "empty.csv" => "utf8 comma crlf / stopped empty@1:1",
    "header-without-line-end.csv" => "utf8 comma crlf / 0@1 name|email",
    "latin1-umlauts.csv" => "windows1252 semicolon crlf / 0@1 Name|E-Mail / 1@2 Jürgen Weiß|juergen@example.org",
    "line-breaks-in-quotes.csv" => "utf8 comma crlf / 0@1 name|address / 1@2 Zoë|1 Clock Square\r\nHill Valley / 2@4 Omar|x",
    "lone-cr.csv" => "utf8 comma cr / 0@1 name|email / 1@2 Zoë|zoe@example.org / 2@3 Omar|omar@example.org",
    "mixed-line-ends.csv" => "utf8 comma crlf / 0@1 name|email / 1@2 Zoe|zoe@example.org / 2@3 Omar|omar@example.org / 3@4 Pia|pia@example.org",
    "names-with-commas.csv" => "utf8 semicolon lf / 0@1 name|email / 1@2 Åström, Zoë|zoe@example.org / 2@3 Khan, Omar|omar@example.org",
    "no-line-end.csv" => "utf8 comma lf / 0@1 name|email / 1@2 Zoë|zoe@example.org",
    "nul-in-header.csv" => "utf8 comma lf / stopped nul@1:7",
    "nul.csv" => "utf8 comma lf / 0@1 name|email / 1 nul@2:3 / 2@3 Omar|omar@example.org",
    "one-column.csv" => "utf8 comma lf / 0@1 email / 1@2 zoe@example.org / 2@3 omar@example.org",
    "only-a-header.csv" => "utf8 comma lf / 0@1 name|email",
    "open-quote.csv" => "utf8 comma lf / 0@1 name|email / 1@2 Zoë|zoe@example.org / stopped open_quote@3:6",
    "pipes.csv" => "utf8 pipe lf / 0@1 name|email / 1@2 Zoë; Z., or so|zoe@example.org",
    "quote-at-the-very-end.csv" => "utf8 comma lf / 0@1 name|email / stopped open_quote@2:5",
    "quotes-in-the-middle.csv" => "utf8 comma lf / 0@1 name|email / 1@2 Zoë \"Z\" Åström|zoe@example.org / 2@3 Omar Khan|omar@example.org",
    "ragged.csv" => "utf8 comma lf / 0@1 name|email|role / 1@2 Zoë|zoe@example.org|Member / 2 ragged@3:22 / 3 ragged@4:28 / 4@5 Ana|ana@example.org|Member",
    "sep-line.csv" => "utf8 semicolon crlf / 0@2 name|email / 1@3 Zoë, Z.|zoe@example.org",
    "tabs.csv" => "utf8 tab lf / 0@1 name|email / 1@2 Zoë, Z.|zoe@example.org",
    "trailing-delimiter-in-rows.csv" => "utf8 semicolon crlf / 0@1 name|email / 1@2 Zoë|zoe@example.org",
    "trailing-delimiter.csv" => "utf8 semicolon crlf / 0@1 name|email| / 1@2 Zoë|zoe@example.org| / 2@3 Omar|omar@example.org",
    "two-boms.csv" => "utf8_bom comma lf / 0@1 \u{feff}name|email / 1@2 Zoe|zoe@example.org",
    "utf16-cut.csv" => "utf16le comma lf / 0@1 name|email / stopped bad_encoding@2:20",
    "utf16be-bom.csv" => "utf16be semicolon crlf / 0@1 name|email / 1@2 Zoë|zoe@example.org",
    "utf16le-bom.csv" => "utf16le semicolon crlf / 0@1 name|email / 1@2 Zoë|zoe@example.org",
    "utf16le-no-bom.csv" => "utf16le tab crlf / 0@1 name|email / 1@2 نور|nour@example.org",
    "utf8-with-a-latin1-byte.csv" => "utf8 comma lf / 0@1 name|email / 1@2 Zoë|zoe@example.org / stopped bad_encoding@3:2",
    "windows1252-quotes.csv" => "windows1252 semicolon crlf / 0@1 Name|E-Mail / 1@2 Sinéad O’Neill|sinead@example.org",
}

#[test]
fn a_very_long_field_is_read_up_to_its_limit_and_no_further() {
    let file = |length: usize| format!("name,note\nZoë,\"{}\"\nOmar,x\n", "é".repeat(length / 2));
    assert!(outcome(file(65_536).as_bytes()).ends_with(" / 2@3 Omar|x"));
    assert!(outcome(file(65_538).as_bytes()).ends_with(" / stopped field_too_long@2:5"));
}

#[test]
fn two_hundred_columns_are_read_and_no_more() {
    let file = |columns: usize| vec!["c"; columns].join(",");
    assert!(!outcome(file(200).as_bytes()).contains("stopped"));
    assert!(outcome(file(201).as_bytes()).ends_with("stopped too_many_columns@1:401"));
}

#[test]
fn a_file_longer_than_a_chunk_is_the_same_in_slices() {
    let mut file = String::from("name,note,email\n");
    for row in 0..6000 {
        let _ = writeln!(
            file,
            "Zoë {row},\"line one\r\nline {row}\",z{row}@example.org"
        );
    }
    let dialect = Dialect::guess(file.as_bytes());
    let whole = All::read(file.as_bytes(), dialect.encoding, dialect.delimiter);
    assert_eq!(whole.records.len(), 6001);
    for size in [1, 1000, 65_535, 65_536, 65_537] {
        let slices = file.as_bytes().chunks(size);
        assert_eq!(
            All::slice_by_slice(
                slices,
                dialect.encoding,
                dialect.delimiter,
                Limits::default()
            ),
            whole
        );
    }
}
