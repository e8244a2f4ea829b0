//! The live checklist of rules. Each item shows its status by icon, word and color.

use leptos::prelude::*;

use super::{Icon, IconName, Words};

/// The status of a rule for the current input.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Check {
    Met,
    /// Not fulfilled, because nothing has been typed yet.
    #[default]
    NotYet,
    Violated,
    /// Still being checked, such as whether a username is taken.
    Unknown,
}

/// A rule and its status.
#[derive(Clone, Copy, Debug)]
pub struct ChecklistItem {
    text: Words,
    state: Signal<Check>,
}

impl ChecklistItem {
    pub fn new(text: impl Into<Words>, state: impl Into<Signal<Check>>) -> Self {
        Self {
            text: text.into(),
            state: state.into(),
        }
    }
}

/// The rules of a field. Pass its `id` to the field's `described_by`.
#[component]
pub fn Checklist(
    items: Vec<ChecklistItem>,
    #[prop(into)] label: Words,
    #[prop(into)] met_word: Words,
    #[prop(into)] not_yet_word: Words,
    #[prop(into)] violated_word: Words,
    #[prop(into)] unknown_word: Words,
    #[prop(optional, into)] id: Option<String>,
) -> impl IntoView {
    let items = items
        .into_iter()
        .map(|ChecklistItem { text, state }| {
            let class = move || match state.get() {
                Check::Met => "met",
                Check::NotYet => "not-yet",
                Check::Violated => "not",
                Check::Unknown => "asking",
            };
            let icon = move || {
                let name = match state.get() {
                    Check::Met => IconName::Check,
                    Check::NotYet => IconName::Circle,
                    Check::Violated => IconName::X,
                    Check::Unknown => IconName::CircleDashed,
                };
                view! { <Icon name=name/> }
            };
            let word = move || match state.get() {
                Check::Met => met_word.get(),
                Check::NotYet => not_yet_word.get(),
                Check::Violated => violated_word.get(),
                Check::Unknown => unknown_word.get(),
            };
            view! {
                <li class=class>
                    {icon}
                    <span>{move || text.get()}</span>
                    <span class="visually-hidden">{word}</span>
                </li>
            }
        })
        .collect_view();
    view! { <ul class="rules" id=id aria-label=move || label.get()>{items}</ul> }.into_any()
}
