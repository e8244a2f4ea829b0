//! The page after a first sign-in with a temporary password, which must be replaced first.

use i18n::*;
use leptos::prelude::*;
use leptos_meta::Title;
use muster::draft::NewPasswordDraft;
use rpc::{
    Refusal,
    session::{Go, choose_password, choose_view},
};

use super::{
    SignOutForm, Trouble, for_account,
    new_password::{NewPasswordWords, new_password},
};
use crate::{
    form::Form,
    server_resource::server_resource,
    ui::{CardPage, SkeletonText},
};

/// The page to choose a password or sign out.
#[component]
pub fn ChoosePage() -> impl IntoView {
    let locale = use_locale();
    let form = Form::<NewPasswordDraft, Go>::new("choose_password", NewPasswordDraft::default());
    let view = server_resource(choose_view);
    view! {
        <Title text=move || td_string!(locale, session.choose_title)/>
        <CardPage>
            <Suspense fallback=move || {
                view! { <SkeletonText lines=4 label=move || td_string!(locale, common.loading)/> }
            }>
                {move || {
                    let form = form.clone();
                    Suspend::new(async move {
                        match view.await {
                            Ok(account) => {
                                let words = NewPasswordWords {
                                    link: String::new(),
                                    account: Some(account.account.clone()),
                                    intent: "choose_password",
                                    title: td_string!(locale, session.choose_title),
                                    text: td_string!(locale, session.choose_text),
                                    submit: td_string!(locale, session.reset_submit),
                                };
                                let send = move |draft| {
                                    for_account(view, choose_password(account.account.clone(), draft))
                                };
                                view! {
                                    {new_password(words, form, account.username, send)}
                                    <div class="actions start">
                                        <SignOutForm to="/sign-in" word=move || td_string!(locale, common.sign_out)/>
                                    </div>
                                }
                                .into_any()
                            }
                            Err(Refusal(failure)) => {
                                view! { <Trouble failure=failure path="/new-password"/> }.into_any()
                            }
                        }
                    })
                }}
            </Suspense>
        </CardPage>
    }
}
