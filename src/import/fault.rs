//! Problems of a file as a whole, found before its values are validated. To add one: a variant, its code here and in
//! `CODES`, and whether it ends the reading.

use serde::{Deserialize, Serialize};

/// The kind of problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum FaultKind {
    /// A row has more or fewer fields than the header. Only this row is rejected.
    Ragged {
        /// Number of fields in the header.
        expected: u32,
        /// Number of fields in the row.
        found: u32,
    },
    /// A row contains a NUL, which no database text can hold. Only this row is rejected.
    Nul,
    /// A quote is never closed; the position is that of the opening quote.
    OpenQuote,
    /// A field exceeds `maximum` bytes; the position is its beginning, where a quote was probably forgotten.
    FieldTooLong {
        /// The limit, in bytes.
        maximum: u64,
    },
    /// More than `maximum` columns.
    TooManyColumns {
        /// The maximum number.
        maximum: u32,
    },
    /// More than `maximum` rows.
    TooManyRows {
        /// The maximum number.
        maximum: u32,
    },
    /// More than `maximum` bytes.
    TooLarge {
        /// The limit, in bytes.
        maximum: u64,
    },
    /// Bytes that are invalid in the chosen encoding.
    BadEncoding {
        /// Their offset in the file, in bytes.
        offset: u64,
    },
    /// The file does not even have a header.
    Empty,
}

impl FaultKind {
    /// All codes, for the tests of the locales.
    pub const CODES: [&'static str; 9] = [
        "ragged",
        "nul",
        "open_quote",
        "field_too_long",
        "too_many_columns",
        "too_many_rows",
        "too_large",
        "bad_encoding",
        "empty",
    ];

    /// Returns the stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Ragged { .. } => "ragged",
            Self::Nul => "nul",
            Self::OpenQuote => "open_quote",
            Self::FieldTooLong { .. } => "field_too_long",
            Self::TooManyColumns { .. } => "too_many_columns",
            Self::TooManyRows { .. } => "too_many_rows",
            Self::TooLarge { .. } => "too_large",
            Self::BadEncoding { .. } => "bad_encoding",
            Self::Empty => "empty",
        }
    }
}

/// A problem and its position, as an editor shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Fault {
    /// The kind of problem.
    pub kind: FaultKind,
    /// The line of the file, from 1.
    pub line: u64,
    /// The character within the line, from 1.
    pub column: u64,
}
