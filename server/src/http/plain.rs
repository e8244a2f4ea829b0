//! Failures without a page to show them: before the caller is identified, mainly while the database is unreachable, and
//! for requests that the framework refuses.

use std::sync::LazyLock;

use axum::{
    body::Body,
    extract::Request,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{Html, IntoResponse as _, Response},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use i18n::{Say, locale_of};
use leptos::server_fn::error::SERVER_FN_ERROR_HEADER;
use muster::{failure::Failure, language::Language};
use sha2::{Digest as _, Sha256};

use super::{HEALTH, panics::Incident};

/// The only style of the plain page. It is inline, so that the page needs nothing else that may be unavailable.
const STYLE: &str = "\
:root{color-scheme:light dark;--page:#f9fafc;--card:#fff;--line:#e1e4ea;--text:#1b212c;--link:#2255bb}\
@media(prefers-color-scheme:dark){:root{--page:#101317;--card:#171a20;--line:#2a2e37;--text:#eceef2;--link:#7aa5fa}}\
body{margin:0;padding:24px 16px;background:var(--page);color:var(--text);font:16px/1.5 system-ui,sans-serif}\
main{box-sizing:border-box;max-width:440px;margin:8vh auto 0;padding:24px 32px;overflow-wrap:anywhere;\
background:var(--card);border:1px solid var(--line);border-radius:12px}\
h1{margin:0;font-size:18px}p{margin:12px 0 0}a{color:var(--link)}";

/// The content security policy of the plain page: nothing but [`STYLE`], known by its hash.
static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| {
    let hash = STANDARD.encode(Sha256::digest(STYLE));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    HeaderValue::from_str(&policy)
        .unwrap_or_else(|_| HeaderValue::from_static("default-src 'none'"))
});

/// Marks a response with our own words.
#[derive(Debug, Clone, Copy)]
struct OwnWords;

/// Returns a plain page for a browser, the failure as JSON for a page's script, and otherwise only the sentence.
pub fn answer(failure: &Failure, path: &str, headers: &HeaderMap) -> Response {
    let status = rpc::status(failure);
    let mut response = if path.starts_with(rpc::PREFIX) {
        (status, axum::Json(failure)).into_response()
    } else {
        let said = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let language = said(header::ACCEPT_LANGUAGE)
            .and_then(Language::best_match)
            .unwrap_or(Language::En);
        if said(header::ACCEPT).is_some_and(|kinds| kinds.contains("text/html")) {
            let policy = [(header::CONTENT_SECURITY_POLICY, POLICY.clone())];
            (status, policy, Html(page(failure, language))).into_response()
        } else {
            (status, words(failure, language)).into_response()
        }
    };
    response.extensions_mut().insert(OwnWords);
    response
}

/// Replaces the framework's message for a refused request, or one whose handler panicked, by our own words.
pub async fn own_words(request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let headers: HeaderMap = [header::ACCEPT, header::ACCEPT_LANGUAGE]
        .into_iter()
        .filter_map(|name| Some((name.clone(), request.headers().get(name)?.clone())))
        .collect();
    let response = next.run(request).await;
    if path == HEALTH || has_own_words(&response) {
        return response;
    }
    let failure = failure_of(&response);
    let own = answer(&failure, &path, &headers);
    let (mut parts, _) = response.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.remove(header::CONTENT_TYPE);
    let (said, body): (_, Body) = own.into_parts();
    parts.headers.extend(said.headers);
    Response::from_parts(parts, body)
}

fn has_own_words(response: &Response) -> bool {
    let status = response.status();
    let kind = response.headers().get(header::CONTENT_TYPE);
    let is_text = |kind: &HeaderValue| kind.as_bytes().starts_with(b"text/plain");
    !(status.is_client_error() || status.is_server_error())
        || kind.is_some_and(|kind| !is_text(kind))
        || response.headers().contains_key(SERVER_FN_ERROR_HEADER)
        || response.extensions().get::<OwnWords>().is_some()
}

/// Returns the failure that corresponds to the response's status.
fn failure_of(response: &Response) -> Failure {
    match response.status() {
        StatusCode::UNAUTHORIZED => Failure::Unauthenticated,
        StatusCode::FORBIDDEN => Failure::Forbidden,
        StatusCode::NOT_FOUND => Failure::NotFound,
        StatusCode::SERVICE_UNAVAILABLE => Failure::Unavailable,
        status if status.is_client_error() => Failure::BadRequest,
        _ => Failure::Internal {
            incident: response
                .extensions()
                .get::<Incident>()
                .map_or_else(String::new, |Incident(incident)| incident.clone()),
        },
    }
}

fn words(failure: &Failure, language: Language) -> String {
    Say::of(locale_of(language)).of_failure(failure)
}

fn page(failure: &Failure, language: Language) -> String {
    let code = language.code();
    let words = escaped(&words(failure, language));
    let link = match failure {
        Failure::ForeignOrigin { origin } => {
            let origin = escaped(origin);
            format!("<p><a href=\"{origin}\">{origin}</a></p>")
        }
        _ => String::new(),
    };
    format!(
        "<!DOCTYPE html><html lang=\"{code}\"><head><meta charset=\"utf-8\"><title>Muster</title>\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <style>{STYLE}</style></head>\
         <body><main><h1>Muster</h1><p>{words}</p>{link}</main></body></html>"
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('"', "&quot;")
}
