//! Responses while the server waits for its database at the start: it is not available yet.

use axum::{Router, extract::Request, middleware, response::Response, routing::get};
use muster::failure::Failure;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::{ConnectionLimits, TrustedProxies, headers, pages, plain};

/// Answers 503 on the listener's address until `ready` completes. The listener itself stays for the server.
pub async fn while_starting<T>(
    listener: &TcpListener,
    limits: ConnectionLimits,
    trusted: TrustedProxies,
    is_https: bool,
    ready: impl Future<Output = T>,
) -> T {
    let done = CancellationToken::new();
    if let Ok(listener) = same_address(listener) {
        let router = Router::new()
            .route("/healthz", get(async || pages::no_database()))
            .fallback(unavailable)
            .layer(middleware::from_fn(move |request, next| {
                headers::protect_origin(is_https, request, next)
            }));
        // Not awaited at the end: running requests have their own time limit.
        tokio::spawn(super::serve(
            listener,
            router,
            limits,
            trusted,
            done.clone(),
        ));
    }
    let value = ready.await;
    done.cancel();
    value
}

async fn unavailable(request: Request) -> Response {
    plain::answer(
        &Failure::Unavailable,
        request.uri().path(),
        request.headers(),
    )
}

/// Returns a second listener on the same socket. Both accept its connections.
fn same_address(listener: &TcpListener) -> std::io::Result<TcpListener> {
    use std::os::fd::{AsFd as _, OwnedFd};

    let copy: OwnedFd = listener.as_fd().try_clone_to_owned()?;
    TcpListener::from_std(copy.into())
}
