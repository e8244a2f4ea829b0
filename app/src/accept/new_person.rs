//! The form with which a new person accepts an invitation and creates an account.

use i18n::*;
use leptos::prelude::*;
use muster::{draft::AcceptDraft, language::Language};
use rpc::{
    Refusal,
    accept::{AcceptView, Accepted, accept},
};

use super::look_again::LookAgain;
use crate::{
    form::{Form, go},
    link::{LinkField, sign_in_for},
    setup::{Live, NameFields, NewPasswordField, UsernameField},
    ui::{Banner, BannerKind, Button, ButtonKind, ButtonLink, Choice, SelectField},
};

/// Names, username, password, language.
#[component]
pub(super) fn NewPersonForm(
    view: AcceptView,
    form: Form<AcceptDraft, Accepted>,
    look_again: LookAgain,
) -> impl IntoView {
    let locale = use_locale();
    let say = use_say();
    let came_back = form.failure.with_untracked(Option::is_some);
    let typed = look_again.typed.get_untracked();
    let begin = if let Some(typed) = typed {
        typed
    } else if came_back {
        form.initial.clone()
    } else {
        AcceptDraft {
            first_name: view.first_name,
            last_name: view.last_name,
            username: view.proposal.clone(),
            password: String::new(),
            language: view.language,
        }
    };
    let first_name = RwSignal::new(begin.first_name);
    let last_name = RwSignal::new(begin.last_name);
    let username = RwSignal::new(begin.username);
    let password = RwSignal::new(begin.password);
    let language = RwSignal::new(begin.language);
    // A session of another account is ended when the form is sent.
    let sign_out = view.signed_in_as.is_some();
    let draft = move || AcceptDraft {
        first_name: first_name.get(),
        last_name: last_name.get(),
        username: username.get(),
        password: password.get(),
        language: language.get(),
    };
    let email = view.email.clone();
    let live = Live::new(&form, say, move || {
        draft().parse_for(&email).err().unwrap_or_default()
    });
    let email = view.email;
    let institution = view.institution;
    let hints = Signal::derive(move || {
        vec![
            first_name.get(),
            last_name.get(),
            username.get(),
            email.clone(),
            institution.clone(),
        ]
    });
    let languages: Vec<Choice> = Language::ALL
        .into_iter()
        .map(|language| Choice::new(language.code(), say.of_language(language)))
        .collect();
    let (general, pending) = (form.general(say), form.pending);
    let link = view.link.clone();
    let send = move |event: leptos::ev::SubmitEvent| {
        if live.may_send() {
            form.submit(
                &event,
                accept_or_look_again(link.clone(), sign_out, untrack(draft), look_again),
                |accepted| match accepted {
                    Accepted::Joined(next) | Accepted::SignInFirst(next) => go(&next.to),
                },
            );
        } else {
            event.prevent_default();
        }
    };
    view! {
        <form method="post" novalidate on:submit=send>
            <input type="hidden" name="intent" value="accept"/>
            <LinkField link=view.link.clone()/>
            {sign_out.then(|| view! { <input type="hidden" name="sign_out" value="true"/> })}
            <NameFields first_name last_name live own=true/>
            <UsernameField
                value=username
                first_name=first_name
                last_name=last_name
                proposal=view.proposal
                live=live
                link=view.link.clone()
                on:focusout=live.leaving("username")
            />
            <NewPasswordField
                value=password
                label=move || td_string!(locale, common.password)
                error=live.error("password", password)
                hints=hints
                sending=pending
                came_back=came_back
                link=view.link
                on:focusout=live.leaving("password")
            />
            <SelectField
                name="language"
                label=move || td_string!(locale, common.language)
                value=language
                options=languages
                error=live.error("language", language)
                required=true
            />
            {move || general.get().map(|words| view! { <Banner kind=BannerKind::Bad>{words}</Banner> })}
            <Button kind=ButtonKind::Primary big=true submit=true pending=pending>
                {if sign_out {
                    td!(locale, accept.sign_out_and_submit).into_any()
                } else {
                    td!(locale, accept.submit).into_any()
                }}
            </Button>
        </form>
    }
}

/// Accepts. If the invitation has changed, has expired, or belongs to another session, it is shown again.
async fn accept_or_look_again(
    link: String,
    sign_out: bool,
    draft: AcceptDraft,
    look_again: LookAgain,
) -> Result<Accepted, Refusal> {
    let outcome = accept(link, sign_out, draft.clone()).await;
    look_again.after(&outcome, Some(draft));
    outcome
}

/// The link to sign in instead. It is shown to everyone, so it does not reveal whether the address has an account.
#[component]
pub(super) fn SignInInstead(handle: String) -> impl IntoView {
    let locale = use_locale();
    view! {
        <section class="instead">
            <h2>{td!(locale, accept.have_account_title)}</h2>
            <p class="muted">{td!(locale, accept.have_account_text)}</p>
            <ButtonLink href=sign_in_for("/accept", &handle) big=true>{td!(locale, accept.have_account_action)}</ButtonLink>
        </section>
    }
}
