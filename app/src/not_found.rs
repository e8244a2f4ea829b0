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
}
