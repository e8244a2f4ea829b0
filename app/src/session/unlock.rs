//! The page that a mailed unlock link leads to. Opening it changes nothing; the button does.

use leptos::prelude::*;
use leptos_meta::Title;
use muster::failure::Failure;

use super::{
    LinkOver, Trouble,
    api::{Go, unlock, unlock_view},
};
use crate::{
    failure::Refusal,
    form::{Form, go},
    i18n::*,
    language::use_locale,
    ui::{Banner, BannerKind, Button, ButtonKind, CardPage, Fact, Facts, SkeletonText},
    words::use_say,
};

/// The page that unlocks one's own account.
#[component]
pub fn UnlockPage() -> impl IntoView {
    let locale = use_locale();
    let form = Form::<(), Go>::new("unlock", ());
    let view = Resource::new(|| (), |()| unlock_view());
    view! {
        <Title text=move || td_string!(locale, session.unlock_title)/>
        <CardPage>
            <Suspense fallback=move || {
                view! { <SkeletonText lines=3 label=move || td_string!(locale, common.loading)/> }
            }>
                {move || {
                    let form = form.clone();
                    Suspend::new(async move {
                        match view.await {
                            Ok(link) => {
                                view! { <UnlockForm form=form username=link.username/> }.into_any()
                            }
                            Err(Refusal(Failure::LinkDead)) => view! {
                                <LinkOver
                                    title=move || td_string!(locale, session.unlock_over_title)
                                    text=move || td_string!(locale, session.unlock_over_text)
                                    href="/sign-in"
                                    action=move || td_string!(locale, common.sign_in)
                                />
                            }
                            .into_any(),
                            Err(Refusal(failure)) => {
                                view! { <Trouble failure=failure path="/unlock"/> }.into_any()
                            }
                        }
                    })
                }}
            </Suspense>
        </CardPage>
    }
}

#[component]
fn UnlockForm(form: Form<(), Go>, username: String) -> impl IntoView {
    let locale = use_locale();
    let say = use_say();
    let (general, pending) = (form.general(say), form.pending);
    let send = move |event: leptos::ev::SubmitEvent| {
        form.submit(&event, unlock(), |next| go(&next.to));
    };
    view! {
        <h1>{td!(locale, session.unlock_title)}</h1>
        <p class="lead">{td!(locale, session.unlock_text)}</p>
        <Facts>
            <Fact term=move || td_string!(locale, common.username)>
                <span class="mono">{username}</span>
            </Fact>
        </Facts>
        {move || general.get().map(|words| view! { <Banner kind=BannerKind::Bad>{words}</Banner> })}
        <form method="post" on:submit=send>
            <input type="hidden" name="intent" value="unlock"/>
            <Button kind=ButtonKind::Primary big=true submit=true pending=pending>
                {td!(locale, session.unlock_submit)}
            </Button>
        </form>
        <p class="hint after">{td!(locale, session.unlock_hint)}</p>
    }
}
