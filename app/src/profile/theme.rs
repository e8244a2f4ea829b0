//! The theme: light, dark, or the system's. A cookie stores it for this browser.

use i18n::*;
use leptos::prelude::*;

use crate::ui::{Icon, IconName};

/// The choice of the theme; the server sets the cookie and redirects here.
#[component]
pub(super) fn ThemeForm() -> impl IntoView {
    let locale = use_locale();
    view! {
        <form method="post" action="/theme">
            <input type="hidden" name="to" value="/profile"/>
            <fieldset class="theme">
                <legend>{td!(locale, profile.theme)}</legend>
                <ThemeButtons/>
            </fieldset>
        </form>
    }
}

/// The three choices, for a form that posts to `/theme`.
#[component]
pub fn ThemeButtons() -> impl IntoView {
    let locale = use_locale();
    let current = page_theme();
    let choices = [
        (
            "light",
            IconName::Sun,
            td_string!(locale, profile.theme_light),
        ),
        (
            "dark",
            IconName::Moon,
            td_string!(locale, profile.theme_dark),
        ),
        (
            "system",
            IconName::Monitor,
            td_string!(locale, profile.theme_system),
        ),
    ];
    view! {
        <div class="segmented">
            {choices
                .into_iter()
                .map(|(code, icon, word)| view! {
                    <button
                        type="submit"
                        name="theme"
                        value=code
                        aria-pressed=if current == code { "true" } else { "false" }
                    >
                        <Icon name=icon/>
                        {word}
                    </button>
                })
                .collect_view()}
        </div>
    }
}

/// Returns the theme of the rendered document.
fn page_theme() -> String {
    #[cfg(feature = "ssr")]
    let theme = rpc::caller()
        .ok()
        .and_then(|caller| caller.theme)
        .map(|theme| theme.code().to_owned());
    #[cfg(not(feature = "ssr"))]
    let theme = document()
        .document_element()
        .and_then(|html| html.get_attribute("data-theme"));
    theme.unwrap_or_else(|| "system".to_owned())
}
