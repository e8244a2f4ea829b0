//! The language of a page. The server decides (the person's choice, otherwise the institution's, otherwise the
//! browser's) and writes it into `<html lang>`, where the hydrated page reads it.

use i18n::provide_locale;
#[cfg(not(feature = "ssr"))]
use leptos::prelude::document;
use muster::language::Language;

/// Provides the page's language to all components.
pub fn provide_language() {
    provide_locale(page_language());
}

/// Returns the language of this page.
#[must_use]
pub fn page_language() -> Language {
    #[cfg(feature = "ssr")]
    {
        rpc::caller().map_or(Language::En, |caller| caller.language)
    }
    #[cfg(not(feature = "ssr"))]
    {
        document()
            .document_element()
            .and_then(|html| html.get_attribute("lang"))
            .and_then(|code| code.parse().ok())
            .unwrap_or(Language::En)
    }
}
