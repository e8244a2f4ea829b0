//! What parts the fields of a file, guessed from its first bytes and said, so that the person can choose
//! another. To add a delimiter: a variant and its byte.

use super::{Encoding, Limits, Reader};
use crate::code_enum::code_enum;

code_enum! {
    /// What stands between two fields.
    pub enum Delimiter {
        /// `,`
        Comma = "comma",
        /// `;`: Excel's, where the comma is the decimal sign.
        Semicolon = "semicolon",
        /// A tab.
        Tab = "tab",
        /// `|`
        Pipe = "pipe",
    }
}

code_enum! {
    /// What ends a line.
    pub enum LineEnd {
        /// CR LF: RFC 4180 and Windows.
        CrLf = "crlf",
        /// LF: Unix.
        Lf = "lf",
        /// CR: a Mac of before 2001, and some exports to this day.
        Cr = "cr",
    }
}

impl Delimiter {
    /// The delimiter itself.
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
    /// The line end itself.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CrLf => "\r\n",
            Self::Lf => "\n",
            Self::Cr => "\r",
        }
    }
}

/// How a file is written: everything that is guessed from its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub struct Dialect {
    /// How its characters are encoded.
    pub encoding: Encoding,
    /// What parts its fields.
    pub delimiter: Delimiter,
    /// What ends its lines.
    pub line_end: LineEnd,
}

impl Dialect {
    /// What the first bytes of a file look like, [`SAMPLE_BYTES`](super::SAMPLE_BYTES) of them or the whole file.
    #[must_use]
    pub fn guess(sample: &[u8]) -> Self {
        Self::guess_in(Encoding::guess(sample), sample)
    }

    /// The same, where a person has chosen the encoding.
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

/// How well a delimiter explains a sample.
struct Shape {
    score: f64,
    line_end: Option<LineEnd>,
}

impl Shape {
    const NOTHING: Self = Self {
        score: 0.0,
        line_end: None,
    };

    /// The sample is read as the file will be, quotes and all. A delimiter is right when it parts the header
    /// into many fields and every row into as many: the score is how many delimiters the header has, times the
    /// share of rows that agree with it, squared, because a wrong delimiter now and then agrees by chance.
    fn of(sample: &[u8], encoding: Encoding, delimiter: Delimiter) -> Self {
        let limits = Limits::default();
        let mut reader = Reader::new(encoding, delimiter, limits);
        let mut rest = sample;
        let (mut parted, mut rows, mut agreeing) = (0, 0_u32, 0_u32);
        // A sample may end within a row: what is not ended by a line end is left out, but for a lone header.
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
