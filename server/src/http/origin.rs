//! The origin check: requests that change data are accepted only from pages of this origin.
//!
//! It is the second protection besides the session cookie's `SameSite=Lax`. Browsers send `Origin` with every POST, so
//! a foreign, null or missing one is not from a page of ours.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use muster::failure::Failure;

use super::{Http, plain};

/// Refuses requests that no page of ours sends.
pub async fn check(State(http): State<Http>, request: Request, next: Next) -> Response {
    let (headers, path) = (request.headers(), request.uri().path());
    let function = path.starts_with(rpc::PREFIX);
    let posted = *request.method() == Method::POST;
    let reads = !function && matches!(*request.method(), Method::GET | Method::HEAD);
    if posted && !is_ours(&http, headers) {
        warn_operator(&http, headers);
        let origin = http.service.origin.as_str().to_owned();
        return plain::answer(&Failure::ForeignOrigin { origin }, path, headers);
    }
    if reads || (posted && (!function || is_json(headers))) {
        next.run(request).await
    } else {
        StatusCode::FORBIDDEN.into_response()
    }
}

fn is_ours(http: &Http, headers: &HeaderMap) -> bool {
    let mut origins = headers.get_all(header::ORIGIN).iter();
    match (origins.next(), origins.next()) {
        (Some(origin), None) => http
            .origins
            .iter()
            .any(|ours| ours.as_bytes() == origin.as_bytes()),
        _ => false,
    }
}

/// Logs which setting is wrong, in case it is not an attack: if every form is refused, this line says why.
fn warn_operator(http: &Http, headers: &HeaderMap) {
    let sent = headers.get(header::ORIGIN).map(shown);
    let cause = match sent.as_deref() {
        None => "the browser or a proxy removed the Origin header: a proxy must pass it on",
        Some("null") => {
            "a proxy sets `Referrer-Policy: no-referrer`, for which browsers send `Origin: null`, or the form is another \
             site's: a proxy must leave Referrer-Policy as it is"
        }
        Some(_) => {
            "people open Muster at another address than the configured one, or the form is another site's: set `origin` \
             (MUSTER_ORIGIN) to the address that people open"
        }
    };
    tracing::warn!(
        sent_origin = sent.as_deref().unwrap_or("none"),
        configured_origin = http.service.origin.as_str(),
        host = headers.get(header::HOST).map(shown).unwrap_or_default(),
        "refused a form: {cause}"
    );
}

/// Returns a header's value for the log.
fn shown(value: &HeaderValue) -> String {
    /// Enough for the longest host name, which has 253 characters.
    const LONGEST: usize = 300;
    let text = String::from_utf8_lossy(value.as_bytes());
    text.chars().take(LONGEST).collect()
}

/// Returns whether the body is JSON. Functions accept nothing else: another site's form cannot send it without a CORS
/// preflight.
fn is_json(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
}
