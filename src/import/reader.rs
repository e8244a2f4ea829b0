//! Bytes in slices of any size to records, the same on every machine and for every slicing. `csv-core` says
//! where fields end; here is what it does not say: places, limits, ragged rows and open quotes.
//!
//! ```
//! use muster::import::{Delimiter, Encoding, Limits, Reader};
//!
//! let mut reader = Reader::new(Encoding::Utf8, Delimiter::Comma, Limits::default());
//! let mut emails = Vec::new();
//! for mut slice in [&b"name,em"[..], b"ail\nZo\xC3", b"\xAB,zoe@example.org"] {
//!     while let Some(record) = reader.read(&mut slice) {
//!         emails.extend(record.expect("no fault").fields.get(1).map(str::to_owned));
//!     }
//! }
//! while let Some(record) = reader.finish() {
//!     emails.extend(record.expect("no fault").fields.get(1).map(str::to_owned));
//! }
//! assert_eq!(emails, ["email", "zoe@example.org"]);
//! ```

use csv_core::{ReadFieldResult, ReadRecordResult, ReaderBuilder};

use super::{Decoder, Delimiter, Encoding, Fault, FaultKind, Fields, Limits, LineEnd, Record};

/// How much is decoded at a time, in bytes: it stays in the processor's cache.
const CHUNK_BYTES: usize = 64 * 1024;
/// Room for the fields of an ordinary record, in bytes; it grows with longer ones, up to the limits.
const RECORD_BYTES: usize = 4 * 1024;

/// An incremental reader. Its memory is bounded by the limits: one chunk and one record.
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

    /// Reads on in the decoded text to the end of a record that is to be lent out.
    fn scan(&mut self) -> Step {
        loop {
            if !self.in_record && !self.begin_record() {
                return Step::NeedsMore;
            }
            let input = &self.text.as_bytes()[self.position..];
            if input.is_empty() {
                // csv-core would take an empty input for the end of the file.
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
                // The input is used up; the ends never are, being over a limit by then.
                _ => {}
            }
        }
    }

    /// Passes over blank lines; says whether a record begins. csv-core would pass over them too, uncounted.
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

    fn make_room(&mut self) {
        if self.written == self.fields.len() {
            self.fields.resize(2 * self.fields.len(), 0);
        }
    }

    /// Judged field by field in their order, so that the same comes of every slicing.
    fn over_a_limit(&self) -> Option<Fault> {
        let maximum = self.limits.field_bytes;
        // Of many short fields none can be too long.
        if self.written > maximum {
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
        }
        (self.ended > self.limits.columns).then(|| {
            let kind = FaultKind::TooManyColumns {
                maximum: number(self.limits.columns),
            };
            self.fault_at(kind, self.field_begin(self.limits.columns))
        })
    }

    /// What becomes of a whole record; nothing when it is passed over.
    fn judge(&mut self) -> Option<Step> {
        self.in_record = false;
        self.next_line = self.line + 1 + line_ends(&self.text.as_bytes()[self.begin..self.end]);
        let fields = &self.fields[..self.written];
        if fields.iter().all(u8::is_ascii_whitespace) {
            self.blank += 1;
            return None;
        }
        let has_nul = fields.contains(&0);
        let Some((width, named)) = self.width else {
            if self.is_preamble() {
                return None;
            }
            if has_nul {
                return Some(Step::Stop(self.row_fault_at(FaultKind::Nul)));
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
        // Spreadsheets leave delimiters behind: in a row, empty fields past the header's last say nothing, and
        // nothing is missing where the header has no name.
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

    /// Takes empty fields off the end, of the record's own text too: what is written behind that then stands
    /// under the header's next column.
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

    /// A line before the header that is meant for another program: `sep=;` for Excel, `version:v1.0` in the
    /// templates of Microsoft Entra.
    fn is_preamble(&self) -> bool {
        let first = &self.fields[..self.ends[0]];
        let alone = self.ends[0] == self.written;
        alone && (first.starts_with(b"sep=") || first.starts_with(b"version:v"))
    }

    fn row_fault_at(&self, kind: FaultKind) -> Fault {
        let raw = &self.text[self.begin..self.end];
        let at = match kind {
            FaultKind::Nul => self.begin + raw.find('\0').unwrap_or_default(),
            FaultKind::Ragged { expected, found } if found > expected => {
                self.field_begin(expected as usize)
            }
            _ => self.end,
        };
        self.fault_at(kind, at)
    }

    /// A fault between two records, or where a record has got to.
    fn fault_here(&self, kind: FaultKind) -> Fault {
        if self.in_record {
            self.fault_at(kind, self.position)
        } else {
            let (line, column) = (self.line, 1);
            Fault { kind, line, column }
        }
    }

    /// A fault at a place of `text` within the record.
    fn fault_at(&self, kind: FaultKind, at: usize) -> Fault {
        let before = &self.text[self.begin..self.text.floor_char_boundary(at)];
        let last = before.rfind(['\n', '\r']).map_or(0, |end| end + 1);
        Fault {
            kind,
            line: self.line + line_ends(before.as_bytes()),
            column: before[last..].chars().count() as u64 + 1,
        }
    }

    /// Where in `text` a field of the record begins. Read again, because csv-core counts in what it has
    /// written; only faults need this.
    fn field_begin(&self, index: usize) -> usize {
        let mut csv = csv(self.delimiter);
        let mut nowhere = [0; 1024];
        let (mut at, mut fields) = (self.begin, 0);
        while fields < index {
            let (result, read, _) = csv.read_field(&self.text.as_bytes()[at..], &mut nowhere);
            at += read;
            match result {
                ReadFieldResult::Field { .. } => fields += 1,
                ReadFieldResult::OutputFull => {}
                ReadFieldResult::InputEmpty | ReadFieldResult::End => break,
            }
        }
        at
    }
}

fn csv(delimiter: Delimiter) -> csv_core::Reader {
    let mut csv = ReaderBuilder::new().delimiter(delimiter.byte()).build();
    // It would drop a byte order mark where the first slice has the whole of one. The decoder has done that
    // already; after a first call, however empty, csv-core leaves it alone.
    let _ = csv.read_record(b" ", &mut [], &mut []);
    csv
}

/// Line ends as an editor counts them: CR LF is one, and so is either alone.
fn line_ends(bytes: &[u8]) -> u64 {
    if !bytes.contains(&b'\n') && !bytes.contains(&b'\r') {
        return 0;
    }
    let mut count = 0;
    let mut after_cr = false;
    for byte in bytes {
        count += u64::from(*byte == b'\r' || (*byte == b'\n' && !after_cr));
        after_cr = *byte == b'\r';
    }
    count
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
