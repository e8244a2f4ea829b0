//! A user's page: details, state, the timeline of the invitation, and actions.

use i18n::*;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use rpc::{Refusal, users::UserView};

use super::{
    actions::{ActionCards, Actions},
    outcomes::Outcomes,
    state::{MailTrouble, State},
    timeline::InvitationTimeline,
};
use crate::{
    server_resource::server_resource,
    shell::{Refused, use_shell},
    ui::{
        Address, Button, ButtonKind, ButtonLink, Chip, ChipKind, DetailCard, Fact, Icon, IconName,
        Monogram, PageHead, SkeletonText,
    },
};

#[component]
pub fn UserPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.read().get("id").unwrap_or_default());
    // Another user's page is created from scratch, so that no result for one is shown with another.
    move || view! { <Loaded id=id.get()/> }
}

#[component]
fn Loaded(id: String) -> impl IntoView {
    let locale = use_locale();
    let slug = use_shell().slug();
    let actions = Actions::new();
    let (revoked, removed) = (actions.revoke.answer, actions.remove.answer);
    let user = server_resource(move || {
        let (slug, id) = (slug.clone(), id.clone());
        // A user who has just been removed or whose invitation was revoked no longer exists.
        let gone =
            revoked.with_untracked(Option::is_some) || removed.with_untracked(Option::is_some);
        async move {
            if gone {
                Ok(None)
            } else {
                rpc::users::user(slug, id).await.map(Some)
            }
        }
    });
    let changed = Callback::new(move |()| user.refetch());
    let watched = actions.clone();
    Effect::new(move |before: Option<bool>| {
        let overtaken = watched.overtaken();
        // A page that was delivered with the failure also has the latest data.
        if overtaken && before == Some(false) {
            user.refetch();
        }
        overtaken
    });
    view! {
        <Transition fallback=move || view! { <SkeletonText lines=8 label=move || td_string!(locale, common.loading)/> }>
            {move || {
                let actions = actions.clone();
                Suspend::new(async move {
                    match user.await {
                        Ok(Some(user)) => view! { <Detail user actions changed/> }.into_any(),
                        Ok(None) => view! { <Gone removed=removed.with_untracked(Option::is_some)/> }.into_any(),
                        Err(Refusal(failure)) => view! { <Refused failure/> }.into_any(),
                    }
                })
            }}
        </Transition>
    }
}

/// The page after an action without scripts that removed the user.
#[component]
fn Gone(
    /// Whether a member was removed; otherwise an invitation was revoked.
    removed: bool,
) -> impl IntoView {
    let locale = use_locale();
    let (title, text) = if removed {
        (
            td_string!(locale, users.removed_title),
            td_string!(locale, users.removed_text),
        )
    } else {
        (
            td_string!(locale, users.revoked_title),
            td_string!(locale, users.revoked_text),
        )
    };
    view! {
        <Title text=title/>
        <PageHead title=title text=Some(text.to_owned())>
            <ButtonLink href=use_shell().path("users") kind=ButtonKind::Primary>
                {td!(locale, users.to_users)}
            </ButtonLink>
        </PageHead>
    }
}

#[component]
fn Detail(user: UserView, actions: Actions, changed: Callback<()>) -> impl IntoView {
    let locale = use_locale();
    let row = user.row.clone();
    let named = !row.name.trim().is_empty();
    let name = if named {
        row.name.clone()
    } else {
        row.email.clone()
    };
    let below = if named {
        row.email.clone()
    } else {
        td_string!(locale, users.no_name).to_owned()
    };
    view! {
        <Title text=name.clone()/>
        <nav class="head" aria-label=move || td_string!(locale, common.back)>
            <a class="back" href=use_shell().path("users")>
                <Icon name=IconName::ArrowLeft/>
                {td!(locale, users.title)}
            </a>
        </nav>
        <header class="profile-head">
            <Monogram name=name.clone() key=name.clone() large=true/>
            <div>
                <h1><Address email=name.clone()/></h1>
                <p><Address email=below/></p>
            </div>
            <div class="profile-state">
                <State state=row.state.clone() main_contact=row.main_contact/>
                <MailTrouble state=row.state/>
            </div>
        </header>
        <Outcomes actions=actions.clone() name=name.clone()/>
        // Actions come before details; on a phone they are above them.
        <div class="cols user-cols">
            <aside class="stack" aria-labelledby="actions">
                <h2 id="actions" class="visually-hidden">{td!(locale, users.actions)}</h2>
                <ActionCards user=user.clone() name actions changed/>
            </aside>
            <div class="stack">
                <Details user=user.clone()/>
                <InvitationTimeline user/>
            </div>
        </div>
    }
}

#[component]
fn Details(user: UserView) -> impl IntoView {
    let locale = use_locale();
    let or_none = move |text: String| {
        if text.trim().is_empty() {
            td_string!(locale, users.none).to_owned()
        } else {
            text
        }
    };
    let accepted = user.joined.is_some();
    let unconfirmed = accepted && !user.row.email_confirmed;
    let username = match user.row.username {
        Some(username) => view! { <span class="mono">{username}</span> }.into_any(),
        None => {
            view! { <span class="muted">{td_string!(locale, users.not_chosen)}</span> }.into_any()
        }
    };
    let (may_edit, path) = (
        user.may_edit,
        use_shell().path(&format!("users/{}/edit", user.row.id)),
    );
    let edit = move || {
        if may_edit {
            view! {
                <ButtonLink href=path.clone() icon=IconName::Pencil>{td!(locale, users.edit)}</ButtonLink>
            }
            .into_any()
        } else {
            let why = td_string!(locale, users.may_not_edit).to_owned();
            view! {
                <Button icon=IconName::Pencil disabled=true why=Some(why)>{td!(locale, users.edit)}</Button>
            }
            .into_any()
        }
    };
    view! {
        <DetailCard title=move || td_string!(locale, users.details) actions=edit>
            <Fact term=move || td_string!(locale, common.first_name)>{or_none(user.first_name)}</Fact>
            <Fact term=move || td_string!(locale, common.last_name)>{or_none(user.last_name)}</Fact>
            <Fact term=move || td_string!(locale, common.email)>
                <span class="row">
                    <span class="break">{user.row.email}</span>
                    {unconfirmed.then(|| view! {
                        <Chip kind=ChipKind::Pending icon=IconName::MailX>{td!(locale, users.unconfirmed)}</Chip>
                    })}
                </span>
                {unconfirmed.then(|| view! { <p class="hint">{td!(locale, users.unconfirmed_hint)}</p> })}
            </Fact>
            <Fact term=move || td_string!(locale, users.phone)>{or_none(user.phone)}</Fact>
            <Fact term=move || td_string!(locale, common.username)>{username}</Fact>
            <Fact term=move || td_string!(locale, common.role)>
                {user.row.role}
                {user.row.main_contact.then(|| format!(" · {}", td_string!(locale, users.main_contact)))}
            </Fact>
            {user.joined.map(|joined| view! {
                <Fact term=move || td_string!(locale, users.joined)>{joined.text}</Fact>
            })}
            {user
                .attributes
                .into_iter()
                .map(|(name, value)| view! { <Fact term=name><span class="break">{value}</span></Fact> })
                .collect_view()}
        </DetailCard>
    }
}
