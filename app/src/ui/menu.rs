//! Menus by the popover attribute: they open, close and take the focus without a script.

use leptos::{ev::MouseEvent, prelude::*};
use wasm_bindgen::JsCast;

use super::{Icon, IconName, MaybeWords, Words};

/// Closes the popover that the click came out of, once a link or button in it was used: on a page
/// that changes without loading, nobody else would.
pub(super) fn close_after_choice(event: &MouseEvent) {
    let Some(target) = event
        .target()
        .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
    else {
        return;
    };
    let chosen = target
        .closest("a, button:not([aria-disabled='true'])")
        .ok()
        .flatten();
    let popover = target.closest("[popover]").ok().flatten();
    if let (Some(_), Some(popover)) = (chosen, popover)
        && popover.matches(":popover-open").unwrap_or(false)
        && let Some(popover) = popover.dyn_ref::<web_sys::HtmlElement>()
    {
        // It may have closed by itself meanwhile: then there is nothing left to do.
        let _ = popover.hide_popover();
    }
}

/// A button and what it opens. The items are links and buttons in the order of the page.
#[component]
pub fn Menu(
    #[prop(into)] id: String,
    /// What the button is called.
    #[prop(into)]
    label: Words,
    #[prop(into)] trigger: ViewFn,
    #[prop(default = "btn ghost")] trigger_class: &'static str,
    children: Children,
) -> impl IntoView {
    view! {
        <div class="menu-root">
            <button
                type="button"
                class=trigger_class
                popovertarget=id.clone()
                aria-haspopup="true"
                aria-label=move || label.get()
            >
                {trigger.run()}
            </button>
            <div class="menu" id=id popover="auto" on:click=move |event| close_after_choice(&event)>
                {children()}
            </div>
        </div>
    }
    .into_any()
}

/// An item that goes somewhere.
#[component]
pub fn MenuLink(
    #[prop(into)] href: String,
    #[prop(optional, into)] icon: Option<IconName>,
    #[prop(optional, into)] current: Signal<bool>,
    children: Children,
) -> impl IntoView {
    view! {
        <a class="item" href=href aria-current=move || current.get().then_some("true")>
            {icon.map(|name| view! { <Icon name=name/> })}
            <span>{children()}</span>
            {move || current.get().then(|| view! { <Icon name=IconName::Check/> })}
        </a>
    }
    .into_any()
}

/// An item that does something: alone, or as the button of a form within the menu.
/// A disabled one says below its name which rule stops it.
#[component]
pub fn MenuButton(
    #[prop(optional, into)] icon: Option<IconName>,
    #[prop(optional)] danger: bool,
    #[prop(optional)] submit: bool,
    #[prop(optional, into)] name: Option<String>,
    #[prop(optional, into)] value: Option<String>,
    #[prop(optional, into)] disabled: Signal<bool>,
    #[prop(optional, into)] why: MaybeWords,
    #[prop(optional, into)] on_click: Option<Callback<MouseEvent>>,
    children: Children,
) -> impl IntoView {
    view! {
        <button
            type=move || if submit && !disabled.get() { "submit" } else { "button" }
            class="item"
            class:danger=danger
            name=name
            value=value
            aria-disabled=move || disabled.get().then_some("true")
            on:click=move |event| {
                if disabled.get_untracked() {
                    event.prevent_default();
                } else if let Some(act) = on_click {
                    act.run(event);
                }
            }
        >
            {icon.map(|name| view! { <Icon name=name/> })}
            <span>
                {children()}
                {move || why.get().map(|why| view! { <small>{why}</small> })}
            </span>
        </button>
    }
    .into_any()
}

#[component]
pub fn MenuSeparator() -> impl IntoView {
    view! { <hr/> }.into_any()
}

/// What the items below have in common.
#[component]
pub fn MenuHeading(#[prop(into)] text: Words) -> impl IntoView {
    view! { <p class="menu-heading">{move || text.get()}</p> }.into_any()
}
