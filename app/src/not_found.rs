//! The page for every address that has none.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::{
    i18n::*,
    language::use_locale,
    ui::{ButtonKind, ButtonLink, CardPage},
};

/// Says that there is no such page, by its status too.
#[component]
pub fn NotFoundPage() -> impl IntoView {
    #[cfg(feature = "ssr")]
    crate::backend::set_status(&muster::failure::Failure::NotFound);
    let locale = use_locale();
    view! {
        <Title text=move || td_string!(locale, common.page_missing_title)/>
        <CardPage>
            <h1>{td!(locale, common.page_missing_title)}</h1>
            <p class="muted">{td!(locale, common.page_missing_text)}</p>
            <div class="actions">
                // The start is the server's to choose: no page of this router stands there.
                <ButtonLink href="/" kind=ButtonKind::Primary attr:rel="external">
                    {td!(locale, common.page_missing_home)}
                </ButtonLink>
            </div>
        </CardPage>
    }
}
