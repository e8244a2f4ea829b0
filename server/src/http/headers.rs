//! Headers that every answer carries.

use axum::{
    extract::{Request, State},
    http::{HeaderName, HeaderValue, StatusCode, header},
    middleware::Next,
    response::Response,
};
use leptos::{
    config::{Env, LeptosOptions},
    nonce::Nonce,
};

use super::{Http, access_log::SiteFile};

/// The policy of pages: scripts and styles of ours only, inline ones by the response's nonce. Under `make dev` pages
/// may also listen for changes, on another port of this machine.
#[must_use]
pub fn page_policy(nonce: Option<&Nonce>, options: &LeptosOptions) -> String {
    let nonce = nonce.map_or_else(String::new, |nonce| format!(" 'nonce-{nonce}'"));
    let changes = match options.env {
        Env::DEV => format!(
            " ws://127.0.0.1:{0} ws://localhost:{0}",
            options.reload_port
        ),
        Env::PROD => String::new(),
    };
    format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'{nonce}; style-src 'self'; img-src 'self' data:; \
         font-src 'self'; connect-src 'self'{changes}; worker-src 'self'; manifest-src 'self'; frame-src 'self'; form-action 'self'; \
         base-uri 'none'; frame-ancestors 'none'"
    )
}

/// The policy of what is no page.
const BARE_POLICY: HeaderValue =
    HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");

/// The policy of the worker that checks files: a worker has one of its own. It loads the page's WebAssembly and sends
/// parts of files to this server, no more.
const WORKER_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; frame-ancestors 'none'",
);
/// Its script, among the files of the site.
const WORKER: &str = "/import-worker.js";

/// Browsers come back by https for a year, whatever a link says.
const A_YEAR_OF_HTTPS: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// Adds what protects every answer; a page's own policy stands.
pub async fn protect(State(http): State<Http>, request: Request, next: Next) -> Response {
    protect_origin(http.service.origin.is_https(), request, next).await
}

/// The same without a server behind it, for an origin with or without https.
pub async fn protect_origin(is_https: bool, request: Request, next: Next) -> Response {
    let policy = if request.uri().path() == WORKER {
        WORKER_POLICY
    } else {
        BARE_POLICY
    };
    let mut response = next.run(request).await;
    // Files keep their names over releases: a browser may keep them but asks each time whether they changed. All else
    // holds people's data: no cache keeps it, whatever a library says of its own responses.
    let kept = match response.extensions().get::<SiteFile>() {
        Some(_) => HeaderValue::from_static("no-cache"),
        None => HeaderValue::from_static("no-store"),
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, kept);
    if is_https {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, A_YEAR_OF_HTTPS);
    }
    for (name, value) in [
        (
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        ),
        (
            header::REFERRER_POLICY,
            HeaderValue::from_static("same-origin"),
        ),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            HeaderValue::from_static("same-origin"),
        ),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            HeaderValue::from_static("same-origin"),
        ),
        (
            HeaderName::from_static("permissions-policy"),
            HeaderValue::from_static("camera=(), geolocation=(), microphone=()"),
        ),
    ] {
        headers.insert(name, value);
    }
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(policy);
    response
}

/// Marks the site's files, which hold nothing of anybody's.
pub async fn revalidate(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    if response.headers().contains_key(header::LAST_MODIFIED)
        || response.status() == StatusCode::NOT_MODIFIED
    {
        response.extensions_mut().insert(SiteFile);
    }
    response
}
