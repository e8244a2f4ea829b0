//! What is wrong with a file as a file, before anyone asks what its rows say. To add one: a variant, its
//! code here and in `CODES`, and whether it stops the reading.

use serde::{Deserialize, Serialize};

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum FaultKind {
    /// A row has more or fewer fields than the header. The row is refused, the others go on.
    Ragged {
        /// Fields of the header.
        expected: u32,
        /// Fields of the row.
        found: u32,
    },
    /// A row holds a NUL, which no text has and no database takes. The row is refused, the others go on.
    Nul,
    /// A quote is never closed; the place is where it opens.
    OpenQuote,
    /// A field is over `maximum` bytes; the place is where it begins, which is where a quote was forgotten.
    FieldTooLong {
        /// The limit, in bytes.
        maximum: u64,
    },
    /// Over `maximum` columns.
    TooManyColumns {
        /// The limit.
        maximum: u32,
    },
    /// Over `maximum` rows.
    TooManyRows {
        /// The limit.
        maximum: u32,
    },
    /// Over `maximum` bytes.
    TooLarge {
        /// The limit, in bytes.
        maximum: u64,
    },
    /// Bytes that are no text in the chosen encoding.
    BadEncoding {
        /// Where they begin, in bytes from the file's beginning.
        offset: u64,
    },
    /// Not even a header.
    Empty,
}

impl FaultKind {
    /// Every code, for the locales' tests.
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

    /// The stable code.
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

/// What is wrong, and where an editor shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Fault {
    /// What is wrong.
    pub kind: FaultKind,
    /// The line of the file, from 1.
    pub line: u64,
    /// The character of the line, from 1.
    pub column: u64,
}
