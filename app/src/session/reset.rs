//! The page of an emailed reset link, which sets a new password once.

use i18n::*;
use leptos::prelude::*;
use leptos_meta::Title;
use muster::{draft::NewPasswordDraft, failure::Failure};
use rpc::{
    Refusal,
    session::{Go, reset_password, reset_view},
};

use super::{
    LinkOver, Trouble,
    new_password::{NewPasswordWords, new_password},
};
use crate::{
    form::Form,
    link::{LinkMissing, own_address, page_link},
    server_resource::server_resource,
    ui::{CardPage, SkeletonText},
};

/// The page that sets a new password.
#[component]
pub fn ResetPage() -> impl IntoView {
    let locale = use_locale();
    let form = Form::<NewPasswordDraft, Go>::new("reset_password", NewPasswordDraft::default());
    let link = page_link();
    let view = server_resource(move || reset_view(link.clone()));
    let again = own_address("/reset");
    view! {
        <Title text=move || td_string!(locale, session.reset_title)/>
        <CardPage>
            <Suspense fallback=move || {
                view! { <SkeletonText lines=4 label=move || td_string!(locale, common.loading)/> }
            }>
                {move || {
                    let (form, again) = (form.clone(), again.clone());
                    Suspend::new(async move {
                        match view.await {
                            Ok(link) => {
                                let reference = link.link.clone();
                                let send = move |draft| reset_password(reference.clone(), draft);
                                let words = NewPasswordWords {
                                    link: link.link,
                                    account: None,
                                    intent: "reset_password",
                                    title: td_string!(locale, session.reset_title),
                                    text: td_string!(locale, session.reset_text),
                                    submit: td_string!(locale, session.reset_submit),
                                };
                                new_password(words, form, link.username, send).into_any()
                            }
                            Err(Refusal(Failure::InvalidLink)) => view! {
                                <LinkOver
                                    title=move || td_string!(locale, session.reset_over_title)
                                    text=move || td_string!(locale, session.reset_over_text)
                                    href="/forgotten"
                                    action=move || td_string!(locale, session.reset_over_action)
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
