//! The content of a page whose data the server refused.

use i18n::*;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_location;
use muster::failure::Failure;

use super::{encoded, use_shell};
use crate::{
    form::go,
    ui::{Banner, BannerKind, ButtonKind, ButtonLink, Icon, IconName, PageHead},
};

/// Shows the reason and the next step: signing in (immediately, with a return here), another page, or a retry.
#[component]
pub fn Refused(failure: Failure) -> impl IntoView {
    let locale = use_locale();
    let say = use_say();
    let location = use_location();
    let path = location.pathname.get_untracked();
    let query = location.search.get_untracked();
    let here = if query.is_empty() {
        path
    } else {
        format!("{path}?{query}")
    };
    let shell = use_shell();
    let (home, at_institution) = match shell.get() {
        Some(_) => (shell.path(""), true),
        None => ("/".to_owned(), false),
    };
    let home_word = move || {
        if at_institution {
            td_string!(locale, home.to_home)
        } else {
            td_string!(locale, home.to_start)
        }
    };
    match failure {
        Failure::Unauthenticated => {
            let to = format!("/sign-in?to={}", encoded(&here));
            #[cfg(feature = "ssr")]
            leptos_axum::redirect(&to);
            let at_once = to.clone();
            Effect::new(move |_| go(&at_once));
            view! {
                <Title text=move || td_string!(locale, home.signed_out_title)/>
                <PageHead
                    title=move || td_string!(locale, home.signed_out_title)
                    text=say.of_failure(&Failure::Unauthenticated)
                >
                    <ButtonLink href=to kind=ButtonKind::Primary icon=IconName::LogIn attr:rel="external">
                        {td!(locale, common.sign_in)}
                    </ButtonLink>
                </PageHead>
            }
            .into_any()
        }
        Failure::NotFound => view! {
            <Title text=move || td_string!(locale, home.not_found_title)/>
            <Nothing
                icon=IconName::Search
                title=td_string!(locale, home.not_found_title)
                text=td_string!(locale, home.not_found_text)
                home
                word=home_word()
            />
        }
        .into_any(),
        Failure::Forbidden => view! {
            <Title text=move || td_string!(locale, home.forbidden_title)/>
            <Nothing
                icon=IconName::Lock
                title=td_string!(locale, home.forbidden_title)
                text=td_string!(locale, home.forbidden_text)
                home
                word=home_word()
            />
        }
        .into_any(),
        other => view! {
            <Title text=move || td_string!(locale, common.failed_title)/>
            <PageHead title=move || td_string!(locale, common.failed_title)/>
            <Banner kind=BannerKind::Bad>{say.of_failure(&other)}</Banner>
            // A link, so that it works before hydration.
            <ButtonLink href=here icon=IconName::RefreshCw attr:rel="external">
                {td!(locale, common.try_again)}
            </ButtonLink>
        }
        .into_any(),
    }
}

/// The notice that there is nothing to see, with a link to another page.
#[component]
fn Nothing(
    icon: IconName,
    title: &'static str,
    text: &'static str,
    home: String,
    word: &'static str,
) -> impl IntoView {
    view! {
        <section class="card empty nothing">
            <span class="medal"><Icon name=icon/></span>
            <h1>{title}</h1>
            <p>{text}</p>
            <ButtonLink href=home kind=ButtonKind::Primary attr:rel="external">{word}</ButtonLink>
        </section>
    }
}
