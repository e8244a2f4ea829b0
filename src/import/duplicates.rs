//! Finds repeated usernames (ignoring case) and canonical addresses within a file. Only hashes are stored: five million
//! rows take 200 MB, one million 50 MB.
//!
//! A repeated value is always found. A new value is reported as repeated if its 64-bit hash equals another one: in a
//! file of the maximum size this happens once in 700,000 files (n²/2 ÷ 2⁶⁴, twice).

use std::hash::{DefaultHasher, Hasher};

use super::Column;
use super::row::{Person, RowProblem};
use crate::username::{MAX_LENGTH, Username};

/// The usernames and addresses of a file so far, each with its row number.
#[derive(Debug, Clone)]
pub struct Duplicates {
    usernames: Seen,
    emails: Seen,
    seed: u64,
}

impl Duplicates {
    /// Creates an empty set. A random seed keeps anyone from crafting a file whose hashes collide.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            usernames: Seen::new(),
            emails: Seen::new(),
            seed,
        }
    }

    /// Records the username and address of a valid row, and returns the problems of those that an earlier row has. Only
    /// valid rows are recorded, so an invalid row does not take a name from another.
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

    /// Releases the values of a row that is skipped or about to be edited.
    pub fn release(&mut self, row: u32, person: &Person) {
        let username = person.username.as_ref().map(|it| self.of_username(it));
        let email = person.email.as_ref().map(|it| self.hash(it.as_str()));
        self.usernames.release(username, row);
        self.emails.release(email, row);
    }

    /// Returns whether no row has this username, ignoring case.
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
        // 0 marks a free slot.
        hasher.finish().max(1)
    }
}

/// Hashes and their rows in an open-addressing table: 12 bytes per slot, at most three quarters full. A released hash
/// keeps its slot with row 0, for the next occurrence.
#[derive(Debug, Clone)]
struct Seen {
    slots: Vec<Slot>,
    taken: usize,
}

/// A hash and its row. The hash is split in halves, so that slots have no padding and a lookup reads one cache line.
#[derive(Debug, Clone, Copy, Default)]
struct Slot {
    hash: [u32; 2],
    row: u32,
}

impl Slot {
    const FREE: [u32; 2] = [0; 2];
}

#[expect(clippy::cast_possible_truncation, reason = "each half is taken")]
const fn halves(hash: u64) -> [u32; 2] {
    [hash as u32, (hash >> 32) as u32]
}

impl Seen {
    const SLOTS: usize = 1024;

    fn new() -> Self {
        Self::with_slots(Self::SLOTS)
    }

    fn with_slots(slots: usize) -> Self {
        Self {
            slots: vec![Slot::default(); slots],
            taken: 0,
        }
    }

    /// Returns the slot of the hash, or the free slot for it.
    fn place(&self, hash: [u32; 2]) -> usize {
        let mask = self.slots.len() - 1;
        // The lower bits select the first slot.
        let mut place = hash[0] as usize & mask;
        while self.slots[place].hash != Slot::FREE && self.slots[place].hash != hash {
            place = (place + 1) & mask;
        }
        place
    }

    fn get(&self, hash: u64) -> Option<u32> {
        Some(self.slots[self.place(halves(hash))].row).filter(|row| *row != 0)
    }

    fn set(&mut self, hash: Option<u64>, row: u32) {
        if let Some(hash) = hash {
            self.put(halves(hash), row);
        }
    }

    fn put(&mut self, hash: [u32; 2], row: u32) {
        if (self.taken + 1) * 4 > self.slots.len() * 3 {
            self.grow();
        }
        let place = self.place(hash);
        self.taken += usize::from(self.slots[place].hash == Slot::FREE);
        self.slots[place] = Slot { hash, row };
    }

    fn release(&mut self, hash: Option<u64>, row: u32) {
        let Some(hash) = hash else { return };
        let place = self.place(halves(hash));
        if self.slots[place].row == row {
            self.slots[place].row = 0;
        }
    }

    fn grow(&mut self) {
        let mut larger = Self::with_slots(self.slots.len() * 2);
        for slot in self.slots.iter().filter(|slot| slot.row != 0) {
            larger.put(slot.hash, slot.row);
        }
        *self = larger;
    }
}
