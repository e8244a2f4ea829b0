//! The check of a file in the browser, apart from the page: what the worker does, and what the page and the
//! worker say to each other. Pure: the worker's script gives it bytes, time and a seed, so all of it is tested
//! natively. To add something that the page can ask: a variant of [`Ask`] and its arm in [`Checking::answer`].

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

/// Most rows that are kept to be mended in the grid. A file with more is better mended where it came from; what
/// is over the bound is counted, and refused when it is imported.
pub const MOST_KEPT: usize = 10_000;
/// Most bytes of them, whatever their cells hold.
const MOST_KEPT_BYTES: usize = 32 * 1024 * 1024;

/// The check of one file.
pub struct Checking {
    reader: Reader,
    findings: Findings,
}

impl Checking {
    /// Begins with a file that is read as chosen. The seed is random: see
    /// [`Duplicates::new`](muster::import::Duplicates::new).
    #[must_use]
    pub fn new(choices: Choices, seed: u64) -> Self {
        let dialect = choices.dialect;
        Self {
            reader: Reader::new(dialect.encoding, dialect.delimiter, Limits::default()),
            findings: Findings::new(choices, seed),
        }
    }

    /// Checks the rows of the next bytes. Says whether to go on.
    pub fn read(&mut self, mut bytes: &[u8]) -> bool {
        while let Some(record) = self.reader.read(&mut bytes) {
            match record {
                Ok(record) => self.findings.take(&record),
                Err(fault) => self.findings.stop = Some(fault),
            }
        }
        self.findings.stop.is_none()
    }

    /// Checks what is left at the file's end, and shows the first rows that need attention.
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

    /// How far the check is.
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

    /// Does what the page asks, and says how things stand then.
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

    /// The rows that need attention, as the text of a file.
    #[must_use]
    pub fn saved(&self, language: Language) -> String {
        self.findings.saved(language)
    }
}
