//! Protection against CSV injection (`docs/SECURITY.md`, imports; OWASP, CSV injection). A cell that a spreadsheet
//! could run gets a leading apostrophe. A cell that has apostrophes before such text gets one more, so that reading
//! always removes exactly one.

use std::borrow::Cow;

/// Returns whether a spreadsheet could run a cell as a formula. After leading spaces it begins with `=`, `+`, `-` or
/// `@`, also in their full-width and small forms, or it begins with a tab, a line end or a NUL.
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

/// Returns the cell as it is written.
#[must_use]
pub fn escape(cell: &str) -> Cow<'_, str> {
    if needs_an_apostrophe(cell) {
        Cow::Owned(format!("'{cell}"))
    } else {
        Cow::Borrowed(cell)
    }
}

/// Returns the cell as it was before [`escape`]. Other programs write the same apostrophe, mainly before phone numbers,
/// so every file is read this way.
#[must_use]
pub fn unescape(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if needs_an_apostrophe(rest) => rest,
        _ => cell,
    }
}
