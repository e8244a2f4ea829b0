//! Folds names to plain letters, and provides a buffer that does so without heap allocation, because imports fold
//! millions of rows.

use crate::unicode::letters;

/// A byte buffer that holds `N` bytes on the stack and more on the heap. Real names and usernames fit on the stack.
pub(crate) struct Scratch<const N: usize> {
    inline: [u8; N],
    length: usize,
    spilled: Vec<u8>,
}

impl<const N: usize> Scratch<N> {
    pub(crate) const fn new() -> Self {
        Self {
            inline: [0; N],
            length: 0,
            spilled: Vec::new(),
        }
    }

    pub(crate) fn push(&mut self, byte: u8) {
        if self.length < N {
            self.inline[self.length] = byte;
            self.length += 1;
        } else {
            if self.spilled.is_empty() {
                self.spilled.extend_from_slice(&self.inline);
            }
            self.spilled.push(byte);
        }
    }

    /// Appends the bytes, with ASCII letters in lowercase.
    pub(crate) fn extend_lower(&mut self, bytes: &[u8]) {
        let end = self.length + bytes.len();
        if self.spilled.is_empty() && end <= N {
            let room = &mut self.inline[self.length..end];
            room.copy_from_slice(bytes);
            room.make_ascii_lowercase();
            self.length = end;
        } else {
            for byte in bytes {
                self.push(byte.to_ascii_lowercase());
            }
        }
    }

    pub(crate) fn push_char(&mut self, character: char) {
        if let Ok(ascii) = u8::try_from(character)
            && ascii.is_ascii()
        {
            self.push(ascii);
            return;
        }
        for &byte in character.encode_utf8(&mut [0; 4]).as_bytes() {
            self.push(byte);
        }
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        if self.spilled.is_empty() {
            &self.inline[..self.length]
        } else {
            &self.spilled
        }
    }
}

/// Calls `each` with every character of the folded text: NFKD, without combining marks, lowercase, then ASCII spellings
/// for letters that have no decomposition (`docs/RULES.md`, usernames).
pub(crate) fn fold(text: &str, mut each: impl FnMut(char)) {
    if text.is_ascii() {
        text.bytes()
            .for_each(|byte| each(char::from(byte.to_ascii_lowercase())));
        return;
    }
    letters(text, |character| {
        for lower in character.to_lowercase() {
            let spelt = match lower {
                'ß' => "ss",
                'æ' => "ae",
                'œ' => "oe",
                'þ' => "th",
                'ø' => "o",
                'đ' | 'ð' => "d",
                'ł' => "l",
                'ı' => "i",
                other => {
                    each(other);
                    continue;
                }
            };
            spelt.chars().for_each(&mut each);
        }
    });
}

/// Returns whether `text` folds to `folded`, which is folded already.
pub(crate) fn folds_to(text: &str, folded: &str) -> bool {
    let mut rest = folded.chars();
    let mut same = true;
    fold(text, |character| same &= rest.next() == Some(character));
    same && rest.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(text: &str) -> String {
        let mut out = String::new();
        fold(text, |character| out.push(character));
        out
    }

    #[test]
    fn letters_without_a_decomposition_are_spelt_out() {
        assert_eq!(
            folded("Weiß Æsir Œuvre Øster Đorđe Łukasz Þór Guðrún Işık"),
            "weiss aesir oeuvre oster dorde lukasz thor gudrun isik"
        );
        assert_eq!(folded("İpek STRAẞE ﬃ"), "ipek strasse ffi");
    }

    #[test]
    fn a_text_longer_than_the_buffer_is_kept_whole() {
        let mut scratch = Scratch::<4>::new();
        "abécdef"
            .chars()
            .for_each(|character| scratch.push_char(character));
        assert_eq!(scratch.as_bytes(), "abécdef".as_bytes());
    }
}
