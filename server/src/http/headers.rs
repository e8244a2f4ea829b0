//! Headers that every answer carries.

use axum::{
    extract::Request,
    http::{HeaderName, HeaderValue, header},
    middleware::Next,
    response::Response,
};
use leptos::{
    config::{Env, LeptosOptions},
    nonce::Nonce,
};

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

/// Adds what protects every answer; a page's own policy stands.
pub async fn protect(request: Request, next: Next) -> Response {
    let policy = if request.uri().path() == WORKER {
        WORKER_POLICY
    } else {
        BARE_POLICY
    };
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
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
            HeaderName::from_static("permissions-policy"),
            HeaderValue::from_static("camera=(), geolocation=(), microphone=()"),
        ),
    ] {
        headers.insert(name, value);
    }
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(policy);
    // Pages and answers hold people's data: no cache keeps them.
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}

/// Files keep their names over releases: a browser may keep them but asks each time whether they changed.
pub async fn revalidate(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    if response.headers().contains_key(header::LAST_MODIFIED) {
        response
            .headers_mut()
            .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    }
    response
}
