//! Which encoding a file is in, guessed from its first bytes and said, so that the person can choose
//! another. `decoder` reads it. To add one: a variant here, its reading in `decoder`.
//!
//! No `encoding_rs`: its tables would add some 200 KB to what every browser fetches, and beside Unicode this
//! needs the 32 code points in which Windows-1252 is not Latin-1.

use crate::code_enum::code_enum;

code_enum! {
    /// An encoding of text that directories and spreadsheets export.
    pub enum Encoding {
        /// UTF-8 without a byte order mark.
        Utf8 = "utf8",
        /// UTF-8 behind a byte order mark, as Excel writes it. Read as UTF-8 is: a mark at the front is
        /// never part of the text.
        Utf8Bom = "utf8_bom",
        /// UTF-16, the lower byte first: Excel's "Unicode text".
        Utf16Le = "utf16le",
        /// UTF-16, the higher byte first.
        Utf16Be = "utf16be",
        /// Windows-1252: what Excel writes as "CSV" in Western Europe and America.
        Windows1252 = "windows1252",
        /// ISO 8859-1. Never guessed, only chosen: without the bytes 80 to 9F it is Windows-1252 letter for
        /// letter, and with them it would have control characters where people have `€` and `’`.
        Latin1 = "latin1",
    }
}

/// How much of a file's beginning is enough for the guesses, in bytes: some hundred rows.
pub const SAMPLE_BYTES: usize = 64 * 1024;

/// The share of pairs of bytes that hold a zero before a file counts as UTF-16 without its mark. A file in
/// Arabic or Chinese has zeros in its delimiters, digits and line ends alone.
const ZERO_PAIRS_IN_A_HUNDRED: usize = 4;

impl Encoding {
    /// What the first bytes of a file look like: a byte order mark decides; else zeros in every other byte
    /// are UTF-16; else what is UTF-8 for the greater part is UTF-8, and the rest Windows-1252. In a file that
    /// mixes the two a few bytes are then a fault with its place, which a person can mend, and not every other
    /// name misspelt, which nobody would see.
    ///
    /// A file whose first letter outside ASCII comes after the sample is guessed UTF-8; if it is none, reading
    /// ends in a [`BadEncoding`](super::FaultKind::BadEncoding), and the person chooses again.
    #[must_use]
    pub fn guess(sample: &[u8]) -> Self {
        if sample.starts_with(b"\xEF\xBB\xBF") {
            return Self::Utf8Bom;
        }
        if sample.starts_with(b"\xFF\xFE") {
            return Self::Utf16Le;
        }
        if sample.starts_with(b"\xFE\xFF") {
            return Self::Utf16Be;
        }
        if let Some(utf16) = Self::utf16_by_zeros(sample) {
            return utf16;
        }
        match std::str::from_utf8(sample) {
            Ok(_) => return Self::Utf8,
            // A character that the sample's end cuts.
            Err(error) if error.error_len().is_none() => return Self::Utf8,
            Err(_) => {}
        }
        let (mut valid, mut invalid) = (0, 0);
        for chunk in sample.utf8_chunks() {
            valid += chunk.valid().chars().filter(|it| !it.is_ascii()).count();
            invalid += usize::from(!chunk.invalid().is_empty());
        }
        if invalid <= valid {
            Self::Utf8
        } else {
            Self::Windows1252
        }
    }

    /// UTF-16 has its zeros in one half of each pair; a stray NUL in another encoding is in either.
    fn utf16_by_zeros(sample: &[u8]) -> Option<Self> {
        let (mut first, mut second) = (0, 0);
        for pair in sample.chunks_exact(2) {
            first += usize::from(pair[0] == 0);
            second += usize::from(pair[1] == 0);
        }
        let enough = (sample.len() / 2 * ZERO_PAIRS_IN_A_HUNDRED / 100).max(2);
        if second >= enough && first * 10 <= second {
            Some(Self::Utf16Le)
        } else if first >= enough && second * 10 <= first {
            Some(Self::Utf16Be)
        } else {
            None
        }
    }
}
