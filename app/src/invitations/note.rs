//! The personal note, with the number of characters left.

use i18n::*;
use leptos::prelude::*;
use muster::{
    draft::{InviteDraft, MAX_NOTE_LENGTH},
    failure::Failure,
};

use crate::ui::TextArea;

/// The note. Input beyond the maximum length is reported, not cut off.
#[component]
pub fn NoteField(
    value: RwSignal<String>,
    failure: RwSignal<Option<Failure>>,
    tried: RwSignal<bool>,
) -> impl IntoView {
    let locale = use_locale();
    let say = use_say();
    let length = move || {
        let typed = value.with(|note| note.trim().replace("\r\n", "\n").chars().count());
        u32::try_from(typed).unwrap_or(u32::MAX)
    };
    let hint = move || {
        let length = length();
        let room = if length > MAX_NOTE_LENGTH {
            td_string!(
                locale,
                invitations.note_over,
                count = length - MAX_NOTE_LENGTH
            )
        } else {
            td_string!(
                locale,
                invitations.note_left,
                count = MAX_NOTE_LENGTH - length
            )
        };
        format!("{} {room}", td_string!(locale, invitations.note_hint))
    };
    let error = move || {
        let typed = InviteDraft {
            rows: Vec::new(),
            note: value.get(),
        };
        let found = typed.parse_note().err();
        let shown = tried.get() || length() > MAX_NOTE_LENGTH;
        match (found, failure.get()) {
            (Some(problem), _) if shown => Some(say.of_problem(&problem.problem)),
            (Some(_), Some(Failure::Invalid(problems))) => say.of_field(&problems, "note"),
            _ => None,
        }
    };
    view! {
        <TextArea
            name="note"
            label=move || td_string!(locale, invitations.note)
            optional_word=move || td_string!(locale, common.optional)
            value=value
            hint=hint
            error=error
            rows=3
        />
    }
}
