//! Records written for a spreadsheet: the report that gives a person's own file back, and every export.

use super::{Delimiter, LineEnd, Record, inert};

/// How records are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Writing {
    /// What parts fields: the file's own.
    pub delimiter: Delimiter,
    /// What ends lines: the file's own.
    pub line_end: LineEnd,
}

impl Writing {
    /// Appends a record of these cells, inert each, quoted where it must be.
    pub fn record<'a>(self, cells: impl IntoIterator<Item = &'a str>, out: &mut String) {
        for (index, cell) in cells.into_iter().enumerate() {
            if index > 0 {
                out.push(char::from(self.delimiter.byte()));
            }
            self.cell(cell, out);
        }
        out.push_str(self.line_end.as_str());
    }

    /// Appends a record's own text, byte for byte, with cells behind it that stand under the columns past the
    /// header's `width`. The text is the person's: it is not made inert.
    pub fn with_cells(self, record: &Record<'_>, width: usize, cells: &[&str], out: &mut String) {
        let delimiter = char::from(self.delimiter.byte());
        out.push_str(record.raw);
        let missing = width.saturating_sub(record.fields.len());
        out.extend(std::iter::repeat_n(delimiter, missing));
        for cell in cells {
            out.push(delimiter);
            self.cell(cell, out);
        }
        out.push_str(self.line_end.as_str());
    }

    fn cell(self, cell: &str, out: &mut String) {
        let cell = inert::escape(cell);
        let must_be_quoted = cell
            .bytes()
            .any(|byte| byte == self.delimiter.byte() || matches!(byte, b'"' | b'\r' | b'\n'));
        if must_be_quoted {
            out.push('"');
            out.push_str(&cell.replace('"', "\"\""));
            out.push('"');
        } else {
            out.push_str(&cell);
        }
    }
}
