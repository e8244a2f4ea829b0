//! Which characters may stand in a text that people write and other people read in lists and mails.

/// Characters that hide, reorder or break the text around them: control characters (`Cc`), line and
/// paragraph separators, the bidirectional controls (Unicode UAX #9), invisible fillers and tags.
/// The zero-width joiner and non-joiner stay, because names in Persian and in Indic scripts need them.
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

/// Whether a line of text can be shown as it is, and shows anything at all.
pub(crate) fn is_printable_line(text: &str) -> bool {
    // What is plain ASCII, as most names are, is soon told.
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return !text.is_empty();
    }
    !text.chars().any(is_unprintable)
        && text
            .chars()
            .any(|character| !matches!(character, '\u{200C}' | '\u{200D}'))
}
