//! What a request brings, before anything reads it: its path and query are text, its form or JSON has come in whole
//! and in time, and none of it holds U+0000, which Postgres stores in no text.

use std::time::Duration;

use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, StatusCode, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use muster::failure::Failure;
use percent_encoding::percent_decode;

use super::{Http, LARGEST_BODY, plain};

/// From a request's headers to the end of its body.
pub const BODY_TIME: Duration = Duration::from_secs(30);

/// Refuses a path or query that is no text, or that holds U+0000.
pub async fn check_address(request: Request, next: Next) -> Response {
    let uri = request.uri();
    // A segment is decoded by the router and again by the page.
    let twice = |text: &str| is_text(text.as_bytes()).is_some_and(|text| is_text(&text).is_some());
    let failure = if !twice(uri.path()) {
        Failure::NotFound
    } else if uri
        .query()
        .is_some_and(|query| is_text(query.as_bytes()).is_none())
    {
        Failure::BadRequest
    } else {
        return next.run(request).await;
    };
    plain::answer(&failure, uri.path(), request.headers())
}

/// Reads the body of a form or a function. It comes before the caller is identified: by the time a slow body has come
/// in, a session may have ended.
pub async fn read_body(State(http): State<Http>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let body = match tokio::time::timeout(http.body_time, axum::body::to_bytes(body, LARGEST_BODY))
        .await
    {
        Ok(Ok(body)) => body,
        Ok(Err(_)) => return StatusCode::PAYLOAD_TOO_LARGE.into_response(),
        Err(_) => return too_slow(),
    };
    let has_nul = match kind(&parts.headers) {
        Some("application/x-www-form-urlencoded") => is_text(&body).is_none(),
        Some("application/json") => holds_escaped_nul(&body),
        _ => false,
    };
    if has_nul {
        return plain::answer(&Failure::BadRequest, parts.uri.path(), &parts.headers);
    }
    next.run(Request::from_parts(parts, Body::from(body))).await
}

/// The answer where a body did not come in time. The rest of it is not waited for.
pub fn too_slow() -> Response {
    (StatusCode::REQUEST_TIMEOUT, [(header::CONNECTION, "close")]).into_response()
}

fn kind(headers: &HeaderMap) -> Option<&str> {
    let kind = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    kind.split(';').next().map(str::trim)
}

/// Returns what is percent-encoded, if it is text without U+0000.
fn is_text(encoded: &[u8]) -> Option<Vec<u8>> {
    let decoded: Vec<u8> = percent_decode(encoded).collect();
    (std::str::from_utf8(&decoded).is_ok() && !decoded.contains(&0)).then_some(decoded)
}

/// Whether a JSON text has `\u0000` in a string. A backslash before the backslash makes it six plain characters.
fn holds_escaped_nul(json: &[u8]) -> bool {
    let mut bytes = json;
    while let Some(at) = bytes.iter().position(|byte| *byte == b'\\') {
        let escape = &bytes[at + 1..];
        if escape.starts_with(b"u0000") {
            return true;
        }
        bytes = escape.get(1..).unwrap_or_default();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_escaped_nul_is_told_from_the_text_of_its_escape() {
        for (json, found) in [
            (r#"{"a":"\u0000"}"#, true),
            (r#"{"a":"b\\\u0000"}"#, true),
            (r#"{"\u0000":1}"#, true),
            (r#"{"a":"\\u0000"}"#, false),
            (r#"{"a":"\u0001\n\""}"#, false),
            (r#"{"a":"\"#, false),
            ("", false),
        ] {
            assert_eq!(holds_escaped_nul(json.as_bytes()), found, "{json}");
        }
    }
}
