//! The page for every address that has none.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::{
    i18n::*,
    ui::{ButtonKind, ButtonLink, CardPage},
};

/// Says that there is no such page, by its status too.
#[component]
pub fn NotFoundPage() -> impl IntoView {
    #[cfg(feature = "ssr")]
    crate::backend::set_status(&muster::failure::Failure::NotFound);
    let i18n = use_i18n();
    view! {
        <Title text=move || tu_string!(i18n, common.page_missing_title)/>
        <CardPage>
            <h1>{tu!(i18n, common.page_missing_title)}</h1>
            <p class="muted">{tu!(i18n, common.page_missing_text)}</p>
            <div class="actions">
                // The start is the server's to choose: no page of this router stands there.
                <ButtonLink href="/" kind=ButtonKind::Primary attr:rel="external">
                    {tu!(i18n, common.page_missing_home)}
                </ButtonLink>
            </div>
        </CardPage>
    }
}
