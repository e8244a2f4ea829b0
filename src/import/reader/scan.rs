//! Scans the decoded text for complete records: blank lines, limits, and the validation of rows.

use csv_core::ReadRecordResult;

use super::place::{has_controls, line_ends};
use super::{Reader, Step, number};
use crate::import::{Fault, FaultKind, LineEnd, limits::MAX_HEADER_BYTES};

impl Reader {
    /// Reads the decoded text up to the end of the next record to return.
    pub(super) fn scan(&mut self) -> Step {
        loop {
            if !self.in_record && !self.begin_record() {
                return Step::NeedsMore;
            }
            let input = &self.text.as_bytes()[self.position..];
            if input.is_empty() {
                // csv-core would take empty input as the end of the file.
                return Step::NeedsMore;
            }
            let (result, read, written, ended) = self.csv.read_record(
                input,
                &mut self.fields[self.written..],
                &mut self.ends[self.ended..],
            );
            self.position += read;
            self.written += written;
            self.ended += ended;
            if let Some(fault) = self.over_a_limit() {
                return Step::Stop(fault);
            }
            match result {
                ReadRecordResult::Record => {
                    self.end = self.position - 1;
                    self.after_cr = self.text.as_bytes()[self.end] == b'\r';
                    self.line_end.get_or_insert(if self.after_cr {
                        LineEnd::Cr
                    } else {
                        LineEnd::Lf
                    });
                    if let Some(step) = self.judge() {
                        return step;
                    }
                }
                ReadRecordResult::OutputFull => self.make_room(),
                // The input is used up. The ends never are: a limit applies before.
                _ => {}
            }
        }
    }

    /// Skips blank lines and returns whether a record begins. csv-core would skip them without counting.
    fn begin_record(&mut self) -> bool {
        self.line = self.next_line;
        while let Some(byte) = self.text.as_bytes().get(self.position) {
            match byte {
                b'\n' if self.after_cr => {
                    self.after_cr = false;
                    if self.line_end == Some(LineEnd::Cr) {
                        self.line_end = Some(LineEnd::CrLf);
                    }
                }
                b'\n' | b'\r' => {
                    self.after_cr = *byte == b'\r';
                    self.line += 1;
                    self.blank += 1;
                }
                _ => {
                    self.after_cr = false;
                    self.in_record = true;
                    self.begin = self.position;
                    self.written = 0;
                    self.ended = 0;
                    break;
                }
            }
            self.position += 1;
        }
        self.next_line = self.line;
        self.in_record
    }

    pub(super) fn make_room(&mut self) {
        if self.written == self.fields.len() {
            self.fields.resize(2 * self.fields.len(), 0);
        }
    }

    /// Checks the limits field by field in their order, so that the result does not depend on the slicing.
    pub(super) fn over_a_limit(&self) -> Option<Fault> {
        if let Some(fault) = self.longer_than(self.limits.field_bytes) {
            return Some(fault);
        }
        (self.ended > self.limits.columns).then(|| {
            let kind = FaultKind::TooManyColumns {
                maximum: number(self.limits.columns),
            };
            self.fault_at(kind, self.field_begin(self.limits.columns))
        })
    }

    fn longer_than(&self, maximum: usize) -> Option<Fault> {
        // The total is below the limit, so no field can exceed it.
        if self.written <= maximum {
            return None;
        }
        let mut begin = 0;
        let ends = self.ends[..self.ended].iter().chain([&self.written]);
        for (index, end) in ends.enumerate() {
            if end - begin > maximum {
                let kind = FaultKind::FieldTooLong {
                    maximum: maximum as u64,
                };
                return Some(self.fault_at(kind, self.field_begin(index)));
            }
            begin = *end;
        }
        None
    }

    /// Validates a complete record; returns `None` if it is skipped.
    pub(super) fn judge(&mut self) -> Option<Step> {
        self.in_record = false;
        let raw = &self.text.as_bytes()[self.begin..self.end];
        // Most records have neither line ends nor a NUL; one pass finds out.
        let has_controls = has_controls(raw);
        self.next_line = self.line + 1 + if has_controls { line_ends(raw) } else { 0 };
        let fields = &self.fields[..self.written];
        if fields.iter().all(u8::is_ascii_whitespace) {
            self.blank += 1;
            return None;
        }
        let has_nul = has_controls && fields.contains(&0);
        let Some((width, named)) = self.width else {
            if self.is_preamble() {
                return None;
            }
            if has_nul {
                return Some(Step::Stop(self.row_fault_at(FaultKind::Nul)));
            }
            if let Some(fault) = self.longer_than(MAX_HEADER_BYTES) {
                return Some(Step::Stop(fault));
            }
            let named = self.ends[..self.ended].partition_point(|end| *end < self.written) + 1;
            self.width = Some((self.ended, named));
            return Some(Step::Record);
        };
        if self.rows == self.limits.rows {
            let maximum = self.limits.rows;
            let kind = FaultKind::TooManyRows { maximum };
            return Some(Step::Stop(self.fault_at(kind, self.begin)));
        }
        self.rows += 1;
        // Spreadsheets leave trailing delimiters. Empty fields past the header's last field are ignored, and fields
        // under header cells without a name may be missing.
        if self.ended > width && self.ends[width - 1] == self.written {
            self.drop_surplus(self.ended - width);
        }
        self.row_fault = if !(named..=width).contains(&self.ended) {
            Some(FaultKind::Ragged {
                expected: number(width),
                found: number(self.ended),
            })
        } else if has_nul {
            Some(FaultKind::Nul)
        } else {
            None
        };
        Some(Step::Record)
    }

    /// Drops empty fields from the end, in the raw text too, so that appended cells are under their own headers.
    fn drop_surplus(&mut self, fields: usize) {
        self.ended -= fields;
        let delimiter = char::from(self.delimiter.byte());
        let mut raw = &self.text[self.begin..self.end];
        for _ in 0..fields {
            raw = raw.strip_suffix("\"\"").unwrap_or(raw);
            raw = raw.strip_suffix(delimiter).unwrap_or(raw);
        }
        self.end = self.begin + raw.len();
    }

    /// Returns whether the line before the header is meant for another program: `sep=;` for Excel, `version:v1.0` in
    /// the templates of Microsoft Entra.
    fn is_preamble(&self) -> bool {
        let first = &self.fields[..self.ends[0]];
        let alone = self.ends[0] == self.written;
        alone && (first.starts_with(b"sep=") || first.starts_with(b"version:v"))
    }
}
