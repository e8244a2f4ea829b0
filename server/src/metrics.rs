//! The metrics of this process: what has been counted (here) and what is measured on each scrape (`scrape`).
//!
//! Every label value is a constant of the program: a name, a code, a route pattern, a status. Nothing from a request, a
//! file or the database becomes a label, so no name, slug, address or id is exposed, and the number of series is
//! bounded.
//!
//! To add a metric: its family in [`Metrics`], a function that counts it, its line in `docs/OPERATIONS.md`.

mod scrape;

use std::{
    borrow::Cow,
    fmt,
    sync::LazyLock,
    time::{Duration, Instant},
};

use axum::http::{Method, StatusCode};
use muster::failure::Failure;
use prometheus_client::{
    encoding::{EncodeLabelSet, EncodeLabelValue, LabelValueEncoder, prometheus_text},
    metrics::{counter::Counter, family::Family, histogram::Histogram},
    registry::Registry,
};

pub use scrape::Sources;

use crate::error::Error;

/// The prefix of every name.
const PREFIX: &str = "muster";

/// The upper bounds of the buckets of every histogram. A chunk of an import takes seconds.
const BUCKETS_SECONDS: [f64; 12] = [
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0,
];

/// The outcome of everything that succeeded.
const OK: &str = "ok";
/// The outcome of a request whose client left.
const CANCELED: &str = "canceled";

type Seconds<Labels> = Family<Labels, Histogram, fn() -> Histogram>;

static METRICS: LazyLock<Metrics> = LazyLock::new(Metrics::new);

struct Metrics {
    registry: Registry,
    requests: Family<Request, Counter>,
    request_seconds: Seconds<RequestRoute>,
    use_cases: Family<UseCaseOutcome, Counter>,
    use_case_seconds: Seconds<UseCaseName>,
    jobs: Family<JobOutcome, Counter>,
    job_seconds: Seconds<JobKind>,
    internal_errors: Counter,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Request {
    method: &'static str,
    route: Cow<'static, str>,
    status: Status,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestRoute {
    route: Cow<'static, str>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct UseCaseOutcome {
    use_case: &'static str,
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct UseCaseName {
    use_case: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct JobOutcome {
    queue: &'static str,
    kind: &'static str,
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct JobKind {
    queue: &'static str,
    kind: &'static str,
}

/// The status of a response, or `canceled` if the client left before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Status(Option<StatusCode>);

impl EncodeLabelValue for Status {
    fn encode(&self, encoder: &mut LabelValueEncoder) -> fmt::Result {
        match self.0 {
            Some(status) => status.as_u16().encode(encoder),
            None => CANCELED.encode(encoder),
        }
    }
}

impl Metrics {
    fn new() -> Self {
        let mut registry = Registry::with_prefix(PREFIX);
        let requests = Family::default();
        registry.register(
            "http_requests",
            "Requests by method, route pattern and status",
            requests.clone(),
        );
        let request_seconds = seconds();
        registry.register(
            "http_request_duration_seconds",
            "Time until the response began, by route pattern",
            request_seconds.clone(),
        );
        let use_cases = Family::default();
        registry.register(
            "use_cases",
            "Use cases by name and outcome: ok, canceled, or the code of the failure",
            use_cases.clone(),
        );
        let use_case_seconds = seconds();
        registry.register(
            "use_case_duration_seconds",
            "Duration of use cases",
            use_case_seconds.clone(),
        );
        let jobs = Family::default();
        registry.register(
            "jobs",
            "Messages and steps of imports by kind and outcome",
            jobs.clone(),
        );
        let job_seconds = seconds();
        registry.register(
            "job_duration_seconds",
            "Duration of messages and steps of imports",
            job_seconds.clone(),
        );
        let internal_errors = Counter::default();
        registry.register(
            "internal_errors",
            "Internal errors of use cases and jobs",
            internal_errors.clone(),
        );
        Self {
            registry,
            requests,
            request_seconds,
            use_cases,
            use_case_seconds,
            jobs,
            job_seconds,
            internal_errors,
        }
    }
}

fn seconds<Labels: Clone + Eq + std::hash::Hash>() -> Seconds<Labels> {
    Family::new_with_constructor(|| Histogram::new(BUCKETS_SECONDS))
}

/// Appends everything that has been counted, in the Prometheus text format.
fn encode(text: &mut String) -> fmt::Result {
    prometheus_text::encode(text, &METRICS.registry)
}

/// Counts a request. `route` is the pattern of a route, never a path. `status` is `None` if the client left before the
/// response.
pub fn count_request(
    method: &Method,
    route: Cow<'static, str>,
    status: Option<StatusCode>,
    took: Duration,
) {
    let method = match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        _ => "other",
    };
    let request = Request {
        method,
        route: route.clone(),
        status: Status(status),
    };
    METRICS.requests.get_or_create(&request).inc();
    let seconds = METRICS
        .request_seconds
        .get_or_create_owned(&RequestRoute { route });
    seconds.observe(took.as_secs_f64());
}

/// A use case that runs. If it is dropped before its end, it counts as canceled.
pub struct UseCase {
    name: &'static str,
    begun: Instant,
    outcome: &'static str,
}

impl UseCase {
    /// Starts measuring.
    #[must_use]
    pub fn begin(name: &'static str) -> Self {
        Self {
            name,
            begun: Instant::now(),
            outcome: CANCELED,
        }
    }

    /// Counts the use case.
    pub fn end(mut self, failure: Option<&Failure>) {
        self.outcome = failure.map_or(OK, Failure::code);
        // A separate counter that exists before the first error: a rate misses the first value of a series.
        if let Some(Failure::Internal { .. }) = failure {
            METRICS.internal_errors.inc();
        }
    }
}

impl Drop for UseCase {
    fn drop(&mut self) {
        let (use_case, outcome) = (self.name, self.outcome);
        let labels = UseCaseOutcome { use_case, outcome };
        METRICS.use_cases.get_or_create(&labels).inc();
        let name = UseCaseName { use_case };
        let seconds = METRICS.use_case_seconds.get_or_create_owned(&name);
        seconds.observe(self.begun.elapsed().as_secs_f64());
    }
}

/// A queue of jobs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Queue {
    /// Messages.
    Outbox,
    /// Steps of imports.
    Imports,
}

impl Queue {
    const fn label(self) -> &'static str {
        match self {
            Self::Outbox => "outbox",
            Self::Imports => "imports",
        }
    }
}

/// Counts a job. An error counts as `transient_error` or `internal_error`.
pub fn count_job(
    queue: Queue,
    kind: &'static str,
    outcome: Result<&'static str, &Error>,
    took: Duration,
) {
    let queue = queue.label();
    let outcome = outcome.unwrap_or_else(|error| match error {
        Error::Refused(failure) => failure.code(),
        error if error.is_transient() => "transient_error",
        _ => {
            METRICS.internal_errors.inc();
            "internal_error"
        }
    });
    let labels = JobOutcome {
        queue,
        kind,
        outcome,
    };
    METRICS.jobs.get_or_create(&labels).inc();
    let seconds = METRICS
        .job_seconds
        .get_or_create_owned(&JobKind { queue, kind });
    seconds.observe(took.as_secs_f64());
}
