//! Tests the download of invalid rows.

use muster::language::Language;

use super::*;

#[test]
fn the_rows_that_are_left_come_back_as_a_file_that_says_what_is_wrong() {
    let (checking, _) = checked(MESSY, 64);
    let text = checking.saved(Language::En);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 6);
    assert!(lines[0].ends_with("E-Mail;Detail"));
    assert!(lines[3].starts_with("Omar;Khan;opal.river;omar.example.org;Not an email"));
    assert!(lines[5].starts_with("Too;Few;;;2 fields instead of 4"));
    // The download can be imported as it is: columns that Muster added are ignored.
    assert!(
        !looked(&text).mapping.targets[4..]
            .iter()
            .any(|it| *it != muster::import::Target::LeftOut)
    );
}

#[test]
fn what_was_mended_of_a_row_comes_back_mended() {
    let text = "\
Vorname;Nachname;Benutzername;Telefon;E-Mail;Rest
Marty;McFly;marty.mcfly;'+49 30 1234567;marty.example.org;\"a;b\"
Zoë;Åström;za;;zoe@example.org;c
Pia;Quist;lumen.742;;pia.example.org;;;
";
    let (mut checking, _) = checked(text, 64);
    ask(&mut checking, edit(1, Column::Email, "marty@example.org"));
    ask(&mut checking, edit(3, Column::Email, "pia;example.org"));
    let text = checking.saved(Language::En);
    let lines: Vec<&str> = text.lines().skip(1).collect();
    assert_eq!(
        lines,
        [
            "Marty;McFly;marty.mcfly;'+49 30 1234567;marty@example.org;\"a;b\";Contains the person’s name: “marty”",
            // Unedited rows keep their raw text.
            "Zoë;Åström;za;;zoe@example.org;c;Fewer than 6 characters",
            "Pia;Quist;lumen.742;;\"pia;example.org\";;Not an email address",
        ]
    );
    // Checking the download gives the same result.
    let (_, progress) = checked(&text, 64);
    let said: Vec<usize> = progress
        .shown
        .rows
        .iter()
        .map(|it| it.problems.len())
        .collect();
    assert_eq!(said, [1, 1, 1]);
}
