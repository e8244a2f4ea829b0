//! What came before in the same file: usernames in whatever case and canonical addresses. Five million rows
//! of both fit into 200 MB, one million into 50, because only hashes are kept.
//!
//! A value that came before is always found. One that did not is taken for another when their 64-bit hashes
//! are equal: for a file of the most rows there are, that happens once in 700,000 files (n²/2 ÷ 2⁶⁴, twice).

use std::hash::{DefaultHasher, Hasher};

use super::Column;
use super::row::{Person, RowProblem};
use crate::username::{MAX_LENGTH, Username};

/// The usernames and addresses of a file so far, each with its row.
#[derive(Debug, Clone)]
pub struct Duplicates {
    usernames: Seen,
    emails: Seen,
    seed: u64,
}

impl Duplicates {
    /// Nothing so far. The seed is random, so that nobody can write a file whose hashes all meet.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            usernames: Seen::new(),
            emails: Seen::new(),
            seed,
        }
    }

    /// What a row without a problem of its own says that an earlier one said; otherwise it is written down.
    /// Only such rows count: one that is refused takes no name from the others.
    #[must_use]
    pub fn add(&mut self, row: u32, person: &Person) -> Vec<RowProblem> {
        let username = person.username.as_ref().map(|it| self.of_username(it));
        let email = person.email.as_ref().map(|it| self.hash(it.as_str()));
        let earlier = |seen: &Seen, hash: Option<u64>| {
            hash.and_then(|hash| seen.get(hash)).filter(|it| *it != row)
        };
        let mut problems = Vec::new();
        if let Some(same) = earlier(&self.usernames, username) {
            problems.push(RowProblem::same_as(Column::Username, same));
        }
        if let Some(same) = earlier(&self.emails, email) {
            problems.push(RowProblem::same_as(Column::Email, same));
        }
        if problems.is_empty() {
            self.usernames.set(username, row);
            self.emails.set(email, row);
        }
        problems
    }

    /// Gives free what a row said that is left out or about to be edited.
    pub fn release(&mut self, row: u32, person: &Person) {
        let username = person.username.as_ref().map(|it| self.of_username(it));
        let email = person.email.as_ref().map(|it| self.hash(it.as_str()));
        self.usernames.release(username, row);
        self.emails.release(email, row);
    }

    /// Whether no row has this username, whatever the case.
    #[must_use]
    pub fn is_free(&self, username: &Username) -> bool {
        self.usernames.get(self.of_username(username)).is_none()
    }

    fn of_username(&self, username: &Username) -> u64 {
        let mut lower = [0; MAX_LENGTH as usize];
        let lower = &mut lower[..username.as_str().len()];
        lower.copy_from_slice(username.as_str().as_bytes());
        lower.make_ascii_lowercase();
        self.hash(lower)
    }

    fn hash(&self, text: impl AsRef<[u8]>) -> u64 {
        let mut hasher = DefaultHasher::new();
        hasher.write_u64(self.seed);
        hasher.write(text.as_ref());
        // 0 is an empty slot.
        hasher.finish().max(1)
    }
}

/// Hashes and their rows, in open addressing: 12 bytes a slot, at most three quarters full. A released one
/// keeps its slot with row 0, for the next of the same.
#[derive(Debug, Clone)]
struct Seen {
    hashes: Vec<u64>,
    rows: Vec<u32>,
    taken: usize,
}

impl Seen {
    const SLOTS: usize = 1024;

    fn new() -> Self {
        Self::with_slots(Self::SLOTS)
    }

    fn with_slots(slots: usize) -> Self {
        Self {
            hashes: vec![0; slots],
            rows: vec![0; slots],
            taken: 0,
        }
    }

    /// Its slot, or the empty one where it would be.
    fn slot(&self, hash: u64) -> usize {
        let mask = self.hashes.len() - 1;
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the lower bits are the slot"
        )]
        let mut slot = hash as usize & mask;
        while self.hashes[slot] != 0 && self.hashes[slot] != hash {
            slot = (slot + 1) & mask;
        }
        slot
    }

    fn get(&self, hash: u64) -> Option<u32> {
        Some(self.rows[self.slot(hash)]).filter(|row| *row != 0)
    }

    fn set(&mut self, hash: Option<u64>, row: u32) {
        let Some(hash) = hash else { return };
        if (self.taken + 1) * 4 > self.hashes.len() * 3 {
            self.grow();
        }
        let slot = self.slot(hash);
        self.taken += usize::from(self.hashes[slot] == 0);
        self.hashes[slot] = hash;
        self.rows[slot] = row;
    }

    fn release(&mut self, hash: Option<u64>, row: u32) {
        let Some(hash) = hash else { return };
        let slot = self.slot(hash);
        if self.rows[slot] == row {
            self.rows[slot] = 0;
        }
    }

    fn grow(&mut self) {
        let mut larger = Self::with_slots(self.hashes.len() * 2);
        for (hash, row) in self.hashes.iter().zip(&self.rows) {
            if *row != 0 {
                larger.set(Some(*hash), *row);
            }
        }
        *self = larger;
    }
}
