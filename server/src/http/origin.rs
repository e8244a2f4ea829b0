//! Who may send: a request that changes something comes from a page of this very origin, or is refused.
//!
//! The session's cookie is SameSite=Lax; this is the wall behind it. Browsers put `Origin` on every POST,
//! so one that is foreign, null or missing is no page of ours.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
};

use super::Http;

/// Refuses what no page of ours sends.
pub async fn check(State(http): State<Http>, request: Request, next: Next) -> Response {
    let function = request.uri().path().starts_with("/api/");
    let reading = matches!(*request.method(), Method::GET | Method::HEAD);
    let allowed = if function {
        request.method() == Method::POST
            && is_ours(&http, request.headers())
            && is_json(request.headers())
    } else {
        reading || (request.method() == Method::POST && is_ours(&http, request.headers()))
    };
    if allowed {
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

/// Functions take JSON only: a form of another site cannot send it without asking first.
fn is_json(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
}
