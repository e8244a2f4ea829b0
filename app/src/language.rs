//! Which language a page speaks: the server decides (the person's choice, else the institution's,
//! else the browser's) and writes it into `<html lang>`, where the living page reads it.
//! It never changes while a page lives (choosing another loads the page anew), so components read their
//! sentences with `td!` and `td_string!`, which nothing watches.

use leptos::prelude::*;
use muster::language::Language;

use crate::i18n::*;

/// Makes the page's language known to all of its components.
pub fn provide_language() {
    provide_context(locale_of(page_language()));
}

/// The language that this page's sentences are in.
///
/// # Panics
/// Outside a page: [`provide_language`] is the first thing that one does.
#[must_use]
pub fn use_locale() -> Locale {
    expect_context()
}

/// The locale whose sentences are in the language.
#[must_use]
pub const fn locale_of(language: Language) -> Locale {
    match language {
        Language::En => Locale::en,
        Language::De => Locale::de,
    }
}

/// The language of this page.
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

/// A role's name: predefined roles (those with a code) are named in the reader's language.
#[must_use]
pub fn role_name(language: Language, code: Option<&str>, name: &str) -> String {
    let locale = locale_of(language);
    match code {
        Some("administrator") => td_string!(locale, roles.administrator).to_owned(),
        Some("basic") => td_string!(locale, roles.basic).to_owned(),
        _ => name.to_owned(),
    }
}
