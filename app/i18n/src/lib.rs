//! The text of Muster in every language: sentences, and names for the codes of the domain. Pages, emails, reports and
//! the command line use it. It has no components and does not depend on the server.
//!
//! The sentences are in `locales/`, one folder per language and one file per feature. `use i18n::*` brings [`Locale`]
//! and the macros into scope: `td!` and `td_string!` take a locale and a key. To add a language: a variant of
//! [`Language`](muster::language::Language), its arms in [`locale_of`] and [`direction`], its folder, and its name in
//! `build.rs`.

mod imports;
mod language;
#[cfg(feature = "ssr")]
pub mod mail;
mod words;

mod generated {
    include!(concat!(env!("OUT_DIR"), "/i18n/mod.rs"));
}

pub use generated::i18n::*;
pub use imports::{ImportWords, use_import_words};
pub use language::{direction, locale_of, provide_locale, role_name, use_locale};
pub use words::{Say, grouped, use_say};
