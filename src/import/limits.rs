//! The limits of a file. A file over a limit is rejected at the position where it exceeds it, so memory stays bounded
//! (`docs/RULES.md`, limits). To add one: a constant with its reason and a field.

/// Maximum size of a file, in bytes: 5,000,000 rows of 400 bytes, and the limit of the upload.
pub const MAX_BYTES: u64 = 2 * 1024 * 1024 * 1024;
/// Maximum number of rows: all pupils of a country in one institution.
pub const MAX_ROWS: u32 = 5_000_000;
/// Maximum number of columns. The widest known export, of a learning platform with its own profile fields, has about
/// 120.
pub const MAX_COLUMNS: usize = 200;
/// Maximum length of a field, in bytes of UTF-8: any note that a person writes. An unclosed quote is detected here
/// instead of at the end of the file.
pub const MAX_FIELD_BYTES: usize = 64 * 1024;

/// Maximum length of a header field, in bytes. Longer text is data without a header.
pub const MAX_HEADER_BYTES: usize = 1024;

/// The limits of one reader: those above, or smaller ones in tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Maximum size of the file, in encoded bytes.
    pub bytes: u64,
    /// Maximum number of rows, without the header and blank lines.
    pub rows: u32,
    /// Maximum number of columns.
    pub columns: usize,
    /// Maximum length of a field, in bytes of UTF-8.
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
