//! A record as the reader lends it out: its position in the file, its raw text, its fields.

use std::ops::Range;

use super::Fault;

/// A record: the header or a row. It borrows the reader's buffers until the next one is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record<'a> {
    /// 0 is the header, 1 the first row after it. Blank lines have no number.
    pub number: u32,
    /// The line at which it begins, counted from 1.
    pub line: u64,
    /// Its byte range in the decoded text (UTF-8, without a byte order mark), without line end and surplus empty
    /// fields.
    pub span: Range<u64>,
    /// Its raw text in that range, which reports return followed by the result.
    pub raw: &'a str,
    /// Its unquoted fields.
    pub fields: Fields<'a>,
    /// The reason why this row is rejected regardless of its values. The following rows are still read.
    pub fault: Option<Fault>,
}

/// The fields of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fields<'a> {
    /// The concatenated fields.
    pub(super) text: &'a str,
    /// The end of each field.
    pub(super) ends: &'a [usize],
}

impl<'a> Fields<'a> {
    /// Returns the number of fields.
    #[must_use]
    pub const fn len(self) -> usize {
        self.ends.len()
    }

    /// Returns whether there are no fields; a lent record always has at least one.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.ends.is_empty()
    }

    /// Returns the field at this index, from 0.
    #[must_use]
    pub fn get(self, index: usize) -> Option<&'a str> {
        let end = *self.ends.get(index)?;
        let begin = index.checked_sub(1).map_or(0, |before| self.ends[before]);
        self.text.get(begin..end)
    }

    /// Returns all fields in their order.
    pub fn iter(self) -> impl Iterator<Item = &'a str> {
        (0..self.len()).filter_map(move |index| self.get(index))
    }
}
