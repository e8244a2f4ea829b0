//! Skeletons: placeholders of the final size, so that the layout does not shift.

use leptos::prelude::*;

use super::Words;

/// Rows of a list of people.
#[component]
pub fn SkeletonTable(
    #[prop(default = 8)] rows: usize,
    #[prop(into)] label: Words,
) -> impl IntoView {
    view! {
        <div class="card skeleton" role="status">
            <span class="visually-hidden">{move || label.get()}</span>
            {(0..rows)
                .map(|_| view! {
                    <div class="skeleton-row" aria-hidden="true">
                        <i class="round"></i>
                        <span><i class="line"></i><i class="line short"></i></span>
                        <i class="pill"></i>
                    </div>
                })
                .collect_view()}
        </div>
    }
}

/// Lines of text.
#[component]
pub fn SkeletonText(
    #[prop(default = 3)] lines: usize,
    #[prop(into)] label: Words,
) -> impl IntoView {
    view! {
        <div class="skeleton text" role="status">
            <span class="visually-hidden">{move || label.get()}</span>
            {(0..lines).map(|_| view! { <i class="line" aria-hidden="true"></i> }).collect_view()}
        </div>
    }
}
