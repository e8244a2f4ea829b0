//! Accepts connections and serves them over HTTP/1, each with deadlines: nobody holds a connection, or the end of the
//! process, for as long as they like.

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

/// How long connections may take, and how many there may be.
#[derive(Debug, Clone)]
pub struct ConnectionLimits {
    /// From the end of a response, or the beginning of the connection, to the end of the next request's headers.
    pub headers: Duration,
    /// For how long a client may read nothing of a response.
    pub unread: Duration,
    /// After `stop`, for requests that are being answered.
    pub drain: Duration,
    /// Connections at once.
    pub connections: usize,
    /// Connections at once of one client (an IPv6 client is its /64 network). Trusted proxies have no such limit.
    pub of_one_client: usize,
}

/// The most connections at once, however many descriptors there may be: each takes memory too.
const MOST_CONNECTIONS: usize = 10_000;
/// Descriptors that connections leave to the database, the mail server and files.
const OTHER_DESCRIPTORS: usize = 128;
/// A pause where no connection can be accepted at all, for want of descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_secs(1);

impl ConnectionLimits {
    /// Returns the limits for this process, after raising its limit of open descriptors as far as it may.
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

/// Raises the soft limit of open descriptors to what the connections need, within the hard limit, and returns it.
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

/// Serves until `stop`, then lets requests that are being answered end, for as long as the limits say.
///
/// # Errors
/// None so far: what goes wrong with one connection ends that connection.
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

/// Accepts the next connection as soon as one may be opened.
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

/// How many connections each client has.
#[derive(Debug, Default)]
struct Clients(Counts);

/// One connection of a client, until it is dropped.
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
