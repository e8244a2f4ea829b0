//! Whatever the bytes: a file is guessed, read, mapped, judged and written back without a panic, each record is
//! where it says, and what is given back reads as it did.
#![no_main]

use libfuzzer_sys::fuzz_target;
use muster::import::{
    Access, Applying, Dialect, Encoding, Limits, Mapping, MatchBy, Mode, Options, PersonDraft,
    Reader, Roles, Send, Writing,
};

fuzz_target!(|file: &[u8]| {
    let dialect = Dialect::guess(file);
    let limits = Limits::default();
    let options = Options {
        mode: Mode::Add,
        match_by: MatchBy::Username,
        clear: Some("-".to_owned()),
        access: Access::Passwords,
        send: Send::Later,
        send_at: None,
        applying: Applying::Whole,
        role: None,
    };
    let writing = Writing {
        delimiter: dialect.delimiter,
        line_end: dialect.line_end,
    };
    let mut reader = Reader::new(dialect.encoding, dialect.delimiter, limits);
    let (mut layout, mut width, mut end, mut out, mut written) = (None, 0, 0, String::new(), 0);
    let mut rest = file;
    let mut look = |record: muster::import::Record<'_>| {
        assert!(
            record.span.start >= end
                && record.span.end - record.span.start == record.raw.len() as u64
        );
        end = record.span.end;
        assert!(record.fields.len() <= limits.columns);
        let longest = record.fields.iter().map(str::len).max();
        assert!(longest.is_some_and(|bytes| bytes <= limits.field_bytes));
        if record.number == 0 {
            let headers: Vec<&str> = record.fields.iter().collect();
            let mapping = Mapping::guess(&headers, &[]);
            assert!(!mapping.problems(headers.len() + 1, &options).is_empty());
            layout = Some(mapping.layout());
            width = headers.len();
        } else if let Some(layout) = &layout {
            assert!(record.fault.is_some() || record.fields.len() <= width);
            let _ = PersonDraft::new(record.fields, layout).check(&options, &Roles::default());
        }
        if record.fault.is_none() {
            writing.with_cells(&record, width, &["one", "=two"], &mut out);
            written += 1;
        }
    };
    while let Some(Ok(record)) = reader.read(&mut rest) {
        look(record);
    }
    while let Some(Ok(record)) = reader.finish() {
        look(record);
    }
    if width + 2 <= limits.columns {
        let mut again = Reader::new(Encoding::Utf8, dialect.delimiter, limits);
        let mut rest = out.as_bytes();
        for _ in 0..written {
            let record = again.read(&mut rest).expect("a record").expect("no fault");
            assert_eq!((record.fault, record.fields.len()), (None, width + 2));
            assert_eq!(record.fields.get(width), Some("one"));
        }
        assert!(again.read(&mut rest).is_none() && again.finish().is_none() || written == 0);
    }
});
