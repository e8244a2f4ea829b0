//! The product's logo and name.

use leptos::prelude::*;

/// The logo, in the accent color. It is inline so that it never loads late.
#[component]
pub fn Logo() -> impl IntoView {
    view! {
        <svg class="logo" viewBox="0 0 24 24" fill="currentColor" aria-hidden="true" focusable="false">
            <circle cx="5" cy="17" r="3"></circle>
            <circle cx="12" cy="7" r="3.6"></circle>
            <circle cx="19" cy="17" r="3"></circle>
            <path
                d="M5 11.5c1.6-1 3-1.2 4.4-.7M19 11.5c-1.6-1-3-1.2-4.4-.7M8.6 18.6c2.2.9 4.6.9 6.8 0"
                fill="none"
                stroke="currentColor"
                stroke-width="1.7"
                stroke-linecap="round"
            ></path>
        </svg>
    }
}

/// The logo with the product's name: a link to the start page, or plain if nobody is signed in.
#[component]
pub fn Brand(#[prop(optional, into)] href: Option<String>) -> impl IntoView {
    // The product's name is the same in every language.
    match href {
        Some(href) => view! { <a class="brand" href=href><Logo/>"Muster"</a> }.into_any(),
        None => view! { <div class="brand"><Logo/>"Muster"</div> }.into_any(),
    }
}
