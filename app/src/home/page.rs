//! Home: that one has joined, what to do next, and how one stands here.

use leptos::prelude::*;
use leptos_meta::Title;
use muster::permission::Permission;

use crate::{
    i18n::*,
    language::use_locale,
    shell::{use_shell, view::ShellView},
    ui::{ButtonKind, ButtonLink, DetailCard, Fact, Icon, IconName, PageHead},
};

#[component]
pub fn HomePage() -> impl IntoView {
    // The layout shows no page before it knows the institution.
    use_shell().get().map(|view| view! { <Home view/> })
}

#[component]
fn Home(view: ShellView) -> impl IntoView {
    let locale = use_locale();
    let institution = view.institution.name.clone();
    let title = institution.clone();
    let steps = [Permission::ViewUsers, Permission::InviteUsers]
        .into_iter()
        .any(|permission| view.permissions.contains(permission));
    let greeting = if view.name.trim().is_empty() {
        td_string!(locale, home.greeting_nameless).to_owned()
    } else {
        td_string!(locale, home.greeting, name = view.name.clone())
    };
    let text = if steps {
        td_string!(
            locale,
            home.as_administrator,
            institution = institution.clone()
        )
    } else {
        td_string!(locale, home.as_member, institution = institution.clone())
    };
    view! {
        <Title text=title/>
        {view.just_joined.then(|| view! { <Joined institution=institution.clone() role=view.role.clone()/> })}
        <PageHead title=greeting text=text/>
        {steps.then(|| view! { <NextSteps view=view.clone()/> })}
        <div class="home-details">
            <DetailCard title=move || td_string!(locale, home.details_title)>
                <Fact term=move || td_string!(locale, home.institution)>{institution}</Fact>
                <Fact term=move || td_string!(locale, home.your_name)>{view.name}</Fact>
                <Fact term=move || td_string!(locale, common.role)>{view.role}</Fact>
            </DetailCard>
            <p class="muted">
                {td!(locale, home.details_hint)} " "
                <a href="/profile">{td!(locale, home.open_profile)}</a>
            </p>
        </div>
    }
}

/// Which institution was joined just now: it stands before everything else on the page.
#[component]
fn Joined(institution: String, role: String) -> impl IntoView {
    let locale = use_locale();
    view! {
        <div class="joined" role="status">
            <Icon name=IconName::BadgeCheck/>
            <div>
                <strong>{td_string!(locale, home.joined, institution = institution)}</strong>
                " "
                {td_string!(locale, home.joined_as, role = role)}
            </div>
        </div>
    }
}

/// What one may do here, each with the way to it.
#[component]
fn NextSteps(view: ShellView) -> impl IntoView {
    let locale = use_locale();
    let home = format!("/i/{}", view.institution.slug);
    let (invite, users) = (format!("{home}/invite"), format!("{home}/users"));
    view! {
        <div class="welcome">
            {view
                .permissions
                .contains(Permission::InviteUsers)
                .then(|| view! {
                    <section class="card">
                        <span class="medal"><Icon name=IconName::UserPlus/></span>
                        <h2>{td!(locale, home.invite_title)}</h2>
                        <p class="muted">{td!(locale, home.invite_text)}</p>
                        <ButtonLink href=invite kind=ButtonKind::Primary icon=IconName::Plus>
                            {td!(locale, home.invite)}
                        </ButtonLink>
                    </section>
                })}
            {view
                .permissions
                .contains(Permission::ViewUsers)
                .then(|| view! {
                    <section class="card">
                        <span class="medal"><Icon name=IconName::Users/></span>
                        <h2>{td!(locale, home.users_title)}</h2>
                        <p class="muted">{td!(locale, home.users_text)}</p>
                        <ButtonLink href=users icon=IconName::ArrowRight>{td!(locale, home.see_users)}</ButtonLink>
                    </section>
                })}
        </div>
    }
}
