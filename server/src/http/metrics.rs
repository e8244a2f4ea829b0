//! The metrics' own listener. Nothing but `GET /metrics` is served there, and the public listener does not serve it.

use std::{io, sync::Arc, time::Duration};

use axum::{
    Router,
    extract::State,
    http::{HeaderName, StatusCode, header},
    response::{IntoResponse as _, Response},
    routing::get,
};
use prometheus_client::encoding::prometheus_text::CONTENT_TYPE;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::{ConnectionLimits, TrustedProxies, serve};
use crate::metrics::Sources;

/// A few scrapers at once. They are fast and close.
const LIMITS: ConnectionLimits = ConnectionLimits {
    headers: Duration::from_secs(10),
    unread: Duration::from_secs(10),
    drain: Duration::from_secs(1),
    connections: 16,
    of_one_client: 8,
};

/// Serves the metrics until `stop`.
///
/// # Errors
/// Same as [`serve`].
pub async fn serve_metrics(
    listener: TcpListener,
    sources: Sources,
    stop: CancellationToken,
) -> io::Result<()> {
    let router = Router::new()
        .route("/metrics", get(scrape))
        .with_state(Arc::new(sources));
    serve(
        listener,
        router,
        LIMITS,
        TrustedProxies::new(Vec::new()),
        stop,
    )
    .await
}

const HEADERS: [(HeaderName, &str); 3] = [
    (header::CONTENT_TYPE, CONTENT_TYPE),
    (header::CACHE_CONTROL, "no-store"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
];

async fn scrape(State(sources): State<Arc<Sources>>) -> Response {
    match sources.scrape().await {
        Ok(text) => (HEADERS, text).into_response(),
        Err(error) => {
            tracing::error!(%error, "the metrics can't be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
