//! Proposes usernames, so that people who sign in by email need not invent one.

use super::{Username, violations};

/// Neutral words of 4 to 8 letters. None is a generic term or a domain ending, or suggests anything about the person.
const WORDS: [&str; 96] = [
    "acorn", "alder", "amber", "anchor", "apricot", "arbor", "aspen", "atlas", "autumn", "basalt",
    "beacon", "birch", "bramble", "breeze", "brook", "canyon", "cedar", "cinder", "clover",
    "cobalt", "comet", "copper", "coral", "cotton", "cove", "crane", "cricket", "crystal",
    "cypress", "delta", "drift", "dune", "ember", "fern", "field", "finch", "fjord", "flint",
    "forest", "garden", "garnet", "ginger", "glacier", "granite", "grove", "harbor", "hazel",
    "heron", "hollow", "indigo", "island", "jasper", "juniper", "kestrel", "lagoon", "lantern",
    "larch", "laurel", "lichen", "linden", "lotus", "maple", "marble", "meadow", "mellow",
    "meridian", "mosaic", "nectar", "nimbus", "north", "ocean", "opal", "orchard", "osprey",
    "otter", "pebble", "pine", "plover", "pollen", "prairie", "quartz", "quilt", "raven", "reed",
    "ripple", "river", "saffron", "sparrow", "spruce", "summit", "sycamore", "thicket", "tundra",
    "valley", "willow", "zephyr",
];

/// Digits that cannot be mistaken for a letter.
const DIGITS: [u8; 8] = *b"23456789";
/// Attempts with words before the plain proposals. Even a common name of three letters is in few of the words.
const TRIES: u64 = 64;
/// The letters and digits of plain proposals.
const SYMBOLS: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";

/// Proposes a valid username for a person with this name: two words (`finch.harbor`) or a word and digits
/// (`finch4827`). The result depends only on the arguments; if it is taken, call again with another `random`.
///
/// The result is always valid for names that [`PersonName`](crate::person_name::PersonName) accepts. If all attempts
/// with words fail, it is one of 630 plain usernames (`ababab` for each pair of symbols). No two of them share three
/// consecutive letters, and such names have fewer than 200 parts of 3 or more letters, so at least one is free of them.
#[must_use]
pub fn propose(first: &str, last: &str, random: u64) -> Username {
    let keeps_the_rules = |candidate: &String| violations(candidate, first, last).is_empty();
    let worded = (0..TRIES).map(|attempt| worded(mix(random.wrapping_add(attempt))));
    let mut plain = plain_from(random);
    // Unreachable for a valid name; an invalid name still gets a proposal.
    let last_resort = || plain_from(random).next().unwrap_or_default();
    Username(
        worded
            .chain(&mut plain)
            .find(keeps_the_rules)
            .unwrap_or_else(last_resort),
    )
}

fn worded(mut random: u64) -> String {
    let mut take = |choices: u64| {
        let taken = random % choices;
        random /= choices;
        usize::try_from(taken).unwrap_or_default()
    };
    let mut candidate = WORDS[take(WORDS.len() as u64)].to_owned();
    if take(2) == 0 {
        candidate.push('.');
        candidate.push_str(WORDS[take(WORDS.len() as u64)]);
    } else {
        candidate.extend((0..4).map(|_| char::from(DIGITS[take(DIGITS.len() as u64)])));
    }
    candidate
}

/// Returns all plain usernames, starting at a position derived from `random`.
fn plain_from(random: u64) -> impl Iterator<Item = String> {
    let pairs = || {
        SYMBOLS
            .iter()
            .enumerate()
            .flat_map(|(index, one)| SYMBOLS[index + 1..].iter().map(move |other| [*one, *other]))
    };
    let begin = usize::try_from(random % 630).unwrap_or_default();
    pairs().cycle().skip(begin).take(630).map(|pair| {
        let pair: String = pair.into_iter().map(char::from).collect();
        pair.repeat(3)
    })
}

/// Scatters similar inputs: the finalizer of `SplitMix64` (Steele, Lea and Flood, 2014).
const fn mix(random: u64) -> u64 {
    let mut mixed = random.wrapping_add(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn each_word_and_each_plain_one_keeps_the_rules_for_someone_without_a_name() {
        for word in WORDS {
            assert_eq!(violations(&format!("{word}.{word}"), "", ""), [], "{word}");
        }
        let plain: HashSet<String> = plain_from(17).collect();
        assert_eq!(plain.len(), 630);
        for candidate in plain {
            assert_eq!(violations(&candidate, "", ""), [], "{candidate}");
        }
    }

    #[test]
    fn no_two_plain_ones_share_three_letters_in_a_row() {
        let mut seen = HashSet::new();
        for candidate in plain_from(0) {
            let threes: HashSet<&[u8]> = candidate.as_bytes().windows(3).collect();
            for three in threes {
                assert!(seen.insert(three.to_vec()), "{candidate}");
            }
        }
    }

    #[test]
    fn a_name_that_is_in_every_word_still_gets_a_proposal() {
        let everything = WORDS.join(" ");
        for random in 0..50 {
            let username = propose(&everything, &everything, random);
            assert_eq!(violations(username.as_str(), &everything, &everything), []);
        }
    }

    #[test]
    fn proposals_differ() {
        let proposals: HashSet<String> = (0..1000)
            .map(|random| propose("Marty", "McFly", random).into())
            .collect();
        assert!(proposals.len() > 950, "{}", proposals.len());
    }
}
