//! The set-up page of the first institution and its main contact.

use i18n::*;
use leptos::{prelude::*, task::spawn_local};
use leptos_meta::Title;
use muster::{draft::SetupDraft, failure::Failure, language::Language};
use rpc::{
    Refusal,
    session::Go,
    setup::{SetupView, set_up, setup_view},
};

use super::{Live, NameFields, NewPasswordField, UsernameField};
use crate::{
    form::{Form, go},
    language::page_language,
    link::{LinkField, LinkMissing, own_address, page_link},
    server_resource::server_resource,
    session::{LinkOver, Trouble},
    ui::{
        Banner, BannerKind, Button, ButtonKind, CardPage, Choice, Field, SelectField, SkeletonText,
    },
};

/// The page of the one-time set-up link.
#[component]
pub fn SetupPage() -> impl IntoView {
    let locale = use_locale();
    let form = Form::<SetupDraft, Go>::new("set_up", SetupDraft::default());
    let link = page_link();
    let view = server_resource(move || setup_view(link.clone()));
    let again = own_address("/setup");
    view! {
        <Title text=move || td_string!(locale, setup.title)/>
        <CardPage wide=true>
            <Suspense fallback=move || {
                view! { <SkeletonText lines=8 label=move || td_string!(locale, common.loading)/> }
            }>
                {move || {
                    let (form, again) = (form.clone(), again.clone());
                    Suspend::new(async move {
                        match view.await {
                            Ok(view) => view! { <SetupForm form=form view=view/> }.into_any(),
                            Err(Refusal(Failure::InvalidLink)) => view! {
                                <LinkOver
                                    title=move || td_string!(locale, setup.over_title)
                                    text=move || td_string!(locale, setup.over_text)
                                    href="/sign-in"
                                    action=move || td_string!(locale, common.sign_in)
                                />
                            }
                            .into_any(),
                            Err(Refusal(Failure::LinkMissing)) => view! {
                                <LinkMissing text=move || Some(td_string!(locale, setup.link_missing_text))/>
                            }
                            .into_any(),
                            Err(Refusal(failure)) => {
                                view! { <Trouble failure=failure path=again/> }.into_any()
                            }
                        }
                    })
                }}
            </Suspense>
        </CardPage>
    }
}

#[component]
fn SetupForm(form: Form<SetupDraft, Go>, view: SetupView) -> impl IntoView {
    let locale = use_locale();
    let say = use_say();
    let SetupView {
        link,
        time_zones,
        proposal,
    } = view;
    let came_back = form.failure.with_untracked(Option::is_some);
    let begin = form.initial.clone();
    let begin = if came_back {
        begin
    } else {
        SetupDraft {
            language: page_language().code().to_owned(),
            username: proposal.clone(),
            ..begin
        }
    };
    let institution_name = RwSignal::new(begin.institution_name);
    let time_zone = RwSignal::new(begin.time_zone);
    let language = RwSignal::new(begin.language);
    let first_name = RwSignal::new(begin.first_name);
    let last_name = RwSignal::new(begin.last_name);
    let email = RwSignal::new(begin.email);
    let username = RwSignal::new(begin.username);
    let password = RwSignal::new(String::new());
    let draft = move || SetupDraft {
        institution_name: institution_name.get(),
        time_zone: time_zone.get(),
        language: language.get(),
        first_name: first_name.get(),
        last_name: last_name.get(),
        email: email.get(),
        username: username.get(),
        password: password.get(),
    };
    let live = Live::new(&form, say, move || {
        draft().parse().err().unwrap_or_default()
    });
    let hints = Signal::derive(move || {
        vec![
            institution_name.get(),
            first_name.get(),
            last_name.get(),
            email.get(),
            username.get(),
        ]
    });
    guess_time_zone(time_zone, time_zones.clone());
    let zones: Vec<Choice> =
        std::iter::once(Choice::new("", td_string!(locale, setup.time_zone_choose)))
            .chain(time_zones.into_iter().map(|zone| {
                let shown = zone.replace('_', " ");
                Choice::new(zone, shown)
            }))
            .collect();
    let languages: Vec<Choice> = Language::ALL
        .into_iter()
        .map(|language| Choice::new(language.code(), say.of_language(language)))
        .collect();
    let (general, pending) = (form.general(say), form.pending);
    let sent = link.clone();
    let send = move |event: leptos::ev::SubmitEvent| {
        if live.may_send() {
            form.submit(&event, set_up(sent.clone(), untrack(draft)), |next| {
                go(&next.to);
            });
        } else {
            event.prevent_default();
        }
    };
    view! {
        <h1>{td!(locale, setup.heading)}</h1>
        <p class="lead">{td!(locale, setup.intro)}</p>
        <form method="post" novalidate on:submit=send>
            <input type="hidden" name="intent" value="set_up"/>
            <LinkField link=link.clone()/>
            <fieldset>
                <legend>{td!(locale, setup.institution)}</legend>
                <Field
                    name="institution_name"
                    label=move || td_string!(locale, setup.institution_name)
                    value=institution_name
                    error=live.error("institution_name", institution_name)
                    autocomplete="organization"
                    required=true
                    autofocus=true
                    on:focusout=live.leaving("institution_name")
                />
                <div class="pair roomy">
                    <SelectField
                        name="time_zone"
                        label=move || td_string!(locale, setup.time_zone)
                        value=time_zone
                        options=zones
                        error=live.error("time_zone", time_zone)
                        required=true
                    />
                    <SelectField
                        name="language"
                        label=move || td_string!(locale, common.language)
                        value=language
                        options=languages
                        error=live.error("language", language)
                        required=true
                    />
                </div>
            </fieldset>
            <fieldset>
                <legend>{td!(locale, setup.main_contact)}</legend>
                <p class="hint about">{td!(locale, setup.main_contact_hint)}</p>
                <NameFields first_name last_name live own=true/>
                <Field
                    name="email"
                    kind="email"
                    label=move || td_string!(locale, common.email)
                    value=email
                    error=live.error("email", email)
                    autocomplete="email"
                    inputmode="email"
                    required=true
                    on:focusout=live.leaving("email")
                />
                <UsernameField
                    value=username
                    first_name=first_name
                    last_name=last_name
                    proposal=proposal
                    live=live
                    link=link.clone()
                    on:focusout=live.leaving("username")
                />
                <NewPasswordField
                    value=password
                    label=move || td_string!(locale, common.password)
                    error=live.error("password", password)
                    hints=hints
                    sending=pending
                    came_back=came_back
                    link=link
                    on:focusout=live.leaving("password")
                />
            </fieldset>
            {move || general.get().map(|words| view! { <Banner kind=BannerKind::Bad>{words}</Banner> })}
            <Button kind=ButtonKind::Primary big=true submit=true pending=pending>
                {td!(locale, setup.submit)}
            </Button>
        </form>
    }
}

/// Selects the browser's time zone if none is selected.
fn guess_time_zone(time_zone: RwSignal<String>, known: Vec<String>) {
    Effect::new(move |_| {
        let known = known.clone();
        // Runs after the list has reported a value that the browser restored.
        spawn_local(async move {
            let options =
                js_sys::Intl::DateTimeFormat::new(&js_sys::Array::new(), &js_sys::Object::new())
                    .resolved_options();
            let own = js_sys::Reflect::get(&options, &"timeZone".into())
                .ok()
                .and_then(|zone| zone.as_string());
            let open = time_zone
                .try_with_untracked(String::is_empty)
                .unwrap_or(false);
            if let Some(own) = own.filter(|own| open && known.contains(own)) {
                time_zone.set(own);
            }
        });
    });
}
