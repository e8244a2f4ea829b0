//! The wire between a server and its Postgres, on which a test waits for a moment: before something is said, while it
//! is being done, or when it is done and nobody has heard so yet.

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

/// What a statement ends its transaction with, as it is on the wire.
pub const COMMIT: &[u8] = b"COMMIT\0";

/// A wire that servers connect to instead of the database's socket.
pub struct Wire {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    socket: PathBuf,
    trap: Mutex<Option<(Moment, oneshot::Sender<()>)>>,
    /// Nobody gets through who is not through already.
    closed: AtomicBool,
}

/// A moment on the wire.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    /// Only connections that have said this before count.
    pub after: &'static [u8],
    /// What is said then.
    pub on: &'static [u8],
    /// The how-many-eth of it, from 1.
    pub nth: u32,
    /// How far it gets.
    pub how: How,
}

/// How far what is said gets; nothing more is said on that connection until it closes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// It does not reach the database.
    Unsent,
    /// It reaches the database, and the moment is there.
    Sent,
    /// The moment is there when the database has answered, and the answer reaches nobody.
    Answered,
}

impl Wire {
    /// A wire to the cluster that has this address.
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

    /// The database's address by this wire.
    pub fn url(&self, database_url: &str) -> String {
        let mut url = Url::parse(database_url).unwrap();
        url.set_query(Some("sslmode=disable"));
        url.set_host(Some("127.0.0.1")).unwrap();
        url.set_port(Some(self.address.port())).unwrap();
        url.into()
    }

    /// Lets nobody through any more, or again: what a stop has left can be looked at before anybody goes on.
    pub fn close(&self, closed: bool) {
        self.shared.closed.store(closed, Ordering::Relaxed);
    }

    /// Waits for a moment, instead of for any other.
    pub fn moment(&self, moment: Moment) -> oneshot::Receiver<()> {
        let (there, waits) = oneshot::channel();
        *self.shared.trap.lock().unwrap() = Some((moment, there));
        waits
    }
}

impl Shared {
    /// Whether this is the moment that is waited for.
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
    // Whichever end closes, the other one is told.
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
