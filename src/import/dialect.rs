//! Detects the field separator of a file from its first bytes. The person can choose another. To add a delimiter: a
//! variant and its byte.

use super::{Encoding, Limits, Reader};
use crate::code_enum::code_enum;

code_enum! {
    /// A field separator.
    pub enum Delimiter {
        /// `,`
        Comma = "comma",
        /// `;`: Excel's separator if the decimal sign is a comma.
        Semicolon = "semicolon",
        /// A tab.
        Tab = "tab",
        /// `|`
        Pipe = "pipe",
    }
}

code_enum! {
    /// A line ending.
    pub enum LineEnd {
        /// CR LF: RFC 4180 and Windows.
        CrLf = "crlf",
        /// LF: Unix.
        Lf = "lf",
        /// CR: Mac OS before 2001 and some current exports.
        Cr = "cr",
    }
}

impl Delimiter {
    /// Returns the delimiter's byte.
    #[must_use]
    pub const fn byte(self) -> u8 {
        match self {
            Self::Comma => b',',
            Self::Semicolon => b';',
            Self::Tab => b'\t',
            Self::Pipe => b'|',
        }
    }
}

impl LineEnd {
    /// Returns the characters of the line ending.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CrLf => "\r\n",
            Self::Lf => "\n",
            Self::Cr => "\r",
        }
    }
}

/// The format of a file: everything that is detected from its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub struct Dialect {
    /// The encoding.
    pub encoding: Encoding,
    /// The field separator.
    pub delimiter: Delimiter,
    /// The line ending.
    pub line_end: LineEnd,
}

impl Dialect {
    /// Detects the format from the first [`SAMPLE_BYTES`](super::SAMPLE_BYTES) of a file, or from the whole file.
    #[must_use]
    pub fn guess(sample: &[u8]) -> Self {
        Self::guess_in(Encoding::guess(sample), sample)
    }

    /// Detects the rest of the format if a person has chosen the encoding.
    #[must_use]
    pub fn guess_in(encoding: Encoding, sample: &[u8]) -> Self {
        let mut best = (Delimiter::Comma, Shape::NOTHING);
        for delimiter in Delimiter::ALL.iter().copied() {
            let shape = Shape::of(sample, encoding, delimiter);
            if shape.score > best.1.score {
                best = (delimiter, shape);
            } else if best.1.line_end.is_none() {
                best.1.line_end = shape.line_end;
            }
        }
        Self {
            encoding,
            delimiter: best.0,
            line_end: best.1.line_end.unwrap_or(LineEnd::CrLf),
        }
    }
}

/// How well a delimiter fits a sample.
struct Shape {
    score: f64,
    line_end: Option<LineEnd>,
}

impl Shape {
    const NOTHING: Self = Self {
        score: 0.0,
        line_end: None,
    };

    /// Reads the sample with the delimiter, quotes included. The right delimiter splits the header into many fields and
    /// every row into as many. The score is the number of delimiters in the header times the squared share of rows that
    /// agree; the square penalizes wrong delimiters that agree by chance.
    fn of(sample: &[u8], encoding: Encoding, delimiter: Delimiter) -> Self {
        let limits = Limits::default();
        let mut reader = Reader::new(encoding, delimiter, limits);
        let mut rest = sample;
        let (mut parted, mut rows, mut agreeing) = (0, 0_u32, 0_u32);
        // The sample may end within a row, so a record without a line end is ignored, except a lone header.
        while let Some(Ok(record)) = reader.read(&mut rest) {
            if record.number == 0 {
                parted = record.fields.len() - 1;
            } else {
                rows += 1;
                agreeing += u32::from(record.fault.is_none());
            }
        }
        let line_end = reader.line_end();
        if line_end.is_none()
            && let Some(Ok(header)) = reader.finish()
        {
            parted = header.fields.len() - 1;
        }
        let share = if rows == 0 {
            1.0
        } else {
            f64::from(agreeing) / f64::from(rows)
        };
        Self {
            score: f64::from(u32::try_from(parted).unwrap_or(u32::MAX)) * share * share,
            line_end,
        }
    }
}
