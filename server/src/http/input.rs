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

/// The maximum length of a path in bytes. Muster's own paths are shorter than 200.
const MAX_PATH_BYTES: usize = 500;
/// The maximum length of a segment in bytes. File systems allow 255, and a compressed file has an extension more.
const MAX_SEGMENT_BYTES: usize = 250;

/// Refuses a path or query that is not UTF-8, and a path with U+0000 or that is too long for a file's name.
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
    // With more than one slash it is not the link's route but a file's name.
    let page = path.strip_prefix('/').and_then(|path| path.split_once('/'));
    page.is_some_and(|(page, _)| LinkPage::ALL.iter().any(|it| page == it.name()))
}

/// Returns whether the path can be a page's or a file's. A segment is decoded by the router and again by the page.
fn is_path(path: &str) -> bool {
    let Some(once) = decoded(path.as_bytes()) else {
        return false;
    };
    let is_short = once.len() <= MAX_PATH_BYTES
        && once
            .split(|byte| *byte == b'/')
            .all(|segment| segment.len() <= MAX_SEGMENT_BYTES);
    is_short && decoded(&once).is_some_and(|path| !path.contains(&0))
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
