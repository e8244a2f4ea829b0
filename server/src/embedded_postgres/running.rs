//! Finds the Postgres that another Muster process runs in the same folder, so that commands can use it.

use std::{
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
};

use sqlx::{Connection as _, PgConnection};

use super::{Error, cluster, url};

/// Returns the URL of a database of the cluster that another Muster process runs in `data_dir`, or `None` if it is not
/// running (yet).
///
/// # Errors
///
/// Returns an error if its files can't be read.
pub fn running_url(data_dir: &Path, database: &str) -> Result<Option<String>, Error> {
    let Some(root) = found(fs::canonicalize(data_dir.join("postgres")), data_dir)? else {
        return Ok(None);
    };
    let pid_file = root.join("data/postmaster.pid");
    let Some(text) = found(fs::read_to_string(&pid_file), &pid_file)? else {
        return Ok(None);
    };
    let Some(socket_dir) = socket_dir(&text) else {
        return Ok(None);
    };
    let password = cluster::password(&root)?;
    Ok(Some(url(&socket_dir, &password, database)))
}

/// Returns whether the database exists and responds. The Muster process that runs the cluster creates it after the
/// start.
pub async fn exists(url: &str) -> bool {
    match PgConnection::connect(url).await {
        Ok(connection) => connection.close().await.is_ok(),
        Err(_) => false,
    }
}

/// Returns the socket's folder from `postmaster.pid` if Postgres is ready. The lines of the file are: process, folder,
/// start time, port, socket's folder, address, memory, state (`src/include/utils/pidfile.h`).
fn socket_dir(pid_file: &str) -> Option<PathBuf> {
    let lines: Vec<&str> = pid_file.lines().map(str::trim).collect();
    let is_ready = lines.get(7) == Some(&"ready");
    let socket_dir = lines.get(4).filter(|line| !line.is_empty())?;
    is_ready.then(|| PathBuf::from(socket_dir))
}

fn found<T>(result: std::io::Result<T>, path: &Path) -> Result<Option<T>, Error> {
    match result {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::io(path)(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_socket_is_known_when_postgres_is_ready() {
        let pid_file = |state: &str| {
            format!(
                "4711\n/var/lib/x/data\n1764381000\n5432\n/var/lib/x/socket\n\n  123 456\n{state}\n"
            )
        };
        assert_eq!(
            socket_dir(&pid_file("ready   ")),
            Some("/var/lib/x/socket".into())
        );
        assert_eq!(socket_dir(&pid_file("starting")), None);
        assert_eq!(socket_dir("4711\n"), None);
    }
}
