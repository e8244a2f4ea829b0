//! The page Create > User, for one person with all known details.

use i18n::*;
use leptos::{ev::SubmitEvent, prelude::*};
use leptos_meta::Title;
use leptos_router::{NavigateOptions, hooks::use_navigate};
use muster::{draft::UserDraft, problem::Problem, username::UsernameViolation};
use rpc::{
    Refusal,
    invitations::{RoleChoice, create_user, role_choices},
    session::Go,
};

use crate::{
    form::Form,
    server_resource::server_resource,
    setup::{Live, NameFields},
    shell::{Refused, use_shell},
    ui::{
        Banner, BannerKind, Button, ButtonKind, ButtonLink, Choice, Field, IconName, PageHead,
        SelectField, SkeletonText, use_toasts,
    },
};

#[component]
pub fn NewUserPage() -> impl IntoView {
    let locale = use_locale();
    let slug = use_shell().slug();
    let form = Form::<UserDraft, Go>::new("create_user", UserDraft::default());
    let roles = server_resource(move || role_choices(slug.clone()));
    view! {
        <Title text=move || td_string!(locale, users.new_title)/>
        <Suspense fallback=move || view! { <SkeletonText lines=8 label=move || td_string!(locale, common.loading)/> }>
            {move || {
                let form = form.clone();
                Suspend::new(async move {
                    match roles.await {
                        Ok(roles) => view! { <UserForm form roles/> }.into_any(),
                        Err(Refusal(failure)) => view! { <Refused failure/> }.into_any(),
                    }
                })
            }}
        </Suspense>
    }
}

#[component]
fn UserForm(form: Form<UserDraft, Go>, roles: Vec<RoleChoice>) -> impl IntoView {
    let locale = use_locale();
    let say = use_say();
    let toasts = use_toasts();
    let navigate = use_navigate();
    let shell = use_shell();
    let list = shell.path("users");
    let begin = form.initial.clone();
    let usual = roles
        .iter()
        .find(|role| role.usual)
        .map(|role| role.id.clone())
        .unwrap_or_default();
    let first_name = RwSignal::new(begin.first_name);
    let last_name = RwSignal::new(begin.last_name);
    let email = RwSignal::new(begin.email);
    let phone = RwSignal::new(begin.phone);
    let username = RwSignal::new(begin.username);
    let role = RwSignal::new(if begin.role.is_empty() {
        usual
    } else {
        begin.role
    });
    let draft = move || UserDraft {
        first_name: first_name.get(),
        last_name: last_name.get(),
        email: email.get(),
        phone: phone.get(),
        username: username.get(),
        role: role.get(),
    };
    let live = Live::new(&form, say, move || {
        draft().parse().err().unwrap_or_default()
    });
    let found = live.shown("username", username);
    let wrong_username = move || {
        let sentences: Vec<String> = found
            .get()
            .iter()
            .map(|problem| match problem {
                // The general sentence addresses the person as "your".
                Problem::Username(UsernameViolation::ContainsName { found }) => {
                    td_string!(locale, users.username_contains_name, found = found.clone())
                }
                other => say.of_problem(other),
            })
            .collect();
        (!sentences.is_empty()).then(|| sentences.join(" "))
    };
    let choices: Vec<Choice> = roles
        .into_iter()
        .map(|role| Choice::new(role.id, role.name))
        .collect();
    let (general, pending) = (form.general(say), form.pending);
    let send = move |event: SubmitEvent| {
        if !live.may_send() {
            event.prevent_default();
            return;
        }
        let sent = untrack(draft);
        let (navigate, address) = (navigate.clone(), sent.email.trim().to_owned());
        form.submit(&event, create_user(shell.slug(), sent), move |next| {
            toasts.ok(td_string!(locale, users.created, email = address.clone()));
            navigate(&next.to, NavigateOptions::default());
        });
    };
    view! {
        <div class="narrow-form">
            <PageHead
                title=move || td_string!(locale, users.new_title)
                text=Some(td_string!(locale, users.new_text).to_owned())
                back=(list.clone(), (move || td_string!(locale, users.title)).into())
            />
            {move || general.get().map(|words| view! { <Banner kind=BannerKind::Bad>{words}</Banner> })}
            <form class="card pad" method="post" novalidate on:submit=send>
                <input type="hidden" name="intent" value="create_user"/>
                <fieldset>
                    <legend>{td!(locale, users.new_person)}</legend>
                    <NameFields first_name last_name live autofocus=true/>
                    <Field
                        name="email"
                        kind="email"
                        label=move || td_string!(locale, common.email)
                        value=email
                        error=live.error("email", email)
                        hint=move || td_string!(locale, users.email_hint)
                        autocomplete="off"
                        inputmode="email"
                        required=true
                        on:focusout=live.leaving("email")
                    />
                    <Field
                        name="phone"
                        kind="tel"
                        label=move || td_string!(locale, users.phone)
                        optional_word=move || td_string!(locale, common.optional)
                        value=phone
                        error=live.error("phone", phone)
                        hint=move || td_string!(locale, users.phone_hint)
                        autocomplete="off"
                        inputmode="tel"
                        on:focusout=live.leaving("phone")
                    />
                </fieldset>
                <fieldset>
                    <legend>{td!(locale, users.new_access)}</legend>
                    <Field
                        name="username"
                        label=move || td_string!(locale, common.username)
                        optional_word=move || td_string!(locale, common.optional)
                        value=username
                        error=wrong_username
                        hint=move || td_string!(locale, users.username_hint)
                        mono=true
                        autocomplete="off"
                        on:focusout=live.leaving("username")
                    />
                    <SelectField
                        name="role"
                        label=move || td_string!(locale, common.role)
                        value=role
                        options=choices
                        error=live.error("role", role)
                        required=true
                    />
                </fieldset>
                <div class="actions">
                    <ButtonLink href=list>{td!(locale, common.cancel)}</ButtonLink>
                    <Button kind=ButtonKind::Primary icon=IconName::Send submit=true pending=pending>
                        {td!(locale, users.create)}
                    </Button>
                </div>
            </form>
        </div>
    }
}
