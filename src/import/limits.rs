//! How much a file may hold. A file over a limit is refused at the place where it passes it, so that memory
//! stays bounded whatever comes (`docs/RULES.md`, limits). To add one: a constant with its reason and a field.

/// Most bytes of a file: 5,000,000 rows of 400 bytes, and what the upload accepts.
pub const MAX_BYTES: u64 = 2 * 1024 * 1024 * 1024;
/// Most rows: an institution of a whole country's pupils, and what the ledger is measured with.
pub const MAX_ROWS: u32 = 5_000_000;
/// Most columns: the widest export known, of a learning platform with its own profile fields, has about 120.
pub const MAX_COLUMNS: usize = 200;
/// Most bytes of a field, as UTF-8: any note that a person writes. A quote that is opened and never closed
/// ends here, not at the end of the file.
pub const MAX_FIELD_BYTES: usize = 64 * 1024;

/// Most bytes of a column's name: what is longer is no header, but text whose header is missing.
pub const MAX_HEADER_BYTES: usize = 1024;

/// The limits of one reading: those above, or small ones in a test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Most bytes of the file, as it is encoded.
    pub bytes: u64,
    /// Most rows, the header and blank lines aside.
    pub rows: u32,
    /// Most columns.
    pub columns: usize,
    /// Most bytes of a field, as UTF-8.
    pub field_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes: MAX_BYTES,
            rows: MAX_ROWS,
            columns: MAX_COLUMNS,
            field_bytes: MAX_FIELD_BYTES,
        }
    }
}
