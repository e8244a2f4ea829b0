//! A proxy between a server and its Postgres, on which a test waits for a moment: before a message is sent, while it is
//! being processed, or after it was processed and before the response arrives.

use std::{
    net::SocketAddr,
    path::PathBuf,
    str::FromStr as _,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use reqwest::Url;
use sqlx::postgres::PgConnectOptions;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream, UnixStream},
    sync::oneshot,
};

/// The message that commits a transaction, as in the wire protocol.
pub const COMMIT: &[u8] = b"COMMIT\0";

/// A proxy that servers connect to instead of the database's socket.
pub struct Wire {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    socket: PathBuf,
    trap: Mutex<Option<(Moment, oneshot::Sender<()>)>>,
    /// Whether new connections are refused.
    closed: AtomicBool,
}

/// A moment in the protocol.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    /// Only connections that have sent this before count.
    pub after: &'static [u8],
    /// The message to wait for.
    pub on: &'static [u8],
    /// Which occurrence of the message, from 1.
    pub nth: u32,
    /// How far the message gets.
    pub how: How,
}

/// How far the message gets. Nothing more is sent on that connection until it closes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// It does not reach the database.
    Unsent,
    /// It reaches the database, and the moment has come.
    Sent,
    /// The moment has come when the database has responded; the response is withheld.
    Answered,
}

impl Wire {
    /// Creates a proxy to the cluster with this URL.
    pub async fn to(database_url: &str) -> Self {
        let options = PgConnectOptions::from_str(database_url).unwrap();
        let folder = options.get_socket().expect("a socket's folder");
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let wire = Self {
            address: listener.local_addr().unwrap(),
            shared: Arc::new(Shared {
                socket: folder.join(format!(".s.PGSQL.{}", options.get_port())),
                trap: Mutex::default(),
                closed: AtomicBool::new(false),
            }),
        };
        let shared = Arc::clone(&wire.shared);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                if !shared.closed.load(Ordering::Relaxed) {
                    tokio::spawn(carry(Arc::clone(&shared), client));
                }
            }
        });
        wire
    }

    /// Returns the database's URL through this proxy.
    pub fn url(&self, database_url: &str) -> String {
        let mut url = Url::parse(database_url).unwrap();
        url.set_query(Some("sslmode=disable"));
        url.set_host(Some("127.0.0.1")).unwrap();
        url.set_port(Some(self.address.port())).unwrap();
        url.into()
    }

    /// Refuses new connections, or accepts them again, so that a test can look at what a stop has left before anybody
    /// continues.
    pub fn close(&self, closed: bool) {
        self.shared.closed.store(closed, Ordering::Relaxed);
    }

    /// Waits for this moment and replaces the former one.
    pub fn moment(&self, moment: Moment) -> oneshot::Receiver<()> {
        let (there, waits) = oneshot::channel();
        *self.shared.trap.lock().unwrap() = Some((moment, there));
        waits
    }
}

impl Shared {
    /// Returns the moment if this is the one that is waited for.
    fn caught(&self, counts: &mut Vec<u8>, said: &[u8]) -> Option<(How, oneshot::Sender<()>)> {
        let mut trap = self.trap.lock().unwrap();
        let (moment, _) = trap.as_mut()?;
        if counts != moment.after {
            if !has(said, moment.after) {
                return None;
            }
            *counts = moment.after.to_vec();
        }
        if !has(said, moment.on) {
            return None;
        }
        moment.nth -= 1;
        if moment.nth > 0 {
            return None;
        }
        trap.take().map(|(moment, there)| (moment.how, there))
    }
}

fn has(text: &[u8], part: &[u8]) -> bool {
    part.is_empty() || text.windows(part.len()).any(|window| window == part)
}

async fn carry(shared: Arc<Shared>, client: TcpStream) {
    let Ok(server) = UnixStream::connect(&shared.socket).await else {
        return;
    };
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let withheld = Mutex::new(None::<oneshot::Sender<()>>);
    let forth = async {
        let (mut bytes, mut counts) = (vec![0; 64 * 1024], Vec::new());
        loop {
            let Some(said) = heard(&mut from_client, &mut bytes).await else {
                return;
            };
            match shared.caught(&mut counts, said) {
                None => {}
                Some((How::Answered, there)) => *withheld.lock().unwrap() = Some(there),
                Some((how, there)) => {
                    if how == How::Sent {
                        drop(to_server.write_all(said).await);
                    }
                    let _ = there.send(());
                    while heard(&mut from_client, &mut bytes).await.is_some() {}
                    return;
                }
            }
            if to_server.write_all(said).await.is_err() {
                return;
            }
        }
    };
    let back = async {
        let mut bytes = vec![0; 64 * 1024];
        while let Some(said) = heard(&mut from_server, &mut bytes).await {
            let there = withheld.lock().unwrap().take();
            if let Some(there) = there {
                let _ = there.send(());
                while heard(&mut from_server, &mut bytes).await.is_some() {}
                return;
            }
            if to_client.write_all(said).await.is_err() {
                return;
            }
        }
    };
    // If either end closes, the other one is closed.
    tokio::select! {
        () = forth => {}
        () = back => {}
    }
}

async fn heard<'a>(
    from: &mut (impl tokio::io::AsyncRead + Unpin),
    bytes: &'a mut [u8],
) -> Option<&'a [u8]> {
    let length = from.read(bytes).await.ok().filter(|length| *length > 0)?;
    Some(&bytes[..length])
}
