//! Menus by the popover attribute: they open, close and manage the focus without scripts.

use leptos::{ev::MouseEvent, prelude::*};
use wasm_bindgen::JsCast;

use super::{Icon, IconName, MaybeWords, Words};

/// Closes the popover around a clicked link or button. Client-side navigation would leave it open.
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
        // Fails if the popover has already closed.
        let _ = popover.hide_popover();
    }
}

/// A button and its menu. The items are links and buttons in the page's order.
#[component]
pub fn Menu(
    #[prop(into)] id: String,
    /// The button's label.
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

/// An item that is a link.
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

/// An item that performs an action: alone, or as the button of a form in the menu. A disabled item shows the rule.
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

/// The heading of a group of items.
#[component]
pub fn MenuHeading(#[prop(into)] text: Words) -> impl IntoView {
    view! { <p class="menu-heading">{move || text.get()}</p> }.into_any()
}
