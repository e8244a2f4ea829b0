//! A username for a row that has none or one that breaks the rules: "Propose all".

use super::{Duplicates, PersonDraft};
use crate::username::{Username, propose};

/// Tries with the plain proposals, of which there are some 400,000, before digits are put behind.
const PLAIN_TRIES: u64 = 8;
/// Tries in all. With digits the next is nearly always free, whatever the file.
const TRIES: u64 = 1000;
/// Each proposal looks at 64 seeds in a row (`username::propose`): the next begins behind these.
const SEEDS_A_TRY: u64 = 64;

/// A username that keeps the rules for a row's person and that no row of the file has, the same for the same
/// `seed`, row and file. Nothing only where a thousand tries were taken, which no real file comes near.
#[must_use]
pub fn propose_for(
    draft: &PersonDraft<'_>,
    row: u32,
    seed: u64,
    duplicates: &Duplicates,
) -> Option<Username> {
    let (first, last) = draft.names();
    let begin = seed.wrapping_add(u64::from(row) << 32);
    (0..TRIES).find_map(|attempt| {
        let plain = propose(first, last, begin.wrapping_add(attempt * SEEDS_A_TRY));
        let username = if attempt < PLAIN_TRIES {
            plain
        } else {
            // The row's number is its own within the file.
            let numbered = format!("{plain}{row}");
            Username::parse(&numbered, first, last).ok()?
        };
        duplicates.is_free(&username).then_some(username)
    })
}
