//! Server functions of bulk import, in the order of its life: begin, send the parts, edit, plan, look, apply, stop,
//! go on, undo. To add a reason why a row is refused: a variant of [`Reason`], its words in the locales.
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

use leptos::prelude::*;
use muster::{
    draft::ImportDraft,
    guard::Guard,
    import::{Applying, Column, Delimiter, Encoding, Fault, Mapping, Options, RowProblem},
};
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use crate::backend::{answer, backend, caller};
use crate::{failure::Refusal, json::Json, moment::Moment};

/// How many bytes of the file are in a part; all but the last one have exactly so many.
pub const PART_BYTES: u64 = 1024 * 1024;
/// The most that [`edit_import`] takes at once, edits and left out rows together.
pub const MAX_EDITS: usize = 2000;
/// How many rows [`import_rows`] gives at once.
pub const ROWS_A_PAGE: usize = 100;

/// Where an import stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportState {
    /// Parts are coming; edits too.
    Uploading,
    /// A worker reads the file.
    Checking,
    /// The file can't be read as one: [`ImportView::fault`], or [`ImportView::mismatch`].
    Refused,
    /// Every row has its verdict; nothing has been done yet. Can be edited and planned again.
    Planned,
    /// A worker writes.
    Applying,
    /// Stopped on the way, by a person or by [`ImportView::stopped_by`]; can go on.
    Stopped,
    /// Everything was to be done or nothing, and rows were refused while it was applied: nothing was done, and the plan
    /// has these rows. Can be edited and planned again.
    Failed,
    /// Everything is written.
    Done,
    /// A worker undoes it.
    Undoing,
    /// Everything that could be undone is.
    Undone,
    /// Given up before anything was done.
    Discarded,
}

impl ImportState {
    /// Every state.
    pub const ALL: [Self; 11] = [
        Self::Uploading,
        Self::Checking,
        Self::Refused,
        Self::Planned,
        Self::Applying,
        Self::Stopped,
        Self::Failed,
        Self::Done,
        Self::Undoing,
        Self::Undone,
        Self::Discarded,
    ];

    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Uploading => "uploading",
            Self::Checking => "checking",
            Self::Refused => "refused",
            Self::Planned => "planned",
            Self::Applying => "applying",
            Self::Stopped => "stopped",
            Self::Failed => "failed",
            Self::Done => "done",
            Self::Undoing => "undoing",
            Self::Undone => "undone",
            Self::Discarded => "discarded",
        }
    }

    /// The state with this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }

    /// Whether a worker is at it.
    #[must_use]
    pub const fn is_under_way(self) -> bool {
        matches!(self, Self::Checking | Self::Applying | Self::Undoing)
    }
}

/// Rows by their verdict. Every row is in exactly one of these but `warnings`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Counts {
    /// Rows in all, blank lines aside.
    pub rows: u32,
    /// People to invite, or invited.
    pub invite: u32,
    /// Members to change, or changed.
    pub update: u32,
    /// Members there already, who stay as they are.
    pub unchanged: u32,
    /// Refused.
    pub refused: u32,
    /// Left out by hand.
    pub left_out: u32,
    /// Of those that are not refused: with something to know about.
    pub warnings: u32,
}

/// One past import in the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportSummary {
    /// Its id.
    pub id: String,
    /// The file's name.
    pub file_name: String,
    /// When it was begun.
    pub at: Moment,
    /// The name of who began it.
    pub by: String,
    /// Where it stands.
    pub state: ImportState,
    /// What came of its rows, or is going to.
    pub counts: Counts,
}

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

/// Why the work stopped by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StoppedBy {
    /// Who applied it may not import any more.
    Permission,
    /// Something went wrong several times; the log has it.
    Trouble,
}

/// Where an import stands.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each says of one action whether it is there"
)]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportView {
    /// Its id.
    pub id: String,
    /// The file's name.
    pub file_name: String,
    /// Its size, in bytes.
    pub size: u64,
    /// When it was begun.
    pub at: Moment,
    /// The name of who began it.
    pub by: String,
    /// Where it stands.
    pub state: ImportState,
    /// How the file is written.
    pub encoding: Encoding,
    /// What parts its fields.
    pub delimiter: Delimiter,
    /// The file's headers; none before it was planned.
    pub headers: Vec<String>,
    /// What its columns mean.
    pub mapping: Mapping,
    /// What is done with its people.
    pub options: Options,
    /// How many of its parts there are.
    pub parts: u32,
    /// How many there must be.
    pub parts_expected: u32,
    /// Rows that what is under way has gone through.
    pub progress: u32,
    /// Rows that it has to go through; while checking the file's size and the bytes so far make the share.
    pub of: u32,
    /// Bytes that the check has gone through.
    pub checked_bytes: u64,
    /// Rows a second, while something is under way.
    pub per_second: u32,
    /// Seconds that are left of it, once that can be told.
    pub seconds_left: Option<u32>,
    /// The plan, once there is one.
    pub plan: Option<Counts>,
    /// What came of it, as far as it was applied.
    pub done: Option<Counts>,
    /// What came of undoing it: how many rows were undone, and how many kept.
    pub undone: Option<(u32, u32)>,
    /// Seats that are free now; none where their number is not set.
    pub seats_left: Option<u32>,
    /// Why the file can't be read.
    pub fault: Option<Fault>,
    /// The file is another than the one that was announced (its size or its hash), or than its mapping is for.
    pub mismatch: bool,
    /// Why the work stopped by itself.
    pub stopped_by: Option<StoppedBy>,
    /// Until when it can be undone.
    pub undo_until: Option<Moment>,
    /// Invitations of it that nobody has been sent yet; not counted while something is under way.
    pub waiting: u32,
    /// When these are sent by themselves, or those that the plan invites.
    pub sends_at: Option<Moment>,
    /// Whether they are being sent.
    pub sending: bool,
    /// Whether it can be applied now.
    pub may_apply: bool,
    /// Whether it can be stopped now.
    pub may_stop: bool,
    /// Whether it can go on now.
    pub may_resume: bool,
    /// Whether it can be undone now.
    pub may_undo: bool,
    /// Whether it can be discarded now.
    pub may_discard: bool,
    /// Whether all refused rows can be left out now.
    pub may_leave_out: bool,
    /// Whether what waits can be sent now.
    pub may_send: bool,
}

impl ImportView {
    /// Whether a worker is at it, so that it is otherwise soon.
    #[must_use]
    pub const fn is_under_way(&self) -> bool {
        self.state.is_under_way() || self.sending
    }

    /// Everything is to be done or nothing, and rows are refused: as it is it can't be applied.
    #[must_use]
    pub fn is_held_up(&self) -> bool {
        let refused = self.plan.is_some_and(|plan| plan.refused > 0);
        self.state == ImportState::Planned && self.options.applying == Applying::Whole && refused
    }
}

/// Which rows to look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowsKind {
    /// To invite, or invited.
    Invite,
    /// To change, or changed.
    Update,
    /// There already, and left as they are.
    Unchanged,
    /// Not refused, but with something to know about.
    Warnings,
    /// Refused, by the plan or when it was applied.
    Refused,
    /// Left out by hand.
    LeftOut,
    /// What undoing left as it is.
    Kept,
}

/// What becomes of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The person is invited.
    Invite,
    /// The member is changed.
    Update,
    /// The member stays as they are.
    Unchanged,
    /// Nothing is done.
    Refused,
    /// It was left out by hand.
    LeftOut,
}

/// Why a row is refused, or what is to be known about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// A cell is wrong: the rules' own codes, `taken` among them.
    Cell(RowProblem),
    /// The row is none of the file's shape.
    Fault(Fault),
    /// The address is a member's already, and members are not to be changed.
    AlreadyMember,
    /// The address is invited already, and who is there is not to be changed.
    AlreadyInvited,
    /// Nobody here is meant, and nobody is to be added.
    NoSuchMember,
    /// No seat is left for it.
    SeatsFull,
    /// The role, named or held, is one that the importer may not give.
    RoleNotYours,
    /// A rule protects the person.
    Guarded(Guard),
    /// The cell says another than the account has, which is the person's own and stays.
    AccountsOwn(Column),
    /// Somebody changed it after the plan was made, or after it was applied: it stays.
    Changed {
        /// What was changed; `attributes` for further columns.
        field: String,
        /// What it was.
        old: String,
        /// What the file says.
        file: String,
        /// What it is.
        current: String,
    },
    /// The person has accepted, so that the invitation can't be undone.
    Accepted,
}

/// A field of a member that an import changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldChange {
    /// The column's code; `attributes` for further columns.
    pub field: String,
    /// What it is, or was.
    pub old: String,
    /// What it becomes.
    pub new: String,
}

/// A row of the plan or of the result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportRow {
    /// Its number, from 1.
    pub row: u32,
    /// The line of the file that it begins at.
    pub line: u64,
    /// The username, or empty.
    pub username: String,
    /// First name, or empty.
    pub first_name: String,
    /// Last name, or empty.
    pub last_name: String,
    /// The address, or empty.
    pub email: String,
    /// The role's name, or empty.
    pub role: String,
    /// What becomes of it.
    pub verdict: Verdict,
    /// Why it is refused, or what is to be known.
    pub reasons: Vec<Reason>,
    /// What is changed of the member.
    pub changes: Vec<FieldChange>,
    /// The id of the user that came of it or is meant, for the link to their page.
    pub user: Option<String>,
}

/// A page of rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportRows {
    /// The rows, in the file's order.
    pub rows: Vec<ImportRow>,
    /// The `after` of the next page, where there is one.
    pub next: Option<u32>,
}

/// The institution's imports, newest first, 100 at most.
///
/// # Errors
/// `SignedOut`, `NotFound`, `Forbidden`.
#[server(name = ImportsFn, prefix = "/api", endpoint = "imports", protocol = Json)]
pub async fn imports(slug: String) -> Result<Vec<ImportSummary>, Refusal> {
    answer(backend()?.imports(&caller()?, &slug).await)
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
/// `Changed` where none waits, `SignedOut`, `NotFound`, `Forbidden`.
#[server(name = SendImportFn, prefix = "/api", endpoint = "send_import", protocol = Json)]
pub async fn send_import(slug: String, id: String) -> Result<(), Refusal> {
    answer(backend()?.send_import(&caller()?, &slug, &id).await)
}
