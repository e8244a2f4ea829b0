//! The report: the uploaded file with the outcome of each row.
//!
//! It is read again from its parts, so every byte is unchanged. Memory holds one part and one page of outcomes,
//! whatever the size of the file. While its client reads, a download holds neither a thread nor a connection. This module
//! also creates the template file.

use std::{collections::HashMap, time::Duration};

use axum::body::Bytes;
use i18n::{ImportWords, locale_of};
use muster::{
    failure::Failure,
    ids::AccountId,
    import::{
        Access, Column, Delimiter, Encoding, Fault, Limits, LineEnd, Mapping, Options, Reader,
        Reason, Record, Target, Writing, inert,
    },
};
use rpc::{Caller, imports::Counts};
use tokio::sync::mpsc;

use crate::{
    connection_limits::{ConnectionLimits, LimitedTx},
    error::{Error, boundary, chain},
    importer::read_json,
    service::Service,
    store::{
        Store,
        imports::{
            At, Import, parts,
            rows::{self, ResultOf},
        },
    },
};

/// The number of outcomes read at once.
const RESULTS: i64 = 500;
/// How long a piece may wait for the client.
const PATIENCE: Duration = Duration::from_mins(1);
/// The size of a piece in bytes.
const PIECE_BYTES: usize = 64 * 1024;

/// The rows of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Only {
    /// All rows.
    All,
    /// Rows that were not applied.
    Failed,
}

/// A download in progress.
#[derive(Debug)]
pub struct Download {
    /// The suggested file name.
    pub file_name: String,
    /// The content. An empty piece marks the regular end.
    pieces: mpsc::Receiver<Bytes>,
    ended: bool,
}

impl Download {
    /// Returns the next piece. An error aborts the response, so that an incomplete file is not taken for complete.
    pub async fn next(&mut self) -> Option<std::io::Result<Bytes>> {
        if self.ended {
            return None;
        }
        match self.pieces.recv().await {
            Some(piece) if !piece.is_empty() => Some(Ok(piece)),
            end => {
                self.ended = true;
                end.is_none()
                    .then(|| Err(std::io::Error::other("broken off")))
            }
        }
    }
}

impl Service {
    /// Returns the report.
    ///
    /// # Errors
    /// Returns `Conflict` if there is no plan yet or the file was deleted. Returns `TooManyTries` or `Unavailable` if the
    /// person, the institution or all together download too many reports. Returns `Unauthenticated`, `NotFound` or
    /// `Forbidden` if the caller may not import here.
    pub async fn import_report(
        &self,
        caller: &Caller,
        slug: &str,
        id: &str,
        only: Only,
    ) -> Result<Download, Failure> {
        boundary("import_report", async {
            let (actor, at, import, tx) = self.one_import(caller, slug, id).await?;
            tx.rollback().await?;
            let (group, member) = (actor.institution.to_string(), actor.account.to_string());
            let turn = self.reports.acquire(&group, &member).await?;
            if import.plan.is_none() || import.parts == 0 {
                return Err(Failure::Conflict.into());
            }
            let words = ImportWords::of(locale_of(caller.language));
            let source = Source {
                store: self.store.clone(),
                connections: self.connections.clone(),
                slug: slug.to_owned(),
                account: actor.account,
                at,
            };
            let mut report = Report::new(source, &import, (only, words))?;
            let stem = import.file_name.trim_end_matches(".csv").to_owned();
            let (sender, pieces) = mpsc::channel(2);
            tokio::spawn(async move {
                let _turn = turn;
                if let Err(error) = report.write(&sender).await {
                    tracing::error!(error = %chain(&error), "a report broke off");
                }
            });
            Ok(Download {
                file_name: match only {
                    Only::All => format!("{stem}-result.csv"),
                    Only::Failed => format!("{stem}-failed.csv"),
                },
                pieces,
                ended: false,
            })
        })
        .await
    }

    /// Returns a template file with the known headers and the institution's further columns.
    ///
    /// # Errors
    /// Returns `Unauthenticated`, `NotFound` or `Forbidden` if the caller may not import here.
    pub async fn import_template(&self, caller: &Caller, slug: &str) -> Result<String, Failure> {
        boundary("import_template", async {
            let (actor, mut tx) = self.importing(caller, slug).await?;
            let further =
                crate::store::memberships::attribute_names(&mut tx, actor.institution).await?;
            let known = [
                Column::Username,
                Column::FirstName,
                Column::LastName,
                Column::Email,
                Column::Phone,
                Column::Role,
                Column::Language,
                Column::ChangePassword,
            ];
            let headers = known.iter().map(|column| column.code());
            let mut text = String::new();
            let writing = Writing {
                delimiter: Delimiter::Comma,
                line_end: LineEnd::CrLf,
            };
            writing.record(headers.chain(further.iter().map(String::as_str)), &mut text);
            Ok(text)
        })
        .await
    }
}

/// The import in the database. Each query waits for its turn like a page of the institution.
struct Source {
    store: Store,
    connections: ConnectionLimits,
    slug: String,
    account: AccountId,
    at: At,
}

impl Source {
    async fn begin(&self) -> Result<LimitedTx, Error> {
        let turn = self.connections.view(&self.slug, self.account).await?;
        let tx = self.store.tenant(self.at.institution).await?;
        Ok(LimitedTx::new(tx, turn))
    }

    /// Returns the outcomes of the next rows after this one.
    async fn results(&self, after: i32) -> Result<Vec<ResultOf>, Error> {
        let mut tx = self.begin().await?;
        let results = rows::results(&mut tx, self.at, after, RESULTS).await?;
        tx.rollback().await?;
        Ok(results)
    }

    async fn part(&self, number: i32) -> Result<Vec<u8>, Error> {
        let mut tx = self.begin().await?;
        let part = parts::bytes(&mut tx, self.at, number).await?;
        tx.rollback().await?;
        part.ok_or_else(|| Error::internal("a part of the file is gone"))
    }
}

struct Report {
    source: Source,
    only: Only,
    words: ImportWords,
    targets: Vec<Target>,
    size: u64,
    encoding: Encoding,
    writing: Writing,
    applied: i32,
    access: Access,
    width: usize,
    results: std::vec::IntoIter<ResultOf>,
    /// The last row whose outcome was read.
    looked_up: i32,
    text: String,
}

impl Report {
    fn new(
        source: Source,
        import: &Import,
        (only, words): (Only, ImportWords),
    ) -> Result<Self, Error> {
        Ok(Self {
            source,
            only,
            words,
            targets: read_json::<Mapping>(&import.mapping)?.targets,
            access: read_json::<Options>(&import.options)?.access,
            size: u64::try_from(import.size).unwrap_or(0),
            encoding: code(&import.encoding)?,
            writing: Writing {
                delimiter: code(&import.delimiter)?,
                line_end: import.line_end.as_deref().map_or(Ok(LineEnd::CrLf), code)?,
            },
            // Chunks are applied in order, so the applied rows are the first ones.
            applied: match &import.done {
                None => 0,
                Some(done) => i32::try_from(read_json::<Counts>(done)?.rows).unwrap_or(i32::MAX),
            },
            width: 0,
            results: Vec::new().into_iter(),
            looked_up: 0,
            text: String::new(),
        })
    }

    async fn write(&mut self, to: &mpsc::Sender<Bytes>) -> Result<(), Error> {
        if self.encoding != Encoding::Utf8 {
            // The report is UTF-8, which spreadsheets recognize only by this mark.
            self.text.push('\u{FEFF}');
        }
        let mut reader = Reader::new(self.encoding, self.writing.delimiter, Limits::default());
        let (mut size, mut number) = (0, 0);
        while size < self.size {
            let part = self.source.part(number).await?;
            size += part.len() as u64;
            number += 1;
            let mut slice = &part[..];
            while let Some(record) = reader.read(&mut slice) {
                let record = record.map_err(unreadable)?;
                self.record(&record).await?;
                if self.text.len() >= PIECE_BYTES && !self.send(to).await {
                    return Ok(());
                }
            }
        }
        while let Some(record) = reader.finish() {
            let record = record.map_err(unreadable)?;
            self.record(&record).await?;
        }
        if self.text.is_empty() || self.send(to).await {
            self.send(to).await;
        }
        Ok(())
    }

    /// Sends a piece. Returns false if the client is gone or too slow.
    async fn send(&mut self, to: &mpsc::Sender<Bytes>) -> bool {
        let piece = Bytes::from(std::mem::take(&mut self.text));
        to.send_timeout(piece, PATIENCE).await.is_ok()
    }

    async fn record(&mut self, record: &Record<'_>) -> Result<(), Error> {
        if record.number == 0 {
            self.width = record.fields.len();
            self.writing
                .with_cells(record, self.width, &["Result", "Detail"], &mut self.text);
            return Ok(());
        }
        let Some(result) = self.result(record.number).await? else {
            return Ok(());
        };
        if self.only == Only::Failed && result.verdict != "refused" {
            return Ok(());
        }
        let reasons: Vec<Reason> = read_json(&result.reasons)?;
        let detail: Vec<String> = reasons.iter().map(|it| self.words.reason(it)).collect();
        let cells = [
            said(&result, self.access, result.number <= self.applied),
            &detail.join("; "),
        ];
        match result.edits {
            // A report for further corrections contains the corrections made so far.
            Some(edits) if self.only == Only::Failed => {
                let edits: HashMap<String, String> = read_json(&edits)?;
                let own = (0..self.width.max(record.fields.len())).map(|place| {
                    let edited = match self.targets.get(place) {
                        Some(Target::Column(column)) => edits.get(column.code()),
                        _ => None,
                    };
                    // It is escaped again when written.
                    let own = || inert::unescape(record.fields.get(place).unwrap_or_default());
                    edited.map_or_else(own, String::as_str)
                });
                self.writing.record(own.chain(cells), &mut self.text);
            }
            _ => self
                .writing
                .with_cells(record, self.width, &cells, &mut self.text),
        }
        Ok(())
    }

    async fn result(&mut self, number: u32) -> Result<Option<ResultOf>, Error> {
        let number = i32::try_from(number).unwrap_or(i32::MAX);
        loop {
            match self.results.next() {
                Some(result) if result.number < number => {}
                Some(result) => return Ok(Some(result).filter(|it| it.number == number)),
                None => {
                    let page = self.source.results(self.looked_up).await?;
                    let Some(last) = page.last() else {
                        return Ok(None);
                    };
                    self.looked_up = last.number;
                    self.results = page.into_iter();
                }
            }
        }
    }
}

fn code<T: std::str::FromStr>(code: &str) -> Result<T, Error> {
    code.parse()
        .map_err(|_| Error::internal(format!("an import with an unknown code: {code}")))
}

/// The check has read the whole file, so it is readable.
fn unreadable(fault: Fault) -> Error {
    Error::internal(format!(
        "a checked file has the fault {}",
        fault.kind.code()
    ))
}

/// Returns the code of a row's outcome. It is for programs and the same in every language.
#[must_use]
pub fn said(result: &ResultOf, access: Access, applied: bool) -> &'static str {
    match (result.undone.as_deref(), result.verdict.as_str()) {
        (Some("undone"), _) => "undone",
        (Some(_), _) => "kept",
        (None, "invite") if access == Access::Passwords => {
            if applied {
                "account_made"
            } else {
                "make_account"
            }
        }
        (None, "invite") if applied => "invited",
        (None, "update") if applied => "updated",
        (None, "invite") => "invite",
        (None, "update") => "update",
        (None, "unchanged") => "unchanged",
        (None, "left_out") => "left_out",
        (None, _) => "refused",
    }
}
