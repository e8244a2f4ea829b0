//! A failure where there is no page to show it: before it is known who asks, above all while the database is away.

use app::{language::locale_of, words::Say};
use axum::{
    http::{HeaderMap, header},
    response::{Html, IntoResponse as _, Response},
};
use muster::{failure::Failure, language::Language};

/// For whoever asked for a page a plain one, for a page's script the failure itself, else the status alone.
pub fn answer(failure: &Failure, path: &str, headers: &HeaderMap) -> Response {
    let status = app::backend::status(failure);
    if path.starts_with("/api/") {
        return (status, axum::Json(failure)).into_response();
    }
    let said = |name| headers.get(name).and_then(|value| value.to_str().ok());
    if !said(header::ACCEPT).is_some_and(|kinds| kinds.contains("text/html")) {
        return status.into_response();
    }
    let language = said(header::ACCEPT_LANGUAGE)
        .and_then(Language::best_match)
        .unwrap_or(Language::En);
    (status, Html(page(failure, language))).into_response()
}

fn page(failure: &Failure, language: Language) -> String {
    let code = language.code();
    let words = Say::of(locale_of(language)).of_failure(failure);
    format!(
        "<!DOCTYPE html><html lang=\"{code}\"><head><meta charset=\"utf-8\"><title>Muster</title>\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\"></head>\
         <body><main><h1>Muster</h1><p>{words}</p></main></body></html>"
    )
}
