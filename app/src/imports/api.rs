//! Server functions of bulk import, in the order of its life: begin, send the parts, edit, plan, look, apply, stop,
//! go on, undo. What they give is in `view` and `rows`.
//!
//! Beside them, by plain HTTP under `/i/{slug}/imports/`:
//! - `POST {id}/parts/{number}`, numbers from 0: [`PART_BYTES`] of the file each (the last one may be shorter), with
//!   `X-Part-SHA256` (hexadecimal, of the bytes themselves) and, where they are compressed, `Content-Encoding: gzip`.
//!   204 where the part is there now, 409 where it is there with other bytes or the upload is over, 413 where it is
//!   larger, 422 where its hash is another or nothing can be read of the file: [`ImportView::fault`] says why.
//! - `GET {id}/progress`: server-sent events, each an [`ImportView`] as JSON, until nothing is under way any more or for
//!   some seconds; `EventSource` comes back by itself.
//! - `GET {id}/report.csv`, `?only=failed` for the rows that came to nothing alone.
//! - `GET template.csv`.

mod rows;
mod view;

use leptos::prelude::*;
use muster::{
    draft::{ImportDraft, SendTimeDraft},
    ids::RoleId,
    import::{Column, Mapping},
};
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use crate::backend::{answer, backend, caller};
use crate::{failure::Refusal, invitations::api::RoleChoice, json::Json};

pub use rows::{FieldChange, ImportRow, ImportRows, Reason, RowsKind, Verdict};
pub use view::{Counts, ImportState, ImportSummary, ImportView, StoppedBy, Written};

/// How many bytes of the file are in a part; all but the last one have exactly so many.
pub const PART_BYTES: u64 = 1024 * 1024;
/// The most that [`edit_import`] takes at once, edits and left out rows together.
pub const MAX_EDITS: usize = 2000;
/// How many rows [`import_rows`] gives at once.
pub const ROWS_A_PAGE: usize = 100;

/// A mapping that the institution used for a file with the same headers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RememberedMapping {
    /// It, where there is one.
    pub mapping: Option<Mapping>,
}

/// An import that was begun, now or by an earlier call with the same key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Begun {
    /// Its id.
    pub id: String,
    /// The numbers of the parts that are there already.
    pub parts: Vec<u32>,
}

/// Something else in a cell of the grid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CellEdit {
    /// The row's number, from 1; the header is 0.
    pub row: u32,
    /// The column: a username can be put in where the file has no such column.
    pub column: Column,
    /// What the cell is to say; nothing at all takes the edit back.
    pub value: Option<String>,
}

/// What was changed in the grid.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct EditsDraft {
    /// Cells.
    pub edits: Vec<CellEdit>,
    /// Rows that are left out from now on.
    pub left_out: Vec<u32>,
    /// Rows that are not left out any more.
    pub taken: Vec<u32>,
}

/// The institution's roles.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ImportRoles {
    /// Those that may be given where the file names none.
    pub choices: Vec<RoleChoice>,
    /// By which names a file can name which role: predefined ones in every language. Whether it may be given, the plan says.
    pub named: Vec<(RoleId, String)>,
}

/// The institution's imports, newest first, 100 at most.
///
/// # Errors
/// `SignedOut`, `NotFound`, `Forbidden`.
#[server(name = ImportsFn, prefix = "/api", endpoint = "imports", protocol = Json)]
pub async fn imports(slug: String) -> Result<Vec<ImportSummary>, Refusal> {
    answer(backend()?.imports(&caller()?, &slug).await)
}

/// The roles that a file can name, and those that can be chosen for it.
///
/// # Errors
/// `SignedOut`, `NotFound`, `Forbidden`.
#[server(name = ImportRolesFn, prefix = "/api", endpoint = "import_roles", protocol = Json)]
pub async fn import_roles(slug: String) -> Result<ImportRoles, Refusal> {
    answer(backend()?.import_roles(&caller()?, &slug).await)
}

/// What the columns of a file with these headers meant last time.
///
/// # Errors
/// `SignedOut`, `NotFound`, `Forbidden`.
#[server(name = RememberedMappingFn, prefix = "/api", endpoint = "remembered_mapping", protocol = Json)]
pub async fn remembered_mapping(
    slug: String,
    headers: Vec<String>,
) -> Result<RememberedMapping, Refusal> {
    answer(
        backend()?
            .remembered_mapping(&caller()?, &slug, &headers)
            .await,
    )
}

/// Begins an import, or finds the one that was begun with the same key.
///
/// # Errors
/// `Invalid` (a time that is over is `past` under `send_at`), `Changed` where the key is another file's or other options',
/// `TooManyTries` where too many are under way already, `SignedOut`, `NotFound`, `Forbidden`.
#[server(name = BeginImportFn, prefix = "/api", endpoint = "begin_import", protocol = Json)]
pub async fn begin_import(slug: String, draft: ImportDraft) -> Result<Begun, Refusal> {
    answer(backend()?.begin_import(&caller()?, &slug, &draft).await)
}

/// Changes cells and leaves out rows; in the states `Uploading`, `Planned`, `Refused` and `Failed`. A plan that was made is void
/// after it: [`plan_import`] makes a new one.
///
/// # Errors
/// `Invalid` (`edits`: too many at once, or a cell too long), `Changed` in another state, `SignedOut`, `NotFound`,
/// `Forbidden`.
#[server(name = EditImportFn, prefix = "/api", endpoint = "edit_import", protocol = Json)]
pub async fn edit_import(slug: String, id: String, draft: EditsDraft) -> Result<(), Refusal> {
    answer(backend()?.edit_import(&caller()?, &slug, &id, &draft).await)
}

/// Starts the check of the whole file; it goes on whoever leaves the page. Also makes a new plan of a planned one.
///
/// # Errors
/// `Changed` where parts are missing or the state is another, `SignedOut`, `NotFound`, `Forbidden`.
#[server(name = PlanImportFn, prefix = "/api", endpoint = "plan_import", protocol = Json)]
pub async fn plan_import(slug: String, id: String) -> Result<(), Refusal> {
    answer(backend()?.plan_import(&caller()?, &slug, &id).await)
}

/// Where an import stands.
///
/// # Errors
/// `SignedOut`, `NotFound`, `Forbidden`.
#[server(name = ImportViewFn, prefix = "/api", endpoint = "import_view", protocol = Json)]
pub async fn import_view(slug: String, id: String) -> Result<ImportView, Refusal> {
    answer(backend()?.import_view(&caller()?, &slug, &id).await)
}

/// Rows of the plan or of the result, from behind a row on: 0 for the first page.
///
/// # Errors
/// `SignedOut`, `NotFound`, `Forbidden`.
#[server(name = ImportRowsFn, prefix = "/api", endpoint = "import_rows", protocol = Json)]
pub async fn import_rows(
    slug: String,
    id: String,
    kind: RowsKind,
    after: u32,
) -> Result<ImportRows, Refusal> {
    answer(
        backend()?
            .import_rows(&caller()?, &slug, &id, kind, after)
            .await,
    )
}

/// Does what was planned, in the caller's name.
///
/// # Errors
/// `Changed` in another state than `Planned`, or where all is to be done or nothing and rows are refused, `SignedOut`, `NotFound`, `Forbidden`.
#[server(name = ApplyImportFn, prefix = "/api", endpoint = "apply_import", protocol = Json)]
pub async fn apply_import(slug: String, id: String) -> Result<(), Refusal> {
    answer(backend()?.apply_import(&caller()?, &slug, &id).await)
}

/// Stops what is being applied; what is written stays.
///
/// # Errors
/// `Changed` where nothing is being applied, `SignedOut`, `NotFound`, `Forbidden`.
#[server(name = StopImportFn, prefix = "/api", endpoint = "stop_import", protocol = Json)]
pub async fn stop_import(slug: String, id: String) -> Result<(), Refusal> {
    answer(backend()?.stop_import(&caller()?, &slug, &id).await)
}

/// Goes on with what was stopped, in the caller's name.
///
/// # Errors
/// `Changed` where it was not stopped, `SignedOut`, `NotFound`, `Forbidden`.
#[server(name = ResumeImportFn, prefix = "/api", endpoint = "resume_import", protocol = Json)]
pub async fn resume_import(slug: String, id: String) -> Result<(), Refusal> {
    answer(backend()?.resume_import(&caller()?, &slug, &id).await)
}

/// Undoes what was applied, within 7 days: revokes invitations that nobody accepted, puts fields back that nobody has
/// touched since. The rest stays, and is named: [`RowsKind::Kept`].
///
/// # Errors
/// `Changed` where nothing was applied, or longer ago, `SignedOut`, `NotFound`, `Forbidden`.
#[server(name = UndoImportFn, prefix = "/api", endpoint = "undo_import", protocol = Json)]
pub async fn undo_import(slug: String, id: String) -> Result<(), Refusal> {
    answer(backend()?.undo_import(&caller()?, &slug, &id).await)
}

/// Gives up an import of which nothing was applied; its file is deleted.
///
/// # Errors
/// `Changed` where something was applied, `SignedOut`, `NotFound`, `Forbidden`.
#[server(name = DiscardImportFn, prefix = "/api", endpoint = "discard_import", protocol = Json)]
pub async fn discard_import(slug: String, id: String) -> Result<(), Refusal> {
    answer(backend()?.discard_import(&caller()?, &slug, &id).await)
}

/// Leaves out every row that the plan refuses, and makes a new plan.
///
/// # Errors
/// `Changed` in other states than `Planned` and `Failed`, `SignedOut`, `NotFound`, `Forbidden`.
#[server(name = LeaveOutRefusedFn, prefix = "/api", endpoint = "leave_out_refused", protocol = Json)]
pub async fn leave_out_refused(slug: String, id: String) -> Result<(), Refusal> {
    answer(backend()?.leave_out_refused(&caller()?, &slug, &id).await)
}

/// Sends every invitation of it that nobody has been sent yet, in the caller's name: a worker does, from now on. Those of
/// roles that the caller may not give go on waiting.
///
/// # Errors
/// `NothingWaits`, `Changed` in other states than `Done` and `Stopped`, `SignedOut`, `NotFound`, `Forbidden`.
#[server(name = SendImportFn, prefix = "/api", endpoint = "send_import", protocol = Json)]
pub async fn send_import(slug: String, id: String) -> Result<(), Refusal> {
    answer(backend()?.send_import(&caller()?, &slug, &id).await)
}

/// A worker sends what waits of it, or will, at this time of the institution, in the caller's name; in whatever state it is
/// that mails nobody meanwhile: `Planned`, `Done` and `Stopped`. What has been sent before stays sent.
///
/// # Errors
/// `Invalid` (`send_at`: `past` where the time is over), `NothingWaits`, `Changed` in another state or where mail goes out at
/// once, `SignedOut`, `NotFound`, `Forbidden`.
#[server(name = ScheduleImportFn, prefix = "/api", endpoint = "schedule_import", protocol = Json)]
pub async fn schedule_import(
    slug: String,
    id: String,
    draft: SendTimeDraft,
) -> Result<(), Refusal> {
    answer(
        backend()?
            .schedule_import(&caller()?, &slug, &id, &draft)
            .await,
    )
}

/// No worker sends what waits of it any more: it waits for somebody who says so, or for another time.
///
/// # Errors
/// As of [`schedule_import`], but `Invalid`.
#[server(name = UnscheduleImportFn, prefix = "/api", endpoint = "unschedule_import", protocol = Json)]
pub async fn unschedule_import(slug: String, id: String) -> Result<(), Refusal> {
    answer(backend()?.unschedule_import(&caller()?, &slug, &id).await)
}
