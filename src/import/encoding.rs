//! Detects the encoding of a file from its first bytes. The person can choose another; `decoder` decodes it. To add an
//! encoding: a variant here, its decoding in `decoder`.
//!
//! `encoding_rs` is not used: its tables would add about 200 KB to the download, and apart from Unicode only the 32
//! code points in which Windows-1252 differs from Latin-1 are needed.

use crate::code_enum::code_enum;

code_enum! {
    /// A text encoding that directories and spreadsheets export.
    pub enum Encoding {
        /// UTF-8 without a byte order mark.
        Utf8 = "utf8",
        /// UTF-8 with a byte order mark, as Excel writes it. It is read like UTF-8, which also drops a leading mark.
        Utf8Bom = "utf8_bom",
        /// UTF-16, little-endian: Excel's "Unicode text".
        Utf16Le = "utf16le",
        /// UTF-16, big-endian.
        Utf16Be = "utf16be",
        /// Windows-1252: Excel's "CSV" in Western Europe and America.
        Windows1252 = "windows1252",
        /// ISO 8859-1. It is never detected, only chosen. Without the bytes 80 to 9F it equals Windows-1252; with them
        /// it has control characters in the places of `€` and `’`.
        Latin1 = "latin1",
    }
}

/// Number of leading bytes that detection reads: several hundred rows.
pub const SAMPLE_BYTES: usize = 64 * 1024;

/// Percentage of byte pairs with a zero above which a file without a byte order mark is UTF-16. A file in Arabic or
/// Chinese has zeros only in its delimiters, digits and line ends.
const ZERO_PAIRS_IN_A_HUNDRED: usize = 4;

impl Encoding {
    /// Detects the encoding of the first bytes. A byte order mark decides; otherwise zeros in every other byte mean
    /// UTF-16; otherwise mostly valid UTF-8 means UTF-8, and the rest is Windows-1252.
    ///
    /// In a file that mixes the two, the few invalid bytes then are a fault with a position that a person can correct.
    /// Windows-1252 would silently garble every other name. A file whose first non-ASCII letter follows the sample is
    /// detected as UTF-8; if that is wrong, reading ends with [`BadEncoding`](super::FaultKind::BadEncoding) and the
    /// person chooses.
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
            // The end of the sample cuts a character.
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

    /// Detects UTF-16 by its zeros, which are in one half of each pair; stray NULs can be in either.
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
