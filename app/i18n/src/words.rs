//! Texts for the codes of the domain, in the page's language.
//!
//! To add a problem, a failure or a state: its arm here and its sentence in every `common.json`.

use muster::{
    account_state::AccountState,
    email::EmailViolation,
    failure::Failure,
    guard::Guard,
    language::Language,
    password::PasswordViolation,
    person_name::NameViolation,
    phone::PhoneViolation,
    problem::{FieldProblem, Problem},
    username::{MAX_LENGTH, MIN_LENGTH, UsernameViolation},
};

use crate::*;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// The texts for the values of the domain in one language. A page's language is constant, so nothing here is reactive.
#[derive(Debug, Clone, Copy)]
pub struct Say(Locale);

/// Returns the texts in the page's language.
#[must_use]
pub fn use_say() -> Say {
    Say::of(use_locale())
}

impl Say {
    /// Creates the texts of this locale.
    #[must_use]
    pub const fn of(locale: Locale) -> Self {
        Self(locale)
    }

    /// Returns the text for the rule that protects a member.
    #[must_use]
    pub fn of_guard(self, guard: Guard) -> String {
        let locale = self.0;
        match guard {
            Guard::MainContact => td_string!(locale, common.guard_main_contact),
            Guard::LastAdministrator => td_string!(locale, common.guard_last_administrator),
            Guard::OnlyTheMainContact => td_string!(locale, common.guard_only_the_main_contact),
            Guard::OwnRole => td_string!(locale, common.guard_own_role),
        }
        .to_owned()
    }

    /// Returns one sentence for a field's problem.
    #[must_use]
    pub fn of_problem(self, problem: &Problem) -> String {
        let locale = self.0;
        match problem {
            Problem::Username(violation) => self.of_username(violation),
            Problem::Email(violation) => match violation {
                EmailViolation::Required => td_string!(locale, common.email_required).to_owned(),
                EmailViolation::TooLong => td_string!(locale, common.email_too_long).to_owned(),
                EmailViolation::NotAnAddress => {
                    td_string!(locale, common.email_not_an_address).to_owned()
                }
                EmailViolation::LocalNotAscii => {
                    td_string!(locale, common.email_local_not_ascii).to_owned()
                }
            },
            Problem::Name(violation) => match *violation {
                NameViolation::Required => td_string!(locale, common.required).to_owned(),
                NameViolation::TooLong { maximum } => {
                    td_string!(locale, common.too_long, maximum = maximum)
                }
                NameViolation::NotPrintable => {
                    td_string!(locale, common.name_not_printable).to_owned()
                }
                NameViolation::TooManyMarks => {
                    td_string!(locale, common.name_too_many_marks).to_owned()
                }
            },
            Problem::Phone(PhoneViolation::NotANumber) => {
                td_string!(locale, common.phone_not_a_number).to_owned()
            }
            Problem::Password(violation) => match *violation {
                PasswordViolation::TooShort { minimum } => {
                    td_string!(locale, common.password_too_short, minimum = minimum)
                }
                PasswordViolation::TooLong { maximum } => {
                    td_string!(locale, common.too_long, maximum = maximum)
                }
                PasswordViolation::IsIdentifier => {
                    td_string!(locale, common.password_is_identifier).to_owned()
                }
                PasswordViolation::Mailed => td_string!(locale, common.password_mailed).to_owned(),
                PasswordViolation::Unchanged => {
                    td_string!(locale, common.password_unchanged).to_owned()
                }
            },
            Problem::Required => td_string!(locale, common.required).to_owned(),
            Problem::TooLong { maximum } => {
                td_string!(locale, common.too_long, maximum = *maximum)
            }
            Problem::Unknown => td_string!(locale, common.unknown).to_owned(),
            Problem::TooMany { maximum } => {
                td_string!(locale, common.rows_over, maximum = *maximum)
            }
            Problem::Duplicate => td_string!(locale, common.duplicate).to_owned(),
            Problem::AlreadyMember => td_string!(locale, common.already_member).to_owned(),
            Problem::AlreadyInvited => td_string!(locale, common.already_invited).to_owned(),
            Problem::TooManyEmails { seconds } => self.of_too_many_emails(*seconds),
            Problem::Past => td_string!(locale, common.past).to_owned(),
            Problem::StorageQuotaExceeded => {
                td_string!(locale, common.storage_quota_exceeded).to_owned()
            }
            Problem::WrongPassword => td_string!(locale, common.wrong_password).to_owned(),
        }
    }

    /// Returns the sentence for a violated username rule, with what violates it.
    #[must_use]
    pub fn of_username(self, violation: &UsernameViolation) -> String {
        let locale = self.0;
        match violation {
            UsernameViolation::TooShort => {
                td_string!(locale, common.username_too_short, minimum = MIN_LENGTH)
            }
            UsernameViolation::TooLong => {
                td_string!(locale, common.too_long, maximum = MAX_LENGTH)
            }
            UsernameViolation::EmailAddress => {
                td_string!(locale, common.username_email_address).to_owned()
            }
            UsernameViolation::InvalidCharacter {
                character,
                position,
            } => {
                if character.is_whitespace() {
                    td_string!(locale, common.username_space, position = *position)
                } else {
                    td_string!(
                        locale,
                        common.username_invalid_character,
                        character = *character,
                        position = *position
                    )
                }
            }
            UsernameViolation::PeriodPlacement => {
                td_string!(locale, common.username_period_placement).to_owned()
            }
            UsernameViolation::ContainsName { found } => {
                td_string!(locale, common.username_contains_name, found = found.clone())
            }
            UsernameViolation::GenericTerm { term } => {
                td_string!(locale, common.username_generic_term, term = term.clone())
            }
            UsernameViolation::Extension { ending } => {
                td_string!(locale, common.username_extension, ending = ending.clone())
            }
            UsernameViolation::Taken => td_string!(locale, common.username_taken).to_owned(),
        }
    }

    /// Returns the text of all problems of one field, or `None`.
    #[must_use]
    pub fn of_field(self, problems: &[FieldProblem], field: &str) -> Option<String> {
        let sentences: Vec<String> = problems
            .iter()
            .filter(|found| found.field == field)
            .map(|found| self.of_problem(&found.problem))
            .collect();
        (!sentences.is_empty()).then(|| sentences.join(" "))
    }

    /// Returns the text of a failure: why nothing was done and what to do.
    #[must_use]
    pub fn of_failure(self, failure: &Failure) -> String {
        let locale = self.0;
        match failure {
            Failure::Invalid(_) => td_string!(locale, common.invalid).to_owned(),
            Failure::SignInFailed => td_string!(locale, common.sign_in_failed).to_owned(),
            Failure::Unauthenticated => td_string!(locale, common.unauthenticated).to_owned(),
            Failure::Forbidden => td_string!(locale, common.forbidden).to_owned(),
            Failure::Guarded(guard) => self.of_guard(*guard),
            Failure::NotFound => td_string!(locale, common.not_found).to_owned(),
            Failure::InvalidLink => td_string!(locale, common.invalid_link).to_owned(),
            Failure::LinkMissing => td_string!(locale, common.link_missing).to_owned(),
            Failure::PageOutdated => td_string!(locale, common.page_outdated).to_owned(),
            Failure::OtherAccount => td_string!(locale, common.other_account).to_owned(),
            Failure::Conflict => td_string!(locale, common.conflict).to_owned(),
            Failure::NotSent => td_string!(locale, common.not_sent).to_owned(),
            Failure::NothingToSend => td_string!(locale, common.nothing_to_send).to_owned(),
            Failure::SeatsFull => td_string!(locale, common.seats_full).to_owned(),
            Failure::TooSoon { seconds } => {
                td_string!(locale, common.too_soon, wait = self.of_wait(*seconds))
            }
            Failure::TooManyTries { seconds } => {
                td_string!(locale, common.too_many_tries, wait = self.of_wait(*seconds))
            }
            Failure::TooManyEmails { seconds } => self.of_too_many_emails(*seconds),
            Failure::Locked => td_string!(locale, common.locked).to_owned(),
            Failure::Unavailable => td_string!(locale, common.unavailable).to_owned(),
            Failure::WrongAddress => td_string!(locale, common.wrong_address).to_owned(),
            Failure::BadRequest => td_string!(locale, common.bad_request).to_owned(),
            Failure::ForeignOrigin { origin } => {
                td_string!(locale, common.foreign_origin, origin = origin.clone())
            }
            Failure::Unreachable => td_string!(locale, common.unreachable).to_owned(),
            Failure::Internal { incident } if incident.is_empty() => {
                td_string!(locale, common.internal).to_owned()
            }
            Failure::Internal { incident } => {
                td_string!(
                    locale,
                    common.internal_incident,
                    incident = incident.clone()
                )
            }
        }
    }

    fn of_too_many_emails(self, seconds: u64) -> String {
        td_string!(self.0, common.too_many_emails, wait = self.of_wait(seconds))
    }

    /// Returns a state's label, in capitals as in the list.
    #[must_use]
    pub fn of_state(self, state: AccountState) -> String {
        let locale = self.0;
        match state {
            AccountState::NotNotified => td_string!(locale, common.state_not_notified),
            AccountState::Pending => td_string!(locale, common.state_pending),
            AccountState::InviteExpired => td_string!(locale, common.state_invite_expired),
            AccountState::Active => td_string!(locale, common.state_active),
            AccountState::Deactivated => td_string!(locale, common.state_deactivated),
            AccountState::Locked => td_string!(locale, common.state_locked),
        }
        .to_owned()
    }

    /// Returns a language's own name, which its speakers look for in a list.
    #[must_use]
    pub fn of_language(self, language: Language) -> String {
        language.native_name().to_owned()
    }

    /// Returns the time left or passed: `21 h left`, `40 min left`, `2 days ago`. Rounded down, so that no one relies
    /// on time that is not left.
    #[must_use]
    pub fn of_time_left(self, seconds: i64) -> String {
        let locale = self.0;
        let amount = seconds.unsigned_abs();
        let (days, hours, minutes) = (amount / DAY, amount / HOUR, amount / MINUTE);
        if seconds > 0 {
            match amount {
                0..MINUTE => td_string!(locale, common.left_moments).to_owned(),
                MINUTE..HOUR => td_string!(locale, common.left_minutes, n = minutes),
                // Up to two days are shown in hours, because invitations last 24 hours.
                _ if days < 2 => td_string!(locale, common.left_hours, n = hours),
                _ => td_string!(locale, common.left_days, n = days),
            }
        } else {
            match amount {
                0..MINUTE => td_string!(locale, common.ago_moments).to_owned(),
                MINUTE..HOUR => td_string!(locale, common.ago_minutes, n = minutes),
                HOUR..DAY => td_string!(locale, common.ago_hours, n = hours),
                _ if days == 1 => td_string!(locale, common.ago_days_singular).to_owned(),
                _ => td_string!(locale, common.ago_days_plural, n = days),
            }
        }
    }

    /// Returns the time to wait: `in 40 seconds`, `in 5 minutes`. Rounded up, so that the next attempt succeeds.
    #[must_use]
    pub fn of_wait(self, seconds: u64) -> String {
        let locale = self.0;
        if seconds <= 1 {
            td_string!(locale, common.wait_second).to_owned()
        } else if seconds < MINUTE {
            td_string!(locale, common.wait_seconds, n = seconds)
        } else if seconds <= HOUR {
            match seconds.div_ceil(MINUTE) {
                1 => td_string!(locale, common.wait_minute).to_owned(),
                minutes => td_string!(locale, common.wait_minutes, n = minutes),
            }
        } else {
            td_string!(locale, common.wait_hours, n = seconds.div_ceil(HOUR))
        }
    }
}

/// Formats a number for the page's language: `4,812` or `4.812`.
#[must_use]
pub fn grouped(locale: Locale, number: i64) -> String {
    let mark = match locale {
        Locale::en => ',',
        Locale::de => '.',
    };
    let digits = number.unsigned_abs().to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    if number < 0 {
        out.push('-');
    }
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(mark);
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENGLISH: Say = Say::of(Locale::en);
    const GERMAN: Say = Say::of(Locale::de);

    #[test]
    fn time_left_is_rounded_down_and_time_gone_is_told() {
        for (seconds, english, german) in [
            (21 * 3600 + 3599, "21 h left", "noch 21 h"),
            (47 * 3600, "47 h left", "noch 47 h"),
            (3 * 86_400, "3 days left", "noch 3 Tage"),
            (40 * 60, "40 min left", "noch 40 min"),
            (59, "under a minute left", "noch unter einer Minute"),
            (0, "just now", "gerade eben"),
            (-3 * 3600, "3 h ago", "vor 3 h"),
            (-86_400, "1 day ago", "vor 1 Tag"),
            (-2 * 86_400 - 5, "2 days ago", "vor 2 Tagen"),
        ] {
            assert_eq!(ENGLISH.of_time_left(seconds), english);
            assert_eq!(GERMAN.of_time_left(seconds), german);
        }
    }

    #[test]
    fn a_wait_is_rounded_up_so_that_the_next_try_succeeds() {
        assert_eq!(ENGLISH.of_wait(40), "in 40 seconds");
        assert_eq!(ENGLISH.of_wait(60), "in 1 minute");
        assert_eq!(ENGLISH.of_wait(61), "in 2 minutes");
        assert_eq!(GERMAN.of_wait(3601), "in 2 Stunden");
    }

    #[test]
    fn all_problems_of_a_field_are_said_and_no_others() {
        let problems = [
            FieldProblem::new("username", UsernameViolation::TooShort),
            FieldProblem::new("email", EmailViolation::Required),
            FieldProblem::new("username", UsernameViolation::PeriodPlacement),
        ];
        let words = ENGLISH.of_field(&problems, "username").unwrap_or_default();
        assert!(words.contains("6 characters") && words.contains("period"));
        assert_eq!(ENGLISH.of_field(&problems, "phone"), None);
    }
}
