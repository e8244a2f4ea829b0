//! The password field, with a button that shows the input and a strength meter.

use leptos::{html, prelude::*};

use super::{
    Icon, IconName, MaybeWords, Words,
    control::{Ids, ProblemLine, focus_when_shown, keep_typed},
};

/// A field for a password. The password is only in the control and the signal, never in the page's HTML. The show
/// button appears after hydration, in a reserved place.
#[component]
pub fn PasswordField(
    #[prop(into)] name: String,
    #[prop(into)] label: Words,
    value: RwSignal<String>,
    #[prop(into)] show_word: Words,
    #[prop(into)] hide_word: Words,
    #[prop(optional, into)] error: MaybeWords,
    #[prop(optional, into)] hint: Option<Words>,
    /// 0 to 4; `None` while nothing was typed or measured.
    #[prop(optional, into)]
    strength: Option<Signal<Option<u8>>>,
    /// The text for the strength, because bars alone are not accessible.
    #[prop(optional, into)]
    strength_word: MaybeWords,
    #[prop(default = "current-password")] autocomplete: &'static str,
    #[prop(optional)] required: bool,
    #[prop(optional)] autofocus: bool,
    #[prop(optional, into)] id: Option<String>,
    #[prop(optional, into)] on_input: Option<Callback<String>>,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let ids = Ids::new(&name, id);
    let node = NodeRef::<html::Input>::new();
    keep_typed(node, value, String::new(), || true);
    if autofocus {
        focus_when_shown(node);
    }
    let alive = RwSignal::new(false);
    Effect::new(move |_| alive.set(true));
    let shown = RwSignal::new(false);
    let has_hint = hint.is_some();
    let describing = ids.clone();
    view! {
        <div class="field">
            <label for=ids.control.clone()>{move || label.get()}</label>
            <div class="secret">
                <input
                    node_ref=node
                    id=ids.control.clone()
                    name=name
                    type=move || if shown.get() { "text" } else { "password" }
                    autocomplete=autocomplete
                    autocapitalize="none"
                    spellcheck="false"
                    required=required
                    autofocus=autofocus
                    aria-invalid=move || error.get().map(|_| "true")
                    aria-describedby=move || {
                        describing.described_by(has_hint, error.get().is_some(), None)
                    }
                    on:input=move |event| {
                        let typed = event_target_value(&event);
                        value.set(typed.clone());
                        if let Some(tell) = on_input {
                            tell.run(typed);
                        }
                    }
                />
                <button
                    type="button"
                    class="reveal"
                    hidden=move || !alive.get()
                    aria-controls=ids.control.clone()
                    aria-label=move || if shown.get() { hide_word.get() } else { show_word.get() }
                    on:click=move |_| shown.update(|shown| *shown = !*shown)
                >
                    {move || {
                        let name = if shown.get() { IconName::EyeOff } else { IconName::Eye };
                        view! { <Icon name=name/> }
                    }}
                </button>
            </div>
            {strength.map(|strength| view! { <Meter strength=strength word=strength_word/> })}
            {hint.map(|hint| view! { <p class="hint" id=ids.hint.clone()>{move || hint.get()}</p> })}
            <ProblemLine id=ids.error.clone() error=error/>
            {children.map(|children| children())}
        </div>
    }
    .into_any()
}

/// Four bars and a word. The bars are always present, so that typing does not move the layout.
#[component]
fn Meter(strength: Signal<Option<u8>>, word: MaybeWords) -> impl IntoView {
    let level = move || strength.get().unwrap_or(0).min(4);
    let class = move || match level() {
        0 => "meter",
        1 => "meter level-1",
        2 => "meter level-2",
        3 => "meter level-3",
        _ => "meter level-4",
    };
    view! {
        <div class="strength">
            <div class=class aria-hidden="true">
                <i class:on={move || level() > 0}></i>
                <i class:on={move || level() > 1}></i>
                <i class:on={move || level() > 2}></i>
                <i class:on={move || level() > 3}></i>
            </div>
            <span class="hint" role="status">{move || word.get()}</span>
        </div>
    }
    .into_any()
}
