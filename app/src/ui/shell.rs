//! The frame of every signed-in page: side bar, top bar, content. Below 800 px the side bar is a popover behind a menu
//! button, which needs no scripts.

use leptos::prelude::*;

use super::{Icon, IconName, MaybeWords, Words, menu::close_after_choice};

#[component]
pub fn Shell(
    /// The link that skips the menus, for keyboards.
    #[prop(into)]
    skip_word: Words,
    /// The label of the menu button.
    #[prop(into)]
    menu_word: Words,
    /// The label of the side bar.
    #[prop(into)]
    nav_word: Words,
    #[prop(into)] side: ViewFn,
    #[prop(into)] top: ViewFn,
    children: Children,
) -> impl IntoView {
    view! {
        <div class="shell">
            <a class="skip" href="#main">{move || skip_word.get()}</a>
            <nav
                id="side"
                class="side"
                popover="auto"
                aria-label=move || nav_word.get()
                on:click=move |event| close_after_choice(&event)
            >
                {side.run()}
            </nav>
            <div class="stage">
                <header class="top">
                    <button
                        type="button"
                        class="btn ghost square burger"
                        popovertarget="side"
                        aria-label=move || menu_word.get()
                    >
                        <Icon name=IconName::Menu/>
                    </button>
                    {top.run()}
                </header>
                <main id="main" tabindex="-1">{children()}</main>
            </div>
        </div>
    }
    .into_any()
}

/// A link in the side bar.
#[component]
pub fn NavLink(
    #[prop(into)] href: String,
    icon: IconName,
    #[prop(into)] text: Words,
    #[prop(optional, into)] current: Signal<bool>,
    #[prop(optional, into)] count: MaybeWords,
) -> impl IntoView {
    view! {
        <a class="nav" href=href aria-current=move || current.get().then_some("page")>
            <Icon name=icon/>
            {move || text.get()}
            {move || count.get().map(|count| view! { <span class="n">{count}</span> })}
        </a>
    }
    .into_any()
}

/// The heading of a group of links.
#[component]
pub fn NavHeading(#[prop(into)] text: Words) -> impl IntoView {
    view! { <h2>{move || text.get()}</h2> }.into_any()
}
