//! A username to offer, so that who signs in by email need not think of one.

use super::{Username, violations};

/// Calm things, 4 to 8 letters: none is a generic term, an extension, or begins to say who someone is.
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

/// Digits that nobody takes for a letter.
const DIGITS: [u8; 8] = *b"23456789";
/// Tries with words before the plain ones: even a common part of three letters hits few words.
const TRIES: u64 = 64;
/// The letters and digits of the plain ones.
const SYMBOLS: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";

/// A username that keeps the rules for a person of this name: two calm words (`finch.harbor`) or a word
/// and digits (`finch4827`), the same for the same `random`. Where it is taken, ask with another.
///
/// It always keeps the rules for names that [`PersonName`](crate::person_name::PersonName) accepts. Those
/// hold under 200 names and parts of names, each of 3 letters or more, and each is in at most one of the
/// 630 plain ones (`ababab` for each pair of symbols, no two of which share three letters in a row), which
/// come when all tries with words have failed.
#[must_use]
pub fn propose(first: &str, last: &str, random: u64) -> Username {
    let keeps_the_rules = |candidate: &String| violations(candidate, first, last).is_empty();
    let worded = (0..TRIES).map(|attempt| worded(mix(random.wrapping_add(attempt))));
    let mut plain = plain_from(random);
    // Out of reach for a name that is accepted; one that is refused anyway gets something to show.
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

/// Every plain one, beginning at a place that `random` says.
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

/// `SplitMix64`'s finalizer (Steele, Lea and Flood, 2014): neighbours become strangers.
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
