//! An embedded Postgres that stops with the process that started it, however that process ends. For evaluation, small
//! installations, and tests.
//!
//! `binaries` finds the programs, `place` chooses the folder and the user, `cluster` creates the files, `former` waits
//! for an instance that is still stopping, `supervisor` ties Postgres to this process, `kept` restarts it after a
//! crash, `running` finds the instance of another Muster process.

mod binaries;
mod cluster;
mod error;
mod former;
mod kept;
mod place;
mod running;
mod supervisor;
#[cfg(test)]
mod tests;

use std::fs::{File, Permissions, TryLockError};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};
use sqlx::{AssertSqlSafe, Connection, PgConnection};

pub use error::Error;
pub use kept::Kept;
pub use running::{exists, running_url};

use binaries::Binaries;
use place::Place;
use supervisor::Supervisor;

/// The superuser of the cluster. Muster's own roles are created by its migrations.
const SUPERUSER: &str = "postgres";
/// A part of the socket's file name only. Nothing listens on the network.
const PORT: u16 = 5432;

/// The settings of an instance.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The folder for all persistent files. Created if missing.
    pub data_dir: PathBuf,
    /// The folder of `postgres` and `initdb`, if it is configured.
    pub bin_dir: Option<PathBuf>,
    /// Whether `data_dir` is deleted at the end (for tests).
    pub ephemeral: bool,
}

/// A running Postgres. It stops when this value is dropped or the process ends.
#[derive(Debug)]
pub struct EmbeddedPostgres {
    supervisor: Supervisor,
    beginning: Beginning,
    socket_dir: SocketDir,
    password: String,
    notice: Option<String>,
    // Held while Postgres runs, so that a second Muster process detects it immediately.
    _lock: File,
}

impl EmbeddedPostgres {
    /// Starts Postgres and waits until it accepts connections.
    ///
    /// # Errors
    ///
    /// Returns an error if the programs are missing, the folder is in use or unusable, or Postgres fails to start. Each
    /// error is one sentence for the operator.
    pub async fn start(settings: Settings) -> Result<Self, Error> {
        let mut started = tokio::task::spawn_blocking(move || Self::spawn(&settings))
            .await
            .map_err(|_| Error::Interrupted)??;
        started.wait_until_ready().await?;
        Ok(started)
    }

    /// Returns the superuser's URL of a database of this instance.
    pub fn url(&self, database: &str) -> String {
        url(self.socket_dir.path(), &self.password, database)
    }

    /// Creates a database if it does not exist.
    ///
    /// # Errors
    ///
    /// Returns an error if the name has anything but lowercase letters, digits and underscores, or if Postgres refuses.
    pub async fn ensure_database(&self, name: &str) -> Result<(), Error> {
        let plain =
            |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_';
        if name.is_empty() || !name.chars().all(plain) {
            return Err(Error::DatabaseName);
        }
        let mut connection = PgConnection::connect(&self.url("postgres")).await?;
        let known: bool =
            sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)")
                .bind(name)
                .fetch_one(&mut connection)
                .await?;
        if !known {
            // A name can't be a parameter. The check above leaves nothing that needs quoting.
            sqlx::query(AssertSqlSafe(format!("CREATE DATABASE {name}")))
                .execute(&mut connection)
                .await?;
        }
        connection.close().await?;
        Ok(())
    }

    /// Returns a notice for the operator about the location of the files.
    pub fn notice(&self) -> Option<&str> {
        self.notice.as_deref()
    }

    /// Stops Postgres cleanly and waits until it has ended.
    ///
    /// # Errors
    ///
    /// Returns an error if it did not end within a minute or not cleanly.
    pub async fn stop(self) -> Result<(), Error> {
        tokio::task::spawn_blocking(move || self.supervisor.stop())
            .await
            .map_err(|_| Error::Interrupted)?
    }

    fn spawn(settings: &Settings) -> Result<Self, Error> {
        let data_dir =
            std::path::absolute(&settings.data_dir).map_err(Error::io(&settings.data_dir))?;
        std::fs::create_dir_all(&data_dir).map_err(Error::io(&data_dir))?;
        let lock = lock(&data_dir)?;
        let place = place::prepare(&data_dir, settings.ephemeral)?;
        let discard = settings.ephemeral.then_some(data_dir.as_path());
        let version = cluster::version(&place.data())?;
        let binaries = binaries::find(settings.bin_dir.as_deref(), version)?;
        if version.is_none() {
            cluster::make(&place, &binaries, discard)?;
        }
        let password = cluster::password(&place.root)?;
        let socket_dir = SocketDir::prepare(&place)?;
        let notice = place.notice.clone();
        let beginning = Beginning {
            log: data_dir.join("postgres.log"),
            discard: settings.ephemeral.then(|| data_dir.clone()),
            place,
            binaries,
            data_dir,
        };
        Ok(Self {
            supervisor: beginning.begin(&socket_dir)?,
            beginning,
            socket_dir,
            password,
            notice,
            _lock: lock,
        })
    }

    /// Connects repeatedly, with growing pauses, because Postgres does not report when it is ready. There is no time
    /// limit while it runs: recovery after a crash takes as long as the write-ahead log requires.
    async fn wait_until_ready(&mut self) -> Result<(), Error> {
        let url = self.url("postgres");
        let mut pause = Duration::from_millis(10);
        loop {
            match PgConnection::connect(&url).await {
                Ok(connection) => return Ok(connection.close().await?),
                Err(sqlx::Error::Database(error)) if !is_starting(error.as_ref()) => {
                    return Err(Error::Database(sqlx::Error::Database(error)));
                }
                Err(_) => {}
            }
            if let Some(reason) = self.supervisor.died()? {
                return Err(Error::Died { reason });
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(Duration::from_millis(250));
        }
    }
}

/// Returns whether this folder has a database, or a link to where a database was moved.
///
/// # Errors
///
/// Returns an error if the folder can't be read.
pub fn has_database(data_dir: &Path) -> std::io::Result<bool> {
    let folder = data_dir.join("postgres");
    if folder.is_symlink() {
        return Ok(true);
    }
    folder.join("data/PG_VERSION").try_exists()
}

/// Returns the superuser's URL of a database of the cluster with this socket.
fn url(socket_dir: &Path, password: &str, database: &str) -> String {
    let socket = percent_encoded(socket_dir);
    format!(
        "postgres://{SUPERUSER}:{password}@localhost:{PORT}/{database}?host={socket}&sslmode=disable"
    )
}

/// The parameters of a start, kept for restarts.
#[derive(Debug)]
struct Beginning {
    place: Place,
    binaries: Binaries,
    data_dir: PathBuf,
    log: PathBuf,
    /// The folder that is deleted at the end.
    discard: Option<PathBuf>,
}

impl Beginning {
    fn begin(&self, socket_dir: &SocketDir) -> Result<Supervisor, Error> {
        former::wait(&self.place.data(), &self.data_dir)?;
        Supervisor::start(
            &self.place,
            &self.binaries,
            socket_dir.path(),
            self.log.clone(),
            self.discard.as_deref(),
        )
    }
}

/// Returns whether the error is 57P03: the database is starting up or recovering.
fn is_starting(error: &dyn sqlx::error::DatabaseError) -> bool {
    error.code().as_deref() == Some("57P03")
}

fn lock(data_dir: &Path) -> Result<File, Error> {
    let path = data_dir.join("lock");
    let file = File::create(&path).map_err(Error::io(&path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Error::InUse {
            data_dir: data_dir.to_owned(),
        }),
        Err(TryLockError::Error(error)) => Err(Error::io(&path)(error)),
    }
}

/// The location of the socket: beside the files, or in the system's temporary folder if that path is too long for a
/// socket.
#[derive(Debug)]
enum SocketDir {
    Beside(PathBuf),
    Temporary(tempfile::TempDir),
}

impl SocketDir {
    /// The address of a socket has 107 bytes (`sun_path`), of which the file name needs `/.s.PGSQL.5432.lock`.
    const LONGEST: usize = 107 - 19;

    fn prepare(place: &Place) -> Result<Self, Error> {
        let beside = place.root.join("socket");
        if beside.as_os_str().len() <= Self::LONGEST {
            place.make_dir(&beside)?;
            return Ok(Self::Beside(beside));
        }
        let temporary = tempfile::Builder::new()
            .prefix("muster-")
            .permissions(Permissions::from_mode(0o700))
            .tempdir()
            .map_err(Error::io(&std::env::temp_dir()))?;
        place.give(temporary.path())?;
        Ok(Self::Temporary(temporary))
    }

    fn path(&self) -> &Path {
        match self {
            Self::Beside(path) => path,
            Self::Temporary(folder) => folder.path(),
        }
    }
}

/// All bytes except those that a path may have unencoded.
const NOT_IN_PATHS: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'/');

fn percent_encoded(path: &Path) -> String {
    percent_encode(path.as_os_str().as_bytes(), NOT_IN_PATHS).to_string()
}
