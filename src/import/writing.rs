//! Writes CSV records: the reports that return a person's own file, and every export.

use super::{Delimiter, LineEnd, Record, inert};

/// The format of the written records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Writing {
    /// The field separator: that of the file.
    pub delimiter: Delimiter,
    /// The line ending: that of the file.
    pub line_end: LineEnd,
}

impl Writing {
    /// Appends a record of these cells, each escaped against CSV injection and quoted if necessary.
    pub fn record<'a>(self, cells: impl IntoIterator<Item = &'a str>, out: &mut String) {
        for (index, cell) in cells.into_iter().enumerate() {
            if index > 0 {
                out.push(char::from(self.delimiter.byte()));
            }
            self.cell(cell, out);
        }
        out.push_str(self.line_end.as_str());
    }

    /// Appends a record's raw text unchanged, followed by cells under the columns after the header's `width`. The raw
    /// text is the person's own and is not escaped.
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
