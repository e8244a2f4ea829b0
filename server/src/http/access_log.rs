//! The access log: one line for each request with method, path without tokens, status, duration, and incident if there
//! is one.
//!
//! The line is written inside a span with method, path and incident, as is everything that is logged for the request.
//! Site files and successful health checks are logged at the debug level, because they are frequent and carry no
//! information.

use std::{borrow::Cow, time::Instant};

use any_spawner::{CustomExecutor, Executor, PinnedFuture, PinnedLocalFuture};
use axum::{
    extract::{MatchedPath, Request},
    http::{Method, StatusCode},
    middleware::Next,
    response::Response,
};
use percent_encoding::percent_decode_str;
use tracing::{Instrument as _, Span, field};

use super::HEALTH;
use crate::metrics::count_request;

/// The pages whose next path segment is a token.
const LINK_PAGES: [&str; 5] = ["setup", "accept", "reset", "unlock", "confirm"];
/// The longest segment that is shown: a UUID has 36 characters, a token 43.
const LONGEST_SEGMENT: usize = 40;
/// The length in bytes after which no further segment is shown.
const LONGEST_PATH: usize = 200;

/// Marks the response of a site file.
#[derive(Debug, Clone, Copy)]
pub struct SiteFile;

/// The route of a site file, and of a path without a route, in metrics.
const FILE_ROUTE: &str = "site_file";
const NO_ROUTE: &str = "none";

/// Logs and counts the request when its response begins, or when the client disconnects before that.
pub async fn log(request: Request, next: Next) -> Response {
    let span = tracing::info_span!(
        "request",
        method = %request.method(),
        path = shown_path(request.uri().path()),
        incident = field::Empty,
    );
    let health = request.uri().path() == HEALTH;
    let route = request.extensions().get::<MatchedPath>();
    let mut line = Line {
        begun: Instant::now(),
        span: span.clone(),
        method: request.method().clone(),
        route: route.map_or(NO_ROUTE.into(), |route| route.as_str().to_owned().into()),
        written: false,
    };
    let response = next.run(request).instrument(span).await;
    let is_file = response.extensions().get::<SiteFile>().is_some();
    if is_file {
        line.route = FILE_ROUTE.into();
    }
    let quiet = (health && response.status() == StatusCode::OK) || is_file;
    line.write(response.status(), quiet);
    response
}

struct Line {
    begun: Instant,
    span: Span,
    method: Method,
    /// The pattern of the route, for the metrics.
    route: Cow<'static, str>,
    written: bool,
}

impl Line {
    fn write(mut self, status: StatusCode, quiet: bool) {
        self.written = true;
        self.count(Some(status));
        let (status, ms) = (status.as_u16(), self.milliseconds());
        self.span.in_scope(|| {
            if quiet {
                tracing::debug!(status, ms, "answered");
            } else {
                tracing::info!(status, ms, "answered");
            }
        });
    }

    fn count(&mut self, status: Option<StatusCode>) {
        let route = std::mem::take(&mut self.route);
        count_request(&self.method, route, status, self.begun.elapsed());
    }

    fn milliseconds(&self) -> u128 {
        self.begun.elapsed().as_millis()
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        if !self.written {
            self.count(None);
            let ms = self.milliseconds();
            self.span
                .in_scope(|| tracing::info!(ms, "the client left before it was answered"));
        }
    }
}

/// Returns the path for the log. It is decoded first, so that no spelling of a link can hide its token from the rules.
fn shown_path(path: &str) -> String {
    let decoded = percent_decode_str(path).decode_utf8_lossy();
    let segments = || decoded.split('/').filter(|segment| !segment.is_empty());
    let is_link = segments().next().is_some_and(|first| {
        let named = |page: &str| first.eq_ignore_ascii_case(page);
        LINK_PAGES.into_iter().any(named)
    });
    let mut shown = String::new();
    for segment in segments() {
        let after_link = is_link && !shown.is_empty();
        if after_link || shown == super::mailbox::OPEN || shown.len() > LONGEST_PATH {
            shown.push_str("/…");
            break;
        }
        shown.push('/');
        if segment.len() > LONGEST_SEGMENT {
            shown.push('…');
        } else {
            // A line end or an escape sequence in a path could forge a log line.
            shown.extend(segment.chars().filter(|character| !character.is_control()));
        }
    }
    if shown.is_empty() {
        shown.push('/');
    }
    shown
}

/// Makes pages run their parts inside the request's span, so that their log lines name the request.
pub fn trace_pages() {
    struct Traced;
    impl CustomExecutor for Traced {
        fn spawn(&self, part: PinnedFuture<()>) {
            drop(tokio::spawn(part.in_current_span()));
        }

        fn spawn_local(&self, part: PinnedLocalFuture<()>) {
            drop(tokio::task::spawn_local(part.in_current_span()));
        }

        fn poll_local(&self) {}
    }
    // This can be set once per process; a second router (in tests) finds it set.
    drop(Executor::init_custom_executor(Traced));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_shown_without_its_token_however_it_is_spelled() {
        let token = "A".repeat(43);
        for path in [
            format!("/accept/{token}"),
            format!("/accept/{token}/"),
            format!("/accept/{token}."),
            format!("//ACCEPT//{token}"),
            format!("/%61ccept/{token}"),
            format!("/accept%2F{token}"),
            format!("/somewhere/accept/{token}"),
            format!("/reset/{}", &token[..20]),
            format!("/dev/mailbox/open/{}", &token[..20]),
            format!("/{token}"),
        ] {
            let shown = shown_path(&path);
            assert!(!shown.contains("AAAA"), "{path}: {shown}");
            assert!(shown.ends_with("/…"), "{path}: {shown}");
        }
    }

    #[test]
    fn any_other_path_is_shown_as_it_is_on_one_line() {
        for path in [
            "/",
            "/accept",
            "/dev/mailbox",
            "/i/harbour/users/019aa000-0000-7000-8000-000000000001",
        ] {
            assert_eq!(shown_path(path), path);
        }
        assert_eq!(shown_path("/a%0aFORGED%1b[31m"), "/aFORGED[31m");
        assert!(shown_path(&"/abc".repeat(1000)).len() < 300);
    }
}
