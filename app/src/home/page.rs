//! Home: that one has joined, what to do next, and how one stands here.

use leptos::prelude::*;
use leptos_meta::Title;
use muster::permission::Permission;

use crate::{
    i18n::*,
    shell::{api::ShellView, use_shell},
    ui::{ButtonKind, ButtonLink, DetailCard, Fact, Icon, IconName, PageHead},
};

#[component]
pub fn HomePage() -> impl IntoView {
    // The layout shows no page before it knows the institution.
    use_shell().get().map(|view| view! { <Home view/> })
}

#[component]
fn Home(view: ShellView) -> impl IntoView {
    let i18n = use_i18n();
    let institution = view.institution.name.clone();
    let title = institution.clone();
    let steps = [Permission::ViewUsers, Permission::InviteUsers]
        .into_iter()
        .any(|permission| view.permissions.contains(permission));
    let greeting = if view.name.trim().is_empty() {
        tu_string!(i18n, home.greeting_nameless).to_owned()
    } else {
        tu_string!(i18n, home.greeting, name = view.name.clone())
    };
    let text = if steps {
        tu_string!(
            i18n,
            home.as_administrator,
            institution = institution.clone()
        )
    } else {
        tu_string!(i18n, home.as_member, institution = institution.clone())
    };
    view! {
        <Title text=title/>
        {view.just_joined.then(|| view! { <Joined institution=institution.clone() role=view.role.clone()/> })}
        <PageHead title=greeting text=text/>
        {steps.then(|| view! { <NextSteps view=view.clone()/> })}
        <div class="home-details">
            <DetailCard title=move || tu_string!(i18n, home.details_title)>
                <Fact term=move || tu_string!(i18n, home.institution)>{institution}</Fact>
                <Fact term=move || tu_string!(i18n, home.your_name)>{view.name}</Fact>
                <Fact term=move || tu_string!(i18n, common.role)>{view.role}</Fact>
            </DetailCard>
            <p class="muted">
                {tu!(i18n, home.details_hint)} " "
                <a href="/profile">{tu!(i18n, home.open_profile)}</a>
            </p>
        </div>
    }
}

/// Which institution was joined just now: it stands before everything else on the page.
#[component]
fn Joined(institution: String, role: String) -> impl IntoView {
    let i18n = use_i18n();
    view! {
        <div class="joined" role="status">
            <Icon name=IconName::BadgeCheck/>
            <div>
                <strong>{tu_string!(i18n, home.joined, institution = institution)}</strong>
                " "
                {tu_string!(i18n, home.joined_as, role = role)}
            </div>
        </div>
    }
}

/// What one may do here, each with the way to it.
#[component]
fn NextSteps(view: ShellView) -> impl IntoView {
    let i18n = use_i18n();
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
                        <h2>{tu!(i18n, home.invite_title)}</h2>
                        <p class="muted">{tu!(i18n, home.invite_text)}</p>
                        <ButtonLink href=invite kind=ButtonKind::Primary icon=IconName::Plus>
                            {tu!(i18n, home.invite)}
                        </ButtonLink>
                    </section>
                })}
            {view
                .permissions
                .contains(Permission::ViewUsers)
                .then(|| view! {
                    <section class="card">
                        <span class="medal"><Icon name=IconName::Users/></span>
                        <h2>{tu!(i18n, home.users_title)}</h2>
                        <p class="muted">{tu!(i18n, home.users_text)}</p>
                        <ButtonLink href=users icon=IconName::ArrowRight>{tu!(i18n, home.see_users)}</ButtonLink>
                    </section>
                })}
        </div>
    }
}
