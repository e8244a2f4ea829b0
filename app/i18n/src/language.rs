//! The locale of a language. A page's locale is constant, because choosing another language reloads the page.
//! Components therefore use `td!` and `td_string!`, which are not reactive.

use leptos::prelude::*;
use muster::language::Language;

use crate::*;

/// Provides the locale of this language to all components of a page.
pub fn provide_locale(language: Language) {
    provide_context(locale_of(language));
}

/// Returns the locale of this page.
///
/// # Panics
/// Panics if [`provide_locale`] has not been called before; every page does so first.
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

/// Returns the direction of a language's script, for the attribute `dir`.
#[must_use]
pub const fn direction(language: Language) -> &'static str {
    match language {
        Language::En | Language::De => "ltr",
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
