//! The empty state: what will be shown here and what to do next.

use leptos::prelude::*;

use super::{Icon, IconName, Words};

#[component]
pub fn EmptyState(
    icon: IconName,
    #[prop(into)] title: Words,
    #[prop(into)] text: Words,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="empty">
            <span class="medal"><Icon name=icon/></span>
            <h2>{move || title.get()}</h2>
            <p>{move || text.get()}</p>
            {children.map(|children| view! { <div class="row">{children()}</div> })}
        </div>
    }
    .into_any()
}
