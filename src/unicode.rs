//! Functions that need Unicode tables. The server uses the tables of crates; the browser uses its own, because the
//! tables would be a tenth of the download. ASCII text, which is nearly all, needs neither.

use std::borrow::Cow;

#[cfg(target_arch = "wasm32")]
use browser as tables;
#[cfg(not(target_arch = "wasm32"))]
use native as tables;

/// Calls `each` with every character of the text in NFKD, without combining marks.
pub(crate) fn letters(text: &str, each: impl FnMut(char)) {
    // In a browser the tables are a call out of WebAssembly; names in Latin letters avoid it.
    if text.chars().all(|character| latin(character).is_some()) {
        text.chars().filter_map(latin).for_each(each);
    } else {
        tables::letters(text).for_each(each);
    }
}

/// Returns whether the character is a combining mark (general category M).
pub(crate) fn is_mark(character: char) -> bool {
    // The browser's table is a call out of WebAssembly; letters of Latin, Greek, Cyrillic, Han and Hangul avoid it.
    !matches!(character, ..'\u{300}' | '\u{370}'..='\u{482}' | '\u{3400}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7A3}')
        && tables::is_mark(character)
}

/// Returns the text in NFC, so that it does not depend on how a keyboard or a file system composes letters.
pub(crate) fn nfc(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(tables::nfc(text))
    }
}

/// The letters U+00C0 to U+017F without their marks; `?` if the result is more than one character.
#[rustfmt::skip]
const LATIN: [char; 192] = [
    'A', 'A', 'A', 'A', 'A', 'A', 'Æ', 'C', 'E', 'E', 'E', 'E', 'I', 'I', 'I', 'I',
    'Ð', 'N', 'O', 'O', 'O', 'O', 'O', '×', 'Ø', 'U', 'U', 'U', 'U', 'Y', 'Þ', 'ß',
    'a', 'a', 'a', 'a', 'a', 'a', 'æ', 'c', 'e', 'e', 'e', 'e', 'i', 'i', 'i', 'i',
    'ð', 'n', 'o', 'o', 'o', 'o', 'o', '÷', 'ø', 'u', 'u', 'u', 'u', 'y', 'þ', 'y',
    'A', 'a', 'A', 'a', 'A', 'a', 'C', 'c', 'C', 'c', 'C', 'c', 'C', 'c', 'D', 'd',
    'Đ', 'đ', 'E', 'e', 'E', 'e', 'E', 'e', 'E', 'e', 'E', 'e', 'G', 'g', 'G', 'g',
    'G', 'g', 'G', 'g', 'H', 'h', 'Ħ', 'ħ', 'I', 'i', 'I', 'i', 'I', 'i', 'I', 'i',
    'I', 'ı', '?', '?', 'J', 'j', 'K', 'k', 'ĸ', 'L', 'l', 'L', 'l', 'L', 'l', '?',
    '?', 'Ł', 'ł', 'N', 'n', 'N', 'n', 'N', 'n', '?', 'Ŋ', 'ŋ', 'O', 'o', 'O', 'o',
    'O', 'o', 'Œ', 'œ', 'R', 'r', 'R', 'r', 'R', 'r', 'S', 's', 'S', 's', 'S', 's',
    'S', 's', 'T', 't', 'T', 't', 'Ŧ', 'ŧ', 'U', 'u', 'U', 'u', 'U', 'u', 'U', 'u',
    'U', 'u', 'U', 'u', 'W', 'w', 'Y', 'y', 'Y', 'Z', 'z', 'Z', 'z', 'Z', 'z', 's',
];

/// Returns the base letter of a Latin character, if it is a single letter, or the character itself if it is ASCII.
fn latin(character: char) -> Option<char> {
    if character.is_ascii() {
        return Some(character);
    }
    let place = u32::from(character).checked_sub(0xC0)?;
    let letter = LATIN.get(place as usize)?;
    (*letter != '?').then_some(*letter)
}

/// Returns the domain as lowercase A-labels, by UTS #46 without transitional processing and with STD3 characters only.
/// The length is not checked.
pub(crate) fn domain_to_ascii(domain: &str) -> Option<String> {
    let is_refused = |byte: u8| byte.is_ascii() && !byte.is_ascii_alphanumeric() && byte != b'-';
    let mut labels = domain.split(DOTS);
    // Rejects what both implementations reject, and what a browser's URL parser would not read as a domain.
    if labels.any(|label| label.bytes().any(is_refused) || has_outer_hyphen(label)) {
        return None;
    }
    let mut labels = domain.split('.').map(str::as_bytes);
    let is_plain = domain.is_ascii()
        && !labels.any(|label| label.len() >= 4 && label[..4].eq_ignore_ascii_case(b"xn--"));
    if is_plain {
        return Some(domain.to_ascii_lowercase());
    }
    tables::domain_to_ascii(domain)
}

/// The separators of domain labels in user input.
const DOTS: [char; 4] = ['.', '\u{3002}', '\u{FF0E}', '\u{FF61}'];

fn has_outer_hyphen(label: &str) -> bool {
    label.starts_with('-') || label.ends_with('-')
}

#[cfg(not(target_arch = "wasm32"))]
mod native {
    use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};
    use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

    pub(super) fn letters(text: &str) -> impl Iterator<Item = char> {
        text.nfkd()
            .filter(|character| !is_combining_mark(*character))
    }

    pub(super) fn is_mark(character: char) -> bool {
        is_combining_mark(character)
    }

    pub(super) fn nfc(text: &str) -> String {
        text.nfc().collect()
    }

    pub(super) fn domain_to_ascii(domain: &str) -> Option<String> {
        Uts46::new()
            .to_ascii(
                domain.as_bytes(),
                AsciiDenyList::STD3,
                Hyphens::CheckFirstLast,
                DnsLength::Ignore,
            )
            .ok()
            .map(std::borrow::Cow::into_owned)
    }
}

#[cfg(target_arch = "wasm32")]
mod browser {
    use js_sys::{JsString, RegExp};
    use web_sys::Url;

    thread_local! {
        static MARKS: RegExp = RegExp::new(r"\p{M}", "gu");
        static MARK: RegExp = RegExp::new(r"\p{M}", "u");
    }

    pub(super) fn is_mark(character: char) -> bool {
        MARK.with(|mark| mark.test(character.encode_utf8(&mut [0; 4])))
    }

    pub(super) fn letters(text: &str) -> impl Iterator<Item = char> {
        let whole = JsString::from(text).normalize("NFKD");
        let letters = MARKS.with(|marks| whole.replace_by_pattern(marks, ""));
        String::from(letters)
            .chars()
            .collect::<Vec<_>>()
            .into_iter()
    }

    pub(super) fn nfc(text: &str) -> String {
        String::from(JsString::from(text).normalize("NFC"))
    }

    /// Uses a browser's URL parser and adds the checks of hyphens and characters that it omits.
    pub(super) fn domain_to_ascii(domain: &str) -> Option<String> {
        let ascii = Url::new(&["http://", domain].concat()).ok()?.hostname();
        let is_kept = |byte: u8| byte.is_ascii_alphanumeric() || b"-.".contains(&byte);
        (ascii.bytes().all(is_kept) && !ascii.split('.').any(super::has_outer_hyphen))
            .then_some(ascii)
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_latin_letter_is_what_the_tables_make_of_it() {
        let mut short = 0;
        for character in '\0'..='\u{24F}' {
            let by_tables: Vec<char> = native::letters(&character.to_string()).collect();
            if let Some(letter) = latin(character) {
                assert_eq!(by_tables, [letter], "{character}");
                short += 1;
            }
        }
        assert_eq!(short, 128 + 192 - 5);
    }

    #[test]
    fn composed_and_decomposed_text_is_the_same_in_nfc() {
        assert_eq!(nfc("Ka\u{308}se"), "K\u{e4}se");
        assert_eq!(nfc("K\u{e4}se"), "K\u{e4}se");
        assert_eq!(nfc("\u{1100}\u{1161}"), "\u{ac00}");
        assert_eq!(nfc("plain"), "plain");
        assert_eq!(nfc("\u{ff11}"), "\u{ff11}", "compatibility forms stay");
    }

    proptest! {
        // The fast path gives the same result as the tables.
        #[test]
        fn a_plain_domain_is_judged_as_by_the_tables(domain in "([a-zA-Z0-9._ -]{0,6}|[xX][nN]--[a-z0-9-]{0,6})(\\.[a-zA-Z0-9-]{1,5}){0,3}") {
            prop_assert_eq!(domain_to_ascii(&domain), native::domain_to_ascii(&domain));
        }

        #[test]
        fn so_is_any_other(domain in "[a-zä-ü。．-]{0,4}\\.?\\PC{0,6}") {
            prop_assert_eq!(domain_to_ascii(&domain), native::domain_to_ascii(&domain));
        }
    }
}
