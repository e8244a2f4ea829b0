//! The pages that mailed links of one button lead to: proving an address, ending a lock. Opening one changes
//! nothing, for mail scanners do that too; the button does. To add one: its words, its two server functions.

use std::future::Future;

use leptos::prelude::*;
use leptos_meta::Title;
use muster::failure::Failure;

use super::{
    LinkOver, Trouble,
    api::{AccountLink, Go, confirm, confirm_view, unlock, unlock_view},
};
use crate::{
    asked::ask,
    failure::Refusal,
    form::{Form, go},
    i18n::*,
    language::use_locale,
    ui::{Banner, BannerKind, Button, ButtonKind, CardPage, Fact, Facts, SkeletonText},
    words::use_say,
};

/// One of these pages.
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

/// The page that proves one's own address.
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
    by_link(page, confirm_view, confirm)
}

/// The page that unlocks one's own account.
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
    by_link(page, unlock_view, unlock)
}

/// Whose link it is, and the button.
fn by_link<Viewing, Sending>(
    page: LinkPage,
    look: fn() -> Viewing,
    send: fn() -> Sending,
) -> impl IntoView
where
    Viewing: Future<Output = Result<AccountLink, Refusal>> + Send + 'static,
    Sending: Future<Output = Result<Go, Refusal>> + Send + 'static,
{
    let locale = use_locale();
    let form = Form::<(), Go>::new(page.intent, ());
    let view = ask(look);
    view! {
        <Title text=page.title/>
        <CardPage>
            <Suspense fallback=move || {
                view! { <SkeletonText lines=3 label=move || td_string!(locale, common.loading)/> }
            }>
                {move || {
                    let form = form.clone();
                    Suspend::new(async move {
                        match view.await {
                            Ok(link) => the_form(page, form, link.username, send).into_any(),
                            Err(Refusal(Failure::LinkDead)) => view! {
                                <LinkOver
                                    title=move || page.over_title
                                    text=move || page.over_text
                                    href="/sign-in"
                                    action=move || td_string!(locale, common.sign_in)
                                />
                            }
                            .into_any(),
                            Err(Refusal(failure)) => {
                                view! { <Trouble failure=failure path=page.path/> }.into_any()
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
    form: Form<(), Go>,
    username: String,
    send: fn() -> Sending,
) -> impl IntoView
where
    Sending: Future<Output = Result<Go, Refusal>> + Send + 'static,
{
    let locale = use_locale();
    let (general, pending) = (form.general(use_say()), form.pending);
    let submit = move |event: leptos::ev::SubmitEvent| {
        form.submit(&event, send(), |next| go(&next.to));
    };
    view! {
        <h1>{page.title}</h1>
        <p class="lead">{page.text}</p>
        <Facts>
            <Fact term=move || td_string!(locale, common.username)>
                <span class="mono">{username}</span>
            </Fact>
        </Facts>
        {move || general.get().map(|words| view! { <Banner kind=BannerKind::Bad>{words}</Banner> })}
        <form method="post" on:submit=submit>
            <input type="hidden" name="intent" value=page.intent/>
            <Button kind=ButtonKind::Primary big=true submit=true pending=pending>
                {page.submit}
            </Button>
        </form>
        <p class="hint after">{page.hint}</p>
    }
}
