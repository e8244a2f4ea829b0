//! The search field of a list.

use leptos::{html, prelude::*};

use super::{Icon, IconName, Words, control::keep_typed};

/// A search field. Its value is the signal; input typed before hydration is kept.
#[component]
pub fn SearchField(
    #[prop(into)] name: String,
    #[prop(into)] label: Words,
    value: RwSignal<String>,
    maxlength: usize,
) -> impl IntoView {
    let node = NodeRef::<html::Input>::new();
    let rendered = value.get_untracked();
    keep_typed(node, value, rendered.clone(), || true);
    view! {
        <label class="find">
            <Icon name=IconName::Search/>
            <span class="visually-hidden">{move || label.get()}</span>
            <input
                node_ref=node
                type="search"
                name=name
                value=rendered
                placeholder=move || label.get()
                maxlength=maxlength.to_string()
                autocomplete="off"
                autocapitalize="none"
                spellcheck="false"
                enterkeyhint="search"
                on:input=move |event| value.set(event_target_value(&event))
            />
        </label>
    }
    .into_any()
}
