//! One record as it is lent out by the reader: its place in the file, its own text, its fields.

use std::ops::Range;

use super::Fault;

/// A record: the header or a row. It borrows the reader's buffers until the next one is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record<'a> {
    /// 0 is the header, 1 the first row after it. Blank lines have no number.
    pub number: u32,
    /// The line it begins at, from 1, as an editor counts.
    pub line: u64,
    /// Its bytes in the decoded text (UTF-8, without a byte order mark), without its line end and without empty
    /// fields past the header's last.
    pub span: Range<u64>,
    /// Its own text in these bytes: what the person gets back with the result behind it.
    pub raw: &'a str,
    /// What it says, quotes undone.
    pub fields: Fields<'a>,
    /// Why this row is refused whatever it says; the rows after it are read all the same.
    pub fault: Option<Fault>,
}

/// The fields of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fields<'a> {
    /// All of them, one behind the other.
    pub(super) text: &'a str,
    /// Where each ends.
    pub(super) ends: &'a [usize],
}

impl<'a> Fields<'a> {
    /// How many there are.
    #[must_use]
    pub const fn len(self) -> usize {
        self.ends.len()
    }

    /// Whether there is none; no record that is lent out is without one.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.ends.is_empty()
    }

    /// The field at this place, from 0.
    #[must_use]
    pub fn get(self, index: usize) -> Option<&'a str> {
        let end = *self.ends.get(index)?;
        let begin = index.checked_sub(1).map_or(0, |before| self.ends[before]);
        self.text.get(begin..end)
    }

    /// All fields in their order.
    pub fn iter(self) -> impl Iterator<Item = &'a str> {
        (0..self.len()).filter_map(move |index| self.get(index))
    }
}
