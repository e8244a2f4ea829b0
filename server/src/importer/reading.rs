//! Reads the file on its own thread.
//!
//! Parts go in, batches of staged rows come out. One part and three batches are in memory, whatever the size of the
//! file. The next part is read while the database judges the rows of the last one.

use std::collections::VecDeque;

use muster::import::{
    Delimiter, Encoding, Fault, Limits, LineEnd, Mapping, Options, Reader, Record, Roles,
};
use sha2::{Digest as _, Sha256};
use tokio::{runtime::Handle, sync::mpsc};

use super::{copy::Copy, row::Judging};
use crate::{
    error::Error,
    keys::Keys,
    store::{
        Store,
        imports::{
            At,
            edits::{self, Edit},
            parts,
        },
    },
};

/// A batch also ends at this number of bytes, so that long rows take no more memory than short ones. With smaller
/// batches most of the time would be overhead of transactions.
const BATCH_BYTES: usize = 1024 * 1024;
/// The number of batches that wait for the database.
const WAITING: usize = 1;
/// The number of corrections read at once.
const EDITS_A_PAGE: i64 = 5000;

/// The file and the rules for its rows.
pub(super) struct Source {
    pub(super) store: Store,
    pub(super) keys: Keys,
    pub(super) at: At,
    pub(super) size: u64,
    pub(super) sha256: Option<Vec<u8>>,
    pub(super) encoding: Encoding,
    pub(super) delimiter: Delimiter,
    pub(super) mapping: Mapping,
    pub(super) options: Options,
    pub(super) roles: Roles,
    /// Rows up to this one are staged already.
    pub(super) staged: u32,
    /// The number of rows of a batch.
    pub(super) batch_rows: u32,
}

/// Rows that are ready for staging.
pub(super) struct Batch {
    pub(super) copy: Vec<u8>,
    /// The number of the last row.
    pub(super) last_row: u32,
    /// The approximate number of bytes of the file up to there.
    pub(super) bytes: u64,
    pub(super) line_end: Option<LineEnd>,
    pub(super) headers: Vec<String>,
    /// Whether this is the last batch.
    pub(super) end: bool,
}

/// The reason why reading stopped.
pub(super) enum Stop {
    /// The file can't be read.
    Fault(Fault),
    /// The file differs from the announced one.
    Mismatch,
    /// A part could not be loaded.
    Trouble(Error),
}

/// A file that is being read.
pub(super) struct Reading {
    pub(super) batches: mpsc::Receiver<Result<Batch, Stop>>,
}

impl Reading {
    /// Starts the thread. It ends when the returned value is dropped.
    pub(super) fn begin(source: Source) -> Self {
        let (sender, batches) = mpsc::channel(WAITING);
        let database = Handle::current();
        tokio::task::spawn_blocking(move || {
            let mut reading = Thread {
                source,
                database,
                sender,
                judging: None,
                edits: VecDeque::new(),
                all_edits: false,
                edited: (0, String::new()),
                copy: Copy::new(),
                rows: 0,
                last_row: 0,
            };
            if let Err(stop) = reading.read() {
                // Fails if the receiver was dropped.
                let _ = reading.sender.blocking_send(Err(stop));
            }
        });
        Self { batches }
    }
}

struct Thread {
    source: Source,
    database: Handle,
    sender: mpsc::Sender<Result<Batch, Stop>>,
    judging: Option<Judging>,
    edits: VecDeque<Edit>,
    all_edits: bool,
    /// The last correction that was read.
    edited: (i32, String),
    copy: Copy,
    rows: u32,
    last_row: u32,
}

impl Thread {
    fn read(&mut self) -> Result<(), Stop> {
        let mut reader = Reader::new(
            self.source.encoding,
            self.source.delimiter,
            Limits::default(),
        );
        let mut hash = Sha256::new();
        let mut size = 0;
        let mut number = 0;
        while size < self.source.size {
            let Some(part) = self.part(number)? else {
                return Err(Stop::Mismatch);
            };
            hash.update(&part);
            size += part.len() as u64;
            number += 1;
            let mut slice = &part[..];
            loop {
                match reader.read(&mut slice) {
                    None => break,
                    Some(Err(fault)) => return Err(Stop::Fault(fault)),
                    Some(Ok(record)) => self.record(&record)?,
                }
                if self.is_full() {
                    self.send(reader.bytes(), reader.line_end(), false)?;
                }
            }
        }
        while let Some(record) = reader.finish() {
            match record {
                Err(fault) => return Err(Stop::Fault(fault)),
                Ok(record) => self.record(&record)?,
            }
        }
        let announced = self.source.sha256.as_deref();
        let differs = announced.is_some_and(|announced| announced != hash.finalize().as_slice());
        if size != self.source.size || differs {
            return Err(Stop::Mismatch);
        }
        self.send(reader.bytes(), reader.line_end(), true)
    }

    fn record(&mut self, record: &Record<'_>) -> Result<(), Stop> {
        let Some(judging) = &self.judging else {
            return self.header(record);
        };
        if record.number <= self.source.staged {
            return Ok(());
        }
        let row = i32::try_from(record.number).unwrap_or(i32::MAX);
        let mut edits = Vec::new();
        loop {
            match self.edits.front() {
                Some(edit) if edit.row < row => drop(self.edits.pop_front()),
                Some(edit) if edit.row == row => edits.extend(self.edits.pop_front()),
                Some(_) => break,
                None if self.all_edits => break,
                None => {
                    let page = self
                        .database
                        .block_on(self.more_edits())
                        .map_err(Stop::Trouble)?;
                    if !page.iter().all(Edit::is_known) {
                        let error = Error::internal("a correction has an unknown column");
                        return Err(Stop::Trouble(error));
                    }
                    self.all_edits = page.is_empty();
                    if let Some(last) = page.last() {
                        self.edited = (last.row, last.field.clone());
                    }
                    self.edits.extend(page);
                }
            }
        }
        judging.stage(record, &edits, &mut self.copy);
        self.rows += 1;
        self.last_row = record.number;
        Ok(())
    }

    fn header(&mut self, record: &Record<'_>) -> Result<(), Stop> {
        let headers: Vec<String> = record.fields.iter().map(str::to_owned).collect();
        let (mapping, options) = (&self.source.mapping, &self.source.options);
        if !mapping.problems(headers.len(), options).is_empty() {
            return Err(Stop::Mismatch);
        }
        self.judging = Some(Judging {
            institution: self.source.at.institution,
            keys: self.source.keys.clone(),
            options: options.clone(),
            roles: self.source.roles.clone(),
            layout: mapping.layout(),
            headers,
        });
        // Corrections of staged rows are skipped.
        self.edited = (
            i32::try_from(self.source.staged).unwrap_or(i32::MAX),
            "~".to_owned(),
        );
        Ok(())
    }

    fn is_full(&self) -> bool {
        self.rows >= self.source.batch_rows || self.copy.len() >= BATCH_BYTES
    }

    fn send(&mut self, bytes: u64, line_end: Option<LineEnd>, end: bool) -> Result<(), Stop> {
        let batch = Batch {
            copy: std::mem::replace(&mut self.copy, Copy::new()).finish(),
            last_row: self.last_row,
            bytes,
            line_end,
            headers: self
                .judging
                .as_ref()
                .map(|it| it.headers.clone())
                .unwrap_or_default(),
            end,
        };
        self.rows = 0;
        self.sender.blocking_send(Ok(batch)).map_err(|_| {
            Stop::Trouble(Error::internal("the importer no longer waits for the file"))
        })
    }

    fn part(&self, number: i32) -> Result<Option<Vec<u8>>, Stop> {
        let part = async {
            let mut tx = self.source.store.tenant(self.source.at.institution).await?;
            parts::bytes(&mut tx, self.source.at, number).await
        };
        self.database
            .block_on(part)
            .map_err(|error| Stop::Trouble(error.into()))
    }

    async fn more_edits(&self) -> Result<Vec<Edit>, Error> {
        let mut tx = self.source.store.tenant(self.source.at.institution).await?;
        let (row, field) = &self.edited;
        Ok(edits::page(&mut tx, self.source.at, *row, field, EDITS_A_PAGE).await?)
    }
}
