//! The top bar: which institution, what to create, who one is.

use leptos::prelude::*;
use muster::permission::Permission;

use super::{account_menu::AccountMenu, api::ShellView, initials::Initials};
use crate::{
    i18n::*,
    ui::{Icon, IconName, Menu, MenuHeading, MenuLink},
};

#[component]
pub fn TopBar(view: ShellView) -> impl IntoView {
    let may_create = view.permissions.contains(Permission::InviteUsers);
    let slug = view.institution.slug.clone();
    view! {
        <Switcher view=view.clone()/>
        <span class="grow"></span>
        {may_create.then(|| view! { <CreateMenu slug/> })}
        <AccountMenu name=view.name role=view.role/>
    }
}

/// All the person's institutions. Another one may speak another language, so its page is loaded
/// anew: `external` keeps the router out of it.
#[component]
fn Switcher(view: ShellView) -> impl IntoView {
    let i18n = use_i18n();
    let (open, choices) = (view.institution, view.institutions);
    let (name, shown) = (open.name.clone(), open.clone());
    view! {
        <Menu
            id="institutions"
            label=move || tu_string!(i18n, home.switch, name = name.clone())
            trigger_class="switch"
            trigger=move || view! {
                <Initials shape="tile" name=shown.name.clone() key=shown.name.clone()/>
                <span>{shown.name.clone()}</span>
                <Icon name=IconName::ChevronDown/>
            }
        >
            <MenuHeading text=move || tu_string!(i18n, home.your_institutions)/>
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

/// What can be created from anywhere.
#[component]
fn CreateMenu(slug: String) -> impl IntoView {
    let i18n = use_i18n();
    view! {
        <Menu
            id="create"
            label=move || tu_string!(i18n, home.create_what)
            trigger_class="btn"
            trigger=move || view! {
                <Icon name=IconName::Plus/>
                <span class="wide">{tu!(i18n, home.create)}</span>
                <span class="wide chevron"><Icon name=IconName::ChevronDown/></span>
            }
        >
            <MenuLink href=format!("/i/{slug}/users/new") icon=IconName::UserPlus>
                {tu!(i18n, home.create_user)}
                <small>{tu!(i18n, home.create_user_hint)}</small>
            </MenuLink>
            <MenuLink href=format!("/i/{slug}/invite") icon=IconName::Mail>
                {tu!(i18n, home.create_invitation)}
                <small>{tu!(i18n, home.create_invitation_hint)}</small>
            </MenuLink>
        </Menu>
    }
}
