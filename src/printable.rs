//! The characters that are allowed in text that other people read in lists and emails.

/// Returns whether a character hides, reorders or breaks the text around it: control characters (`Cc`), line and
/// paragraph separators, bidirectional controls (Unicode UAX #9), invisible fillers and tags. The zero-width joiner and
/// non-joiner are allowed, because names in Persian and in Indic scripts need them.
pub(crate) fn is_unprintable(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{61C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}'
                | '\u{2028}' | '\u{2029}'
                | '\u{AD}' | '\u{115F}' | '\u{1160}' | '\u{180E}' | '\u{200B}' | '\u{2060}'..='\u{2065}'
                | '\u{206A}'..='\u{206F}' | '\u{3164}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF9}'..='\u{FFFC}'
                | '\u{E0000}'..='\u{E007F}'
        )
}

/// Returns whether a line has only printable characters and at least one visible one.
pub(crate) fn is_printable_line(text: &str) -> bool {
    // Fast path for ASCII, which most names are.
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return !text.is_empty();
    }
    !text.chars().any(is_unprintable)
        && text
            .chars()
            .any(|character| !matches!(character, '\u{200C}' | '\u{200D}'))
}
