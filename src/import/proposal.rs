//! Proposes a username for rows that have none or an invalid one: the action "Propose all".

use super::{Duplicates, PersonDraft};
use crate::username::{Username, propose};

/// Attempts with plain proposals, of which there are about 400,000, before digits are appended.
const PLAIN_TRIES: u64 = 8;
/// Maximum number of attempts. With digits, the next one is nearly always free.
const TRIES: u64 = 1000;
/// Number of seeds that one proposal may use (`username::propose`); the next attempt starts after them.
const SEEDS_A_TRY: u64 = 64;

/// Proposes a valid username for a row's person that no other row of the file has. The result depends only on the seed,
/// the row and the file. Returns `None` only if a thousand attempts were taken, which does not happen with real files.
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
            // The row number is unique within the file.
            let numbered = format!("{plain}{row}");
            Username::parse(&numbered, first, last).ok()?
        };
        duplicates.is_free(&username).then_some(username)
    })
}
