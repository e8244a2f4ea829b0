//! What holds for every file and every slicing of it.

use muster::import::{Delimiter, Dialect, Encoding, FaultKind, Limits, LineEnd};
use proptest::prelude::*;

use crate::all::{All, encode};

fn encodings() -> impl Strategy<Value = Encoding> {
    prop::sample::select(Encoding::ALL)
}

fn delimiters() -> impl Strategy<Value = Delimiter> {
    prop::sample::select(Delimiter::ALL)
}

/// Files of the bytes that decide something.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        8 => "[ab\"\",;\r\n\r\n\t|éß€\u{FEFF}𝄞]{0,12}".prop_map(String::into_bytes),
        2 => "[a-z]{1,9}(,[a-z]{0,9}){0,3}\r?\n".prop_map(String::into_bytes),
        1 => "(\"[a,\n\"\"]{0,9}\",){1,3}".prop_map(String::into_bytes),
        1 => prop::collection::vec(any::<u8>(), 0..6),
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

fn small_limits() -> impl Strategy<Value = Limits> {
    (1_u64..200, 0_u32..6, 1_usize..5, 1_usize..20).prop_map(
        |(bytes, rows, columns, field_bytes)| Limits {
            bytes,
            rows,
            columns,
            field_bytes,
        },
    )
}

/// Fields as people write them and as they must not.
fn fields() -> impl Strategy<Value = Vec<Vec<String>>> {
    let field = prop_oneof![
        3 => "[a-z0-9 äöüßé]{0,8}",
        1 => "[a,;\t|\"\r\n '+=-]{0,6}",
    ];
    (1_usize..6).prop_flat_map(move |width| {
        prop::collection::vec(prop::collection::vec(field.clone(), width), 1..8)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2048, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_slicing_gives_the_same_records_and_faults(
        bytes in bytes(),
        encoding in encodings(),
        delimiter in delimiters(),
        limits in prop_oneof![Just(Limits::default()), small_limits()],
        sizes in prop::collection::vec(1_usize..9, 1..8),
    ) {
        let whole = All::slice_by_slice(std::iter::once(&bytes[..]), encoding, delimiter, limits);
        let mut rest = &bytes[..];
        let mut sizes = sizes.iter().cycle();
        let slices = std::iter::from_fn(|| {
            let (slice, after) = rest.split_at(rest.len().min(*sizes.next()?));
            rest = after;
            (!slice.is_empty()).then_some(slice)
        });
        prop_assert_eq!(All::slice_by_slice(slices, encoding, delimiter, limits), whole);
    }

    #[test]
    fn each_record_is_where_it_says(bytes in bytes(), delimiter in delimiters()) {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let all = All::read(text.as_bytes(), Encoding::Utf8, delimiter);
        let text = text.strip_prefix('\u{FEFF}').unwrap_or(&text);
        for (number, record) in (0..).zip(&all.records) {
            let (from, to) = (usize::try_from(record.span.start).unwrap(), usize::try_from(record.span.end).unwrap());
            prop_assert_eq!(&text[from..to], &record.raw);
            prop_assert_eq!(record.number, number);
            let before = text[..from].replace("\r\n", "\n").replace('\r', "\n");
            prop_assert_eq!(record.line, before.matches('\n').count() as u64 + 1);
            // Read alone, it says the same; a byte order mark is dropped at the beginning only.
            if record.number == 0 && !record.raw.starts_with('\u{FEFF}') {
                prop_assert_eq!(&All::read(record.raw.as_bytes(), Encoding::Utf8, delimiter).records[0].fields, &record.fields);
            }
        }
    }

    #[test]
    fn what_another_program_writes_is_read_as_it_was(
        fields in fields(),
        encoding in encodings(),
        delimiter in delimiters(),
        line_end in prop::sample::select(LineEnd::ALL),
    ) {
        let terminator = match line_end {
            LineEnd::CrLf => csv::Terminator::CRLF,
            LineEnd::Lf => csv::Terminator::Any(b'\n'),
            LineEnd::Cr => csv::Terminator::Any(b'\r'),
        };
        let mut writer = csv::WriterBuilder::new().delimiter(delimiter.byte()).terminator(terminator).from_writer(Vec::new());
        // The header has a name in each column, so that no field is dropped as trailing.
        let header: Vec<String> = (0..fields[0].len()).map(|n| format!("column {n}")).collect();
        for record in std::iter::once(&header).chain(&fields) {
            writer.write_record(record).unwrap();
        }
        let text = String::from_utf8(writer.into_inner().unwrap()).unwrap();
        let all = All::read(&encode(&text, encoding), encoding, delimiter);
        let expected: Vec<Vec<&str>> = std::iter::once(&header)
            .chain(&fields)
            .filter(|record| record.iter().any(|field| !field.bytes().all(|byte| byte.is_ascii_whitespace())))
            .map(|record| record.iter().map(String::as_str).collect())
            .collect();
        prop_assert_eq!(all.fields(), expected);
        prop_assert_eq!(all.stopped, None);
        prop_assert!(all.records.iter().all(|record| record.fault.is_none()));
    }

    #[test]
    fn nothing_in_a_file_makes_the_reading_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let dialect = Dialect::guess(&bytes);
        let _ = All::read(&bytes, dialect.encoding, dialect.delimiter);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_dialect_is_guessed_from_an_ordinary_file(
        rows in prop::collection::vec(("[a-z]{2,9}", "[A-Z][a-zé]{2,9}, [A-Z][a-z]{2,9}", "[0-9]{1,3},[0-9]{2}", "[a-z;]{0,9}"), 2..20),
        encoding in encodings(),
        delimiter in delimiters(),
        line_end in prop::sample::select(LineEnd::ALL),
        cut in 0_usize..9,
    ) {
        let terminator = match line_end {
            LineEnd::CrLf => csv::Terminator::CRLF,
            LineEnd::Lf => csv::Terminator::Any(b'\n'),
            LineEnd::Cr => csv::Terminator::Any(b'\r'),
        };
        let mut writer = csv::WriterBuilder::new().delimiter(delimiter.byte()).terminator(terminator).from_writer(Vec::new());
        writer.write_record(["login", "name", "prix à payer", "note"]).unwrap();
        for row in &rows {
            writer.write_record([&row.0, &row.1, &row.2, &row.3]).unwrap();
        }
        let text = String::from_utf8(writer.into_inner().unwrap()).unwrap();
        let bytes = encode(&text, encoding);
        // Latin-1 without the bytes 80 to 9F is Windows-1252, and called so.
        let encoding = if encoding == Encoding::Latin1 { Encoding::Windows1252 } else { encoding };
        let guessed = Dialect::guess(&bytes[..bytes.len() - cut]);
        prop_assert_eq!(guessed, Dialect { encoding, delimiter, line_end });
    }
}

fn stopped(bytes: impl Iterator<Item = &'static [u8]>, limits: Limits) -> (FaultKind, u64, u64) {
    let all = All::slice_by_slice(bytes, Encoding::Utf8, Delimiter::Comma, limits);
    let fault = all.stopped.expect("a fault");
    (fault.kind, fault.line, fault.column)
}

#[test]
fn a_gigabyte_in_a_field_stops_at_its_limit() {
    let endless = std::iter::once(&b"name,note\nmarty,\"begins"[..])
        .chain(std::iter::repeat_n(&[b'x'; 4096][..], 1 << 18));
    let maximum = 65_536;
    assert_eq!(
        stopped(endless, Limits::default()),
        (FaultKind::FieldTooLong { maximum }, 2, 7)
    );
}

#[test]
fn a_header_that_is_a_text_stops_at_its_limit_and_a_long_question_is_one() {
    let file = |length: usize| format!("name,{}\nmarty,x\n", "q".repeat(length));
    let of = |length| {
        let file = file(length).leak().as_bytes();
        All::slice_by_slice(
            std::iter::once(file),
            Encoding::Utf8,
            Delimiter::Comma,
            Limits::default(),
        )
    };
    let fault = of(1025).stopped.expect("a fault");
    assert_eq!(
        (fault.kind, fault.line, fault.column),
        (FaultKind::FieldTooLong { maximum: 1024 }, 1, 6)
    );
    assert!(of(1024).stopped.is_none());
}

#[test]
fn a_million_columns_stop_at_their_limit() {
    let endless = std::iter::repeat_n(&b"column,"[..], 1_000_000);
    assert_eq!(
        stopped(endless, Limits::default()),
        (FaultKind::TooManyColumns { maximum: 200 }, 1, 1401)
    );
}

#[test]
fn too_many_rows_and_too_many_bytes_stop_where_they_begin() {
    let limits = Limits {
        rows: 2,
        ..Limits::default()
    };
    let file = &b"a,b\n1,2\n\n3,4\n5,6\n7,8\n"[..];
    assert_eq!(
        stopped(std::iter::once(file), limits),
        (FaultKind::TooManyRows { maximum: 2 }, 5, 1)
    );
    let limits = Limits {
        bytes: 10,
        ..Limits::default()
    };
    assert_eq!(
        stopped(std::iter::once(file), limits),
        (FaultKind::TooLarge { maximum: 10 }, 4, 2)
    );
}
