//! Extracts addresses from pasted text: a spreadsheet column, a To line, a list with names.

/// Returns the addresses of a pasted text in their order, one per row. The text is split at commas, semicolons and
/// white space; `Name <a@b>` gives only the address.
///
/// Text that could be a mistyped address is kept, so that its row can show the error. Words without an `@` are taken as
/// names only in a line that has `<…>`.
#[must_use]
pub fn rows_from_paste(text: &str) -> Vec<String> {
    text.lines().flat_map(rows_of_line).collect()
}

fn rows_of_line(line: &str) -> Vec<String> {
    let mut rows = Vec::new();
    let mut rest = line;
    let has_names = line.contains('<');
    while let Some((before, bracketed)) = rest.split_once('<') {
        let (inside, after) = bracketed.split_once('>').unwrap_or((bracketed, ""));
        rows.extend(
            words(before)
                .filter(|word| word.contains('@'))
                .map(str::to_owned),
        );
        rows.extend(words(inside).map(str::to_owned));
        rest = after;
    }
    rows.extend(
        words(rest)
            .filter(|word| !has_names || word.contains('@'))
            .map(str::to_owned),
    );
    rows
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|character: char| character.is_whitespace() || ",;".contains(character))
        .map(|word| {
            let bare = word.trim_matches(['"', '\'', '<', '>']);
            bare.strip_prefix("mailto:").unwrap_or(bare)
        })
        .filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_paste_becomes_rows() {
        for (text, rows) in [
            (
                "a@x.org, b@x.org;c@x.org\nd@x.org\te@x.org",
                &["a@x.org", "b@x.org", "c@x.org", "d@x.org", "e@x.org"][..],
            ),
            (
                "Weiß, Benedikt <b@x.org>; \"Doe, Jane\" <j@x.org>",
                &["b@x.org", "j@x.org"],
            ),
            (
                "Marty McFly <marty@x.org>, emmett@x.org",
                &["marty@x.org", "emmett@x.org"],
            ),
            ("mailto:marty@x.org", &["marty@x.org"]),
            (
                "marty.x.org\r\nb@x.org\r\n\r\n",
                &["marty.x.org", "b@x.org"],
            ),
            ("Marty <marty@x.org", &["marty@x.org"]),
            (" ,;\n <> ", &[]),
        ] {
            assert_eq!(rows_from_paste(text), rows, "{text}");
        }
    }
}
