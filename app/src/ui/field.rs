//! Fields of one or several lines: label, control, hint, problem, and content below.

use leptos::{html, prelude::*};

use super::{
    MaybeWords, Words,
    control::{Ids, ProblemLine, focus_when_shown, keep_typed},
};

/// A field of one line. Its value is the signal; its problem is shown beside it and announced with it.
#[allow(
    clippy::fn_params_excessive_bools,
    reason = "each is an attribute of the input, named where it is set"
)]
#[component]
pub fn Field(
    #[prop(into)] name: String,
    #[prop(into)] label: Words,
    value: RwSignal<String>,
    #[prop(optional, into)] error: MaybeWords,
    #[prop(optional, into)] hint: Option<Words>,
    /// The input's type.
    #[prop(default = "text")]
    kind: &'static str,
    #[prop(optional)] autocomplete: Option<&'static str>,
    #[prop(optional)] inputmode: Option<&'static str>,
    #[prop(optional)] required: bool,
    /// Whether the font is monospaced: for usernames and codes.
    #[prop(optional)]
    mono: bool,
    #[prop(optional)] autofocus: bool,
    #[prop(optional)] readonly: bool,
    #[prop(optional)] maxlength: Option<u32>,
    #[prop(optional, into)] placeholder: Option<Words>,
    #[prop(optional, into)] id: Option<String>,
    /// Whether the label is only for screen readers, as in a grid of rows.
    #[prop(optional)]
    label_hidden: bool,
    /// The word “optional”, shown after the label.
    #[prop(optional, into)]
    optional_word: Option<Words>,
    /// The id of a further description of the field, such as a checklist.
    #[prop(optional, into)]
    described_by: Option<String>,
    #[prop(optional, into)] on_input: Option<Callback<String>>,
    #[prop(optional, into)] on_blur: Option<Callback<()>>,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let ids = Ids::new(&name, id);
    let node = NodeRef::<html::Input>::new();
    let rendered = value.get_untracked();
    keep_typed(node, value, rendered.clone(), || true);
    if autofocus {
        focus_when_shown(node);
    }
    let has_hint = hint.is_some();
    let plain = mono || kind == "email";
    let describing = ids.clone();
    view! {
        <div class="field">
            <label for=ids.control.clone() class:visually-hidden=label_hidden>
                {move || label.get()}
                {optional_word.map(|word| view! { <span class="optional">{move || word.get()}</span> })}
            </label>
            <input
                node_ref=node
                id=ids.control.clone()
                name=name
                type=kind
                value=rendered
                class:mono=mono
                autocomplete=autocomplete
                inputmode=inputmode
                required=required
                readonly=readonly
                autofocus=autofocus
                maxlength=maxlength.map(|most| most.to_string())
                placeholder=move || placeholder.map(Words::get)
                autocapitalize=plain.then_some("none")
                spellcheck=plain.then_some("false")
                aria-invalid=move || error.get().map(|_| "true")
                aria-describedby=move || {
                    describing.described_by(has_hint, error.get().is_some(), described_by.as_deref())
                }
                on:input=move |event| {
                    let typed = event_target_value(&event);
                    value.set(typed.clone());
                    if let Some(tell) = on_input {
                        tell.run(typed);
                    }
                }
                on:blur=move |_| {
                    if let Some(tell) = on_blur {
                        tell.run(());
                    }
                }
            />
            {hint.map(|hint| view! { <p class="hint" id=ids.hint.clone()>{move || hint.get()}</p> })}
            <ProblemLine id=ids.error.clone() error=error/>
            {children.map(|children| children())}
        </div>
    }
    .into_any()
}

/// A field of several lines.
#[component]
pub fn TextArea(
    #[prop(into)] name: String,
    #[prop(into)] label: Words,
    value: RwSignal<String>,
    #[prop(optional, into)] error: MaybeWords,
    #[prop(optional, into)] hint: Option<Words>,
    #[prop(default = 4)] rows: u32,
    #[prop(optional)] maxlength: Option<u32>,
    #[prop(optional)] required: bool,
    #[prop(optional, into)] id: Option<String>,
    #[prop(optional, into)] optional_word: Option<Words>,
    #[prop(optional, into)] on_input: Option<Callback<String>>,
) -> impl IntoView {
    let ids = Ids::new(&name, id);
    let node = NodeRef::<html::Textarea>::new();
    let rendered = value.get_untracked();
    keep_typed(node, value, rendered.clone(), || true);
    let has_hint = hint.is_some();
    let describing = ids.clone();
    view! {
        <div class="field">
            <label for=ids.control.clone()>
                {move || label.get()}
                {optional_word.map(|word| view! { <span class="optional">{move || word.get()}</span> })}
            </label>
            <textarea
                node_ref=node
                id=ids.control.clone()
                name=name
                rows=rows.to_string()
                maxlength=maxlength.map(|most| most.to_string())
                required=required
                aria-invalid=move || error.get().map(|_| "true")
                aria-describedby=move || describing.described_by(has_hint, error.get().is_some(), None)
                on:input=move |event| {
                    let typed = event_target_value(&event);
                    value.set(typed.clone());
                    if let Some(tell) = on_input {
                        tell.run(typed);
                    }
                }
            >
                {rendered}
            </textarea>
            {hint.map(|hint| view! { <p class="hint" id=ids.hint.clone()>{move || hint.get()}</p> })}
            <ProblemLine id=ids.error.clone() error=error/>
        </div>
    }
    .into_any()
}
