//! The HTTP server: routes and middleware.
//!
//! The layers from the outside in: the connection and its deadlines, the access log, the security headers, the URL
//! check (`input`), our own error pages for refusals of the framework and panics, the origin check (`origin`), the
//! body, the caller (`caller`), then the page, function or file.

mod access_log;
mod caller;
mod connections;
mod forwarded;
mod headers;
mod imports;
mod input;
mod links;
mod mailbox;
mod metrics;
mod origin;
mod pages;
mod panics;
mod plain;
mod starting;

use std::{
    path::PathBuf,
    sync::{Arc, LazyLock},
    time::Duration,
};

use app::app::App;
use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware,
    routing::{any, get, post},
};
use leptos::prelude::LeptosOptions;
use leptos_axum::generate_route_list;
use rpc::Backend;
use tower::ServiceBuilder;
use tower_http::{
    catch_panic::CatchPanicLayer,
    compression::{
        CompressionLayer, Predicate,
        predicate::{DefaultPredicate, NotForContentType},
    },
    limit::RequestBodyLimitLayer,
    services::ServeDir,
};

pub use self::{
    connections::{ConnectionLimits, serve},
    forwarded::TrustedProxies,
    input::BODY_TIME,
    mailbox::MailboxKey,
    metrics::serve_metrics,
    pages::PAGE_TIME,
    panics::{PANICKED, log_panics, panics_so_far},
};
use crate::service::Service;

pub use starting::while_starting;

/// The maximum size of a form's or function's body. Parts of an imported file have their own limit.
const LARGEST_BODY: usize = 256 * 1024;

/// The path of the health check.
const HEALTH: &str = "/healthz";

/// The state shared by all handlers.
#[derive(Debug, Clone)]
pub struct Http {
    /// The server.
    pub service: Arc<Service>,
    /// The locations of the page's script and styles.
    pub options: LeptosOptions,
    /// The origins whose pages may send requests: the configured one, and on a local machine its other name.
    pub origins: Arc<[String]>,
    /// The proxies whose forwarded address is trusted.
    pub trusted_proxies: TrustedProxies,
    /// The key of the built-in mailbox, if it can be opened.
    pub mailbox: Option<MailboxKey>,
    /// From the end of a request's headers to the end of its body; usually [`BODY_TIME`].
    pub body_time: Duration,
    /// The time limit for rendering a page; usually [`PAGE_TIME`].
    pub page_time: Duration,
}

impl Http {
    /// Returns the server as the server functions see it.
    #[must_use]
    pub fn backend(&self) -> Arc<dyn Backend> {
        Arc::clone(&self.service) as Arc<dyn Backend>
    }
}

/// Returns the paths of the pages. They are collected once per process, before the first page: while Leptos walks the
/// routes, no resource of any page in the process resolves (leptos issue 4773).
pub fn page_paths() -> &'static [String] {
    static PATHS: LazyLock<Vec<String>> = LazyLock::new(|| {
        let routes = generate_route_list(App);
        routes.iter().map(|route| route.path().to_owned()).collect()
    });
    &PATHS
}

/// Compresses responses, except WebAssembly: the build has compressed it, and if it has not (`make dev`, tests), it is
/// too large to compress for each visit.
fn compression() -> CompressionLayer<impl Predicate> {
    CompressionLayer::new().compress_when(
        DefaultPredicate::new().and(NotForContentType::const_new("application/wasm")),
    )
}

/// Returns the router of all paths.
pub fn router(http: Http, site_root: PathBuf) -> Router {
    access_log::trace_pages();
    let mut pages = Router::new();
    for path in page_paths() {
        pages = pages.route(path, get(pages::get).post(pages::post));
    }
    let identify = middleware::from_fn_with_state(http.clone(), caller::identify);
    let pages = pages
        .route("/", get(pages::front))
        .route("/sign-out", post(pages::post))
        .route("/theme", post(pages::theme))
        .route("/setup/{*token}", get(links::setup))
        .route("/accept/{*token}", get(links::accept))
        .route("/reset/{*token}", get(links::reset))
        .route("/unlock/{*token}", get(links::unlock))
        .route("/confirm/{*token}", get(links::confirm))
        .route("/dev/mailbox/open/{token}", get(mailbox::open))
        .route("/dev/mailbox/{id}/html", get(pages::mail_html))
        .route(
            &format!("{}{{*function}}", rpc::PREFIX),
            any(pages::function),
        )
        .route("/i/{slug}/imports/template.csv", get(imports::template))
        .route("/i/{slug}/imports/{id}/report.csv", get(imports::report))
        .route("/i/{slug}/imports/{id}/progress", get(imports::progress))
        .layer(identify.clone())
        .layer(middleware::from_fn_with_state(
            http.clone(),
            input::read_body,
        ))
        .layer(RequestBodyLimitLayer::new(LARGEST_BODY));
    // A part's body is read by its handler, after the caller was identified.
    let parts = Router::new()
        .route(
            "/i/{slug}/imports/{id}/parts/{number}",
            post(imports::part).layer(RequestBodyLimitLayer::new(crate::imports::LARGEST_PART)),
        )
        .layer(identify.clone());
    let dynamic = pages
        .merge(parts)
        .layer(middleware::from_fn_with_state(http.clone(), origin::check));
    Router::new()
        .merge(dynamic)
        .route(HEALTH, get(pages::health))
        .fallback_service(
            ServiceBuilder::new()
                .layer(middleware::from_fn(headers::revalidate))
                .service(
                    ServeDir::new(site_root)
                        .precompressed_br()
                        .precompressed_gzip()
                        .append_index_html_on_directories(false)
                        .not_found_service(
                            any(pages::get).layer(identify).with_state(http.clone()),
                        ),
                ),
        )
        .layer(CatchPanicLayer::custom(panics::answer))
        .layer(middleware::from_fn(plain::own_words))
        .layer(compression())
        .layer(DefaultBodyLimit::disable())
        .layer(middleware::from_fn(input::check_address))
        .layer(middleware::from_fn_with_state(
            http.clone(),
            headers::protect,
        ))
        .layer(middleware::from_fn(access_log::log))
        .with_state(http)
}
