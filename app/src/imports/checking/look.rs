//! The preview of a file: its format, its headers and their mapping.

use muster::import::{
    Dialect, Fault, FaultKind, Limits, MAX_BYTES, Mapping, NameOrder, Reader, inert,
};

use super::message::{Looked, Reading, Tell};

/// Number of rows that are read to detect the mapping.
const ROWS: usize = 50;
/// Number of distinct cells that are shown per column, and their maximum length in characters.
const EXAMPLES: usize = 3;
const EXAMPLE_LENGTH: usize = 60;

/// Returns the preview of a file of `size` bytes from its first bytes. A file that is too large is rejected here,
/// before it is read.
#[must_use]
pub fn look(sample: &[u8], size: u64, reading: Reading) -> Tell {
    let is_whole = size <= sample.len() as u64;
    let mut dialect = reading.encoding.map_or_else(
        || Dialect::guess(sample),
        |encoding| Dialect::guess_in(encoding, sample),
    );
    if let Some(delimiter) = reading.delimiter {
        dialect.delimiter = delimiter;
    }
    let mut reader = Reader::new(dialect.encoding, dialect.delimiter, Limits::default());
    let mut looked = Looked {
        dialect,
        headers: Vec::new(),
        examples: Vec::new(),
        mapping: Mapping {
            targets: Vec::new(),
            name_order: NameOrder::FirstLast,
            calling_code: None,
        },
        fault: None,
    };
    if size > MAX_BYTES {
        looked.fault = Some(Fault {
            kind: FaultKind::TooLarge { maximum: MAX_BYTES },
            line: 1,
            column: 1,
        });
        return Tell::Looked(looked);
    }
    let mut rows: Vec<Vec<String>> = Vec::new();
    let mut rest = sample;
    while rows.len() < ROWS {
        let record = match reader.read(&mut rest) {
            None if is_whole || looked.headers.is_empty() => reader.finish(),
            other => other,
        };
        match record {
            None => break,
            Some(Err(fault)) => {
                looked.fault = Some(fault);
                break;
            }
            Some(Ok(record)) => {
                let cells = record
                    .fields
                    .iter()
                    .map(|cell| inert::unescape(cell).to_owned())
                    .collect();
                if record.number == 0 {
                    looked.headers = cells;
                } else if record.fault.is_none() {
                    rows.push(cells);
                }
            }
        }
    }
    let headers: Vec<&str> = looked.headers.iter().map(String::as_str).collect();
    let borrowed: Vec<Vec<&str>> = rows
        .iter()
        .map(|row| row.iter().map(String::as_str).collect())
        .collect();
    looked.mapping = Mapping::guess(&headers, &borrowed);
    looked.examples = (0..headers.len())
        .map(|column| examples(&borrowed, column))
        .collect();
    Tell::Looked(looked)
}

fn examples(rows: &[Vec<&str>], column: usize) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for cell in rows.iter().filter_map(|row| row.get(column)) {
        let cell: String = cell.trim().chars().take(EXAMPLE_LENGTH).collect();
        if !cell.is_empty() && !found.contains(&cell) {
            found.push(cell);
        }
        if found.len() == EXAMPLES {
            break;
        }
    }
    found
}
