//! The profile page. It is outside the institutions, because an account spans all of them.

use i18n::*;
use leptos::prelude::*;
use leptos_meta::Title;
use muster::draft::{ChangePasswordDraft, LanguageDraft};
use rpc::{
    Refusal,
    profile::{ProfileView, profile},
    session::Go,
};

use super::{address::Address, language::LanguageForm, password::PasswordForm, theme::ThemeForm};
use crate::{
    form::Form,
    server_resource::{ServerResource, server_resource},
    session::{SignOutForm, Trouble},
    ui::{CardPage, Icon, IconName, Monogram, SkeletonText},
};

/// The forms of the page, created once and in this order on both server and browser.
#[derive(Clone)]
struct Forms {
    language: Form<LanguageDraft, Go>,
    password: Form<ChangePasswordDraft, ()>,
    address: Form<(), ()>,
}

/// The page of the person's own account.
#[component]
pub fn ProfilePage() -> impl IntoView {
    let locale = use_locale();
    let forms = Forms {
        language: Form::new("choose_language", LanguageDraft::default()),
        password: Form::new("change_password", ChangePasswordDraft::default()),
        address: Form::new("confirm_address", ()),
    };
    let view = server_resource(profile);
    view! {
        <Title text=move || td_string!(locale, profile.title)/>
        <CardPage>
            <Suspense fallback=move || {
                view! { <SkeletonText lines=8 label=move || td_string!(locale, common.loading)/> }
            }>
                {move || {
                    let forms = forms.clone();
                    Suspend::new(async move {
                        match view.await {
                            Ok(account) => view! { <Account view=account asked=view forms/> }.into_any(),
                            Err(Refusal(failure)) => {
                                view! { <Trouble failure=failure path="/profile"/> }.into_any()
                            }
                        }
                    })
                }}
            </Suspense>
        </CardPage>
    }
}

#[component]
fn Account(view: ProfileView, asked: ServerResource<ProfileView>, forms: Forms) -> impl IntoView {
    let locale = use_locale();
    let ProfileView {
        account,
        username,
        email,
        email_confirmed,
        language,
        home,
    } = view;
    view! {
        {home.map(|home| view! {
            <a class="back" href=home.to><Icon name=IconName::ArrowLeft/>{td!(locale, profile.back)}</a>
        })}
        <div class="myself">
            <Monogram name=email.clone() key=email.clone() large=true/>
            <div>
                <h1>{td!(locale, profile.title)}</h1>
                <p class="lead">
                    {td!(locale, profile.signed_in_as)} " " <strong class="mono">{username.clone()}</strong>
                </p>
            </div>
        </div>
        <section class="part">
            <h2>{td!(locale, profile.address_title)}</h2>
            <Address
                email=email.clone()
                confirmed=email_confirmed
                account=account.clone()
                asked
                form=forms.address
            />
        </section>
        <section class="part">
            <h2>{td!(locale, profile.looks_title)}</h2>
            <LanguageForm chosen=language account=account.clone() asked form=forms.language/>
            <ThemeForm/>
        </section>
        <section class="part">
            <h2>{td!(locale, profile.password_title)}</h2>
            <PasswordForm username email account asked form=forms.password/>
        </section>
        <section class="part">
            <h2>{td!(locale, profile.session_title)}</h2>
            <p class="lead">{td!(locale, profile.session_text)}</p>
            <div class="actions start">
                <SignOutForm to="/sign-in" word=move || td_string!(locale, common.sign_out)/>
            </div>
        </section>
    }
}
