//! Limits the combining marks on a character. Long stacks, which no script uses, cover the lines around.

use std::borrow::Cow;

use crate::unicode::is_mark;

/// Maximum number of general marks on one character (U+0300 to U+036F and the other blocks that belong to no script).
/// Vietnamese needs two in NFD, phonetic and scholarly transcription three.
pub const MAX_GENERAL: usize = 4;

/// Maximum number of marks of any kind on one character. Hebrew with points and accents and Arabic with vowel signs
/// need four, a Burmese or Tibetan syllable up to seven including its vowel signs.
pub const MAX_MARKS: usize = 8;

/// Returns whether every character is within the limits.
#[must_use]
pub fn are_limited(text: &str) -> bool {
    text.is_ascii() || matches!(limited(text), Cow::Borrowed(_))
}

/// Returns the text without the marks beyond the limits.
#[must_use]
pub fn limited(text: &str) -> Cow<'_, str> {
    let mut stack = Stack::default();
    if text.chars().all(|character| stack.takes(character)) {
        return Cow::Borrowed(text);
    }
    let mut stack = Stack::default();
    Cow::Owned(
        text.chars()
            .filter(|character| stack.takes(*character))
            .collect(),
    )
}

/// The marks on the last character.
#[derive(Default)]
struct Stack {
    marks: usize,
    general: usize,
}

impl Stack {
    fn takes(&mut self, character: char) -> bool {
        // Joiners between marks do not end the stack.
        if matches!(character, '\u{200C}' | '\u{200D}') {
            return true;
        }
        if !is_mark(character) {
            *self = Self::default();
            return true;
        }
        self.marks += 1;
        self.general += usize::from(is_general(character));
        self.marks <= MAX_MARKS && (self.general <= MAX_GENERAL || !is_general(character))
    }
}

/// Returns whether the mark is in a block that belongs to no script.
fn is_general(character: char) -> bool {
    matches!(
        character,
        '\u{300}'..='\u{36F}' | '\u{1AB0}'..='\u{1AFF}' | '\u{1DC0}'..='\u{1DFF}' | '\u{20D0}'..='\u{20FF}'
            | '\u{FE20}'..='\u{FE2F}'
    )
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use unicode_normalization::UnicodeNormalization;

    use super::*;

    #[test]
    fn names_of_every_script_keep_their_marks() {
        for name in [
            "Nguyễn Thị Thuỷ Ngân",
            "Ṩẩ",
            "שָׁלוֹם בְּרֵאשִׁ֖ית",
            "مُحَمَّدٌ ٱلرَّحْمَٰنِ",
            "ที่นี้ น้ำผึ้ง",
            "क्षत्रिय श्रीमान्",
            "தமிழ்ச்செல்வி",
            "မြွှေ့ ကြွှေ့",
            "བསྒྲུབས་ རྡོ་རྗེ",
            "ខ្ញុំ ស្រី",
        ] {
            for form in [name.to_owned(), name.nfd().collect(), name.nfc().collect()] {
                assert_eq!(limited(&form), form, "{name}");
                assert!(are_limited(&form));
            }
        }
    }

    #[test]
    fn stacks_are_cut_whatever_their_script() {
        for (mark, most) in [
            ('\u{301}', MAX_GENERAL),
            ('\u{36F}', MAX_GENERAL),
            ('\u{20DD}', MAX_GENERAL),
            ('\u{E47}', MAX_MARKS),
            ('\u{64B}', MAX_MARKS),
            ('\u{5B8}', MAX_MARKS),
        ] {
            let stacked: String = std::iter::once('a')
                .chain(std::iter::repeat_n(mark, 100))
                .chain(['b', mark])
                .collect();
            assert!(!are_limited(&stacked));
            let cut: String = std::iter::once('a')
                .chain(std::iter::repeat_n(mark, most))
                .chain(['b', mark])
                .collect();
            assert_eq!(limited(&stacked), cut);
        }
        // Joiners do not start a new stack.
        let joined = format!("a{}", "\u{301}\u{200D}".repeat(20));
        assert_eq!(limited(&joined).matches('\u{301}').count(), MAX_GENERAL);
    }
}
