//! Validates usernames. Imports check millions of rows, so a valid username costs no allocation: all buffers are on the
//! stack unless a name is unusually long.

use super::{MAX_LENGTH, MIN_LENGTH, UsernameViolation};
use crate::folding::{Scratch, fold};

/// Generic terms as segments; sorted for binary search.
const GENERIC_TERMS: [&str; 34] = [
    "account",
    "admin",
    "administrator",
    "anonymous",
    "contact",
    "default",
    "demo",
    "email",
    "everyone",
    "guest",
    "help",
    "info",
    "login",
    "mail",
    "manager",
    "nobody",
    "noreply",
    "null",
    "office",
    "operator",
    "owner",
    "postmaster",
    "public",
    "root",
    "sales",
    "service",
    "staff",
    "support",
    "system",
    "team",
    "test",
    "undefined",
    "user",
    "webmaster",
];

/// Internet domain endings, checked in every segment after the first; sorted for binary search.
const EXTENSIONS: [&str; 13] = [
    "app", "biz", "co", "com", "dev", "edu", "gov", "info", "int", "io", "mil", "net", "org",
];

/// Length of the longest entry of both lists, in bytes; the shortest has two.
const LONGEST_LISTED: usize = 13;

/// Number of leading bytes of a username or name that are searched for names, terms and endings. It is far above the
/// stored lengths and bounds the cost of oversized input.
const JUDGED: usize = 1024;

/// A buffer that holds any valid username and nearly every name on the stack.
type Text = Scratch<{ MAX_LENGTH as usize }>;

/// Returns all rules that `username` violates for a person with this name, in the order of the table, each at most
/// once. Does not return [`UsernameViolation::Taken`], which only the database knows. Names may be empty or invalid.
#[must_use]
pub fn violations(username: &str, first_name: &str, last_name: &str) -> Vec<UsernameViolation> {
    let mut found = Vec::new();
    judge_characters(username, &mut found);

    let username = &username[..username.floor_char_boundary(JUDGED)];
    let mut low = Text::new();
    let mut squeezed = Text::new();
    if username.is_ascii() {
        low.extend_lower(username.as_bytes());
        for segment in segments(low.as_bytes()) {
            squeezed.extend_lower(segment);
        }
    } else {
        let mut push = |character: char| {
            low.push_char(character);
            if character != '.' {
                squeezed.push_char(character);
            }
        };
        username
            .chars()
            .flat_map(char::to_lowercase)
            .for_each(&mut push);
    }
    let (low, squeezed) = (low.as_bytes(), squeezed.as_bytes());

    if let Some(name) =
        name_within(first_name, low, squeezed).or_else(|| name_within(last_name, low, squeezed))
    {
        found.push(UsernameViolation::ContainsName { found: name });
    }
    if let Some(term) =
        segments(low).find_map(|segment| listed(without_digits_behind(segment), &GENERIC_TERMS))
    {
        found.push(UsernameViolation::GenericTerm {
            term: term.to_owned(),
        });
    }
    if let Some(ending) = segments(low)
        .skip(1)
        .find_map(|segment| listed(segment, &EXTENSIONS))
    {
        found.push(UsernameViolation::Extension {
            ending: ending.to_owned(),
        });
    }
    found
}

/// Checks the rules that need only one pass over the characters.
fn judge_characters(username: &str, found: &mut Vec<UsernameViolation>) {
    let plain = |byte: u8| byte == b'.' || byte.is_ascii_alphanumeric();
    let mut length: u32 = 0;
    let mut has_at = false;
    let mut invalid = None;
    if username.bytes().all(plain) {
        length = u32::try_from(username.len()).unwrap_or(u32::MAX);
    } else {
        for character in username.chars() {
            length = length.saturating_add(1);
            if character == '@' {
                has_at = true;
            } else if invalid.is_none() && character != '.' && !character.is_ascii_alphanumeric() {
                invalid = Some(UsernameViolation::InvalidCharacter {
                    character,
                    position: length,
                });
            }
        }
    }
    if length < MIN_LENGTH {
        found.push(UsernameViolation::TooShort);
    }
    if length > MAX_LENGTH {
        found.push(UsernameViolation::TooLong);
    }
    if has_at {
        found.push(UsernameViolation::EmailAddress);
    }
    found.extend(invalid);
    // An empty segment means a period at an end or two in a row.
    let mut segments = username.as_bytes().split(|byte| *byte == b'.');
    if !username.is_empty() && segments.any(<[u8]>::is_empty) {
        found.push(UsernameViolation::PeriodPlacement);
    }
}

/// Returns the name, or the part of it, that the username contains.
fn name_within(name: &str, low: &[u8], squeezed: &[u8]) -> Option<String> {
    // First the folded name with a space for each separator, then its parts joined.
    let mut parted = Text::new();
    let mut whole = Text::new();
    let name = &name[..name.floor_char_boundary(JUDGED)];
    if name.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        // Most names are a single ASCII word.
        whole.extend_lower(name.as_bytes());
        let whole = whole.as_bytes();
        return is_in(whole, low, squeezed).then(|| text(whole));
    }
    fold(name, |character| {
        if is_separator(character) {
            parted.push(b' ');
        } else {
            parted.push_char(character);
            whole.push_char(character);
        }
    });
    let whole = whole.as_bytes();
    if is_plain(whole) && is_in(whole, low, squeezed) {
        return Some(text(whole));
    }
    // A name with only one part has been checked as the whole name.
    let parts = || {
        parted
            .as_bytes()
            .split(|byte| *byte == b' ')
            .filter(|part| !part.is_empty())
    };
    parts().nth(1)?;
    parts()
        .find(|part| part.len() >= 4 && is_plain(part) && contains(squeezed, part))
        .map(text)
}

/// Returns whether a username contains a whole name of letters and digits; a name of two must be a segment.
fn is_in(whole: &[u8], low: &[u8], squeezed: &[u8]) -> bool {
    match whole.len() {
        0 | 1 => false,
        2 => segments(low).any(|segment| segment == whole),
        _ => contains(squeezed, whole),
    }
}

/// Returns whether the character separates parts of a name: white space, `-`, U+2010, apostrophes, `.` or `,`.
fn is_separator(character: char) -> bool {
    matches!(character, ' ' | '-' | '\u{2010}' | '\'' | '’' | '.' | ',')
        || character.is_whitespace()
}

fn is_plain(bytes: &[u8]) -> bool {
    bytes.iter().all(u8::is_ascii_alphanumeric)
}

fn segments(low: &[u8]) -> impl Iterator<Item = &[u8]> {
    low.split(|byte| *byte == b'.')
}

fn without_digits_behind(segment: &[u8]) -> &[u8] {
    let kept = segment
        .iter()
        .rposition(|byte| !byte.is_ascii_digit())
        .map_or(0, |last| last + 1);
    &segment[..kept]
}

/// Returns the entry of a sorted list that equals the segment.
fn listed<'a>(segment: &[u8], sorted: &[&'a str]) -> Option<&'a str> {
    // All entries consist of letters. The first or last character excludes nearly every username without a search.
    let is_word = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_lowercase);
    if !(2..=LONGEST_LISTED).contains(&segment.len())
        || !is_word(segment.first())
        || !is_word(segment.last())
    {
        return None;
    }
    sorted
        .binary_search_by(|term| term.as_bytes().cmp(segment))
        .ok()
        .map(|index| sorted[index])
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    // The first byte excludes nearly every window without a call.
    haystack
        .windows(needle.len())
        .any(|window| window.first() == needle.first() && window == needle)
}

fn text(plain: &[u8]) -> String {
    plain.iter().copied().map(char::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_are_sorted_as_the_search_needs() {
        assert!(GENERIC_TERMS.is_sorted());
        assert!(EXTENSIONS.is_sorted());
        for listed in GENERIC_TERMS.iter().chain(&EXTENSIONS) {
            assert!(
                (2..=LONGEST_LISTED).contains(&listed.len())
                    && listed.bytes().all(|byte| byte.is_ascii_lowercase()),
                "{listed}"
            );
        }
    }

    #[test]
    fn the_first_thing_that_breaks_a_rule_is_named() {
        assert_eq!(
            violations("kes-tr_l", "", ""),
            [UsernameViolation::InvalidCharacter {
                character: '-',
                position: 4
            }]
        );
        assert_eq!(
            violations("xNeill.guest7.com.org", "Anne", "O’Neill"),
            [
                UsernameViolation::ContainsName {
                    found: "neill".to_owned()
                },
                UsernameViolation::GenericTerm {
                    term: "guest".to_owned()
                },
                UsernameViolation::Extension {
                    ending: "com".to_owned()
                },
            ]
        );
    }

    #[test]
    fn a_name_partly_in_another_script_is_judged_by_its_plain_parts() {
        assert_eq!(violations("xmartyx", "Marty 太郎", "").len(), 1);
        assert!(violations("kestrel", "太郎 Kes", "").is_empty());
    }

    #[test]
    fn a_megabyte_costs_no_more_than_a_line() {
        let long = "a".repeat(1 << 20);
        let name = format!("{}b", "a".repeat(500));
        assert_eq!(
            violations(&long, &name, &"aaab ".repeat(1 << 17)),
            [UsernameViolation::TooLong]
        );
    }

    #[test]
    fn names_longer_than_the_buffer_are_judged_whole() {
        let long = format!("{} Kestrel", "Wolfeschlegel ".repeat(12));
        assert_eq!(
            violations("kestrel88", &long, ""),
            [UsernameViolation::ContainsName {
                found: "kestrel".to_owned()
            }]
        );
    }
}
