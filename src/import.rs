//! Bulk import: bytes to records to verdicts. The browser's worker and the server run this over the same
//! bytes, so that the preview's verdict is the apply's.
//!
//! A file's way: [`Dialect::guess`] says how it is written; [`Reader`] gives its records.

mod coded;
mod decoder;
mod dialect;
mod encoding;
mod fault;
mod limits;
mod reader;
mod record;

pub use coded::UnknownCode;
pub use decoder::{BadByte, Decoder};
pub use dialect::{Delimiter, Dialect, LineEnd};
pub use encoding::{Encoding, SAMPLE_BYTES};
pub use fault::{Fault, FaultKind};
pub use limits::{Limits, MAX_BYTES, MAX_COLUMNS, MAX_FIELD_BYTES, MAX_ROWS};
pub use reader::Reader;
pub use record::{Fields, Record};
