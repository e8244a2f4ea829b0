//! The check of a file in the browser, independent of the page: the work of the worker, and its messages. It is pure:
//! the worker's script provides bytes, time and a seed, so everything is tested natively. To add a request of the page:
//! a variant of [`Ask`] and its arm in [`Checking::answer`].

mod edits;
mod findings;
mod kept;
mod look;
mod message;
mod saved;
#[cfg(test)]
mod tests;

use muster::{
    import::{Limits, Reader},
    language::Language,
};

use findings::Findings;
pub use look::look;
pub use message::{
    Ask, Asked, Choices, Counts, Filter, GridRow, Kind, KindCount, Looked, Parts, Progress,
    Reading, RowState, Shown, Tell,
};

/// Maximum number of invalid rows that are kept for correction in the grid. A file with more is better corrected at its
/// source; further invalid rows are counted, and rejected by the import.
pub const MOST_KEPT: usize = 10_000;
/// Maximum size of these rows, in bytes.
const MOST_KEPT_BYTES: usize = 32 * 1024 * 1024;

/// The check of one file.
pub struct Checking {
    reader: Reader,
    findings: Findings,
}

impl Checking {
    /// Begins the check of a file with the chosen settings. The seed is random: see
    /// [`Duplicates::new`](muster::import::Duplicates::new).
    #[must_use]
    pub fn new(choices: Choices, seed: u64) -> Self {
        let dialect = choices.dialect;
        Self {
            reader: Reader::new(dialect.encoding, dialect.delimiter, Limits::default()),
            findings: Findings::new(choices, seed),
        }
    }

    /// Checks the rows of the next bytes. Returns whether to continue.
    pub fn read(&mut self, mut bytes: &[u8]) -> bool {
        while let Some(record) = self.reader.read(&mut bytes) {
            match record {
                Ok(record) => self.findings.take(&record),
                Err(fault) => self.findings.stop = Some(fault),
            }
        }
        self.findings.stop.is_none()
    }

    /// Checks the rest at the end of the file and returns the first invalid rows.
    pub fn finish(&mut self, milliseconds: u32) -> Tell {
        while let Some(record) = self.reader.finish() {
            match record {
                Ok(record) => self.findings.take(&record),
                Err(fault) => self.findings.stop = Some(fault),
            }
        }
        self.findings.show(Filter::default());
        self.progress(true, milliseconds)
    }

    /// Returns the progress of the check.
    #[must_use]
    pub fn progress(&self, done: bool, milliseconds: u32) -> Tell {
        Tell::Progress(Progress {
            bytes: self.reader.bytes(),
            milliseconds,
            done,
            stop: self.findings.stop,
            counts: self.findings.counts(),
            shown: self.findings.page(),
        })
    }

    /// Processes a request of the page and returns the new state.
    pub fn answer(&mut self, asked: Asked) -> Tell {
        let findings = &mut self.findings;
        match asked.ask {
            Ask::Show(filter) => findings.show(filter),
            Ask::Next => findings.next(),
            Ask::Previous => findings.previous(),
            Ask::Edit { row, column, text } => findings.edit(row, column, &text),
            Ask::Propose { row } => findings.propose(row),
            Ask::ProposeAll => findings.propose_all(),
            Ask::LeaveOut { row, out } => findings.leave_out(row, out),
            Ask::LeaveRestOut => findings.leave_rest_out(),
            Ask::TakeAllIn => findings.take_all_in(),
            Ask::Empty(kind) => findings.empty(&kind),
            Ask::Mended => return Tell::Mended(findings.mending()),
        }
        Tell::Shown {
            number: asked.number,
            counts: findings.counts(),
            shown: findings.page(),
        }
    }

    /// Returns the invalid rows as the text of a file.
    #[must_use]
    pub fn saved(&self, language: Language) -> String {
        self.findings.saved(language)
    }
}
