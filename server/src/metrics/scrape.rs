//! What is measured on each scrape: connections, the queues in front of them, password hashing, and what waits in the
//! database.

use std::{
    fmt,
    sync::{Arc, atomic::AtomicU64},
    time::{Duration, Instant},
};

use prometheus_client::{
    encoding::{EncodeLabelSet, prometheus_text},
    metrics::{counter::ConstCounter, family::Family, gauge::Gauge},
    registry::Registry,
};
use sqlx::PgPool;
use tokio::sync::Mutex;

use super::{PREFIX, encode};
use crate::{
    error::{Error, chain},
    fair_queue::QueueUsage,
    http::panics_so_far,
    service::Service,
    store::{
        Store,
        queues::{self, Waiting},
    },
};

/// The database is asked at most this often, however often the metrics are scraped.
const INTERVAL: Duration = Duration::from_secs(10);
/// A scrape waits this long for the database. After it, the metrics of the database's queues are left out.
const TIMEOUT: Duration = Duration::from_secs(2);

type Seconds = Gauge<f64, AtomicU64>;

/// What is measured.
#[derive(Debug)]
pub struct Sources {
    /// The web server's part, unless this process only works.
    service: Option<Arc<Service>>,
    /// The database, with the worker's role.
    worker: Store,
    measured: Mutex<Option<Measured>>,
}

#[derive(Debug, Clone, Copy)]
struct Measured {
    at: Instant,
    /// `None` if the database did not answer.
    waiting: Option<Waiting>,
    /// Since when imports have been waiting, as far as this process has seen.
    imports_since: Option<Instant>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Pool {
    pool: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct PoolState {
    pool: &'static str,
    state: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct QueueState {
    queue: &'static str,
    state: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct QueueName {
    queue: &'static str,
}

impl Sources {
    /// Creates the sources of a process. `service` is `None` for a process that only works.
    #[must_use]
    pub fn new(service: Option<Arc<Service>>, worker: Store) -> Self {
        Self {
            service,
            worker,
            measured: Mutex::default(),
        }
    }

    /// Returns all metrics in the Prometheus text format.
    ///
    /// # Errors
    /// Returns an error if a metric can't be written, which would be a bug.
    pub async fn scrape(&self) -> Result<String, fmt::Error> {
        let mut registry = Registry::with_prefix(PREFIX);
        registry.register(
            "panics",
            "Panics since the start",
            ConstCounter::new(panics_so_far()),
        );
        self.pools(&mut registry);
        if let Some(service) = &self.service {
            limits(&mut registry, service);
        }
        self.database(&mut registry).await;
        let mut text = String::with_capacity(64 * 1024);
        encode(&mut text)?;
        prometheus_text::encode(&mut text, &registry)?;
        Ok(text)
    }

    fn pools(&self, registry: &mut Registry) {
        let connections = Family::<PoolState, Gauge>::default();
        let maximum = Family::<Pool, Gauge>::default();
        let measure = |name: &'static str, pool: &PgPool| {
            let (open, idle) = (i64::from(pool.size()), integer(pool.num_idle()));
            let set = |state, value| {
                let labels = PoolState { pool: name, state };
                connections.get_or_create(&labels).set(value);
            };
            set("idle", idle);
            set("in_use", (open - idle).max(0));
            let most = i64::from(pool.options().get_max_connections());
            maximum.get_or_create(&Pool { pool: name }).set(most);
        };
        if let Some(service) = &self.service {
            measure("app", service.store.pool());
            measure("app_reserved", service.store.reserved());
        }
        measure("worker", self.worker.pool());
        registry.register(
            "database_connections",
            "Open connections of each pool, by state: idle or in_use",
            connections,
        );
        registry.register(
            "database_connections_max",
            "Maximum number of connections of each pool",
            maximum,
        );
    }

    /// Registers what waits in the database, unless it does not answer in time.
    async fn database(&self, registry: &mut Registry) {
        let measured = self.measured().await;
        let Some(waiting) = measured.waiting else {
            return;
        };
        let messages = Family::<QueueName, Gauge>::default();
        let ages = Family::<QueueName, Seconds>::default();
        for (queue, count, oldest) in [
            ("urgent", waiting.urgent, waiting.urgent_seconds),
            ("bulk", waiting.bulk, waiting.bulk_seconds),
        ] {
            messages.get_or_create(&QueueName { queue }).set(count);
            ages.get_or_create(&QueueName { queue }).set(oldest);
        }
        registry.register(
            "outbox_messages",
            "Messages in the outbox that are not sent yet, at most 10000",
            messages,
        );
        registry.register(
            "outbox_oldest_due_seconds",
            "How long the oldest due message has been due",
            ages,
        );
        let imports = Gauge::<i64>::default();
        imports.set(waiting.imports.into());
        registry.register(
            "imports_waiting",
            "1 if an import waits for a worker, else 0",
            imports,
        );
        let seconds = Seconds::default();
        let since = measured.imports_since.map(|since| since.elapsed());
        seconds.set(since.unwrap_or_default().as_secs_f64());
        registry.register(
            "imports_waiting_seconds",
            "How long imports have been waiting without interruption, as far as scrapes have shown",
            seconds,
        );
    }

    /// Returns what waits in the database. Concurrent scrapes wait for one measurement.
    async fn measured(&self) -> Measured {
        let mut last = self.measured.lock().await;
        if let Some(measured) = *last
            && measured.at.elapsed() < INTERVAL
        {
            return measured;
        }
        let waiting = async {
            let mut connection = self.worker.pool().acquire().await?;
            queues::waiting(&mut connection).await
        };
        let waiting = match tokio::time::timeout(TIMEOUT, waiting).await {
            Ok(Ok(waiting)) => Some(waiting),
            Ok(Err(error)) => {
                let error = Error::from(error);
                tracing::warn!(error = %chain(&error), "the queues in the database could not be measured");
                None
            }
            Err(_) => {
                tracing::warn!("the queues in the database could not be measured in time");
                None
            }
        };
        let before = last.and_then(|last| last.imports_since);
        let now = Instant::now();
        let measured = Measured {
            at: now,
            waiting,
            imports_since: match waiting {
                Some(waiting) => waiting.imports.then(|| before.unwrap_or(now)),
                None => before,
            },
        };
        *last = Some(measured);
        measured
    }
}

/// Registers how many requests wait for a connection, and how many passwords are hashed.
fn limits(registry: &mut Registry, service: &Service) {
    let requests = Family::<QueueState, Gauge>::default();
    let set = |queue, usage: QueueUsage| {
        for (state, value) in [("waiting", usage.waiting), ("running", usage.running)] {
            let labels = QueueState { queue, state };
            requests.get_or_create(&labels).set(integer(value));
        }
    };
    for (queue, usage) in service.connections.usage() {
        set(queue, usage);
    }
    set("password_hashes", service.passwords.usage());
    registry.register(
        "queue_places",
        "Requests that wait for a connection or a hashing thread, or have one",
        requests,
    );
    registry.register(
        "password_hashes",
        "Passwords hashed since the start",
        ConstCounter::new(service.passwords.computed()),
    );
}

fn integer(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
