//! The five steps of an import, and the current one.

use i18n::*;
use leptos::prelude::*;

use crate::ui::{Icon, IconName};

/// A step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    File,
    Columns,
    Check,
    Plan,
    Apply,
    /// All five are complete.
    Over,
}

/// The list of steps.
#[component]
pub fn Steps(#[prop(into)] step: Signal<Step>) -> impl IntoView {
    let locale = use_locale();
    let steps = [
        (Step::File, td_string!(locale, imports.step_file)),
        (Step::Columns, td_string!(locale, imports.step_columns)),
        (Step::Check, td_string!(locale, imports.step_check)),
        (Step::Plan, td_string!(locale, imports.step_plan)),
        (Step::Apply, td_string!(locale, imports.step_apply)),
    ];
    let lines = steps
        .into_iter()
        .enumerate()
        .map(|(index, (own, word))| {
            let is_behind = move || own < step.get();
            view! {
                <li class:done=is_behind aria-current=move || (own == step.get()).then_some("step")>
                    <span class="dot" aria-hidden="true">
                        {move || if is_behind() {
                            view! { <Icon name=IconName::Check/> }.into_any()
                        } else {
                            (index + 1).to_string().into_any()
                        }}
                    </span>
                    {word}
                    {move || is_behind().then(|| view! {
                        <span class="visually-hidden">{td!(locale, imports.step_done)}</span>
                    })}
                </li>
            }
        })
        .collect_view();
    view! { <ol class="steps" aria-label=td_string!(locale, imports.steps)>{lines}</ol> }.into_any()
}
