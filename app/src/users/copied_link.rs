//! A link to share, shown once, with an explanation.

use i18n::*;
use leptos::{prelude::*, task::spawn_local};
use wasm_bindgen::{JsCast, JsValue};

use crate::ui::{Banner, BannerKind, Button, IconName, use_toasts};

const FIELD: &str = "copied-link";

#[component]
pub fn CopiedLinkBox(url: String, name: String) -> impl IntoView {
    let locale = use_locale();
    let toasts = use_toasts();
    let address = url.clone();
    let copy = Callback::new(move |_| {
        let address = address.clone();
        spawn_local(async move {
            if to_clipboard(&address).await {
                toasts.ok(td_string!(locale, users.copied));
            } else {
                select_field();
                toasts.info(td_string!(locale, users.copy_failed));
            }
        });
    });
    view! {
        <Banner kind=BannerKind::Wait title=Some(td_string!(locale, users.copied_title).to_owned())>
            <p>{td_string!(locale, users.copied_text, name = name)}</p>
            <div class="copy">
                <input
                    id=FIELD
                    type="text"
                    readonly=true
                    aria-label=move || td_string!(locale, users.copied_label)
                    value=url
                    on:click=move |_| select_field()
                />
                <Button icon=IconName::Copy on_click=copy>{td!(locale, users.copy)}</Button>
            </div>
        </Banner>
    }
}

/// Copies the text and returns whether the browser allowed it; it does so only in secure contexts.
async fn to_clipboard(text: &str) -> bool {
    let clipboard = window().navigator().clipboard();
    if AsRef::<JsValue>::as_ref(&clipboard).is_undefined() {
        return false;
    }
    wasm_bindgen_futures::JsFuture::from(clipboard.write_text(text))
        .await
        .is_ok()
}

fn select_field() {
    if let Some(field) = document().get_element_by_id(FIELD)
        && let Ok(field) = field.dyn_into::<web_sys::HtmlInputElement>()
    {
        let _ = field.focus();
        field.select();
    }
}
