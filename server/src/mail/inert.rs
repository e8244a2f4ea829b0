//! Makes text that people typed harmless in an email.
//!
//! Every part gets normalized text: no line ends that would begin a header, no characters that change the reading
//! direction, no stacks of combining marks. In addition [`html`] prevents automatic links in the HTML part.
//!
//! Mail programs turn anything that looks like an address into a link: a person called "Visit evil.example" would put a
//! link into an email from Muster. Invisible characters inside such words would prevent this, but they break copied
//! text and count as spam. So the HTML part puts elements between the characters, inside a placeholder link (`<a>`
//! without `href`). Programs that examine single text nodes find no address, and programs that examine the whole line
//! leave existing links alone. Copied text is what was typed. The plain text part and the subject have no such means
//! and stay as typed (`docs/SECURITY.md`).

use askama::filters::{Html, escape};
use muster::marks;

use super::layout::ComposeError;

/// Longer values would push the rest of the email out of sight. No valid name is this long.
const LONGEST_LINE: usize = 200;

const PLACEHOLDER: &str = r#"<a style="color:inherit;text-decoration:none">"#;

/// Returns a name, a subject or an institution as one line.
pub(super) fn line(raw: &str) -> String {
    let visible: String = raw.chars().filter_map(visible).collect();
    let line = visible.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut line = marks::limited(&line).into_owned();
    if let Some((cut, _)) = line.char_indices().nth(LONGEST_LINE) {
        line.truncate(cut);
        line.push('…');
    }
    line
}

/// Returns a note as lines, without empty lines at its ends.
pub(super) fn lines(raw: &str) -> Vec<String> {
    let raw = raw.replace("\r\n", "\n");
    let mut lines: Vec<String> = raw
        .trim()
        .split(['\n', '\r', '\u{2028}', '\u{2029}'])
        .map(|line| {
            let visible: String = line.chars().filter_map(visible).collect();
            marks::limited(visible.trim()).into_owned()
        })
        .collect();
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines
}

/// Replaces a control character by a space, because it separated words, and removes characters that only control the
/// display.
fn visible(letter: char) -> Option<char> {
    match letter {
        // Line separators that are not control characters.
        '\u{2028}' | '\u{2029}' => Some(' '),
        letter if letter.is_control() => Some(' '),
        // Bidi marks, embeddings, overrides and isolates (UAX #9), invisible joiners and breaks, tags. Not U+200C and
        // U+200D, which Persian and several Indic scripts need.
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

/// Returns the text as escaped HTML in which no mail program finds an address.
pub(super) fn html(text: &str) -> Result<String, ComposeError> {
    let mut html = String::with_capacity(text.len() + 16);
    for word in text.split_inclusive(char::is_whitespace) {
        let letters: Vec<char> = word.chars().collect();
        let joints: Vec<bool> = (0..letters.len())
            .map(|index| is_joint(&letters, index))
            .collect();
        if !joints.contains(&true) {
            html.push_str(&escaped(word)?);
            continue;
        }
        html.push_str(PLACEHOLDER);
        for (letter, joint) in letters.iter().zip(joints) {
            let letter = escaped(letter.encode_utf8(&mut [0; 4]))?;
            if joint {
                html.push_str("<span>");
                html.push_str(&letter);
                html.push_str("</span>");
            } else {
                html.push_str(&letter);
            }
        }
        html.push_str("</a>");
    }
    Ok(html)
}

fn escaped(text: &str) -> Result<String, ComposeError> {
    escape(text, Html)
        .map(|safe| safe.to_string())
        .map_err(|_| ComposeError::new("a value can't be escaped"))
}

/// Returns whether a program could take this character for one that joins the parts of an address. False positives are
/// harmless because they are invisible.
fn is_joint(letters: &[char], index: usize) -> bool {
    let before = index.checked_sub(1).and_then(|index| letters.get(index));
    let after = letters.get(index + 1);
    match letters[index] {
        // The full stops of domain names (UTS #46), and others that look like one.
        '.' | '\u{3002}' | '\u{ff0e}' | '\u{ff61}' | '\u{2024}' | '\u{fe52}' => {
            before.is_some_and(|letter| in_label(*letter)) && is_label(&letters[index + 1..])
        }
        ':' => {
            after == Some(&'/')
                || before.is_some_and(|letter| in_label(*letter) && !letter.is_ascii_digit())
                    && after.is_some_and(|letter| !letter.is_whitespace())
        }
        '@' => after.is_some_and(|letter| !letter.is_whitespace()),
        // A Windows path, which some programs open.
        '\\' => after.is_some_and(|letter| !letter.is_whitespace()),
        _ => false,
    }
}

/// Returns whether the character can be in a domain label. Beyond ASCII that is anything: letters of every script,
/// combining marks, symbols (`☃.net`).
fn in_label(letter: char) -> bool {
    letter.is_ascii_alphanumeric()
        || matches!(letter, '-' | '_')
        || !letter.is_ascii() && !letter.is_whitespace()
}

/// Returns whether this can be the next part of a domain name or an IP address: at least two characters, or a digit. So
/// "J.R. Ewing" stays unchanged.
fn is_label(rest: &[char]) -> bool {
    match rest {
        [first, ..] if first.is_numeric() => true,
        [first, second, ..] => in_label(*first) && in_label(*second),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{html, line, lines};

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

    /// Texts that look like addresses, in many forms.
    const ADDRESSES: [&str; 24] = [
        "evil.example",
        "evil.example.",
        "(evil.example)",
        "“evil.example”",
        "https://evil.example/x",
        "HTTP://EVIL.EXAMPLE",
        "http://localhost/x",
        "mailto:a@evil.example",
        "a@evil.example",
        "tel:+4930123456",
        "javascript:alert(1)",
        "10.0.0.1",
        "evil。example",
        "evil．example",
        "evil｡example",
        "evil․example",
        "evi\u{301}.com",
        "evil.c\u{301}om",
        "☃.net",
        "💩.la",
        "пример.рф",
        "例え.テスト",
        "Visit:evil.example",
        "\\\\evil\\share",
    ];

    /// Returns the text nodes of the document, and the text that is copied.
    fn texts(html: &str) -> (Vec<String>, String) {
        let texts: Vec<String> = html
            .split('<')
            .map(|piece| piece.split_once('>').map_or(piece, |(_, text)| text))
            .map(|text| text.replace("&#38;", "&").replace("&#34;", "\""))
            .collect();
        let copied = texts.concat();
        (texts, copied)
    }

    #[test]
    fn what_looks_like_an_address_is_no_link_in_html_and_whole_when_copied() {
        for raw in ADDRESSES {
            let html = html(&format!("Dear {raw} and {raw}")).unwrap();
            assert!(!html.contains("href"), "{html}");
            let (texts, copied) = texts(&html);
            assert_eq!(copied, format!("Dear {raw} and {raw}"));
            for text in texts {
                let joined = text.char_indices().any(|(at, letter)| {
                    let (before, after) = (&text[..at], &text[at + letter.len_utf8()..]);
                    let is_joint =
                        matches!(letter, '.' | '。' | '．' | '｡' | '․' | ':' | '@' | '\\');
                    is_joint && !before.is_empty() && after.chars().nth(1).is_some()
                });
                assert!(!joined, "{raw}: {text}");
            }
        }
    }

    #[test]
    fn ordinary_words_need_no_elements() {
        for raw in [
            "Marty McFly",
            "J.R. Ewing",
            "Dr. Emmett Brown invites you.",
            "23 November 2026, 14:05 (CET)",
            "Łucja O’Neill-Ñandú",
            "Note: come early…",
        ] {
            assert!(!html(raw).unwrap().contains('<'), "{raw}");
        }
    }

    #[test]
    fn the_text_of_every_part_has_no_invisible_characters() {
        for raw in ADDRESSES {
            assert_eq!(line(raw), raw);
            assert_eq!(lines(raw), [raw]);
        }
    }

    #[test]
    fn markup_is_text() {
        assert_eq!(
            html("<b>evil.example</b>").unwrap(),
            "<a style=\"color:inherit;text-decoration:none\">&#60;b&#62;evil<span>.</span>example&#60;/b&#62;</a>"
        );
    }

    #[test]
    fn stacked_marks_do_not_reach_other_lines() {
        let stacked = format!("Z{}oe", "\u{301}".repeat(100));
        assert_eq!(line(&stacked), format!("Z{}oe", "\u{301}".repeat(4)));
        assert_eq!(lines(&stacked), [format!("Z{}oe", "\u{301}".repeat(4))]);
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
