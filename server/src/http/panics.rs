//! Panics in request handlers, which are always bugs of Muster. The client gets our error page, and the log gets the
//! incident, the location in the code and the number of panics so far.

use std::{
    any::Any,
    panic,
    sync::{
        Once,
        atomic::{AtomicU64, Ordering},
    },
};

use axum::{
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use uuid::Uuid;

/// The incident of a response.
#[derive(Debug, Clone)]
pub struct Incident(pub String);

static PANICS: AtomicU64 = AtomicU64::new(0);

/// Logs panics of all threads as one line instead of several lines on standard error.
pub fn log_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        panic::set_hook(Box::new(|panic| {
            let panics = PANICS.fetch_add(1, Ordering::Relaxed) + 1;
            let place = panic.location().map(ToString::to_string);
            let message = message(panic.payload());
            tracing::error!(place, message, panics, "{PANICKED}");
        }));
    });
}

/// Returns the number of panics since the start.
pub fn panics_so_far() -> u64 {
    PANICS.load(Ordering::Relaxed)
}

/// The log message of a panic.
pub const PANICKED: &str = "the server panicked";

/// Returns the response of a handler that panicked.
pub fn answer(panic: Box<dyn Any + Send + 'static>) -> Response {
    let incident = Uuid::now_v7().simple().to_string();
    tracing::error!(incident, message = message(&*panic), "a request failed");
    tracing::Span::current().record("incident", &incident);
    let mut response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
    response.extensions_mut().insert(Incident(incident));
    response
}

fn message(panic: &(dyn Any + Send)) -> String {
    panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use axum::{Router, body::Body, extract::Request, middleware, routing::get};
    use tower::ServiceExt as _;
    use tower_http::catch_panic::CatchPanicLayer;

    use super::*;
    use crate::http::plain;

    #[tokio::test]
    async fn a_handler_that_panics_is_answered_with_our_own_page_and_an_incident() {
        async fn broken() -> Response {
            panic!("on purpose")
        }
        let router = Router::new()
            .route("/broken", get(broken))
            .layer(CatchPanicLayer::custom(answer))
            .layer(middleware::from_fn(plain::own_words));
        let request = Request::get("/broken")
            .header("accept", "text/html")
            .header("accept-language", "de")
            .body(Body::empty())
            .unwrap();
        let response = router.oneshot(request).await.unwrap();
        assert_eq!(response.status(), 500);
        let body = axum::body::to_bytes(response.into_body(), 10_000).await;
        let page = String::from_utf8(body.unwrap().into()).unwrap();
        assert!(page.contains("<html lang=\"de\">"), "{page}");
        assert!(!page.contains("on purpose"), "{page}");
        let number = page.split(|letter: char| !letter.is_ascii_hexdigit());
        assert!(number.into_iter().any(|word| word.len() == 32), "{page}");
    }
}
