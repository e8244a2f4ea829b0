//! Security headers of every response.

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

/// Returns the content security policy of pages: only scripts and styles of this site, inline ones by the response's
/// nonce. Under `make dev` pages may also listen for changes on another port of this machine.
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

/// Adds a cookie, as a complete `Set-Cookie` value, to a response.
pub fn set_cookie(response: &mut Response, cookie: &str) {
    match HeaderValue::from_str(cookie) {
        Ok(cookie) => {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
        // The value may be a secret.
        Err(error) => tracing::error!(%error, "a cookie could not be set"),
    }
}

/// The policy of responses that are not pages.
const BARE_POLICY: HeaderValue =
    HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");

/// The policy of the worker that checks files, because workers have their own. It may load the page's WebAssembly and
/// upload parts to this server.
const WORKER_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; frame-ancestors 'none'",
);
/// The path of the worker's script among the site files.
const WORKER: &str = "/import-worker.js";

/// Browsers use HTTPS for a year, whatever a link says.
const A_YEAR_OF_HTTPS: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// Adds the security headers. A page's own policy is kept.
pub async fn protect(State(http): State<Http>, request: Request, next: Next) -> Response {
    protect_origin(http.service.origin.is_https(), request, next).await
}

/// Same as [`protect`] without the server's state, for an origin with or without HTTPS.
pub async fn protect_origin(is_https: bool, request: Request, next: Next) -> Response {
    let policy = if request.uri().path() == WORKER {
        WORKER_POLICY
    } else {
        BARE_POLICY
    };
    let mut response = next.run(request).await;
    // Site files keep their names over releases, so a browser may store them but must revalidate each time. Everything
    // else has personal data and is never cached, whatever a library sets.
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

/// Marks site files, which have no personal data.
pub async fn revalidate(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    if response.headers().contains_key(header::LAST_MODIFIED)
        || response.status() == StatusCode::NOT_MODIFIED
    {
        response.extensions_mut().insert(SiteFile);
    }
    response
}
