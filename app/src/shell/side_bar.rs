//! The side bar: where one can go, and nothing that one may not see.

use leptos::prelude::*;
use leptos_router::hooks::use_location;
use muster::permission::Permission;

use super::api::ShellView;
use crate::{
    i18n::*,
    ui::{Brand, IconName, NavHeading, NavLink},
};

#[component]
pub fn SideBar(view: ShellView) -> impl IntoView {
    let i18n = use_i18n();
    let path = use_location().pathname;
    let home = format!("/i/{}", view.institution.slug);
    let users = format!("{home}/users");
    let rooms = [users.clone(), format!("{home}/invite")];
    let at_home = home.clone();
    // Inviting is done from Users and belongs to it until invitations have a room of their own.
    let in_users =
        move || path.with(|path| rooms.iter().any(|room| path.starts_with(room.as_str())));
    let on_home = move || path.with(|path| path.trim_end_matches('/') == at_home);
    view! {
        <Brand href=home.clone()/>
        <NavLink
            href=home
            icon=IconName::House
            text=move || tu_string!(i18n, common.home)
            current=Signal::derive(on_home)
        />
        {view
            .permissions
            .contains(Permission::ViewUsers)
            .then(|| view! {
                <NavHeading text=move || tu_string!(i18n, home.manage)/>
                <NavLink
                    href=users
                    icon=IconName::Users
                    text=move || tu_string!(i18n, home.users)
                    current=Signal::derive(in_users)
                />
            })}
        {view
            .dev_mailbox
            .then(|| view! {
                <div class="bottom">
                    <NavLink
                        href="/dev/mailbox"
                        icon=IconName::Inbox
                        text=move || tu_string!(i18n, home.mailbox)
                    />
                </div>
            })}
    }
}
