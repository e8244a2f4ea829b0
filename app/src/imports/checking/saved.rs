//! The download of invalid rows: their raw text followed by their problems, to correct and import again.

use i18n::{ImportWords, locale_of};
use muster::{
    import::{Encoding, Limits, LineEnd, Reader, Record, Target, Writing, inert},
    language::Language,
};

use super::{
    findings::Findings,
    kept::Kept,
    message::{Choices, RowState},
};

impl Findings {
    /// Returns the file's text. It starts with a byte order mark; without one, spreadsheets misread UTF-8.
    pub fn saved(&self, language: Language) -> String {
        let words = ImportWords::of(locale_of(language));
        let delimiter = self.choices.dialect.delimiter;
        let writing = Writing {
            delimiter,
            line_end: LineEnd::CrLf,
        };
        let mut out = String::from('\u{FEFF}');
        // Rows are kept as raw text, from which their fields are read again.
        let mut reader = Reader::new(Encoding::Utf8, delimiter, Limits::default());
        let mut width = 0;
        each(&mut reader, &self.header, |record| {
            width = record.fields.len();
            writing.with_cells(record, width, &["Detail"], &mut out);
        });
        let wrong = self.kept.iter();
        for kept in wrong.filter(|kept| kept.state() == RowState::Wrong) {
            let detail = words.row(kept.fault.as_ref(), &kept.problems);
            each(&mut reader, &kept.raw, |record| {
                if kept.edited.contains(&true) {
                    let own = (0..width.max(record.fields.len()))
                        .map(|place| field(&self.choices, kept, record, place));
                    writing.record(own.chain([detail.as_str()]), &mut out);
                } else {
                    writing.with_cells(record, width, &[&detail], &mut out);
                }
            });
        }
        out
    }
}

/// Reads the text of a record.
fn each(reader: &mut Reader, text: &str, mut take: impl FnMut(&Record<'_>)) {
    for piece in [text, "\n"] {
        let mut bytes = piece.as_bytes();
        while let Some(Ok(record)) = reader.read(&mut bytes) {
            take(&record);
        }
    }
}

/// Returns a row's cell at this index of the file, with corrections applied.
fn field<'a>(choices: &Choices, kept: &'a Kept, record: &Record<'a>, place: usize) -> &'a str {
    let edited = match choices.mapping.targets.get(place) {
        Some(Target::Column(column)) if kept.edited[*column as usize] => Some(*column),
        _ => None,
    };
    match edited {
        Some(column) => &kept.cells[column as usize],
        // Writing escapes it again.
        None => inert::unescape(record.fields.get(place).unwrap_or_default()),
    }
}
