//! The account menu: profile, theme, sign-out. The browser posts its forms: the theme is set in the document's root,
//! and after sign-out nothing of the page may remain.

use i18n::*;
use leptos::prelude::*;
use leptos_router::hooks::use_location;

use super::initials::Initials;
use crate::{
    profile::ThemeButtons,
    ui::{IconName, Menu, MenuButton, MenuLink, MenuSeparator},
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

/// The choice of the light, dark or system theme; the page is reloaded.
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
    view! {
        <form
            method="post"
            action="/theme"
            class="theme-form"
            role="group"
            aria-label=move || td_string!(locale, home.theme)
        >
            <input type="hidden" name="to" value=here/>
            <ThemeButtons/>
        </form>
    }
}
