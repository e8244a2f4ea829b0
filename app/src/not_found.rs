//! The page for unknown URLs.

use i18n::*;
use leptos::prelude::*;
use leptos_meta::Title;

use crate::ui::{ButtonKind, ButtonLink, CardPage};

/// Renders the page and sets the status 404.
#[component]
pub fn NotFoundPage() -> impl IntoView {
    #[cfg(feature = "ssr")]
    rpc::set_status(&muster::failure::Failure::NotFound);
    #[cfg(not(feature = "ssr"))]
    if !is_hydrating() {
        load_document();
        return ().into_any();
    }
    let locale = use_locale();
    view! {
        <Title text=move || td_string!(locale, common.page_missing_title)/>
        <CardPage>
            <h1>{td!(locale, common.page_missing_title)}</h1>
            <p class="muted">{td!(locale, common.page_missing_text)}</p>
            <div class="actions">
                // The server decides what the start page is; the router has no page there.
                <ButtonLink href="/" kind=ButtonKind::Primary attr:rel="external">
                    {td!(locale, common.page_missing_home)}
                </ButtonLink>
            </div>
        </CardPage>
    }
    .into_any()
}

/// Returns whether the server has rendered this page.
#[cfg(not(feature = "ssr"))]
fn is_hydrating() -> bool {
    Owner::current_shared_context().is_some_and(|context| context.during_hydration())
}

/// Loads the page from the server: a link may lead to a page of the other module.
#[cfg(not(feature = "ssr"))]
fn load_document() {
    let location = leptos_router::hooks::use_location();
    let path = [location.pathname, location.search, location.hash].map(|part| part.get_untracked());
    // After the router has added the page to the history, which this entry then replaces.
    set_timeout(
        move || {
            let [path, search, hash] = path;
            let question = if search.is_empty() { "" } else { "?" };
            drop(
                window()
                    .location()
                    .replace(&format!("{path}{question}{search}{hash}")),
            );
        },
        std::time::Duration::ZERO,
    );
}
