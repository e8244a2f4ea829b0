//! The language of a page. The server decides (the person's choice, otherwise the institution's, otherwise the
//! browser's) and writes it into `<html lang>`, where the hydrated page reads it. It is constant for a page, because
//! choosing another language reloads the page. Components therefore use `td!` and `td_string!`, which are not reactive.

use leptos::prelude::*;
use muster::language::Language;

use crate::i18n::*;

/// Provides the page's language to all components.
pub fn provide_language() {
    provide_context(locale_of(page_language()));
}

/// Returns the locale of this page.
///
/// # Panics
/// Panics if [`provide_language`] has not been called before; every page does so first.
#[must_use]
pub fn use_locale() -> Locale {
    expect_context()
}

/// Returns the locale of a language.
#[must_use]
pub const fn locale_of(language: Language) -> Locale {
    match language {
        Language::En => Locale::en,
        Language::De => Locale::de,
    }
}

/// Returns the language of this page.
#[must_use]
pub fn page_language() -> Language {
    #[cfg(feature = "ssr")]
    {
        crate::backend::caller().map_or(Language::En, |caller| caller.language)
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

/// Returns a role's name. Predefined roles, which have a code, are named in the reader's language.
#[must_use]
pub fn role_name(language: Language, code: Option<&str>, name: &str) -> String {
    let locale = locale_of(language);
    match code {
        Some("administrator") => td_string!(locale, roles.administrator).to_owned(),
        Some("basic") => td_string!(locale, roles.basic).to_owned(),
        _ => name.to_owned(),
    }
}
