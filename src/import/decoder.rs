//! Bytes in slices of any size to UTF-8 text. A character may be cut between two slices; what is not valid
//! is a fault with its place, never a replacement character in somebody's name.

use super::Encoding;

/// Windows-1252 where it is not Latin-1: 80 to 9F. Its five holes are the control characters of Latin-1, as
/// the WHATWG's Encoding Standard has it; the rules of each field refuse those.
const WINDOWS_1252: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8D}', 'Ž', '\u{8F}',
    '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9D}', 'ž', 'Ÿ',
];

/// Bytes that are no text in the chosen encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BadByte {
    /// Where they begin, in bytes from the file's beginning.
    pub offset: u64,
}

/// An incremental decoder: slice after slice in, text out.
#[derive(Debug, Clone)]
pub struct Decoder {
    encoding: Encoding,
    /// The beginning of a character whose rest has not come yet: of a UTF-8 sequence or a surrogate pair at
    /// most three bytes.
    cut: Vec<u8>,
    /// How many bytes of the file have become text.
    offset: u64,
    at_start: bool,
    bad: bool,
}

impl Decoder {
    /// A decoder at the beginning of a file.
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

    /// Appends the text of the next bytes. A byte order mark at the file's beginning is dropped.
    ///
    /// # Errors
    /// [`BadByte`] where the text ends; all that is good before it has been appended. Nothing more is read
    /// after that.
    pub fn decode(&mut self, bytes: &[u8], text: &mut String) -> Result<(), BadByte> {
        let before = text.len();
        let mut rest = bytes;
        // A cut character is completed byte by byte: there are three at most.
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
    /// [`BadByte`] when it ends within a character.
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

    /// Decodes what is whole; keeps a cut character for the next slice.
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

/// How many bytes became text, and whether those behind them are bad rather than cut.
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
                // The first half of a pair, with its second half in the next slice.
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
        // The euro sign, the curly apostrophe of names, and both ends of the table.
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
