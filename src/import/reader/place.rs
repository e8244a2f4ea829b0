//! Locates faults as an editor counts lines and columns. csv-core counts its output, not its input, so the record is
//! read again; only faults need this.

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

    /// Creates a fault at the current position, between two records or within one.
    pub(super) fn fault_here(&self, kind: FaultKind) -> Fault {
        if self.in_record {
            self.fault_at(kind, self.position)
        } else {
            let (line, column) = (self.line, 1);
            Fault { kind, line, column }
        }
    }

    /// Creates a fault at a position of `text` within the record.
    pub(super) fn fault_at(&self, kind: FaultKind, at: usize) -> Fault {
        let before = &self.text[self.begin..self.text.floor_char_boundary(at)];
        let last = before.rfind(['\n', '\r']).map_or(0, |end| end + 1);
        Fault {
            kind,
            line: self.line + line_ends(before.as_bytes()),
            column: before[last..].chars().count() as u64 + 1,
        }
    }

    /// Returns the position in `text` where a field of the record begins.
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
    // csv-core would drop a byte order mark at the start of the first slice, which the decoder has already done. After
    // a first call, even one that reads nothing, it does not.
    let _ = csv.read_record(b" ", &mut [], &mut []);
    csv
}

/// Returns whether a byte is below 0x10, as NUL and the line ends are. Checks eight bytes at a time.
pub(super) fn has_controls(bytes: &[u8]) -> bool {
    const LOW: u64 = u64::from_ne_bytes([0x10; 8]);
    const HIGH: u64 = u64::from_ne_bytes([0x80; 8]);
    let (words, rest) = bytes.as_chunks::<8>();
    // A byte below 0x10 borrows and was not above 0x7F before.
    let any = words.iter().fold(0, |any, word| {
        let word = u64::from_ne_bytes(*word);
        any | (word.wrapping_sub(LOW) & !word)
    });
    any & HIGH != 0 || rest.iter().any(|byte| *byte < 0x10)
}

/// Counts line ends as an editor does: CR LF, CR and LF are one each.
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
