//! Cells that a spreadsheet would run are written so that it shows them, and read back as they were
//! (`docs/SECURITY.md`, imports; OWASP, CSV injection). A cell that would run gets an apostrophe in front; so does a cell of
//! apostrophes before such a one, so that exactly one is to be taken off again.

use std::borrow::Cow;

/// Whether a spreadsheet could take a cell for a formula: behind spaces it begins with `=`, `+`, `-` or `@`,
/// in their full-width and small forms too, or it begins with a tab, a line end or a NUL.
fn would_run(cell: &str) -> bool {
    let mut characters = cell.chars();
    let first = characters.find(|character| {
        !character.is_whitespace() && !matches!(character, '\u{200B}'..='\u{200F}' | '\u{FEFF}')
            || matches!(character, '\t' | '\r' | '\n')
    });
    first.is_some_and(|first| {
        matches!(
            first,
            '=' | '+'
                | '-'
                | '@'
                | '\t'
                | '\r'
                | '\n'
                | '\0'
                | '＝'
                | '＋'
                | '－'
                | '＠'
                | '﹦'
                | '﹢'
                | '﹣'
                | '﹫'
                | '−'
        )
    })
}

fn needs_an_apostrophe(cell: &str) -> bool {
    would_run(cell.trim_start_matches('\''))
}

/// The cell as it is written.
#[must_use]
pub fn escape(cell: &str) -> Cow<'_, str> {
    if needs_an_apostrophe(cell) {
        Cow::Owned(format!("'{cell}"))
    } else {
        Cow::Borrowed(cell)
    }
}

/// The cell as it was before [`escape`]. Other programs write the same apostrophe, before phone numbers most
/// of all, so every file is read this way.
#[must_use]
pub fn unescape(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if needs_an_apostrophe(rest) => rest,
        _ => cell,
    }
}
