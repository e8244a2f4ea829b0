//! The live checklist of a username: each rule with its status and what violates it.

use i18n::*;
use leptos::prelude::*;
use muster::username::{MAX_LENGTH, MIN_LENGTH, UsernameViolation as Broken};

use crate::ui::{Check, Checklist, ChecklistItem, Words};

/// Whether the username is known to be taken.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) enum Asked {
    /// Not checked yet.
    #[default]
    Nothing,
    /// The server is being asked.
    Asking(String),
    /// The server answered whether the username is taken.
    Answered(String, bool),
    /// The server did not answer; it checks again when the form is sent.
    Silent(String),
}

impl Asked {
    /// Returns whether this is about the username, ignoring case.
    pub(super) fn is_about(&self, username: &str) -> bool {
        match self {
            Self::Nothing => false,
            Self::Asking(name) | Self::Answered(name, _) | Self::Silent(name) => {
                name.eq_ignore_ascii_case(username)
            }
        }
    }
}

/// A rule with a line in the checklist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rule {
    Length,
    Characters,
    Periods,
    Name,
    Term,
    Ending,
}

impl Rule {
    const fn is_broken_by(self, violation: &Broken) -> bool {
        matches!(
            (self, violation),
            (Self::Length, Broken::TooShort | Broken::TooLong)
                | (
                    Self::Characters,
                    Broken::EmailAddress | Broken::InvalidCharacter { .. }
                )
                | (Self::Periods, Broken::PeriodPlacement)
                | (Self::Name, Broken::ContainsName { .. })
                | (Self::Term, Broken::GenericTerm { .. })
                | (Self::Ending, Broken::Extension { .. })
        )
    }
}

/// The checklist below a username. `settled` is whether typing has paused; until then an unfinished username is not
/// marked as wrong.
#[component]
pub(super) fn UsernameRules(
    id: &'static str,
    value: RwSignal<String>,
    broken: Memo<Vec<Broken>>,
    asked: RwSignal<Asked>,
    refused_as_taken: Signal<bool>,
    settled: Signal<bool>,
) -> impl IntoView {
    let locale = use_locale();
    let by = move |rule: Rule| {
        broken.with(|broken| {
            broken
                .iter()
                .find(|violation| rule.is_broken_by(violation))
                .cloned()
        })
    };
    let stands = move |rule: Rule| {
        Signal::derive(move || {
            if value.with(String::is_empty) {
                return Check::NotYet;
            }
            match by(rule) {
                None => Check::Met,
                Some(violation)
                    if !settled.get() && value.with(|v| is_unfinished(v, &violation)) =>
                {
                    Check::NotYet
                }
                Some(_) => Check::Violated,
            }
        })
    };
    let taken = Signal::derive(move || {
        if refused_as_taken.get() {
            return Check::Violated;
        }
        // A username that violates another rule can't be taken, so the server is not asked.
        if value.with(String::is_empty) || broken.with(|broken| !broken.is_empty()) {
            return Check::NotYet;
        }
        let known = asked.get();
        if !value.with(|value| known.is_about(value)) {
            return Check::NotYet;
        }
        match known {
            Asked::Answered(_, true) => Check::Violated,
            Asked::Answered(_, false) => Check::Met,
            Asked::Asking(_) => Check::Unknown,
            Asked::Nothing | Asked::Silent(_) => Check::NotYet,
        }
    });

    let length = move || {
        td_string!(
            locale,
            setup.rule_length,
            minimum = MIN_LENGTH,
            maximum = MAX_LENGTH
        )
    };
    let characters = move || match by(Rule::Characters) {
        Some(Broken::EmailAddress) => td_string!(locale, setup.rule_no_email).to_owned(),
        Some(Broken::InvalidCharacter { character, .. }) if character.is_whitespace() => {
            td_string!(locale, setup.rule_characters_space).to_owned()
        }
        Some(Broken::InvalidCharacter { character, .. }) => {
            td_string!(locale, setup.rule_characters_found, character = character)
        }
        _ => td_string!(locale, setup.rule_characters).to_owned(),
    };
    let periods = move || td_string!(locale, setup.rule_periods);
    let name = move || match by(Rule::Name) {
        Some(Broken::ContainsName { found }) => {
            td_string!(locale, setup.rule_name_found, found = found)
        }
        _ => td_string!(locale, setup.rule_name).to_owned(),
    };
    let term = move || match by(Rule::Term) {
        Some(Broken::GenericTerm { term }) => {
            td_string!(locale, setup.rule_term_found, term = term)
        }
        _ => td_string!(locale, setup.rule_term).to_owned(),
    };
    let ending = move || match by(Rule::Ending) {
        Some(Broken::Extension { ending }) => {
            td_string!(locale, setup.rule_ending_found, ending = ending)
        }
        _ => td_string!(locale, setup.rule_ending).to_owned(),
    };
    let free = move || match taken.get() {
        Check::Violated => td_string!(locale, setup.rule_taken),
        _ => td_string!(locale, setup.rule_free),
    };

    let items = vec![
        ChecklistItem::new(Words::from(length), stands(Rule::Length)),
        ChecklistItem::new(Words::from(characters), stands(Rule::Characters)),
        ChecklistItem::new(Words::from(periods), stands(Rule::Periods)),
        ChecklistItem::new(Words::from(name), stands(Rule::Name)),
        ChecklistItem::new(Words::from(term), stands(Rule::Term)),
        ChecklistItem::new(Words::from(ending), stands(Rule::Ending)),
        ChecklistItem::new(Words::from(free), taken),
    ];
    view! {
        <Checklist
            id=id
            items=items
            label=move || td_string!(locale, setup.rules)
            met_word=move || td_string!(locale, common.rule_met)
            not_yet_word=move || td_string!(locale, common.rule_not_yet)
            violated_word=move || td_string!(locale, common.rule_violated)
            unknown_word=move || td_string!(locale, common.rule_unknown)
        />
    }
}

/// Returns whether further typing can still fix the violation.
fn is_unfinished(username: &str, violation: &Broken) -> bool {
    match violation {
        Broken::TooShort => true,
        Broken::PeriodPlacement => !username.starts_with('.') && !username.contains(".."),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_merely_unfinished_is_not_called_wrong() {
        assert!(is_unfinished("kes", &Broken::TooShort));
        assert!(is_unfinished("kestrel.", &Broken::PeriodPlacement));
        assert!(!is_unfinished("kestrel..", &Broken::PeriodPlacement));
        assert!(!is_unfinished(".kestrel", &Broken::PeriodPlacement));
        assert!(!is_unfinished("kes@", &Broken::EmailAddress));
    }

    #[test]
    fn an_answer_counts_for_its_name_in_any_case() {
        assert!(Asked::Answered("Kestrel88".to_owned(), true).is_about("kestrel88"));
        assert!(!Asked::Asking("kestrel8".to_owned()).is_about("kestrel88"));
        assert!(!Asked::Nothing.is_about(""));
    }
}
