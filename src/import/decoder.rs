//! Decodes byte slices of any size to UTF-8. A character may be split between two slices. Invalid bytes are a fault
//! with a position, never a replacement character in a name.

use super::Encoding;

/// The characters 80 to 9F of Windows-1252, where it differs from Latin-1. Its five unassigned bytes are Latin-1
/// control characters, as in the WHATWG Encoding Standard; the rules of each field reject those.
const WINDOWS_1252: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8D}', 'Ž', '\u{8F}',
    '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9D}', 'ž', 'Ÿ',
];

/// Bytes that are invalid in the chosen encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BadByte {
    /// Their offset in the file, in bytes.
    pub offset: u64,
}

/// An incremental decoder.
#[derive(Debug, Clone)]
pub struct Decoder {
    encoding: Encoding,
    /// The incomplete character of the last slice: at most three bytes of a UTF-8 sequence or surrogate pair.
    cut: Vec<u8>,
    /// Number of bytes of the file that have been decoded.
    offset: u64,
    at_start: bool,
    bad: bool,
}

impl Decoder {
    /// Creates a decoder at the beginning of a file.
    #[must_use]
    pub const fn new(encoding: Encoding) -> Self {
        Self {
            encoding,
            cut: Vec::new(),
            offset: 0,
            at_start: true,
            bad: false,
        }
    }

    /// Decodes the next bytes and appends the text. A byte order mark at the beginning of the file is dropped.
    ///
    /// # Errors
    /// Returns [`BadByte`] at the first invalid byte, after appending the text before it. Nothing more is decoded then.
    pub fn decode(&mut self, bytes: &[u8], text: &mut String) -> Result<(), BadByte> {
        let before = text.len();
        let mut rest = bytes;
        // Completes an incomplete character byte by byte: it needs at most three.
        while !self.bad && !self.cut.is_empty() {
            let Some((next, after)) = rest.split_first() else {
                break;
            };
            rest = after;
            self.cut.push(*next);
            let cut = std::mem::take(&mut self.cut);
            self.decode_whole(&cut, text);
        }
        if !self.bad && self.cut.is_empty() {
            self.decode_whole(rest, text);
        }
        if self.at_start && text.len() > before {
            self.at_start = false;
            if text[before..].starts_with('\u{FEFF}') {
                text.drain(before..before + '\u{FEFF}'.len_utf8());
            }
        }
        self.judge(self.bad)
    }

    /// Ends the file.
    ///
    /// # Errors
    /// Returns [`BadByte`] if the file ends within a character.
    pub fn finish(&mut self) -> Result<(), BadByte> {
        self.judge(self.bad || !self.cut.is_empty())
    }

    const fn judge(&mut self, bad: bool) -> Result<(), BadByte> {
        self.bad = bad;
        if bad {
            Err(BadByte {
                offset: self.offset,
            })
        } else {
            Ok(())
        }
    }

    /// Decodes the complete characters and keeps an incomplete one for the next slice.
    fn decode_whole(&mut self, bytes: &[u8], text: &mut String) {
        let (read, bad) = match self.encoding {
            Encoding::Utf8 | Encoding::Utf8Bom => utf8(bytes, text),
            Encoding::Utf16Le => utf16(bytes, u16::from_le_bytes, text),
            Encoding::Utf16Be => utf16(bytes, u16::from_be_bytes, text),
            Encoding::Windows1252 => {
                text.extend(bytes.iter().map(|&byte| match byte {
                    0x80..=0x9F => WINDOWS_1252[usize::from(byte - 0x80)],
                    other => char::from(other),
                }));
                (bytes.len(), false)
            }
            Encoding::Latin1 => {
                text.extend(bytes.iter().map(|&byte| char::from(byte)));
                (bytes.len(), false)
            }
        };
        self.offset += read as u64;
        self.bad = bad;
        if !bad {
            self.cut.extend_from_slice(&bytes[read..]);
        }
    }
}

/// Returns the number of decoded bytes, and whether the following bytes are invalid rather than incomplete.
fn utf8(bytes: &[u8], text: &mut String) -> (usize, bool) {
    match std::str::from_utf8(bytes) {
        Ok(valid) => {
            text.push_str(valid);
            (bytes.len(), false)
        }
        Err(error) => {
            let valid = error.valid_up_to();
            text.push_str(std::str::from_utf8(&bytes[..valid]).unwrap_or_default());
            (valid, error.error_len().is_some())
        }
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16, text: &mut String) -> (usize, bool) {
    let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    let mut read = 0;
    for character in char::decode_utf16(units) {
        match character {
            Ok(character) => {
                text.push(character);
                read += 2 * character.len_utf16();
            }
            Err(error) => {
                // The first half of a surrogate pair; the second half is in the next slice.
                let is_cut = error.unpaired_surrogate() < 0xDC00 && bytes.len() - read < 4;
                return (read, !is_cut);
            }
        }
    }
    (read, false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_that_of_the_encoding_standard() {
        // Covers the euro sign, the curly apostrophe of names, and both ends of the table.
        let mut text = String::new();
        let mut decoder = Decoder::new(Encoding::Windows1252);
        assert_eq!(
            decoder.decode(b"\x80 O\x92Neill \x8A\x9F\xE4\xFF", &mut text),
            Ok(())
        );
        assert_eq!(text, "€ O’Neill ŠŸäÿ");
    }

    #[test]
    fn bad_bytes_are_told_by_their_place_and_what_is_before_them_is_kept() {
        for (encoding, bytes, good, offset) in [
            (Encoding::Utf8, &b"ab\xC3\xA4\xE4,c"[..], "abä", 4),
            (Encoding::Utf8, b"ab\xC3", "ab", 2),
            (Encoding::Utf8Bom, b"\xEF\xBB\xBFa\xFF", "a", 4),
            (Encoding::Utf16Le, b"\xFF\xFEa\0\x00\xDCb\0", "a", 4),
            (Encoding::Utf16Le, b"a\0\x00\xD8b\0", "a", 2),
            (Encoding::Utf16Be, b"\0a\xD8", "a", 2),
            (Encoding::Utf16Be, b"\0a\xD8\0", "a", 2),
        ] {
            for size in 1..=bytes.len() {
                let mut decoder = Decoder::new(encoding);
                let mut text = String::new();
                let mut outcome = Ok(());
                for slice in bytes.chunks(size) {
                    outcome = decoder.decode(slice, &mut text);
                }
                assert_eq!(
                    outcome.and_then(|()| decoder.finish()),
                    Err(BadByte { offset })
                );
                assert_eq!(text, good, "{bytes:?} by {size}");
            }
        }
    }
}
