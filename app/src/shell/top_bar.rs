//! The top bar: institution, search, create menu, account menu.

use i18n::*;
use leptos::prelude::*;
use muster::permission::Permission;
use rpc::shell::ShellView;

use super::{account_menu::AccountMenu, initials::Initials, palette::Palette};
use crate::ui::{Icon, IconName, Menu, MenuHeading, MenuLink};

#[component]
pub fn TopBar(view: ShellView) -> impl IntoView {
    let may_create = view.permissions.contains(Permission::InviteUsers);
    let slug = view.institution.slug.clone();
    view! {
        <Switcher view=view.clone()/>
        <span class="grow"></span>
        <Palette view=view.clone()/>
        {may_create.then(|| view! { <CreateMenu slug/> })}
        <AccountMenu name=view.name role=view.role/>
    }
}

/// The person's institutions. Another one may use another language, so its page is loaded from the server: `external`
/// bypasses the router.
#[component]
fn Switcher(view: ShellView) -> impl IntoView {
    let locale = use_locale();
    let (open, choices) = (view.institution, view.institutions);
    let (name, shown) = (open.name.clone(), open.clone());
    view! {
        <Menu
            id="institutions"
            label=move || td_string!(locale, home.switch, name = name.clone())
            trigger_class="switch"
            trigger=move || view! {
                <Initials shape="tile" name=shown.name.clone() key=shown.name.clone()/>
                <span>{shown.name.clone()}</span>
                <Icon name=IconName::ChevronDown/>
            }
        >
            <MenuHeading text=move || td_string!(locale, home.your_institutions)/>
            {choices
                .into_iter()
                .map(|choice| {
                    let current = choice.slug == open.slug;
                    view! {
                        <MenuLink href=format!("/i/{}", choice.slug) current=current attr:rel="external">
                            {choice.name}
                        </MenuLink>
                    }
                })
                .collect_view()}
        </Menu>
    }
}

/// The menu of what can be created.
#[component]
fn CreateMenu(slug: String) -> impl IntoView {
    let locale = use_locale();
    view! {
        <Menu
            id="create"
            label=move || td_string!(locale, home.create_what)
            trigger_class="btn"
            trigger=move || view! {
                <Icon name=IconName::Plus/>
                <span class="wide">{td!(locale, home.create)}</span>
                <span class="wide chevron"><Icon name=IconName::ChevronDown/></span>
            }
        >
            <MenuLink href=format!("/i/{slug}/users/new") icon=IconName::UserPlus>
                {td!(locale, home.create_user)}
                <small>{td!(locale, home.create_user_hint)}</small>
            </MenuLink>
            <MenuLink href=format!("/i/{slug}/invite") icon=IconName::Mail>
                {td!(locale, home.create_invitation)}
                <small>{td!(locale, home.create_invitation_hint)}</small>
            </MenuLink>
            <MenuLink href=format!("/i/{slug}/imports/new") icon=IconName::Upload>
                {td!(locale, home.create_import)}
                <small>{td!(locale, home.create_import_hint)}</small>
            </MenuLink>
        </Menu>
    }
}
