//! Home: the welcome after joining, next steps, and the person's own membership.

use i18n::*;
use leptos::prelude::*;
use leptos_meta::Title;
use muster::permission::Permission;
use rpc::{Refusal, home::attention, shell::ShellView};

use super::attention::AttentionView;
use crate::{
    server_resource::server_resource,
    shell::{Refused, use_shell},
    ui::{ButtonKind, ButtonLink, DetailCard, Fact, Icon, IconName, PageHead, SkeletonTable},
};

#[component]
pub fn HomePage() -> impl IntoView {
    // The layout renders no page before the institution is known.
    use_shell().get().map(|view| view! { <Home view/> })
}

#[component]
fn Home(view: ShellView) -> impl IntoView {
    let locale = use_locale();
    let institution = view.institution.name.clone();
    let title = institution.clone();
    let sees = view.permissions.contains(Permission::ViewUsers);
    let invites = view.permissions.contains(Permission::InviteUsers);
    let greeting = if view.name.trim().is_empty() {
        td_string!(locale, home.greeting_nameless).to_owned()
    } else {
        td_string!(locale, home.greeting, name = view.name.clone())
    };
    let text = if sees {
        td_string!(
            locale,
            home.attention_text,
            institution = institution.clone()
        )
    } else {
        td_string!(locale, home.as_member, institution = institution.clone())
    };
    view! {
        <Title text=title/>
        {view.just_joined.then(|| view! { <Joined institution=institution.clone() role=view.role.clone()/> })}
        <PageHead title=greeting text=text>
            {(invites && !sees).then(|| view! {
                <ButtonLink href=use_shell().path("invite") kind=ButtonKind::Primary icon=IconName::Plus>
                    {td!(locale, home.invite)}
                </ButtonLink>
            })}
        </PageHead>
        {sees.then(|| view! { <Waiting/> })}
        <div class="home-details">
            <DetailCard title=move || td_string!(locale, home.details_title)>
                <Fact term=move || td_string!(locale, home.institution)>{institution}</Fact>
                <Fact term=move || td_string!(locale, home.your_name)>{view.name}</Fact>
                <Fact term=move || td_string!(locale, common.role)>{view.role}</Fact>
            </DetailCard>
            <p class="muted">
                {(!sees).then_some(td!(locale, home.details_by_others))} " "
                {td!(locale, home.details_hint)} " "
                <a href="/profile">{td!(locale, home.open_profile)}</a>
            </p>
        </div>
    }
}

/// The welcome after joining, above everything else on the page.
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

/// What needs attention, for members who may see users.
#[component]
fn Waiting() -> impl IntoView {
    let locale = use_locale();
    let slug = use_shell().slug();
    let waiting = server_resource(move || attention(slug.clone()));
    view! {
        <Suspense fallback=move || view! { <SkeletonTable label=move || td_string!(locale, common.loading)/> }>
            {move || Suspend::new(async move {
                match waiting.await {
                    Ok(Some(attention)) => view! { <AttentionView attention/> }.into_any(),
                    Ok(None) => ().into_any(),
                    Err(Refusal(failure)) => view! { <Refused failure/> }.into_any(),
                }
            })}
        </Suspense>
    }
}
