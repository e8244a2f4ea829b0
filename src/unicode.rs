//! What needs Unicode's tables: on a server those of the crates, in a browser the browser's own, which would be a tenth
//! of what a page has to fetch. Text in ASCII, nearly all there is, needs neither.

#[cfg(target_arch = "wasm32")]
use browser as tables;
#[cfg(not(target_arch = "wasm32"))]
use native as tables;

/// The text in NFKD, without combining marks.
pub(crate) fn letters(text: &str) -> impl Iterator<Item = char> {
    tables::letters(text)
}

/// The domain in lowercase A-labels, by UTS #46 without transitional processing and with the STD3 characters alone.
/// Nothing is said of its length.
pub(crate) fn domain_to_ascii(domain: &str) -> Option<String> {
    let is_refused = |byte: u8| byte.is_ascii() && !byte.is_ascii_alphanumeric() && byte != b'-';
    let mut labels = domain.split(DOTS);
    // What refuses both ways, and what an address in a browser would take for something else than a domain.
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

/// What parts the labels of a domain as typed.
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
    }

    pub(super) fn letters(text: &str) -> impl Iterator<Item = char> {
        let whole = JsString::from(text).normalize("NFKD");
        let letters = MARKS.with(|marks| whole.replace_by_pattern(marks, ""));
        String::from(letters)
            .chars()
            .collect::<Vec<_>>()
            .into_iter()
    }

    /// A browser's addresses follow the same standard, and leave hyphens and the characters to who asks.
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

    proptest! {
        // The short way says what the tables say.
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
