//! The page that emails a reset link. Its answer is the same for every input.

use i18n::*;
use leptos::{html, prelude::*};
use leptos_meta::Title;
use muster::draft::ForgottenDraft;
use rpc::session::ask_reset;

use crate::{
    form::Form,
    setup::Live,
    ui::{Banner, BannerKind, Button, ButtonKind, ButtonLink, CardPage, Field},
};

/// The page for forgotten passwords.
#[component]
pub fn ForgottenPage() -> impl IntoView {
    let locale = use_locale();
    let form = Form::<ForgottenDraft, ()>::new("ask_reset", ForgottenDraft::default());
    let answer = form.answer;
    view! {
        <Title text=move || td_string!(locale, session.forgotten_title)/>
        <CardPage>
            {move || {
                if answer.with(Option::is_some) {
                    view! { <Sent/> }.into_any()
                } else {
                    view! { <AskForm form=form.clone()/> }.into_any()
                }
            }}
        </CardPage>
    }
}

#[component]
fn AskForm(form: Form<ForgottenDraft, ()>) -> impl IntoView {
    let locale = use_locale();
    let say = use_say();
    let identifier = RwSignal::new(form.initial.identifier.clone());
    let draft = move || ForgottenDraft {
        identifier: identifier.get(),
    };
    let live = Live::new(&form, say, move || {
        draft().parse().err().unwrap_or_default()
    });
    let (general, pending) = (form.general(say), form.pending);
    let send = move |event: leptos::ev::SubmitEvent| {
        if live.may_send() {
            form.submit(&event, ask_reset(untrack(draft)), |()| ());
        } else {
            event.prevent_default();
        }
    };
    view! {
        <h1>{td!(locale, session.forgotten_title)}</h1>
        <p class="lead">{td!(locale, session.forgotten_text)}</p>
        {move || general.get().map(|words| view! { <Banner kind=BannerKind::Bad>{words}</Banner> })}
        <form method="post" novalidate on:submit=send>
            <input type="hidden" name="intent" value="ask_reset"/>
            <Field
                name="identifier"
                label=move || td_string!(locale, session.identifier)
                value=identifier
                error=live.error("identifier", identifier)
                autocomplete="username"
                inputmode="email"
                required=true
                autofocus=true
                on:focusout=live.leaving("identifier")
            />
            <Button kind=ButtonKind::Primary big=true submit=true pending=pending>
                {td!(locale, session.forgotten_submit)}
            </Button>
        </form>
        <p class="after"><a href="/sign-in">{td!(locale, session.back_to_sign_in)}</a></p>
    }
}

/// The answer, whether or not an email was sent.
#[component]
fn Sent() -> impl IntoView {
    let locale = use_locale();
    let heading = NodeRef::<html::H1>::new();
    // The button that had the focus has disappeared.
    Effect::new(move |_| {
        if let Some(heading) = heading.get() {
            let _ = heading.focus();
        }
    });
    view! {
        <h1 node_ref=heading tabindex="-1">{td!(locale, session.forgotten_sent_title)}</h1>
        <p>{td!(locale, session.forgotten_sent_text)}</p>
        <p class="muted">{td!(locale, session.forgotten_sent_hint)}</p>
        <div class="actions">
            <ButtonLink href="/sign-in">{td!(locale, session.back_to_sign_in)}</ButtonLink>
        </div>
    }
}
