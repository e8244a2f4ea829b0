//! The rows that need attention as a file: their own text with what is wrong behind it, ready to be mended in a
//! spreadsheet and imported again.

use muster::{
    import::{LineEnd, Writing},
    language::Language,
};

use super::{findings::Findings, message::RowState};
use crate::{imports::words::ImportWords, language::locale_of};

impl Findings {
    /// The file's text. A byte order mark goes ahead: without one a spreadsheet takes UTF-8 for something else.
    pub fn saved(&self, language: Language) -> String {
        let words = ImportWords::of(locale_of(language));
        let writing = Writing {
            delimiter: self.choices.dialect.delimiter,
            line_end: LineEnd::CrLf,
        };
        let mut out = String::from('\u{FEFF}');
        let mut line = |raw: &str, fields: usize, detail: &str| {
            let missing = self.width.saturating_sub(fields);
            let delimiter = char::from(writing.delimiter.byte());
            out.push_str(raw);
            out.extend(std::iter::repeat_n(delimiter, missing + 1));
            writing.record([detail], &mut out);
        };
        line(&self.header, self.width, "Detail");
        for kept in &self.kept {
            if kept.state() == RowState::Wrong {
                line(
                    &kept.raw,
                    kept.width,
                    &words.row(kept.fault.as_ref(), &kept.problems),
                );
            }
        }
        out
    }
}
