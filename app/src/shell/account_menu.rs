//! One's own menu: profile, theme, signing out. Its forms are sent by the browser itself: the theme
//! is in the document's root, and after signing out nothing of the page may stay.

use leptos::prelude::*;
use leptos_router::hooks::use_location;

use super::initials::Initials;
use crate::{
    i18n::*,
    language::use_locale,
    ui::{Icon, IconName, Menu, MenuButton, MenuLink, MenuSeparator},
};

#[component]
pub fn AccountMenu(name: String, role: String) -> impl IntoView {
    let locale = use_locale();
    let (called, shown) = (name.clone(), name.clone());
    view! {
        <Menu
            id="account"
            label=move || td_string!(locale, home.your_menu, name = called.clone())
            trigger_class="face-button"
            trigger=move || view! { <Initials shape="face" name=shown.clone() key=shown.clone()/> }
        >
            <p class="menu-person">
                <strong>{name}</strong>
                <small>{role}</small>
            </p>
            <MenuSeparator/>
            <MenuLink href="/profile" icon=IconName::IdCard>{td!(locale, home.profile)}</MenuLink>
            <ThemeForm/>
            <MenuSeparator/>
            <form method="post" action="/sign-out">
                <MenuButton submit=true icon=IconName::LogOut>{td!(locale, common.sign_out)}</MenuButton>
            </form>
        </Menu>
    }
}

/// Light, dark, or as the system has it; the page comes back in it.
#[component]
fn ThemeForm() -> impl IntoView {
    let locale = use_locale();
    let location = use_location();
    let here = move || {
        let (path, query) = (location.pathname.get(), location.search.get());
        if query.is_empty() {
            path
        } else {
            format!("{path}?{query}")
        }
    };
    let current = current_theme();
    let choices = [
        ("light", IconName::Sun, td_string!(locale, home.theme_light)),
        ("dark", IconName::Moon, td_string!(locale, home.theme_dark)),
        (
            "system",
            IconName::Monitor,
            td_string!(locale, home.theme_system),
        ),
    ];
    view! {
        <form method="post" action="/theme" class="theme-form">
            <input type="hidden" name="to" value=here/>
            <div class="segmented" role="group" aria-label=move || td_string!(locale, home.theme)>
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
        </form>
    }
}

/// The theme that this page came in: the server knows it of the caller, the browser of the document.
fn current_theme() -> String {
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
