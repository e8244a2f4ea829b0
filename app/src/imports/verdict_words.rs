//! Words for what becomes of an import and of its rows. To add a state, a list or a reason: its arm here and its
//! sentence in every `imports.json`.

use super::{
    api::{FieldChange, ImportState, Reason, RowsKind},
    words::ImportWords,
};
use crate::{i18n::*, words::Say};

impl ImportWords {
    /// Where an import stands.
    #[must_use]
    pub fn state(self, state: ImportState) -> &'static str {
        let locale = self.locale();
        match state {
            ImportState::Uploading => td_string!(locale, imports.state_uploading),
            ImportState::Checking => td_string!(locale, imports.state_checking),
            ImportState::Refused => td_string!(locale, imports.state_refused),
            ImportState::Planned => td_string!(locale, imports.state_planned),
            ImportState::Applying => td_string!(locale, imports.state_applying),
            ImportState::Stopped => td_string!(locale, imports.state_stopped),
            ImportState::Failed => td_string!(locale, imports.state_failed),
            ImportState::Done => td_string!(locale, imports.state_done),
            ImportState::Undoing => td_string!(locale, imports.state_undoing),
            ImportState::Undone => td_string!(locale, imports.state_undone),
            ImportState::Discarded => td_string!(locale, imports.state_discarded),
        }
    }

    /// A list of rows: what is going to be done with them, or was.
    #[must_use]
    pub fn list(self, kind: RowsKind, is_done: bool) -> &'static str {
        let locale = self.locale();
        match (kind, is_done) {
            (RowsKind::Invite, false) => td_string!(locale, imports.list_invite),
            (RowsKind::Invite, true) => td_string!(locale, imports.list_invited),
            (RowsKind::Update, false) => td_string!(locale, imports.list_update),
            (RowsKind::Update, true) => td_string!(locale, imports.list_updated),
            (RowsKind::Unchanged, _) => td_string!(locale, imports.list_unchanged),
            (RowsKind::Warnings, _) => td_string!(locale, imports.list_warnings),
            (RowsKind::Refused, _) => td_string!(locale, imports.list_refused),
            (RowsKind::LeftOut, _) => td_string!(locale, imports.list_left_out),
            (RowsKind::Kept, _) => td_string!(locale, imports.list_kept),
        }
    }

    /// Why a row is refused, or what is to be known about it.
    #[must_use]
    pub fn reason(self, reason: &Reason) -> String {
        let locale = self.locale();
        match reason {
            Reason::Cell(problem) => self.problem(problem),
            Reason::Fault(fault) => self.fault(fault),
            Reason::AlreadyMember => td_string!(locale, imports.reason_already_member).to_owned(),
            Reason::AlreadyInvited => td_string!(locale, imports.reason_already_invited).to_owned(),
            Reason::NoSuchMember => td_string!(locale, imports.reason_no_such_member).to_owned(),
            Reason::SeatsFull => td_string!(locale, imports.reason_seats_full).to_owned(),
            Reason::RoleNotYours => td_string!(locale, imports.reason_role_not_yours).to_owned(),
            Reason::Guarded(guard) => Say::of(locale).of_guard(*guard),
            Reason::AccountsOwn(column) => td_string!(
                locale,
                imports.reason_accounts_own,
                column = self.column(*column)
            ),
            Reason::Changed {
                field,
                old,
                file,
                current,
            } => td_string!(
                locale,
                imports.reason_changed,
                field = self.field(field),
                old = old.clone(),
                file = file.clone(),
                current = current.clone()
            ),
            Reason::Accepted => td_string!(locale, imports.reason_accepted).to_owned(),
        }
    }

    /// A field of a member that is changed.
    #[must_use]
    pub fn change(self, change: &FieldChange) -> String {
        let locale = self.locale();
        let FieldChange { field, old, new } = change;
        let field = self.field(field);
        match (old.is_empty(), new.is_empty()) {
            (true, _) => td_string!(locale, imports.change_set, field = field, new = new.clone()),
            (false, true) => {
                td_string!(
                    locale,
                    imports.change_cleared,
                    field = field,
                    old = old.clone()
                )
            }
            (false, false) => td_string!(
                locale,
                imports.change,
                field = field,
                old = old.clone(),
                new = new.clone()
            ),
        }
    }

    /// A field by its column's code.
    fn field(self, code: &str) -> &'static str {
        let locale = self.locale();
        code.parse().map_or_else(
            |_| td_string!(locale, imports.attributes),
            |column| self.column(column),
        )
    }
}
