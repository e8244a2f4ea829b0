//! Where a fault is, as an editor shows it. csv-core counts in what it has written, not in what it has read, so
//! the record is looked at once more; only faults need that.

use csv_core::{ReadFieldResult, ReaderBuilder};

use super::Reader;
use crate::import::{Delimiter, Fault, FaultKind};

impl Reader {
    pub(super) fn row_fault_at(&self, kind: FaultKind) -> Fault {
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
    pub(super) fn fault_here(&self, kind: FaultKind) -> Fault {
        if self.in_record {
            self.fault_at(kind, self.position)
        } else {
            let (line, column) = (self.line, 1);
            Fault { kind, line, column }
        }
    }

    /// A fault at a place of `text` within the record.
    pub(super) fn fault_at(&self, kind: FaultKind, at: usize) -> Fault {
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
    pub(super) fn field_begin(&self, index: usize) -> usize {
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

pub(super) fn csv(delimiter: Delimiter) -> csv_core::Reader {
    let mut csv = ReaderBuilder::new().delimiter(delimiter.byte()).build();
    // It would drop a byte order mark where the first slice has the whole of one. The decoder has done that
    // already; after a first call, however empty, csv-core leaves it alone.
    let _ = csv.read_record(b" ", &mut [], &mut []);
    csv
}

/// Whether a byte is below 0x10, as the NUL and the line ends are: eight at a time.
pub(super) fn has_controls(bytes: &[u8]) -> bool {
    const LOW: u64 = u64::from_ne_bytes([0x10; 8]);
    const HIGH: u64 = u64::from_ne_bytes([0x80; 8]);
    let (words, rest) = bytes.as_chunks::<8>();
    // A byte below 0x10 borrows, and was not over 0x7F itself.
    let any = words.iter().fold(0, |any, word| {
        let word = u64::from_ne_bytes(*word);
        any | (word.wrapping_sub(LOW) & !word)
    });
    any & HIGH != 0 || rest.iter().any(|byte| *byte < 0x10)
}

/// Line ends as an editor counts them: CR LF is one, and so is either alone.
pub(super) fn line_ends(bytes: &[u8]) -> u64 {
    let mut count = 0;
    let mut after_cr = false;
    for byte in bytes {
        count += u64::from(*byte == b'\r' || (*byte == b'\n' && !after_cr));
        after_cr = *byte == b'\r';
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_control_is_found_wherever_it_stands_and_nothing_else_is_taken_for_one() {
        for length in 1..30 {
            for byte in 0..=u8::MAX {
                for at in 0..length {
                    for other in [0x10, 0x7F, 0x80, 0xFF] {
                        let mut bytes = vec![other; length];
                        bytes[at] = byte;
                        assert_eq!(has_controls(&bytes), byte < 0x10, "{bytes:?}");
                    }
                }
            }
        }
    }
}
