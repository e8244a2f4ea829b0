//! Bulk import: bytes to records to verdicts. The browser's worker and the server run this over the same
//! bytes, so that the preview's verdict is the apply's. Codes travel; their words are the locales'.
//!
//! A file's way: [`Dialect::guess`] says how it is written, [`Reader`] gives its records, [`Mapping::guess`]
//! what its columns mean, [`PersonDraft::check`] what is wrong with a row or whom it means, [`Duplicates`] what
//! came before, [`propose_for`] a username where one is wanted. [`Writing`] gives the file back with its
//! results, and [`inert`] sees to it that no spreadsheet runs what is in it.
//!
//! To add a step: a module here that takes what the one before gives.

mod columns;
mod decoder;
mod dialect;
mod duplicates;
mod encoding;
mod fault;
pub mod inert;
mod limits;
mod options;
mod proposal;
mod reader;
mod record;
mod roles;
mod row;
mod writing;

pub use columns::{Column, Layout, Mapping, NameOrder, Target};
pub use decoder::{BadByte, Decoder};
pub use dialect::{Delimiter, Dialect, LineEnd};
pub use duplicates::Duplicates;
pub use encoding::{Encoding, SAMPLE_BYTES};
pub use fault::{Fault, FaultKind};
pub use limits::{Limits, MAX_BYTES, MAX_COLUMNS, MAX_FIELD_BYTES, MAX_ROWS};
pub use options::{Access, Applying, MatchBy, Mode, Options, Send};
pub use proposal::propose_for;
pub use reader::Reader;
pub use record::{Fields, Record};
pub use roles::Roles;
pub use row::{Change, Person, PersonDraft, RowProblem};
pub use writing::Writing;

/// Every stable code of the import that needs words, by its kind: `("encoding", "utf8")`. A cell's problems have
/// those of [`Problem`](crate::problem::Problem), `duplicate` with the other row's number.
#[must_use]
pub fn codes() -> Vec<(&'static str, &'static str)> {
    let mut codes: Vec<_> = FaultKind::CODES.map(|code| ("fault", code)).to_vec();
    codes.extend(Encoding::ALL.iter().map(|it| ("encoding", it.code())));
    codes.extend(Delimiter::ALL.iter().map(|it| ("delimiter", it.code())));
    codes.extend(LineEnd::ALL.iter().map(|it| ("line_end", it.code())));
    codes.extend(Column::ALL.iter().map(|it| ("column", it.code())));
    codes.extend(NameOrder::ALL.iter().map(|it| ("name_order", it.code())));
    codes.extend(Mode::ALL.iter().map(|it| ("mode", it.code())));
    codes.extend(MatchBy::ALL.iter().map(|it| ("match_by", it.code())));
    codes.extend(Access::ALL.iter().map(|it| ("access", it.code())));
    codes.extend(Send::ALL.iter().map(|it| ("send", it.code())));
    codes.extend(Applying::ALL.iter().map(|it| ("applying", it.code())));
    codes
}
