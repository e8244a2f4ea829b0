//! The HTTP side: which path leads where, and the layers around all of them.
//!
//! From the outside in: a log line a request, the headers that every answer carries, the limit of a
//! body, who may send at all (`origin`), who is asking (`caller`), then the page, function or file.

mod caller;
mod headers;
mod imports;
mod links;
mod origin;
mod pages;
mod plain;

use std::{
    net::SocketAddr,
    path::PathBuf,
    sync::{Arc, LazyLock},
};

use app::{app::App, backend::Backend};
use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware,
    routing::{any, get, post},
};
use leptos::prelude::LeptosOptions;
use leptos_axum::generate_route_list;
use tower::ServiceBuilder;
use tower_http::{
    compression::CompressionLayer, limit::RequestBodyLimitLayer, services::ServeDir,
    trace::TraceLayer,
};

use crate::service::Service;

/// No form or function takes more; parts of an imported file have a way of their own.
const LARGEST_BODY: usize = 256 * 1024;

/// What handlers share.
#[derive(Debug, Clone)]
pub struct Http {
    /// The server.
    pub service: Arc<Service>,
    /// Where the page's script and styles are.
    pub options: LeptosOptions,
    /// The origins whose pages may send: the configured one, and on a person's own machine its other name.
    pub origins: Arc<[String]>,
    /// From whom a forwarded address is believed.
    pub trusted_proxies: Arc<[std::net::IpAddr]>,
}

impl Http {
    /// The app's view of the server.
    #[must_use]
    pub fn backend(&self) -> Arc<dyn Backend> {
        Arc::clone(&self.service) as Arc<dyn Backend>
    }
}

/// The paths of the pages. Found out once a process, before the first page: while leptos goes through the
/// routes, whatever any page in the process asks for is never answered (leptos issue 4773).
pub fn page_paths() -> &'static [String] {
    static PATHS: LazyLock<Vec<String>> = LazyLock::new(|| {
        let routes = generate_route_list(App);
        routes.iter().map(|route| route.path().to_owned()).collect()
    });
    &PATHS
}

/// Every path.
pub fn router(http: Http, site_root: PathBuf) -> Router {
    let mut pages = Router::new();
    for path in page_paths() {
        pages = pages.route(path, get(pages::get).post(pages::post));
    }
    let dynamic = pages
        .route("/", get(pages::front))
        .route("/sign-out", post(pages::post))
        .route("/theme", post(pages::theme))
        .route("/setup/{*token}", get(links::setup))
        .route("/accept/{*token}", get(links::accept))
        .route("/reset/{*token}", get(links::reset))
        .route("/unlock/{*token}", get(links::unlock))
        .route("/confirm/{*token}", get(links::confirm))
        .route("/dev/mailbox/{id}/html", get(pages::mail_html))
        .route("/api/{*function}", any(pages::function))
        .route("/i/{slug}/imports/template.csv", get(imports::template))
        .route("/i/{slug}/imports/{id}/report.csv", get(imports::report))
        .route("/i/{slug}/imports/{id}/progress", get(imports::progress))
        .layer(RequestBodyLimitLayer::new(LARGEST_BODY))
        .route(
            "/i/{slug}/imports/{id}/parts/{number}",
            post(imports::part).layer(RequestBodyLimitLayer::new(crate::imports::LARGEST_PART)),
        )
        .layer(middleware::from_fn_with_state(
            http.clone(),
            caller::identify,
        ))
        .layer(middleware::from_fn_with_state(http.clone(), origin::check));
    Router::new()
        .merge(dynamic)
        .route("/healthz", get(pages::health))
        .fallback_service(
            ServiceBuilder::new()
                .layer(middleware::from_fn(headers::revalidate))
                .service(
                    ServeDir::new(site_root)
                        .precompressed_br()
                        .precompressed_gzip()
                        .append_index_html_on_directories(false)
                        .not_found_service(
                            any(pages::get)
                                .layer(middleware::from_fn_with_state(
                                    http.clone(),
                                    caller::identify,
                                ))
                                .with_state(http.clone()),
                        ),
                ),
        )
        .layer(CompressionLayer::new())
        .layer(DefaultBodyLimit::disable())
        .layer(middleware::from_fn(headers::protect))
        .layer(TraceLayer::new_for_http().make_span_with(pages::span))
        .with_state(http)
}

/// Serves until `stop`, then lets what is under way finish.
///
/// # Errors
/// What the listener says.
pub async fn serve(
    listener: tokio::net::TcpListener,
    router: Router,
    stop: tokio_util::sync::CancellationToken,
) -> std::io::Result<()> {
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, service)
        .with_graceful_shutdown(async move { stop.cancelled().await })
        .await
}
