//! Makes what people typed harmless in a mail. HTML is escaped later, by the layout; here goes what escaping does
//! not help against: line ends that would begin a header, characters that turn the reading direction round, and
//! words that a mail program would by itself turn into a link.
//!
//! A mail program makes a link of anything that looks like an address, in plain text and in HTML alike: a person
//! called "Visit evil.example" would put a link into a mail that bears our name. A zero-width space after the dot
//! (and after the colon of `https:`, and the at sign) prevents that, and nobody sees it.

/// Longer values only push the rest of the mail out of sight. No rule lets a stored name be as long.
const LONGEST_LINE: usize = 200;

const INVISIBLE_BREAK: char = '\u{200b}';

/// One line from a name, a subject, an institution.
pub(super) fn line(raw: &str) -> String {
    let visible: String = raw.chars().filter_map(visible).collect();
    let mut line = visible.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some((cut, _)) = line.char_indices().nth(LONGEST_LINE) {
        line.truncate(cut);
        line.push('…');
    }
    without_links(&line)
}

/// A note, line by line, without empty lines at its ends.
pub(super) fn lines(raw: &str) -> Vec<String> {
    let raw = raw.replace("\r\n", "\n");
    let mut lines: Vec<String> = raw
        .trim()
        .split(['\n', '\r', '\u{2028}', '\u{2029}'])
        .map(|line| {
            let visible: String = line.chars().filter_map(visible).collect();
            without_links(visible.trim())
        })
        .collect();
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines
}

/// A control character becomes a space, as it stood between words; one that only steers the display goes.
fn visible(letter: char) -> Option<char> {
    match letter {
        // ends of lines that are no control characters
        '\u{2028}' | '\u{2029}' => Some(' '),
        letter if letter.is_control() => Some(' '),
        // bidi marks, embeddings, overrides and isolates (UAX #9), invisible joiners and breaks, tags; but not
        // U+200C and U+200D, which Persian and several Indian scripts write with
        '\u{061c}'
        | '\u{200b}'
        | '\u{200e}'
        | '\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}' => None,
        letter => Some(letter),
    }
}

fn without_links(line: &str) -> String {
    let letters: Vec<char> = line.chars().collect();
    let mut inert = String::with_capacity(line.len());
    for (index, letter) in letters.iter().enumerate() {
        inert.push(*letter);
        let before = index.checked_sub(1).and_then(|index| letters.get(index));
        let after = letters.get(index + 1);
        let is_joint = match letter {
            // the full stops that domain names may be written with (UTS #46)
            '.' | '\u{3002}' | '\u{ff0e}' | '\u{ff61}' => {
                before.is_some_and(|letter| letter.is_alphanumeric())
                    && is_label(&letters[index + 1..])
            }
            ':' => {
                after == Some(&'/')
                    || before.is_some_and(|letter| letter.is_alphanumeric())
                        && after.is_some_and(|letter| letter.is_alphabetic())
            }
            '@' => after.is_some_and(|letter| !letter.is_whitespace()),
            _ => false,
        };
        if is_joint {
            inert.push(INVISIBLE_BREAK);
        }
    }
    inert
}

/// Whether this could be the next part of a domain name or of an IP address: two letters at least, or a digit; so
/// "J.R. Ewing" stays as it is.
fn is_label(rest: &[char]) -> bool {
    match rest {
        [first, ..] if first.is_numeric() => true,
        [first, second, ..] => {
            first.is_alphanumeric() && (second.is_alphanumeric() || *second == '-')
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{line, lines};

    #[test]
    fn a_name_stays_as_it_is() {
        for name in [
            "Marty McFly",
            "J.R. Ewing",
            "Dr. Emmett Brown",
            "Łucja O’Neill-Ñandú",
            "محمد علی",
            "می‌خواهم",
        ] {
            assert_eq!(line(name), name);
        }
    }

    #[test]
    fn line_ends_and_other_controls_become_spaces() {
        assert_eq!(
            line("A\r\nBcc: x\n.\nC\0D\u{2028}E\u{85}F"),
            "A Bcc: x . C D E F"
        );
    }

    #[test]
    fn the_reading_direction_cannot_be_turned_round() {
        assert_eq!(
            line("a\u{202e}b\u{2066}c\u{200f}d\u{061c}e\u{feff}"),
            "abcde"
        );
    }

    #[test]
    fn what_looks_like_an_address_is_no_link() {
        for (raw, inert) in [
            ("evil.example", "evil.\u{200b}example"),
            (
                "https://evil.example/x",
                "https:\u{200b}//evil.\u{200b}example/x",
            ),
            (
                "mailto:a@evil.example",
                "mailto:\u{200b}a@\u{200b}evil.\u{200b}example",
            ),
            ("10.0.0.1", "10.\u{200b}0.\u{200b}0.\u{200b}1"),
            ("evil。example", "evil。\u{200b}example"),
        ] {
            assert_eq!(line(raw), inert);
        }
    }

    #[test]
    fn an_endless_name_is_cut() {
        assert_eq!(line(&"x".repeat(5000)).chars().count(), 201);
    }

    #[test]
    fn a_note_keeps_its_lines() {
        assert_eq!(
            lines("\n Dear all,\r\n\r\nsee you\ton Monday\n\n"),
            ["Dear all,", "", "see you on Monday"]
        );
        assert!(lines(" \n ").is_empty());
    }
}
