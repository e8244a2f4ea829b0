//! The page that a mailed reset link leads to: a new password, once.

use leptos::prelude::*;
use leptos_meta::Title;
use muster::{draft::NewPasswordDraft, failure::Failure};

use super::{
    LinkOver, Trouble,
    api::{Go, reset_password, reset_view},
};
use crate::{
    asked::ask,
    failure::Refusal,
    form::{Form, go},
    i18n::*,
    language::use_locale,
    setup::{Live, NewPasswordField},
    ui::{Banner, BannerKind, Button, ButtonKind, CardPage, Field, SkeletonText},
    words::use_say,
};

/// The page that sets a new password.
#[component]
pub fn ResetPage() -> impl IntoView {
    let locale = use_locale();
    let form = Form::<NewPasswordDraft, Go>::new("reset_password", NewPasswordDraft::default());
    let view = ask(reset_view);
    view! {
        <Title text=move || td_string!(locale, session.reset_title)/>
        <CardPage>
            <Suspense fallback=move || {
                view! { <SkeletonText lines=4 label=move || td_string!(locale, common.loading)/> }
            }>
                {move || {
                    let form = form.clone();
                    Suspend::new(async move {
                        match view.await {
                            Ok(link) => {
                                view! { <ResetForm form=form username=link.username/> }.into_any()
                            }
                            Err(Refusal(Failure::LinkDead)) => view! {
                                <LinkOver
                                    title=move || td_string!(locale, session.reset_over_title)
                                    text=move || td_string!(locale, session.reset_over_text)
                                    href="/forgotten"
                                    action=move || td_string!(locale, session.reset_over_action)
                                />
                            }
                            .into_any(),
                            Err(Refusal(failure)) => {
                                view! { <Trouble failure=failure path="/reset"/> }.into_any()
                            }
                        }
                    })
                }}
            </Suspense>
        </CardPage>
    }
}

#[component]
fn ResetForm(form: Form<NewPasswordDraft, Go>, username: String) -> impl IntoView {
    let locale = use_locale();
    let say = use_say();
    let came_back = form.failure.with_untracked(Option::is_some);
    let password = RwSignal::new(String::new());
    let shown = RwSignal::new(username.clone());
    let draft = move || NewPasswordDraft {
        password: password.get(),
    };
    let whose = username.clone();
    let live = Live::new(&form, say, move || {
        draft().parse_for(&[&whose]).err().unwrap_or_default()
    });
    let (general, pending) = (form.general(say), form.pending);
    let send = move |event: leptos::ev::SubmitEvent| {
        if live.may_send() {
            form.submit(&event, reset_password(untrack(draft)), |next| go(&next.to));
        } else {
            event.prevent_default();
        }
    };
    view! {
        <h1>{td!(locale, session.reset_title)}</h1>
        <p class="lead">{td!(locale, session.reset_text)}</p>
        {move || general.get().map(|words| view! { <Banner kind=BannerKind::Bad>{words}</Banner> })}
        <form method="post" novalidate on:submit=send>
            <input type="hidden" name="intent" value="reset_password"/>
            // Password managers keep the new password under this name.
            <Field
                name="username"
                label=move || td_string!(locale, common.username)
                value=shown
                mono=true
                readonly=true
                autocomplete="username"
            />
            <NewPasswordField
                value=password
                label=move || td_string!(locale, session.new_password)
                error=live.error("password", password)
                hints=vec![username]
                sending=pending
                came_back=came_back
                on:focusout=live.leaving("password")
            />
            <Button kind=ButtonKind::Primary big=true submit=true pending=pending>
                {td!(locale, session.reset_submit)}
            </Button>
        </form>
    }
}
