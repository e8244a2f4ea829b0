//! Choices: one from a list, and yes or no.

use leptos::{html, prelude::*};

use super::{
    MaybeWords, Words,
    control::{Ids, ProblemLine, keep_typed},
};

/// An option of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    pub value: String,
    pub text: String,
    pub disabled: bool,
}

impl Choice {
    pub fn new(value: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            value: value.into(),
            text: text.into(),
            disabled: false,
        }
    }

    /// Disables the option.
    #[must_use]
    pub fn disabled(mut self) -> Self {
        self.disabled = true;
        self
    }
}

/// A choice from a list by the native control, which works best on phones.
#[component]
pub fn SelectField(
    #[prop(into)] name: String,
    #[prop(into)] label: Words,
    value: RwSignal<String>,
    #[prop(into)] options: Signal<Vec<Choice>>,
    #[prop(optional, into)] error: MaybeWords,
    #[prop(optional_no_strip, into)] hint: Option<Words>,
    #[prop(optional)] required: bool,
    /// Whether it is disabled and not submitted; the hint says why.
    #[prop(optional)]
    disabled: bool,
    #[prop(optional)] label_hidden: bool,
    #[prop(optional)] autocomplete: Option<&'static str>,
    #[prop(optional, into)] id: Option<String>,
    #[prop(optional, into)] on_change: Option<Callback<String>>,
) -> impl IntoView {
    let ids = Ids::new(&name, id);
    let node = NodeRef::<html::Select>::new();
    let rendered = value.get_untracked();
    // Until the options arrive, there is nothing to compare with.
    keep_typed(node, value, rendered, move || !options.with(Vec::is_empty));
    let has_hint = hint.is_some();
    let describing = ids.clone();
    view! {
        <div class="field">
            <label for=ids.control.clone() class:visually-hidden=label_hidden>{move || label.get()}</label>
            <select
                node_ref=node
                id=ids.control.clone()
                name=name
                required=required
                disabled=disabled
                autocomplete=autocomplete
                aria-invalid=move || error.get().map(|_| "true")
                aria-describedby=move || describing.described_by(has_hint, error.get().is_some(), None)
                on:change=move |event| {
                    let chosen = event_target_value(&event);
                    value.set(chosen.clone());
                    if let Some(tell) = on_change {
                        tell.run(chosen);
                    }
                }
            >
                {move || {
                    let wanted = value.get_untracked();
                    options
                        .get()
                        .into_iter()
                        .map(|choice| {
                            let selected = choice.value == wanted;
                            view! {
                                <option value=choice.value selected=selected disabled=choice.disabled>
                                    {choice.text}
                                </option>
                            }
                        })
                        .collect_view()
                }}
            </select>
            {hint.map(|hint| view! { <p class="hint" id=ids.hint.clone()>{move || hint.get()}</p> })}
            <ProblemLine id=ids.error.clone() error=error/>
        </div>
    }
    .into_any()
}

/// A check box. The whole line is clickable.
#[component]
pub fn Checkbox(
    #[prop(into)] name: String,
    #[prop(into)] label: Words,
    checked: RwSignal<bool>,
    #[prop(default = "true".to_owned(), into)] value: String,
    #[prop(optional, into)] hint: Option<Words>,
    #[prop(optional, into)] error: MaybeWords,
    #[prop(optional, into)] id: Option<String>,
) -> impl IntoView {
    let ids = Ids::new(&name, id);
    let node = NodeRef::<html::Input>::new();
    let rendered = checked.get_untracked();
    // As for text: the control's value wins at hydration, then the signal wins.
    Effect::new(move |settled: Option<bool>| {
        let wanted = checked.get();
        let Some(control) = node.get() else {
            return false;
        };
        let shown = control.checked();
        if settled != Some(true) && shown != rendered {
            checked.set(shown);
        } else if shown != wanted {
            control.set_checked(wanted);
        }
        true
    });
    let has_hint = hint.is_some();
    let describing = ids.clone();
    view! {
        <div class="field check">
            <label for=ids.control.clone()>
                <input
                    node_ref=node
                    id=ids.control.clone()
                    name=name
                    type="checkbox"
                    value=value
                    checked=rendered
                    aria-invalid=move || error.get().map(|_| "true")
                    aria-describedby=move || {
                        describing.described_by(has_hint, error.get().is_some(), None)
                    }
                    on:change=move |event| checked.set(event_target_checked(&event))
                />
                <span>{move || label.get()}</span>
            </label>
            {hint.map(|hint| view! { <p class="hint" id=ids.hint.clone()>{move || hint.get()}</p> })}
            <ProblemLine id=ids.error.clone() error=error/>
        </div>
    }
    .into_any()
}
