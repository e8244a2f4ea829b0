//! The page that the mailed link of an address to be proved leads to. Opening it proves nothing: mail
//! scanners do that too. The button does.

use leptos::prelude::*;
use leptos_meta::Title;
use muster::failure::Failure;

use super::{
    LinkOver, Trouble,
    api::{Go, confirm, confirm_view},
};
use crate::{
    failure::Refusal,
    form::{Form, go},
    i18n::*,
    language::use_locale,
    ui::{Banner, BannerKind, Button, ButtonKind, CardPage, Fact, Facts, SkeletonText},
    words::use_say,
};

/// The page that proves one's own address.
#[component]
pub fn ConfirmPage() -> impl IntoView {
    let locale = use_locale();
    let form = Form::<(), Go>::new("confirm", ());
    let view = Resource::new(|| (), |()| confirm_view());
    view! {
        <Title text=move || td_string!(locale, session.confirm_title)/>
        <CardPage>
            <Suspense fallback=move || {
                view! { <SkeletonText lines=3 label=move || td_string!(locale, common.loading)/> }
            }>
                {move || {
                    let form = form.clone();
                    Suspend::new(async move {
                        match view.await {
                            Ok(link) => {
                                view! { <ConfirmForm form=form username=link.username/> }.into_any()
                            }
                            Err(Refusal(Failure::LinkDead)) => view! {
                                <LinkOver
                                    title=move || td_string!(locale, session.confirm_over_title)
                                    text=move || td_string!(locale, session.confirm_over_text)
                                    href="/sign-in"
                                    action=move || td_string!(locale, common.sign_in)
                                />
                            }
                            .into_any(),
                            Err(Refusal(failure)) => {
                                view! { <Trouble failure=failure path="/confirm"/> }.into_any()
                            }
                        }
                    })
                }}
            </Suspense>
        </CardPage>
    }
}

#[component]
fn ConfirmForm(form: Form<(), Go>, username: String) -> impl IntoView {
    let locale = use_locale();
    let say = use_say();
    let (general, pending) = (form.general(say), form.pending);
    let send = move |event: leptos::ev::SubmitEvent| {
        form.submit(&event, confirm(), |next| go(&next.to));
    };
    view! {
        <h1>{td!(locale, session.confirm_title)}</h1>
        <p class="lead">{td!(locale, session.confirm_text)}</p>
        <Facts>
            <Fact term=move || td_string!(locale, common.username)>
                <span class="mono">{username}</span>
            </Fact>
        </Facts>
        {move || general.get().map(|words| view! { <Banner kind=BannerKind::Bad>{words}</Banner> })}
        <form method="post" on:submit=send>
            <input type="hidden" name="intent" value="confirm"/>
            <Button kind=ButtonKind::Primary big=true submit=true pending=pending>
                {td!(locale, session.confirm_submit)}
            </Button>
        </form>
        <p class="hint after">{td!(locale, session.confirm_hint)}</p>
    }
}
