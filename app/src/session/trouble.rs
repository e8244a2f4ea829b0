//! The error views of pages outside an institution, and the sign-out form.

use i18n::*;
use leptos::prelude::*;
use muster::failure::Failure;

use crate::{
    form::go,
    ui::{Banner, BannerKind, Button, ButtonKind, ButtonLink, MaybeWords, Words},
};

/// The view of a page whose data could not be loaded. If signed out, it leads to the sign-in page and back to `path`.
#[component]
pub fn Trouble(failure: Failure, #[prop(into)] path: String) -> impl IntoView {
    let locale = use_locale();
    let say = use_say();
    let signed_out = failure == Failure::Unauthenticated;
    let sign_in = format!("/sign-in?to={path}");
    if signed_out {
        #[cfg(feature = "ssr")]
        leptos_axum::redirect(&sign_in);
        let sign_in = sign_in.clone();
        Effect::new(move |_| go(&sign_in));
    }
    view! {
        <h1>{td!(locale, common.failed_title)}</h1>
        <Banner kind=BannerKind::Bad>{say.of_failure(&failure)}</Banner>
        <div class="actions">
            {if signed_out {
                view! {
                    <ButtonLink href=sign_in kind=ButtonKind::Primary>{td!(locale, common.sign_in)}</ButtonLink>
                }
                .into_any()
            } else {
                view! {
                    <ButtonLink href=path kind=ButtonKind::Primary attr:rel="external">
                        {td!(locale, common.try_again)}
                    </ButtonLink>
                }
                .into_any()
            }}
        </div>
    }
}

/// The page of a link that no longer works, with the next step.
#[component]
pub fn LinkOver(
    #[prop(into)] title: Words,
    #[prop(into)] text: Words,
    #[prop(optional, into)] also: MaybeWords,
    #[prop(into)] href: String,
    #[prop(into)] action: Words,
) -> impl IntoView {
    view! {
        <h1>{move || title.get()}</h1>
        <p class="lead">{move || text.get()}</p>
        {move || also.get().map(|also| view! { <p class="lead">{also}</p> })}
        <div class="actions">
            <ButtonLink href=href>{move || action.get()}</ButtonLink>
        </div>
    }
}

/// Ends the session and then opens `to`.
#[component]
pub fn SignOutForm(
    #[prop(into)] to: String,
    #[prop(into)] word: Words,
    #[prop(optional)] kind: ButtonKind,
    #[prop(optional)] big: bool,
) -> impl IntoView {
    view! {
        <form method="post" action="/sign-out">
            <input type="hidden" name="intent" value="sign_out"/>
            <input type="hidden" name="to" value=to/>
            <Button kind=kind big=big submit=true>{move || word.get()}</Button>
        </form>
    }
}
