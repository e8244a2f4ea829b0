//! Accepting with the signed-in account, and the view for a session of another account.

use i18n::*;
use leptos::prelude::*;
use rpc::{
    Refusal,
    accept::{AcceptView, accept_confirm},
    session::Go,
};

use super::look_again::LookAgain;
use crate::{
    form::{Form, go},
    link::{LinkField, link_address},
    session::SignOutForm,
    ui::{Address, Banner, BannerKind, Button, ButtonKind, Fact, Facts},
};

/// The button that joins.
#[component]
pub(super) fn ConfirmForm(
    who: String,
    view: AcceptView,
    form: Form<(), Go>,
    look_again: LookAgain,
) -> impl IntoView {
    let locale = use_locale();
    let say = use_say();
    let (general, pending) = (form.general(say), form.pending);
    let link = view.link.clone();
    let send = move |event: leptos::ev::SubmitEvent| {
        let sending = confirm_or_look_again(link.clone(), look_again);
        form.submit(&event, sending, |next| go(&next.to));
    };
    view! {
        <section class="confirm">
            <p>{td!(locale, accept.signed_in_as, who = who.clone())}</p>
            <form method="post" on:submit=send>
                <input type="hidden" name="intent" value="confirm"/>
                <LinkField link=view.link/>
                {move || general.get().map(|words| view! { <Banner kind=BannerKind::Bad>{words}</Banner> })}
                <Button kind=ButtonKind::Primary big=true submit=true pending=pending>
                    {td!(locale, accept.join, institution = view.institution)}
                </Button>
            </form>
            <SignOutForm
                to=link_address("/accept", &view.handle)
                kind=ButtonKind::Link
                word=move || td_string!(locale, accept.not_me, who = who.clone())
            />
        </section>
    }
}

/// Accepts, and reloads the invitation if the page is outdated; see [`super::new_person`].
async fn confirm_or_look_again(link: String, look_again: LookAgain) -> Result<Go, Refusal> {
    let outcome = accept_confirm(link).await;
    look_again.after(&outcome, None);
    outcome
}

/// Both addresses, and how to switch to the right one.
#[component]
pub(super) fn AnothersSession(
    who: String,
    view: AcceptView,
    /// Whether to show a sign-out button; a form that is already filled in has its own.
    with_button: bool,
) -> impl IntoView {
    let locale = use_locale();
    view! {
        <section class="confirm">
            <Banner kind=BannerKind::Wait title=move || Some(td_string!(locale, accept.another_title))>
                {td!(locale, accept.another_text)}
            </Banner>
            <Facts>
                <Fact term=move || td_string!(locale, accept.another_signed_in)><Address email=who/></Fact>
                <Fact term=move || td_string!(locale, accept.another_invited)><Address email=view.email/></Fact>
            </Facts>
            {with_button.then(|| view! {
                <SignOutForm
                    to=link_address("/accept", &view.handle)
                    kind=ButtonKind::Primary
                    big=true
                    word=move || td_string!(locale, accept.another_action)
                />
            })}
        </section>
    }
}
