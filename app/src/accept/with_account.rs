//! Accepting with the account that is signed in, and what to do where the session is another's.

use leptos::prelude::*;
use muster::failure::Failure;

use super::api::accept_confirm;
use crate::{
    failure::Refusal,
    form::{Form, go},
    i18n::*,
    language::use_locale,
    session::{Go, SignOutForm},
    ui::{Address, Banner, BannerKind, Button, ButtonKind, Fact, Facts},
    words::use_say,
};

/// One click joins.
#[component]
pub(super) fn ConfirmForm(who: String, institution: String, form: Form<(), Go>) -> impl IntoView {
    let locale = use_locale();
    let say = use_say();
    let (general, pending) = (form.general(say), form.pending);
    let send = move |event: leptos::ev::SubmitEvent| {
        form.submit(&event, confirm_or_look_again(), |next| go(&next.to));
    };
    view! {
        <section class="confirm">
            <p>{td!(locale, accept.signed_in_as, who = who.clone())}</p>
            <form method="post" on:submit=send>
                <input type="hidden" name="intent" value="confirm"/>
                {move || general.get().map(|words| view! { <Banner kind=BannerKind::Bad>{words}</Banner> })}
                <Button kind=ButtonKind::Primary big=true submit=true pending=pending>
                    {td!(locale, accept.join, institution = institution)}
                </Button>
            </form>
            <SignOutForm to="/accept" kind=ButtonKind::Link word=move || td_string!(locale, accept.not_me, who = who.clone())/>
        </section>
    }
}

/// See [`super::new_person`]: a page that is out of date is fetched anew.
async fn confirm_or_look_again() -> Result<Go, Refusal> {
    let outcome = accept_confirm().await;
    if let Err(Refusal(Failure::LinkDead | Failure::WrongAddress | Failure::SignedOut)) = &outcome {
        go("/accept");
    }
    outcome
}

/// Both addresses, and the way to the right one.
#[component]
pub(super) fn AnothersSession(who: String, invited: String) -> impl IntoView {
    let locale = use_locale();
    view! {
        <section class="confirm">
            <Banner kind=BannerKind::Wait title=move || Some(td_string!(locale, accept.another_title))>
                {td!(locale, accept.another_text)}
            </Banner>
            <Facts>
                <Fact term=move || td_string!(locale, accept.another_signed_in)><Address email=who/></Fact>
                <Fact term=move || td_string!(locale, accept.another_invited)><Address email=invited/></Fact>
            </Facts>
            <SignOutForm
                to="/accept"
                kind=ButtonKind::Primary
                big=true
                word=move || td_string!(locale, accept.another_action)
            />
        </section>
    }
}
