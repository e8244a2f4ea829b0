//! Accepts connections and serves HTTP/1 with deadlines, so that no client can hold a connection, or delay the
//! shutdown, indefinitely.

use std::{
    collections::HashMap,
    io,
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{Router, extract::ConnectInfo};
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
    service::TowerToHyperService,
};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    task::JoinSet,
};
use tokio_io_timeout::TimeoutStream;
use tokio_util::sync::CancellationToken;
use tower::{Layer as _, util::MapRequestLayer};

use super::forwarded::TrustedProxies;
use crate::store::limits::client_key;

/// The time limits and the maximum number of connections.
#[derive(Debug, Clone)]
pub struct ConnectionLimits {
    /// From the end of a response, or from the start of the connection, to the end of the next request's headers.
    pub headers: Duration,
    /// How long a client may stop reading a response.
    pub unread: Duration,
    /// How long running requests may continue after `stop`.
    pub drain: Duration,
    /// The maximum number of open connections.
    pub connections: usize,
    /// The maximum number of open connections of one client (the /64 network of an IPv6 client). Not applied to trusted
    /// proxies.
    pub of_one_client: usize,
}

/// The maximum number of connections, whatever the number of file descriptors: each takes memory too.
const MOST_CONNECTIONS: usize = 10_000;
/// The file descriptors reserved for the database, the mail server and files.
const OTHER_DESCRIPTORS: usize = 128;
/// The pause after a failed accept, for lack of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_secs(1);

impl ConnectionLimits {
    /// Returns the limits for this process, after raising its soft limit of file descriptors as far as possible.
    #[must_use]
    pub fn of_process() -> Self {
        let connections = descriptors()
            .saturating_sub(OTHER_DESCRIPTORS)
            .clamp(OTHER_DESCRIPTORS, MOST_CONNECTIONS);
        Self {
            headers: Duration::from_secs(30),
            unread: Duration::from_mins(1),
            drain: Duration::from_secs(10),
            connections,
            of_one_client: connections / 2,
        }
    }
}

/// Raises the soft limit of file descriptors to what the connections need, within the hard limit, and returns it.
fn descriptors() -> usize {
    let wanted = (MOST_CONNECTIONS + OTHER_DESCRIPTORS) as u64;
    let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_NOFILE) else {
        return 0;
    };
    let raised = wanted.min(hard).max(soft);
    let limit = match setrlimit(Resource::RLIMIT_NOFILE, raised, hard) {
        Ok(()) => raised,
        Err(_) => soft,
    };
    usize::try_from(limit).unwrap_or(usize::MAX)
}

/// Serves until `stop`, then waits for running requests as long as the limits allow.
///
/// # Errors
/// Returns no error at present: an error of one connection only ends that connection.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    limits: ConnectionLimits,
    trusted: TrustedProxies,
    stop: CancellationToken,
) -> io::Result<()> {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(limits.headers);
    let places = Arc::new(Semaphore::new(limits.connections));
    let clients = Clients::default();
    let graceful = GracefulShutdown::new();
    let mut open = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = accept(&listener, &places) => accepted,
            Some(_) = open.join_next() => continue,
        };
        let Some((stream, peer, place)) = accepted else {
            continue;
        };
        let own_limit = (!trusted.contain(peer.ip())).then_some(limits.of_one_client);
        let Some(counted) = clients.count(peer.ip(), own_limit) else {
            continue;
        };
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(limits.unread));
        let service =
            MapRequestLayer::new(move |mut request: hyper::Request<hyper::body::Incoming>| {
                request.extensions_mut().insert(ConnectInfo(peer));
                request
            })
            .layer(router.clone());
        let connection = http.serve_connection(
            TokioIo::new(Box::pin(stream)),
            TowerToHyperService::new(service),
        );
        let connection = graceful.watch(connection);
        open.spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection ended early");
            }
            drop((place, counted));
        });
    }
    drop(listener);
    if tokio::time::timeout(limits.drain, graceful.shutdown())
        .await
        .is_err()
    {
        while open.try_join_next().is_some() {}
        tracing::warn!(
            connections = open.len(),
            "closed connections whose requests did not end in time"
        );
    }
    open.shutdown().await;
    Ok(())
}

/// Accepts the next connection as soon as the limit permits one.
async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> Option<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    let place = Arc::clone(places).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, peer)) => Some((stream, peer, place)),
        Err(error) => {
            if !is_of_one_connection(&error) {
                tracing::error!(%error, "no connection can be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
            None
        }
    }
}

fn is_of_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
    )
}

type Counts = Arc<Mutex<HashMap<String, usize>>>;

/// The number of connections of each client.
#[derive(Debug, Default)]
struct Clients(Counts);

/// One connection of a client. It is counted until dropped.
struct Counted {
    client: String,
    counts: Counts,
}

impl Clients {
    fn count(&self, ip: IpAddr, limit: Option<usize>) -> Option<Counted> {
        let client = client_key(ip);
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(client.clone()).or_default();
        if limit.is_some_and(|limit| *count >= limit) {
            return None;
        }
        *count += 1;
        Some(Counted {
            client,
            counts: Arc::clone(&self.0),
        })
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.client) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.client);
            }
        }
    }
}
