//! The pages of emailed links with one button: confirming an address, unlocking an account. Only the button changes
//! anything, because mail scanners open links too. To add one: its texts, its two server functions.

use std::future::Future;

use i18n::*;
use leptos::prelude::*;
use leptos_meta::Title;
use muster::{draft::NewPasswordDraft, failure::Failure};
use rpc::{
    Refusal,
    session::{Go, LinkView, confirm, confirm_view, unlock, unlock_view},
};

use super::{
    LinkOver, Trouble,
    new_password::{NewPasswordWords, new_password},
};
use crate::{
    form::{Form, go},
    link::{LinkField, LinkMissing, own_address, page_link, sign_in_for},
    server_resource::server_resource,
    ui::{Banner, BannerKind, Button, ButtonKind, ButtonLink, CardPage, Fact, Facts, SkeletonText},
};

/// The properties of such a page.
#[derive(Clone, Copy)]
struct LinkPage {
    intent: &'static str,
    path: &'static str,
    title: &'static str,
    text: &'static str,
    submit: &'static str,
    hint: &'static str,
    over_title: &'static str,
    over_text: &'static str,
}

/// The form of such a page. Only confirming without a session sends a password.
type LinkForm = Form<NewPasswordDraft, Go>;

/// The page that confirms an address.
#[component]
pub fn ConfirmPage() -> impl IntoView {
    let locale = use_locale();
    let page = LinkPage {
        intent: "confirm",
        path: "/confirm",
        title: td_string!(locale, session.confirm_title),
        text: td_string!(locale, session.confirm_text),
        submit: td_string!(locale, session.confirm_submit),
        hint: td_string!(locale, session.confirm_hint),
        over_title: td_string!(locale, session.confirm_over_title),
        over_text: td_string!(locale, session.confirm_over_text),
    };
    by_link(page, confirm_view, move |form, view| {
        if view.own_session {
            let send = |link| confirm(link, NewPasswordDraft::default());
            the_form(page, form, view, send).into_any()
        } else {
            with_new_password(form, view).into_any()
        }
    })
}

/// The page that unlocks an account.
#[component]
pub fn UnlockPage() -> impl IntoView {
    let locale = use_locale();
    let page = LinkPage {
        intent: "unlock",
        path: "/unlock",
        title: td_string!(locale, session.unlock_title),
        text: td_string!(locale, session.unlock_text),
        submit: td_string!(locale, session.unlock_submit),
        hint: td_string!(locale, session.unlock_hint),
        over_title: td_string!(locale, session.unlock_over_title),
        over_text: td_string!(locale, session.unlock_over_text),
    };
    by_link(page, unlock_view, move |form, view| {
        the_form(page, form, view, unlock).into_any()
    })
}

/// Renders the page: the account of the link, and the button.
fn by_link<Viewing>(
    page: LinkPage,
    look: fn(String) -> Viewing,
    shown: impl Fn(LinkForm, LinkView) -> AnyView + Copy + Send + Sync + 'static,
) -> impl IntoView
where
    Viewing: Future<Output = Result<LinkView, Refusal>> + Send + 'static,
{
    let locale = use_locale();
    let form = LinkForm::new(page.intent, NewPasswordDraft::default());
    let link = page_link();
    let view = server_resource(move || look(link.clone()));
    let again = own_address(page.path);
    view! {
        <Title text=page.title/>
        <CardPage>
            <Suspense fallback=move || {
                view! { <SkeletonText lines=3 label=move || td_string!(locale, common.loading)/> }
            }>
                {move || {
                    let (form, again) = (form.clone(), again.clone());
                    Suspend::new(async move {
                        match view.await {
                            Ok(view) => shown(form, view),
                            Err(Refusal(Failure::InvalidLink)) => view! {
                                <LinkOver
                                    title=move || page.over_title
                                    text=move || page.over_text
                                    href="/sign-in"
                                    action=move || td_string!(locale, common.sign_in)
                                />
                            }
                            .into_any(),
                            Err(Refusal(Failure::LinkMissing)) => view! { <LinkMissing/> }.into_any(),
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

fn the_form<Sending>(
    page: LinkPage,
    form: LinkForm,
    view: LinkView,
    send: fn(String) -> Sending,
) -> impl IntoView
where
    Sending: Future<Output = Result<Go, Refusal>> + Send + 'static,
{
    let locale = use_locale();
    let (general, pending) = (form.general(use_say()), form.pending);
    let link = view.link.clone();
    let submit = move |event: leptos::ev::SubmitEvent| {
        form.submit(&event, send(link.clone()), |next| go(&next.to));
    };
    view! {
        <h1>{page.title}</h1>
        <p class="lead">{page.text}</p>
        <Facts>
            <Fact term=move || td_string!(locale, common.username)>
                <span class="mono">{view.username}</span>
            </Fact>
        </Facts>
        {move || general.get().map(|words| view! { <Banner kind=BannerKind::Bad>{words}</Banner> })}
        <form method="post" on:submit=submit>
            <input type="hidden" name="intent" value=page.intent/>
            <LinkField link=view.link/>
            <Button kind=ButtonKind::Primary big=true submit=true pending=pending>
                {page.submit}
            </Button>
        </form>
        <p class="hint after">{page.hint}</p>
    }
}

/// Asks for a new password. Without a session, the visitor may not be the person who created the account, and the new
/// password locks that person out.
fn with_new_password(form: LinkForm, view: LinkView) -> impl IntoView {
    let locale = use_locale();
    let words = NewPasswordWords {
        link: view.link.clone(),
        account: None,
        intent: "confirm",
        title: td_string!(locale, session.confirm_title),
        text: td_string!(locale, session.confirm_new_password_text),
        submit: td_string!(locale, session.confirm_new_password_submit),
    };
    let send = move |draft| confirm(view.link.clone(), draft);
    view! {
        {new_password(words, form, view.username, send)}
        <section class="instead">
            <h2>{td!(locale, session.confirm_signed_in_title)}</h2>
            <p class="muted">{td!(locale, session.confirm_signed_in_text)}</p>
            <ButtonLink href=sign_in_for("/confirm", &view.handle) big=true>
                {td!(locale, session.confirm_signed_in_action)}
            </ButtonLink>
        </section>
        <p class="hint after">{td!(locale, session.confirm_hint)}</p>
    }
}
