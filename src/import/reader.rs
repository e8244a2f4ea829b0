//! Bytes in slices of any size to records, the same on every machine and for every slicing. `csv-core` says
//! where fields end; here is what it does not say: places, limits, ragged rows and open quotes.

mod place;
mod scan;

use csv_core::ReadRecordResult;

use place::csv;

use super::{Decoder, Delimiter, Encoding, Fault, FaultKind, Fields, Limits, LineEnd, Record};

/// How much is decoded at a time, in bytes: it stays in the processor's cache.
const CHUNK_BYTES: usize = 64 * 1024;
/// Room for the fields of an ordinary record, in bytes; it grows with longer ones, up to the limits.
const RECORD_BYTES: usize = 4 * 1024;

/// An incremental reader. Its memory is bounded by the limits: one chunk and one record.
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
    /// Decoded text from the record being read on.
    text: String,
    /// Where `text` begins in the whole decoded text.
    base: u64,
    /// How far `text` has been read.
    position: usize,
    /// Where in `text` the record begins.
    begin: usize,
    /// Where in `text` the record ends, its line end excluded, once it is whole.
    end: usize,
    in_record: bool,
    /// The last line ended with a CR: an LF right behind it belongs to it.
    after_cr: bool,
    /// The fields of the record, and where each ends.
    fields: Vec<u8>,
    ends: Vec<usize>,
    written: usize,
    ended: usize,
    line_end: Option<LineEnd>,
    /// The line at which the record begins, or the next one will.
    line: u64,
    /// The line after the last record.
    next_line: u64,
    /// Fields of the header, and how many there are up to its last name, once it has been read.
    width: Option<(usize, usize)>,
    rows: u32,
    blank: u64,
    bytes: u64,
    row_fault: Option<FaultKind>,
    /// A fault of the bytes, told once the text before it has been read.
    pending: Option<FaultKind>,
    stopped: bool,
}

/// What came of reading on.
enum Step {
    Record,
    Stop(Fault),
    NeedsMore,
}

impl Reader {
    /// A reader at the beginning of a file.
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
            // One more than allowed, to see that there are too many.
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

    /// The next record of what has come so far; `bytes` is advanced over what was taken of it. Nothing means
    /// that more bytes are needed, or, after a fault, that nothing more will be read.
    ///
    /// # Errors
    /// A [`Fault`] that stops the reading. A fault of one row is in its [`Record::fault`].
    pub fn read(&mut self, bytes: &mut &[u8]) -> Option<Result<Record<'_>, Fault>> {
        let step = self.advance(bytes);
        self.lend(step)
    }

    /// The last record, where the file does not end with a line end. To be called until it gives nothing.
    ///
    /// # Errors
    /// A [`Fault`]: the file ends within a quote or a character, or has nothing at all.
    pub fn finish(&mut self) -> Option<Result<Record<'_>, Fault>> {
        let step = self.advance_to_end();
        self.lend(step)
    }

    /// Rows so far, refused ones included.
    #[must_use]
    pub const fn rows(&self) -> u32 {
        self.rows
    }

    /// Lines and rows without anything in them, so far: they are passed over.
    #[must_use]
    pub const fn blank(&self) -> u64 {
        self.blank
    }

    /// What ends the first line, once a line has ended.
    #[must_use]
    pub const fn line_end(&self) -> Option<LineEnd> {
        self.line_end
    }

    /// Bytes of the file taken so far: for the progress.
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
                    // Cut at ASCII delimiters out of valid UTF-8, it is valid.
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
            // csv-core takes an open quote for a whole field. A line end ends every record but within quotes,
            // so it is given one more: if no record comes of that, a quote is open.
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

    /// Decodes the next chunk behind what is left of the record.
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
