//! The state of an import for its page.

use chrono::TimeDelta;
use muster::{
    failure::Failure,
    ids::AccountId,
    import::{Access, Applying, Delimiter, Encoding, ImportState, Options, Send, StoppedBy},
    permission::Permission,
};
use rpc::{
    Caller,
    imports::{Counts, ImportSummary, ImportView},
};

use super::{parts, state};
use crate::{
    error::{Error, boundary},
    importer::{allows, read_json},
    service::{Actor, Service},
    store::{
        Tx,
        imports::{self, Import, UNDO_DAYS, sending},
        institutions::{self, Institution},
        login_details::LIFE_HOURS,
    },
    time_format::{date_time, dated, typed, zone},
};

/// The number of imports in the list.
const LISTED: i64 = 100;

impl Service {
    pub(super) async fn list_imports(
        &self,
        caller: &Caller,
        slug: &str,
    ) -> Result<Vec<ImportSummary>, Error> {
        let (actor, mut tx) = self.importing(caller, slug).await?;
        let institution = institutions::get(&mut tx, actor.institution).await?;
        let zone = zone(&institution.time_zone);
        imports::newest(&mut tx, actor.institution, LISTED)
            .await?
            .iter()
            .map(|import| {
                let counts = import.done.as_ref().or(import.plan.as_ref());
                Ok(ImportSummary {
                    id: import.id.to_string(),
                    file_name: import.file_name.clone(),
                    at: date_time(import.created_at, zone, actor.language),
                    by: import.by.clone(),
                    state: state(import)?,
                    access: read_json::<Options>(&import.options)?.access,
                    counts: counts.map(read_json).transpose()?.unwrap_or_default(),
                })
            })
            .collect()
    }

    /// Returns the state of an import.
    ///
    /// # Errors
    /// Returns `Unauthenticated`, `NotFound` or `Forbidden` if the caller may not import here.
    pub async fn view_import(
        &self,
        caller: &Caller,
        slug: &str,
        id: &str,
    ) -> Result<ImportView, Error> {
        let (actor, at, import, mut tx) = self.one_import(caller, slug, id).await?;
        let institution = institutions::get(&mut tx, actor.institution).await?;
        let seats_left = seats_left(&mut tx, &actor, &institution, &import).await?;
        let mut view = shown(&actor, &institution, &import)?;
        view.seats_left = seats_left;
        if view.options.send != Send::Now && sends(view.state) {
            view.waiting = count(sending::waiting(&mut tx, at).await?);
        }
        view.sending = import.is_due && view.waiting > 0;
        view.sends_at = import
            .send_at
            .filter(|_| view.waiting > 0 && !view.sending || view.state == ImportState::Planned)
            .map(|at| dated(at, zone(&institution.time_zone), actor.language));
        view.send_at = import
            .send_at
            .filter(|_| view.sends_at.is_some())
            .map_or_else(String::new, |at| typed(at, zone(&institution.time_zone)));
        let may = allows(actor.permissions, view.options.mode)
            && actor.permissions.contains(Permission::InviteUsers);
        view.may_send = may && view.waiting > 0 && !view.sending;
        let will_wait = view.state == ImportState::Planned
            && view.options.send != Send::Now
            && view.plan.is_some_and(|plan| plan.invite > 0);
        view.may_schedule = view.may_send || may && will_wait;
        Ok(view)
    }
}

/// Returns the number of seats that are not taken, but only for a plan that waits for a decision: counting a million
/// members for each part or progress request would be too slow.
async fn seats_left(
    tx: &mut Tx,
    actor: &Actor,
    institution: &Institution,
    import: &Import,
) -> Result<Option<u32>, Error> {
    let Some(seats) = institution.seats else {
        return Ok(None);
    };
    if state(import)?.is_under_way() || import.plan.is_none() || import.done.is_some() {
        return Ok(None);
    }
    let taken = institutions::seats_taken(tx, actor.institution).await?;
    Ok(Some(count((i64::from(seats) - taken).max(0))))
}

fn shown(actor: &Actor, institution: &Institution, import: &Import) -> Result<ImportView, Error> {
    let state = state(import)?;
    let zone = zone(&institution.time_zone);
    let options: Options = read_json(&import.options)?;
    let life_hours = match options.access {
        Access::Invite => institution.invitation_hours,
        Access::Passwords => LIFE_HOURS,
    };
    let may = allows(actor.permissions, options.mode);
    let plan: Option<Counts> = import.plan.as_ref().map(read_json).transpose()?;
    let done: Option<Counts> = import.done.as_ref().map(read_json).transpose()?;
    let unknown = |code: &str| Error::internal(format!("an import with an unknown code: {code}"));
    let encoding: Encoding = import
        .encoding
        .parse()
        .map_err(|_| unknown(&import.encoding))?;
    let delimiter: Delimiter = import
        .delimiter
        .parse()
        .map_err(|_| unknown(&import.delimiter))?;
    let pace = pace(import, state, plan, done);
    let until = import
        .applied_at
        .filter(|_| may_undo(import, state))
        .map(|at| at + TimeDelta::days(i64::from(UNDO_DAYS)));
    Ok(ImportView {
        id: import.id.to_string(),
        file_name: import.file_name.clone(),
        size: u64::try_from(import.size).unwrap_or(0),
        at: date_time(import.created_at, zone, actor.language),
        by: import.by.clone(),
        state,
        encoding,
        delimiter,
        headers: import.headers.clone(),
        mapping: read_json(&import.mapping)?,
        options,
        parts: count(i64::from(import.parts)),
        parts_expected: count(parts::expected(import.size)),
        progress: count(i64::from(import.progress)),
        of: pace.of,
        checked_bytes: u64::try_from(import.checked_bytes).unwrap_or(0),
        per_second: pace.per_second,
        seconds_left: pace.seconds_left,
        plan,
        done,
        undone: import.undone.as_deref().and_then(|undone| match undone {
            [undone, kept] => Some((count(i64::from(*undone)), count(i64::from(*kept)))),
            _ => None,
        }),
        seats_left: None,
        fault: import.fault.as_ref().map(read_json).transpose()?,
        mismatch: import.mismatch,
        stopped_by: match import.stopped_by.as_deref() {
            Some("permission") => Some(StoppedBy::Permission),
            Some("trouble") => Some(StoppedBy::Trouble),
            Some(code) => return Err(unknown(code)),
            None => None,
        },
        undo_until: until.map(|until| date_time(until, zone, actor.language)),
        waiting: 0,
        sends_at: None,
        send_at: String::new(),
        sending: false,
        life_hours: count(i64::from(life_hours)),
        may_apply: may && may_apply(import, state)?,
        may_stop: may && state == ImportState::Applying,
        may_resume: may && state == ImportState::Stopped,
        may_undo: may && may_undo(import, state),
        may_discard: may && may_discard(import, state),
        may_leave_out: may && may_leave_out(import, state)?,
        may_send: false,
        may_schedule: false,
    })
}

/// Returns whether the plan can be applied. An all-or-nothing plan with rejected rows can't.
pub(super) fn may_apply(import: &Import, state: ImportState) -> Result<bool, Error> {
    let whole = read_json::<Options>(&import.options)?.applying == Applying::Whole;
    let plan: Option<Counts> = import.plan.as_ref().map(read_json).transpose()?;
    Ok(state == ImportState::Planned && plan.is_some_and(|plan| !whole || plan.refused == 0))
}

/// Returns whether rejected rows can be skipped: nothing is applied yet.
pub(super) fn may_leave_out(import: &Import, state: ImportState) -> Result<bool, Error> {
    let plan: Option<Counts> = import.plan.as_ref().map(read_json).transpose()?;
    let fits = matches!(state, ImportState::Planned | ImportState::Failed);
    Ok(fits && plan.is_some_and(|plan| plan.refused > 0))
}

/// Returns whether the state can have invitations that wait to be sent.
pub(super) const fn sends(state: ImportState) -> bool {
    matches!(state, ImportState::Done | ImportState::Stopped)
}

/// Returns whether the time of sending can be changed.
pub(super) const fn has_a_send_time(state: ImportState) -> bool {
    matches!(state, ImportState::Planned) || sends(state)
}

/// Returns whether the import can be undone: it was applied within the last days.
pub(super) fn may_undo(import: &Import, state: ImportState) -> bool {
    import.fresh && matches!(state, ImportState::Done | ImportState::Stopped)
}

/// Returns whether the import can be discarded: nothing was applied.
pub(super) const fn may_discard(import: &Import, state: ImportState) -> bool {
    match state {
        ImportState::Uploading
        | ImportState::Checking
        | ImportState::Refused
        | ImportState::Planned
        | ImportState::Failed => true,
        ImportState::Stopped => import.done.is_none(),
        _ => false,
    }
}

struct Pace {
    of: u32,
    per_second: u32,
    seconds_left: Option<u32>,
}

/// Returns the pace of the current phase: in rows, or in bytes during the check, when the number of rows is unknown.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "estimates of what can be counted; a negative one is none, and a float's cast saturates"
)]
fn pace(import: &Import, state: ImportState, plan: Option<Counts>, done: Option<Counts>) -> Pace {
    let of = match state {
        ImportState::Undoing => done.map_or(0, |counts| counts.rows),
        _ => plan.map_or(0, |counts| counts.rows),
    };
    if !state.is_under_way() || import.phase_seconds <= 0.0 {
        return Pace {
            of,
            per_second: 0,
            seconds_left: None,
        };
    }
    let share = if state == ImportState::Checking {
        import.checked_bytes as f64 / import.size.max(1) as f64
    } else {
        f64::from(import.progress) / f64::from(of.max(1))
    };
    Pace {
        of,
        per_second: (f64::from(import.progress) / import.phase_seconds) as u32,
        seconds_left: (share > 0.02)
            .then(|| (import.phase_seconds * (1.0 - share) / share).ceil() as u32),
    }
}

pub(super) fn count(number: i64) -> u32 {
    u32::try_from(number.max(0)).unwrap_or(u32::MAX)
}

/// Functions for requests that are not server functions. They return only failures that may be shown.
impl Service {
    /// Returns the caller's account if they may import here.
    ///
    /// # Errors
    /// Returns `Unauthenticated`, `NotFound` or `Forbidden` if they may not.
    pub async fn may_import(
        &self,
        caller: &Caller,
        slug: &str,
        id: &str,
    ) -> Result<AccountId, Failure> {
        let may = async { Ok(self.one_import(caller, slug, id).await?.0.account) };
        boundary("may_import", may).await
    }

    /// Checks again, during a long response, what [`Service::may_import`] checked at its start.
    ///
    /// # Errors
    /// Same as [`Service::may_import`].
    pub async fn may_import_still(
        &self,
        caller: &Caller,
        slug: &str,
        id: &str,
    ) -> Result<(), Failure> {
        self.is_signed_in(caller, slug).await?;
        self.may_import(caller, slug, id).await.map(drop)
    }

    /// Same as [`Service::view_import`], without internal errors.
    ///
    /// # Errors
    /// Returns `Unauthenticated`, `NotFound` or `Forbidden` if the caller may not import here.
    pub async fn watch_import(
        &self,
        caller: &Caller,
        slug: &str,
        id: &str,
    ) -> Result<ImportView, Failure> {
        boundary("watch_import", self.view_import(caller, slug, id)).await
    }
}
