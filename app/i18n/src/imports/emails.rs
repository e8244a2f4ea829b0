//! Texts for the emails of an import: invitations, or login details with a generated password.

use muster::import::Access;

use crate::*;

impl ImportWords {
    /// Returns how many emails are waiting and until when, or that they are being sent.
    #[must_use]
    pub fn waits(self, access: Access, waiting: u32, sending: bool, until: Option<&str>) -> String {
        let locale = self.locale();
        let details = access == Access::Passwords;
        let one = waiting == 1;
        let count = grouped(locale, waiting.into());
        if sending {
            return match (details, one) {
                (false, true) => td_string!(locale, imports.sending_singular).to_owned(),
                (false, false) => td_string!(locale, imports.sending_plural, count = count),
                (true, true) => td_string!(locale, imports.sending_details_singular).to_owned(),
                (true, false) => td_string!(locale, imports.sending_details_plural, count = count),
            };
        }
        let wait = match (details, one) {
            (false, true) => td_string!(locale, imports.waiting_singular).to_owned(),
            (false, false) => td_string!(locale, imports.waiting_plural, count = count),
            (true, true) => td_string!(locale, imports.waiting_details_singular).to_owned(),
            (true, false) => td_string!(locale, imports.waiting_details_plural, count = count),
        };
        let Some(until) = until else {
            return wait;
        };
        let sent = if one && !details {
            td_string!(locale, imports.waiting_until_singular, until = until)
        } else {
            td_string!(locale, imports.waiting_until_plural, until = until)
        };
        format!("{wait} {sent}")
    }

    /// Returns the label of the button that sends them.
    #[must_use]
    pub fn send_waiting(self, access: Access, waiting: u32) -> String {
        let locale = self.locale();
        let count = grouped(locale, waiting.into());
        match (access, waiting) {
            (Access::Invite, 1) => td_string!(locale, imports.send_waiting_singular).to_owned(),
            (Access::Invite, _) => td_string!(locale, imports.send_waiting_plural, count = count),
            (Access::Passwords, 1) => td_string!(locale, imports.send_details_singular).to_owned(),
            (Access::Passwords, _) => {
                td_string!(locale, imports.send_details_plural, count = count)
            }
        }
    }

    /// Returns the note for a plan that sends its emails when it is applied.
    #[must_use]
    pub fn then_now(self, access: Access, life_hours: u32) -> String {
        let locale = self.locale();
        let life = if life_hours > 48 && life_hours.is_multiple_of(24) {
            td_string!(locale, imports.days, n = life_hours / 24)
        } else if life_hours == 1 {
            td_string!(locale, imports.hours_singular).to_owned()
        } else {
            td_string!(locale, imports.hours_plural, n = life_hours)
        };
        match access {
            Access::Invite => td_string!(locale, imports.then_now, life = life),
            Access::Passwords => td_string!(locale, imports.then_now_details, life = life),
        }
    }

    /// Returns the note for any other plan: the time of sending, or that sending is manual.
    #[must_use]
    pub fn then_sent(self, access: Access, until: Option<&str>) -> String {
        let locale = self.locale();
        match (access, until) {
            (Access::Invite, None) => td_string!(locale, imports.then_waits).to_owned(),
            (Access::Invite, Some(until)) => {
                td_string!(locale, imports.then_sent, until = until)
            }
            (Access::Passwords, None) => td_string!(locale, imports.then_waits_details).to_owned(),
            (Access::Passwords, Some(until)) => {
                td_string!(locale, imports.then_sent_details, until = until)
            }
        }
    }

    /// Returns the hint for a way of access.
    #[must_use]
    pub fn access_hint(self, access: Access) -> &'static str {
        let locale = self.locale();
        match access {
            Access::Invite => td_string!(locale, imports.access_invite_hint),
            Access::Passwords => td_string!(locale, imports.access_passwords_hint),
        }
    }

    /// Returns the hint for a scheduled time.
    #[must_use]
    pub fn send_at_hint(self, access: Access) -> &'static str {
        let locale = self.locale();
        match access {
            Access::Invite => td_string!(locale, imports.send_at_hint),
            Access::Passwords => td_string!(locale, imports.send_at_hint_details),
        }
    }

    /// Returns the text that says what undoing removes.
    #[must_use]
    pub fn undo(self, access: Access) -> &'static str {
        let locale = self.locale();
        match access {
            Access::Invite => td_string!(locale, imports.undo_text),
            Access::Passwords => td_string!(locale, imports.undo_text_details),
        }
    }
}
