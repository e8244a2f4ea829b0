//! Dialogs based on the `dialog` element, which traps and restores the focus.

use leptos::{attr::custom::custom_attribute, ev::MouseEvent, html, prelude::*};
use wasm_bindgen::{JsCast, JsValue};

use super::{
    Icon, IconName, MaybeWords, Words,
    button::{Button, ButtonKind, button_class},
};

/// Returns whether the browser supports `command` on buttons, which opens and closes dialogs without scripts. Other
/// browsers need the script.
fn knows_commands(button: &web_sys::Element) -> bool {
    js_sys::Reflect::has(button, &JsValue::from_str("commandForElement")).unwrap_or(false)
}

fn clicked(event: &MouseEvent) -> Option<web_sys::Element> {
    event
        .current_target()
        .and_then(|target| target.dyn_into().ok())
}

fn dialog_by_id(id: &str) -> Option<web_sys::HtmlDialogElement> {
    document()
        .get_element_by_id(id)
        .and_then(|dialog| dialog.dyn_into().ok())
}

/// A dialog. It is opened by a `DialogOpener` or by `open`, which also reports when it has closed.
#[component]
pub fn Dialog(
    #[prop(into)] id: String,
    #[prop(into)] title: Words,
    #[prop(into)] close_word: Words,
    #[prop(optional)] open: Option<RwSignal<bool>>,
    /// The consequences of the action.
    #[prop(optional, into)]
    text: MaybeWords,
    children: Children,
) -> impl IntoView {
    let node = NodeRef::<html::Dialog>::new();
    if let Some(open) = open {
        Effect::new(move |_| {
            let wanted = open.get();
            let Some(dialog) = node.get() else { return };
            if wanted && !dialog.open() {
                // Fails only if the dialog has left the page.
                let _ = dialog.show_modal();
            } else if !wanted && dialog.open() {
                dialog.close();
            }
        });
    }
    let heading = format!("{id}-title");
    view! {
        <dialog
            node_ref=node
            id=id.clone()
            aria-labelledby=heading.clone()
            {..custom_attribute("closedby", "any")}
            on:close=move |_| {
                if let Some(open) = open {
                    open.set(false);
                }
            }
        >
            <header>
                <h2 id=heading.clone()>{move || title.get()}</h2>
                <DialogCloser dialog=id.clone() kind=ButtonKind::Ghost label=close_word>
                    <Icon name=IconName::X/>
                </DialogCloser>
            </header>
            {move || text.get().map(|text| view! { <p class="muted">{text}</p> })}
            {children()}
        </dialog>
    }
    .into_any()
}

/// The button that opens a dialog of the page.
#[component]
pub fn DialogOpener(
    /// The dialog's id.
    #[prop(into)]
    dialog: String,
    #[prop(optional)] kind: ButtonKind,
    #[prop(optional)] big: bool,
    #[prop(optional, into)] icon: Option<IconName>,
    #[prop(optional, into)] class: Option<&'static str>,
    children: Children,
) -> impl IntoView {
    let target = dialog.clone();
    view! {
        <button
            type="button"
            class=class.unwrap_or_else(|| button_class(kind, big))
            {..custom_attribute("command", "show-modal")}
            {..custom_attribute("commandfor", dialog)}
            aria-haspopup="dialog"
            on:click=move |event| {
                if clicked(&event).is_some_and(|button| !knows_commands(&button))
                    && let Some(dialog) = dialog_by_id(&target)
                {
                    let _ = dialog.show_modal();
                }
            }
        >
            {icon.map(|name| view! { <Icon name=name/> })}
            {children()}
        </button>
    }
    .into_any()
}

/// The button of a destructive action, which opens its confirmation. If a rule forbids it, `why` is that rule.
#[component]
pub fn AskFirst(
    /// The dialog's id.
    #[prop(into)]
    dialog: String,
    icon: IconName,
    #[prop(optional_no_strip)] why: Option<String>,
    children: Children,
) -> impl IntoView {
    if why.is_some() {
        view! { <Button kind=ButtonKind::Danger icon disabled=true why>{children()}</Button> }
            .into_any()
    } else {
        view! { <DialogOpener dialog kind=ButtonKind::Danger icon>{children()}</DialogOpener> }
            .into_any()
    }
}

/// The button that closes a dialog without any action.
#[component]
pub fn DialogCloser(
    /// The dialog's id.
    #[prop(into)]
    dialog: String,
    #[prop(optional)] kind: ButtonKind,
    #[prop(optional, into)] label: Option<Words>,
    children: Children,
) -> impl IntoView {
    let target = dialog.clone();
    view! {
        <button
            type="button"
            class=button_class(kind, false)
            class:square=label.is_some()
            aria-label=move || label.map(Words::get)
            {..custom_attribute("command", "close")}
            {..custom_attribute("commandfor", dialog)}
            on:click=move |event| {
                if clicked(&event).is_some_and(|button| !knows_commands(&button))
                    && let Some(dialog) = dialog_by_id(&target)
                {
                    dialog.close();
                }
            }
        >
            {children()}
        </button>
    }
    .into_any()
}
