//! Tests that usernames are proposed to new people only.

use super::*;

const KNOWN: &str = "\
Vorname;Nachname;Benutzername;E-Mail
Omar;Khan;;omar@example.org
Pia;Quist;pia;pia@example.org
Zoë;Åström;lumen.742;zoe.example.org
";

fn proposable(mode: Mode, match_by: MatchBy) -> (u32, Vec<bool>) {
    let (mut checking, progress) = checked_with(KNOWN, 64, |choices| {
        choices.options.mode = mode;
        choices.options.match_by = match_by;
        choices.options.access = Access::Passwords;
    });
    let shown = progress.shown.rows.iter();
    let proposed = shown.map(|row| row.proposal.is_some()).collect();
    let (counts, _) = ask(&mut checking, Ask::ProposeAll);
    assert_eq!(counts.mended, progress.counts.proposable);
    (progress.counts.proposable, proposed)
}

#[test]
fn a_username_that_says_who_is_meant_is_not_proposed() {
    let by_username = MatchBy::Username;
    let of = |mode| proposable(mode, by_username);
    assert_eq!(of(Mode::Add), (2, vec![true, true, false]));
    assert_eq!(of(Mode::Update), (0, vec![false, false, false]));
    // A row without a username can only be of a new person.
    assert_eq!(of(Mode::Both), (1, vec![true, false, false]));
}

#[test]
fn where_the_address_says_who_is_meant_usernames_are_proposed_to_who_may_be_new() {
    let of = |mode| proposable(mode, MatchBy::Email);
    assert_eq!(of(Mode::Both).0, 1);
    assert_eq!(of(Mode::Update).0, 0);
}
