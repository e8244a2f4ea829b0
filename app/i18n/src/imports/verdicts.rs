//! Texts for the states of imports and the results of rows. To add a state, a list or a reason: its arm here and its
//! sentence in every `imports.json`.

use muster::import::{Access, FieldChange, ImportState, Reason, RowsKind, Written};

use crate::*;

impl ImportWords {
    /// Returns an import state's label.
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

    /// Returns the label of a list of rows, which depends on whether they will be, were or had been applied.
    #[must_use]
    pub fn list(self, kind: RowsKind, access: Access, written: Written) -> &'static str {
        let locale = self.locale();
        match kind {
            RowsKind::Invite => match (access, written) {
                (Access::Invite, Written::Will) => td_string!(locale, imports.list_invite),
                (Access::Invite, Written::Was) => td_string!(locale, imports.list_invited),
                (Access::Invite, Written::Undone) => td_string!(locale, imports.list_had_invited),
                (Access::Passwords, Written::Will) => td_string!(locale, imports.list_accounts),
                (Access::Passwords, Written::Was) => td_string!(locale, imports.list_accounts_made),
                (Access::Passwords, Written::Undone) => td_string!(locale, imports.list_had_made),
            },
            RowsKind::Update => match written {
                Written::Will => td_string!(locale, imports.list_update),
                Written::Was => td_string!(locale, imports.list_updated),
                Written::Undone => td_string!(locale, imports.list_had_updated),
            },
            RowsKind::Unchanged => td_string!(locale, imports.list_unchanged),
            RowsKind::Warnings => td_string!(locale, imports.list_warnings),
            RowsKind::Refused => td_string!(locale, imports.list_refused),
            RowsKind::LeftOut => td_string!(locale, imports.list_left_out),
            RowsKind::Kept => td_string!(locale, imports.list_kept),
        }
    }

    /// Returns the result of an undo: the number of undone rows, and of those kept.
    #[must_use]
    pub fn undone(self, undone: u32, kept: u32) -> String {
        let locale = self.locale();
        let n = |count: u32| grouped(locale, count.into());
        let undone = match undone {
            1 => td_string!(locale, imports.undone_singular).to_owned(),
            undone => td_string!(locale, imports.undone_plural, count = n(undone)),
        };
        match kept {
            0 => undone,
            1 => format!("{undone} {}", td_string!(locale, imports.kept_singular)),
            kept => format!(
                "{undone} {}",
                td_string!(locale, imports.kept_plural, count = n(kept))
            ),
        }
    }

    /// Returns why a row is rejected, or its warning.
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

    /// Returns the text for a changed field of a member.
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

    /// Returns a field's name by its column's code.
    fn field(self, code: &str) -> &'static str {
        let locale = self.locale();
        code.parse().map_or_else(
            |_| td_string!(locale, imports.attributes),
            |column| self.column(column),
        )
    }
}
