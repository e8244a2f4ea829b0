//! Server functions of imports, in the order of their use: begin, upload, correct, plan, view, apply, stop, resume,
//! undo. What they transfer is in `new_import`, `view` and `rows`.
//!
//! Further endpoints under `/i/{slug}/imports/`:
//! - `POST {id}/parts/{number}`, numbered from 0: a part of [`PART_BYTES`] (the last may be shorter), with
//!   `X-Part-SHA256` (hexadecimal, of the uncompressed bytes) and, if compressed, `Content-Encoding: gzip`. Answers 204
//!   if the part is stored; 409 if it is stored with other bytes or the upload is over; 413 if it is too large; 422 if
//!   its hash differs or the file can't be read, with the reason in [`ImportView::fault`].
//! - `GET {id}/progress`: server-sent events, each an [`ImportView`] as JSON, until no step is running or for some
//!   seconds; `EventSource` reconnects automatically.
//! - `GET {id}/report.csv`; `?only=failed` for the rejected rows only.
//! - `GET template.csv`.

#[cfg(feature = "ssr")]
pub(crate) mod forms;
mod new_import;
mod rows;
mod view;

use leptos::prelude::*;
use muster::{
    draft::{ImportDraft, SendTimeDraft},
    import::RowsKind,
};

#[cfg(feature = "ssr")]
use crate::{Caller, Outcome, answer, backend, caller};
use crate::{Refusal, json::Json};

pub use new_import::{Begun, CellEdit, EditsDraft, ImportRoles, RememberedMapping};
pub use rows::{ImportRow, ImportRows};
pub use view::{Counts, ImportSummary, ImportView};

/// Size of a part of the file, in bytes; only the last part may be smaller.
pub const PART_BYTES: u64 = 1024 * 1024;
/// Maximum number of edits and skipped rows in one call of [`edit_import`].
pub const MAX_EDITS: usize = 2000;
/// Number of rows that one call of [`import_rows`] returns.
pub const ROWS_A_PAGE: usize = 100;

/// Returns the institution's 100 newest imports, newest first.
///
/// # Errors
/// Fails with `Unauthenticated`, `NotFound` or `Forbidden`.
#[server(name = ImportsFn, prefix = "/rpc", endpoint = "imports", protocol = Json)]
pub async fn imports(slug: String) -> Result<Vec<ImportSummary>, Refusal> {
    answer(backend()?.imports(&caller()?, &slug).await)
}

/// Returns the roles that a file can name, and those that can be chosen for its rows.
///
/// # Errors
/// Fails with `Unauthenticated`, `NotFound` or `Forbidden`.
#[server(name = ImportRolesFn, prefix = "/rpc", endpoint = "import_roles", protocol = Json)]
pub async fn import_roles(slug: String) -> Result<ImportRoles, Refusal> {
    answer(backend()?.import_roles(&caller()?, &slug).await)
}

/// Returns the mapping last used for a file with these headers.
///
/// # Errors
/// Fails with `Unauthenticated`, `NotFound` or `Forbidden`.
#[server(name = RememberedMappingFn, prefix = "/rpc", endpoint = "remembered_mapping", protocol = Json)]
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

/// Begins an import, or returns the one that was begun with the same key.
///
/// # Errors
/// Fails with `Invalid` (`past` under `send_at` for a time in the past), `Conflict` if the key was used for another
/// file or other options, `TooManyTries` if too many imports are open, `Unauthenticated`, `NotFound` or `Forbidden`.
#[server(name = BeginImportFn, prefix = "/rpc", endpoint = "begin_import", protocol = Json)]
pub async fn begin_import(slug: String, draft: ImportDraft) -> Result<Begun, Refusal> {
    answer(backend()?.begin_import(&caller()?, &slug, &draft).await)
}

/// Edits cells and skips rows in the states `Uploading`, `Planned`, `Refused` and `Failed`. An existing plan becomes
/// invalid; [`plan_import`] makes a new one.
///
/// # Errors
/// Fails with `Invalid` (`edits`: too many at once, or a cell is too long), `Conflict` in another state,
/// `Unauthenticated`, `NotFound` or `Forbidden`.
#[server(name = EditImportFn, prefix = "/rpc", endpoint = "edit_import", protocol = Json)]
pub async fn edit_import(slug: String, id: String, draft: EditsDraft) -> Result<(), Refusal> {
    answer(backend()?.edit_import(&caller()?, &slug, &id, &draft).await)
}

/// Starts the check of the whole file, or checks a planned import again. It continues after the page is closed.
///
/// # Errors
/// Fails with `Conflict` if parts are missing or in another state, `Unauthenticated`, `NotFound` or `Forbidden`.
#[server(name = PlanImportFn, prefix = "/rpc", endpoint = "plan_import", protocol = Json)]
pub async fn plan_import(slug: String, id: String) -> Result<(), Refusal> {
    answer(backend()?.plan_import(&caller()?, &slug, &id).await)
}

/// Returns the state of an import.
///
/// # Errors
/// Fails with `Unauthenticated`, `NotFound` or `Forbidden`.
#[server(name = ImportViewFn, prefix = "/rpc", endpoint = "import_view", protocol = Json)]
pub async fn import_view(slug: String, id: String) -> Result<ImportView, Refusal> {
    answer(backend()?.import_view(&caller()?, &slug, &id).await)
}

/// Returns rows of the plan or result after the given row number; 0 for the first page.
///
/// # Errors
/// Fails with `Unauthenticated`, `NotFound` or `Forbidden`.
#[server(name = ImportRowsFn, prefix = "/rpc", endpoint = "import_rows", protocol = Json)]
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

/// Applies the plan in the caller's name.
///
/// # Errors
/// Fails with `Conflict` in another state than `Planned`, or if an all-or-nothing import has rejected rows; or with
/// `Unauthenticated`, `NotFound` or `Forbidden`.
#[server(name = ApplyImportFn, prefix = "/rpc", endpoint = "apply_import", protocol = Json)]
pub async fn apply_import(slug: String, id: String) -> Result<(), Refusal> {
    answer(backend()?.apply_import(&caller()?, &slug, &id).await)
}

/// Stops the import while it is being applied. What has been written is kept.
///
/// # Errors
/// Fails with `Conflict` if it is not being applied, `Unauthenticated`, `NotFound` or `Forbidden`.
#[server(name = StopImportFn, prefix = "/rpc", endpoint = "stop_import", protocol = Json)]
pub async fn stop_import(slug: String, id: String) -> Result<(), Refusal> {
    answer(backend()?.stop_import(&caller()?, &slug, &id).await)
}

/// Resumes a stopped import in the caller's name.
///
/// # Errors
/// Fails with `Conflict` if it is not stopped, `Unauthenticated`, `NotFound` or `Forbidden`.
#[server(name = ResumeImportFn, prefix = "/rpc", endpoint = "resume_import", protocol = Json)]
pub async fn resume_import(slug: String, id: String) -> Result<(), Refusal> {
    answer(backend()?.resume_import(&caller()?, &slug, &id).await)
}

/// Undoes an import within 7 days: revokes unaccepted invitations and restores the fields that nobody has changed
/// since. The rest is kept and listed: [`RowsKind::Kept`].
///
/// # Errors
/// Fails with `Conflict` if nothing was applied or the 7 days are over, `Unauthenticated`, `NotFound` or `Forbidden`.
#[server(name = UndoImportFn, prefix = "/rpc", endpoint = "undo_import", protocol = Json)]
pub async fn undo_import(slug: String, id: String) -> Result<(), Refusal> {
    answer(backend()?.undo_import(&caller()?, &slug, &id).await)
}

/// Discards an import of which nothing was applied, and deletes its file.
///
/// # Errors
/// Fails with `Conflict` if something was applied, `Unauthenticated`, `NotFound` or `Forbidden`.
#[server(name = DiscardImportFn, prefix = "/rpc", endpoint = "discard_import", protocol = Json)]
pub async fn discard_import(slug: String, id: String) -> Result<(), Refusal> {
    answer(backend()?.discard_import(&caller()?, &slug, &id).await)
}

/// Skips every row that the plan rejects, and makes a new plan.
///
/// # Errors
/// Fails with `Conflict` in other states than `Planned` and `Failed`, `Unauthenticated`, `NotFound` or `Forbidden`.
#[server(name = LeaveOutRefusedFn, prefix = "/rpc", endpoint = "leave_out_refused", protocol = Json)]
pub async fn leave_out_refused(slug: String, id: String) -> Result<(), Refusal> {
    answer(backend()?.leave_out_refused(&caller()?, &slug, &id).await)
}

/// Starts sending all waiting invitations of the import in the caller's name; a worker sends them. Those with a role
/// that the caller may not assign keep waiting.
///
/// # Errors
/// Fails with `NothingToSend`, `Conflict` in other states than `Done` and `Stopped`, `Unauthenticated`, `NotFound` or
/// `Forbidden`.
#[server(name = SendImportFn, prefix = "/rpc", endpoint = "send_import", protocol = Json)]
pub async fn send_import(slug: String, id: String) -> Result<(), Refusal> {
    answer(backend()?.send_import(&caller()?, &slug, &id).await)
}

/// Schedules the sending of the import's waiting invitations at a time of the institution, in the caller's name.
///
/// Allowed in the states `Planned`, `Done` and `Stopped`. Sent invitations are not affected.
///
/// # Errors
/// Fails with `Invalid` (`send_at`: `past` for a time in the past), `NothingToSend`, `Conflict` in another state or if
/// emails are sent immediately, `Unauthenticated`, `NotFound` or `Forbidden`.
#[server(name = ScheduleImportFn, prefix = "/rpc", endpoint = "schedule_import", protocol = Json)]
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

/// Cancels the scheduled sending. The invitations wait until someone sends or schedules them.
///
/// # Errors
/// Those of [`schedule_import`], except `Invalid`.
#[server(name = UnscheduleImportFn, prefix = "/rpc", endpoint = "unschedule_import", protocol = Json)]
pub async fn unschedule_import(slug: String, id: String) -> Result<(), Refusal> {
    answer(backend()?.unschedule_import(&caller()?, &slug, &id).await)
}

/// Imports.
///
/// Each method implements the server function of the same name, which documents its effects and its errors.
#[cfg(feature = "ssr")]
#[async_trait::async_trait]
pub trait Imports {
    async fn imports(&self, caller: &Caller, slug: &str) -> Outcome<Vec<ImportSummary>>;
    async fn import_roles(&self, caller: &Caller, slug: &str) -> Outcome<ImportRoles>;
    async fn remembered_mapping(
        &self,
        caller: &Caller,
        slug: &str,
        headers: &[String],
    ) -> Outcome<RememberedMapping>;
    async fn begin_import(
        &self,
        caller: &Caller,
        slug: &str,
        draft: &ImportDraft,
    ) -> Outcome<Begun>;
    async fn edit_import(
        &self,
        caller: &Caller,
        slug: &str,
        id: &str,
        draft: &EditsDraft,
    ) -> Outcome<()>;
    async fn plan_import(&self, caller: &Caller, slug: &str, id: &str) -> Outcome<()>;
    async fn import_view(&self, caller: &Caller, slug: &str, id: &str) -> Outcome<ImportView>;
    async fn import_rows(
        &self,
        caller: &Caller,
        slug: &str,
        id: &str,
        kind: RowsKind,
        after: u32,
    ) -> Outcome<ImportRows>;
    async fn apply_import(&self, caller: &Caller, slug: &str, id: &str) -> Outcome<()>;
    async fn stop_import(&self, caller: &Caller, slug: &str, id: &str) -> Outcome<()>;
    async fn resume_import(&self, caller: &Caller, slug: &str, id: &str) -> Outcome<()>;
    async fn undo_import(&self, caller: &Caller, slug: &str, id: &str) -> Outcome<()>;
    async fn discard_import(&self, caller: &Caller, slug: &str, id: &str) -> Outcome<()>;
    async fn leave_out_refused(&self, caller: &Caller, slug: &str, id: &str) -> Outcome<()>;
    async fn send_import(&self, caller: &Caller, slug: &str, id: &str) -> Outcome<()>;
    async fn schedule_import(
        &self,
        caller: &Caller,
        slug: &str,
        id: &str,
        draft: &SendTimeDraft,
    ) -> Outcome<()>;
    async fn unschedule_import(&self, caller: &Caller, slug: &str, id: &str) -> Outcome<()>;
}
