//! The side bar: links to the pages that the person may see.

use i18n::*;
use leptos::prelude::*;
use leptos_router::hooks::use_location;
use muster::permission::Permission;
use rpc::shell::ShellView;

use super::palette_search::may_import;
use crate::ui::{Brand, IconName, NavHeading, NavLink};

#[component]
pub fn SideBar(view: ShellView) -> impl IntoView {
    let locale = use_locale();
    let path = use_location().pathname;
    let home = format!("/i/{}", view.institution.slug);
    let users = format!("{home}/users");
    let invitations = format!("{home}/invitations");
    let imports = format!("{home}/imports");
    let (at_home, at_users, at_imports) = (home.clone(), users.clone(), imports.clone());
    let rooms = [invitations.clone(), format!("{home}/invite")];
    let in_users = move || path.with(|path| path.starts_with(at_users.as_str()));
    let in_invitations =
        move || path.with(|path| rooms.iter().any(|room| path.starts_with(room.as_str())));
    let in_imports = move || path.with(|path| path.starts_with(at_imports.as_str()));
    let may_import = may_import(&view);
    let on_home = move || path.with(|path| path.trim_end_matches('/') == at_home);
    view! {
        <Brand href=home.clone()/>
        <NavLink
            href=home
            icon=IconName::House
            text=move || td_string!(locale, common.home)
            current=Signal::derive(on_home)
        />
        {view
            .permissions
            .contains(Permission::ViewUsers)
            .then(|| view! {
                <NavHeading text=move || td_string!(locale, home.manage)/>
                <NavLink
                    href=users
                    icon=IconName::Users
                    text=move || td_string!(locale, home.users)
                    current=Signal::derive(in_users)
                />
                <NavLink
                    href=invitations
                    icon=IconName::Mail
                    text=move || td_string!(locale, home.invitations)
                    current=Signal::derive(in_invitations)
                />
                {may_import.then(|| view! {
                    <NavLink
                        href=imports
                        icon=IconName::Upload
                        text=move || td_string!(locale, home.imports)
                        current=Signal::derive(in_imports)
                    />
                })}
            })}
        {view
            .dev_mailbox
            .then(|| view! {
                <div class="bottom">
                    <NavLink
                        href="/dev/mailbox"
                        icon=IconName::Inbox
                        text=move || td_string!(locale, home.mailbox)
                    />
                </div>
            })}
    }
}
