//! Checks of a request before anything reads it: its path and query are UTF-8, and its form or JSON body arrives
//! completely and in time.

use std::time::Duration;

use axum::{
    body::Body,
    extract::{Request, State},
    http::{StatusCode, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use muster::failure::Failure;
use percent_encoding::percent_decode;

use super::{Http, LARGEST_BODY, plain};
use crate::mailed_links::LinkPage;

/// From the end of a request's headers to the end of its body.
pub const BODY_TIME: Duration = Duration::from_secs(30);

/// Refuses a path or query that is not UTF-8, and a path with U+0000.
pub async fn check_address(request: Request, next: Next) -> Response {
    let uri = request.uri();
    let failure = if !is_link(uri.path()) && !is_path(uri.path()) {
        Failure::NotFound
    } else if uri
        .query()
        .is_some_and(|query| decoded(query.as_bytes()).is_none())
    {
        Failure::BadRequest
    } else {
        return next.run(request).await;
    };
    plain::answer(&failure, uri.path(), request.headers())
}

/// Returns whether this is the path of a mailed link. It is read as sent, because chat and mail programs append
/// anything to it.
fn is_link(path: &str) -> bool {
    let path = path.trim_start_matches('/');
    let page = path.split_once('/').map(|(page, _)| page);
    LinkPage::ALL.iter().any(|it| page == Some(it.name()))
}

/// Returns whether the path is UTF-8. A segment is decoded by the router and again by the page.
fn is_path(path: &str) -> bool {
    let once = decoded(path.as_bytes());
    let twice = once.and_then(|once| decoded(&once));
    twice.is_some_and(|path| !path.contains(&0))
}

/// Reads the body of a form or a function. This happens before the caller is identified, because a session may end
/// while a slow body arrives.
pub async fn read_body(State(http): State<Http>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let body = match tokio::time::timeout(http.body_time, axum::body::to_bytes(body, LARGEST_BODY))
        .await
    {
        Ok(Ok(body)) => body,
        Ok(Err(_)) => return StatusCode::PAYLOAD_TOO_LARGE.into_response(),
        Err(_) => return too_slow(),
    };
    next.run(Request::from_parts(parts, Body::from(body))).await
}

/// Returns the response to a body that did not arrive in time. The rest of it is not read.
pub fn too_slow() -> Response {
    (StatusCode::REQUEST_TIMEOUT, [(header::CONNECTION, "close")]).into_response()
}

/// Percent-decodes a text. Returns `None` if the result is not UTF-8.
fn decoded(encoded: &[u8]) -> Option<Vec<u8>> {
    let decoded: Vec<u8> = percent_decode(encoded).collect();
    std::str::from_utf8(&decoded).is_ok().then_some(decoded)
}
