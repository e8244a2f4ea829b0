//! Tests paging through the rows while they are corrected.

use std::fmt::Write;

use super::*;

/// Returns a check with `count` rows that lack an address.
fn wrong(count: u32) -> Checking {
    let mut text = "First name,Last name,Email\n".to_owned();
    for number in 1..=count {
        writeln!(text, "Ada,Quill,at desk {number}").unwrap();
    }
    checked(&text, 1000).0
}

fn mend(checking: &mut Checking, rows: impl IntoIterator<Item = u32>) {
    for row in rows {
        let address = format!("ada{row}@example.org");
        ask(checking, edit(row, Column::Email, &address));
    }
}

fn all(rows: impl IntoIterator<Item = u32>) -> Vec<u32> {
    rows.into_iter().collect()
}

#[test]
fn no_row_is_passed_over_when_those_before_are_mended() {
    let mut checking = wrong(100);
    mend(&mut checking, 1..=25);
    let (_, shown) = ask(&mut checking, Ask::Next);
    assert_eq!(rows(&shown), all(26..=50));
    assert_eq!((shown.from, shown.of), (0, 75));
    mend(&mut checking, 30..=40);
    let (_, shown) = ask(&mut checking, Ask::Next);
    assert_eq!(rows(&shown), all(51..=75));
    assert_eq!((shown.from, shown.of), (14, 64));
    // Going back fills up the first page.
    let (_, shown) = ask(&mut checking, Ask::Previous);
    assert_eq!(rows(&shown), all((26..30).chain(41..=61)));
    assert!(!shown.more_before && shown.more_behind);
}

#[test]
fn without_a_change_pages_are_the_same_there_and_back() {
    let mut checking = wrong(60);
    let (_, shown) = ask(&mut checking, Ask::Show(Filter::Wrong));
    assert_eq!(rows(&shown), all(1..=25));
    assert!(!shown.more_before && shown.more_behind);
    ask(&mut checking, Ask::Next);
    let (_, shown) = ask(&mut checking, Ask::Next);
    assert_eq!(rows(&shown), all(51..=60));
    assert_eq!((shown.from, shown.of), (50, 60));
    assert!(shown.more_before && !shown.more_behind);
    let (_, shown) = ask(&mut checking, Ask::Previous);
    assert_eq!(rows(&shown), all(26..=50));
}

#[test]
fn where_nothing_fits_behind_any_more_the_last_ones_are_shown() {
    let mut checking = wrong(60);
    mend(&mut checking, 26..=60);
    // The page shown reports immediately that no page follows.
    let (_, shown) = ask(&mut checking, edit(1, Column::Email, "at desk"));
    assert!(!shown.more_before && !shown.more_behind);
    let (_, shown) = ask(&mut checking, Ask::Next);
    assert_eq!(rows(&shown), all(1..=25));
    let (_, shown) = ask(&mut checking, Ask::Show(Filter::Mended));
    assert_eq!(rows(&shown), all(26..=50));
    ask(&mut checking, Ask::LeaveRestOut);
    let (_, shown) = ask(&mut checking, Ask::Show(Filter::Wrong));
    assert_eq!((rows(&shown), shown.of), (Vec::new(), 0));
}
