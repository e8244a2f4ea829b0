//! Bulk import, from bytes to records to results. The browser's worker and the server run the same code over the same
//! bytes, so the preview and the server agree. Results are codes; their text is in the locales.
//!
//! The steps: [`Dialect::guess`] detects the file format, [`Reader`] returns the records, [`Mapping::guess`] maps the
//! columns, [`PersonDraft::check`] validates a row, [`Duplicates`] finds repeated values, and [`propose_for`] proposes
//! usernames. [`Writing`] writes the file with its results, and [`inert`] neutralizes formulas for spreadsheets.
//!
//! To add a step: a module here that takes the output of the previous step.

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
mod state;
mod verdict;
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
pub use state::{ImportState, StoppedBy, Written};
pub use verdict::{FieldChange, Reason, RowsKind, Verdict};
pub use writing::Writing;

/// Returns every stable code of the import that needs text, with its kind: `("encoding", "utf8")`. Problems of a cell
/// use the codes of [`Problem`](crate::problem::Problem); `duplicate` carries the number of the other row.
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
