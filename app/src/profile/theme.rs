//! Light, dark, or as the system has it. The choice is this browser's, kept in a cookie.

use leptos::prelude::*;

use crate::{
    i18n::*,
    language::use_locale,
    ui::{Icon, IconName},
};

/// Chooses the theme; the server sets the cookie and comes back here.
#[component]
pub(super) fn ThemeForm() -> impl IntoView {
    let locale = use_locale();
    let current = page_theme();
    let choice = |code: &'static str, icon: IconName, word: AnyView| {
        let pressed = if current == code { "true" } else { "false" };
        view! {
            <button type="submit" name="theme" value=code aria-pressed=pressed>
                <Icon name=icon/>
                {word}
            </button>
        }
    };
    view! {
        <form method="post" action="/theme">
            <input type="hidden" name="to" value="/profile"/>
            <fieldset class="theme">
                <legend>{td!(locale, profile.theme)}</legend>
                <div class="segmented">
                    {choice("system", IconName::Monitor, td!(locale, profile.theme_system).into_any())}
                    {choice("light", IconName::Sun, td!(locale, profile.theme_light).into_any())}
                    {choice("dark", IconName::Moon, td!(locale, profile.theme_dark).into_any())}
                </div>
            </fieldset>
        </form>
    }
}

/// The theme that the document was rendered in.
fn page_theme() -> String {
    #[cfg(feature = "ssr")]
    let theme = crate::backend::caller()
        .ok()
        .and_then(|caller| caller.theme)
        .map(|theme| theme.code().to_owned());
    #[cfg(not(feature = "ssr"))]
    let theme = document()
        .document_element()
        .and_then(|html| html.get_attribute("data-theme"));
    theme.unwrap_or_else(|| "system".to_owned())
}
