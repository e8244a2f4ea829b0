//! Errors of the embedded Postgres, each as one sentence for the operator.

use std::io;
use std::path::{Path, PathBuf};

/// An error of the embedded Postgres.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Another process holds the lock.
    #[error("Another Muster is already running with {}; stop it, or set MUSTER_DATA_DIR to another folder.", data_dir.display())]
    InUse {
        /// The folder.
        data_dir: PathBuf,
    },
    /// A Postgres that was not started by Muster uses the same files.
    #[error("Postgres (process {pid}) is still running with the files in {} and does not stop; stop it first.", data_dir.display())]
    StillRunning {
        /// The folder.
        data_dir: PathBuf,
        /// Its process id.
        pid: i32,
    },
    /// No programs were found.
    #[error(
        "No PostgreSQL {minimum} or newer was found; install it (`apt-get install postgresql`), set \
         MUSTER_POSTGRES_BIN_DIR to the folder with `postgres` and `initdb`, or set DATABASE_URL to a database of your own."
    )]
    NoBinaries {
        /// The minimum version.
        minimum: u32,
    },
    /// The configured folder has no programs.
    #[error("MUSTER_POSTGRES_BIN_DIR is {}, but there are no usable `postgres` and `initdb` in it.", folder.display())]
    NotThere {
        /// The folder.
        folder: PathBuf,
    },
    /// The programs of the version that created the files are missing.
    #[error(
        "The database was created by PostgreSQL {needed}, which was not found; install it or set MUSTER_POSTGRES_BIN_DIR to its folder."
    )]
    OtherVersion {
        /// The version that created the cluster.
        needed: u32,
    },
    /// The folder belongs to another user.
    #[error("{} belongs to another user; start Muster as that user or set MUSTER_DATA_DIR to another folder.", folder.display())]
    Foreign {
        /// The folder.
        folder: PathBuf,
    },
    /// The link's target does not exist.
    #[error("{} points to a folder that no longer exists; restore it, or delete the link to start with an empty database.", link.display())]
    Gone {
        /// The link.
        link: PathBuf,
    },
    /// Postgres refuses to run as root, and there is no other user.
    #[error(
        "Postgres does not run as root, and this machine has no user `nobody` to run it as; start Muster as another user."
    )]
    NoUser,
    /// `initdb` failed.
    #[error("The database could not be created: {reason}.")]
    InitFailed {
        /// The last error message.
        reason: String,
    },
    /// Postgres ended instead of starting.
    #[error("Postgres could not be started: {reason}.")]
    Died {
        /// The last error message.
        reason: String,
    },
    /// Postgres did not shut down cleanly.
    #[error("Postgres did not shut down cleanly; it will recover at the next start.")]
    NotStopped,
    /// The name of a database has other characters than allowed.
    #[error("A database name must contain only lowercase letters, digits and underscores.")]
    DatabaseName,
    /// The thread that did the work was interrupted.
    #[error("Starting or stopping Postgres was interrupted.")]
    Interrupted,
    /// A file can't be used.
    #[error("{} can't be used: {source}.", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The reason.
        source: io::Error,
    },
    /// An error that Postgres returned.
    #[error("The embedded Postgres returned an error: {0}.")]
    Database(#[from] sqlx::Error),
}

impl Error {
    /// Returns a function for `map_err` that adds this path to an I/O error.
    pub(super) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        |source| Self::Io { path, source }
    }
}

/// Returns the last error message of a log, without its time and process.
pub(super) fn last_complaint(log: &str) -> String {
    let markers = ["FATAL:", "PANIC:", "ERROR:", "error:"];
    let complaint = log.lines().rev().find_map(|line| {
        let marker = markers.iter().find(|marker| line.contains(**marker))?;
        line.split_once(marker).map(|(_, rest)| rest.trim())
    });
    complaint
        .or_else(|| log.lines().map(str::trim).rfind(|line| !line.is_empty()))
        .unwrap_or("no reason was given")
        .trim_end_matches('.')
        .to_owned()
}
