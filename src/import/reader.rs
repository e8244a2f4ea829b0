//! Reads records from byte slices of any size; the result does not depend on the slicing. `csv-core` finds the ends of
//! fields. This module adds positions, limits, ragged rows and open quotes.

mod place;
mod scan;

use csv_core::ReadRecordResult;

use place::csv;

use super::{Decoder, Delimiter, Encoding, Fault, FaultKind, Fields, Limits, LineEnd, Record};

/// Number of bytes that are decoded at a time; they fit the processor's cache.
const CHUNK_BYTES: usize = 64 * 1024;
/// Initial capacity for the fields of a record, in bytes. It grows with longer records, up to the limits.
const RECORD_BYTES: usize = 4 * 1024;

/// An incremental reader. The limits bound its memory to one chunk and one record.
///
/// ```
/// use muster::import::{Delimiter, Encoding, Limits, Reader};
///
/// let mut reader = Reader::new(Encoding::Utf8, Delimiter::Comma, Limits::default());
/// let mut emails = Vec::new();
/// for mut slice in [&b"name,em"[..], b"ail\nZo\xC3", b"\xAB,zoe@example.org"] {
///     while let Some(record) = reader.read(&mut slice) {
///         emails.extend(record.expect("no fault").fields.get(1).map(str::to_owned));
///     }
/// }
/// while let Some(record) = reader.finish() {
///     emails.extend(record.expect("no fault").fields.get(1).map(str::to_owned));
/// }
/// assert_eq!(emails, ["email", "zoe@example.org"]);
/// ```
pub struct Reader {
    decoder: Decoder,
    csv: csv_core::Reader,
    delimiter: Delimiter,
    limits: Limits,
    /// Decoded text, from the start of the current record on.
    text: String,
    /// Offset of `text` in the whole decoded text.
    base: u64,
    /// Position in `text` up to which it has been read.
    position: usize,
    /// Start of the record in `text`.
    begin: usize,
    /// End of a complete record in `text`, without its line end.
    end: usize,
    in_record: bool,
    /// Whether the last line ended with a CR, so that a following LF belongs to it.
    after_cr: bool,
    /// The fields of the record, followed by the end of each.
    fields: Vec<u8>,
    ends: Vec<usize>,
    written: usize,
    ended: usize,
    line_end: Option<LineEnd>,
    /// The line at which the current or the next record begins.
    line: u64,
    /// The line after the last record.
    next_line: u64,
    /// Number of fields in the header, and number of fields up to its last name, after it has been read.
    width: Option<(usize, usize)>,
    rows: u32,
    blank: u64,
    bytes: u64,
    row_fault: Option<FaultKind>,
    /// A decoding fault that is returned after the text before it has been read.
    pending: Option<FaultKind>,
    stopped: bool,
}

/// The result of one reading step.
enum Step {
    Record,
    Stop(Fault),
    NeedsMore,
}

impl Reader {
    /// Creates a reader at the beginning of a file.
    #[must_use]
    pub fn new(encoding: Encoding, delimiter: Delimiter, limits: Limits) -> Self {
        Self {
            decoder: Decoder::new(encoding),
            csv: csv(delimiter),
            delimiter,
            limits,
            text: String::new(),
            base: 0,
            position: 0,
            begin: 0,
            end: 0,
            in_record: false,
            after_cr: false,
            fields: vec![0; RECORD_BYTES],
            // One more than the limit, to detect that there are too many.
            ends: vec![0; limits.columns + 1],
            written: 0,
            ended: 0,
            line_end: None,
            line: 1,
            next_line: 1,
            width: None,
            rows: 0,
            blank: 0,
            bytes: 0,
            row_fault: None,
            pending: None,
            stopped: false,
        }
    }

    /// Returns the next record and advances `bytes` past what was consumed. Returns `None` if more bytes are needed or,
    /// after a fault, at the end of reading.
    ///
    /// # Errors
    /// Returns a [`Fault`] that ends the reading. A fault of one row is in its [`Record::fault`].
    pub fn read(&mut self, bytes: &mut &[u8]) -> Option<Result<Record<'_>, Fault>> {
        let step = self.advance(bytes);
        self.lend(step)
    }

    /// Returns the last record if the file does not end with a line end. Call it until it returns `None`.
    ///
    /// # Errors
    /// Returns a [`Fault`] if the file ends within a quote or a character, or is empty.
    pub fn finish(&mut self) -> Option<Result<Record<'_>, Fault>> {
        let step = self.advance_to_end();
        self.lend(step)
    }

    /// Returns the number of rows so far, including rejected ones.
    #[must_use]
    pub const fn rows(&self) -> u32 {
        self.rows
    }

    /// Returns the number of blank lines and empty rows so far. They are skipped.
    #[must_use]
    pub const fn blank(&self) -> u64 {
        self.blank
    }

    /// Returns the line ending of the first line, after it has ended.
    #[must_use]
    pub const fn line_end(&self) -> Option<LineEnd> {
        self.line_end
    }

    /// Returns the number of bytes consumed so far, for the progress.
    #[must_use]
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }

    fn lend(&mut self, step: Step) -> Option<Result<Record<'_>, Fault>> {
        match step {
            Step::NeedsMore => None,
            Step::Stop(fault) => {
                self.stopped = true;
                Some(Err(fault))
            }
            Step::Record => Some(Ok(Record {
                number: self.rows,
                line: self.line,
                span: self.base + self.begin as u64..self.base + self.end as u64,
                raw: &self.text[self.begin..self.end],
                fields: Fields {
                    // Valid UTF-8 cut at ASCII delimiters stays valid.
                    text: std::str::from_utf8(&self.fields[..self.written]).unwrap_or_default(),
                    ends: &self.ends[..self.ended],
                },
                fault: self.row_fault.map(|kind| self.row_fault_at(kind)),
            })),
        }
    }

    fn advance(&mut self, bytes: &mut &[u8]) -> Step {
        while !self.stopped {
            match self.scan() {
                Step::NeedsMore => {}
                step => return step,
            }
            if let Some(kind) = self.pending {
                return Step::Stop(self.fault_here(kind));
            }
            if bytes.is_empty() {
                break;
            }
            self.fill(bytes);
        }
        Step::NeedsMore
    }

    fn advance_to_end(&mut self) -> Step {
        match self.advance(&mut &[][..]) {
            Step::NeedsMore if !self.stopped => {}
            step => return step,
        }
        self.stopped = true;
        if let Err(bad) = self.decoder.finish() {
            let kind = FaultKind::BadEncoding { offset: bad.offset };
            return Step::Stop(self.fault_here(kind));
        }
        if self.in_record {
            // csv-core accepts an open quote as a complete field. A line end completes every record except within
            // quotes, so an extra one is appended: if no record results, a quote is open.
            self.end = self.position;
            self.make_room();
            let (result, _, _, ended) = self.csv.read_record(
                b"\n",
                &mut self.fields[self.written..],
                &mut self.ends[self.ended..],
            );
            if result != ReadRecordResult::Record {
                let at = self.field_begin(self.ended);
                return Step::Stop(self.fault_at(FaultKind::OpenQuote, at));
            }
            self.ended += ended;
            if let Some(fault) = self.over_a_limit() {
                return Step::Stop(fault);
            }
            if let Some(step) = self.judge() {
                return step;
            }
        }
        if self.width.is_none() {
            return Step::Stop(self.fault_here(FaultKind::Empty));
        }
        Step::NeedsMore
    }

    /// Decodes the next chunk after the unread rest of the record.
    fn fill(&mut self, bytes: &mut &[u8]) {
        let keep_from = if self.in_record {
            self.begin
        } else {
            self.position
        };
        self.text.drain(..keep_from);
        self.base += keep_from as u64;
        self.position -= keep_from;
        self.begin = 0;

        let allowed = self.limits.bytes - self.bytes;
        let size = bytes
            .len()
            .min(CHUNK_BYTES)
            .min(usize::try_from(allowed).unwrap_or(usize::MAX));
        if size == 0 {
            self.pending = Some(FaultKind::TooLarge {
                maximum: self.limits.bytes,
            });
            return;
        }
        let (chunk, rest) = bytes.split_at(size);
        *bytes = rest;
        self.bytes += size as u64;
        if let Err(bad) = self.decoder.decode(chunk, &mut self.text) {
            self.pending = Some(FaultKind::BadEncoding { offset: bad.offset });
        }
    }
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
