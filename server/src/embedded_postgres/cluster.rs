//! The cluster's files. They are created once and atomically.

use std::ffi::OsStr;
use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{OpenOptionsExt, fchown};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::TryRngCore;
use rand::rngs::OsRng;

use super::binaries::Binaries;
use super::error::last_complaint;
use super::place::Place;
use super::supervisor::run_guarded;
use super::{Error, SUPERUSER};

const OPTIONS: &[&str] = &[
    "--username",
    SUPERUSER,
    "--encoding",
    "UTF8",
    "--data-checksums",
    "--auth-local",
    "scram-sha-256",
    "--auth-host",
    "scram-sha-256",
];

/// Returns the major version of the existing cluster, if there is one.
pub(super) fn version(data: &Path) -> Result<Option<u32>, Error> {
    let file = data.join("PG_VERSION");
    match fs::read_to_string(&file) {
        Ok(text) => text
            .trim()
            .parse()
            .map(Some)
            .map_err(|_| Error::io(&file)(std::io::Error::other("it names no version"))),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::io(&file)(error)),
    }
}

/// Creates the cluster in a temporary folder and moves it into place when it is complete, so that an interrupted start
/// leaves nothing that looks like a database.
///
/// `discard` is deleted if this process ends before that.
pub(super) fn make(
    place: &Place,
    binaries: &Binaries,
    discard: Option<&Path>,
) -> Result<(), Error> {
    let unfinished = place.root.join("data.unfinished");
    let password = write_password(place)?;
    let mut said = String::new();
    for locale in locales(binaries.version) {
        remove(&unfinished)?;
        let mut arguments: Vec<&OsStr> = vec![
            "--pgdata".as_ref(),
            unfinished.as_os_str(),
            "--pwfile".as_ref(),
            password.as_os_str(),
        ];
        arguments.extend(OPTIONS.iter().chain(*locale).map(OsStr::new));
        let output = run_guarded(place, &binaries.initdb(), discard, &arguments)
            .map_err(Error::io(&binaries.initdb()))?;
        if output.status.success() {
            let data = place.data();
            return fs::rename(&unfinished, &data).map_err(Error::io(&data));
        }
        said = String::from_utf8_lossy(&output.stderr).into_owned();
    }
    Err(Error::InitFailed {
        reason: last_complaint(&said),
    })
}

/// Returns the locale options for UTF-8 with a sort order that is the same on every machine and after every upgrade of
/// the C library, best first.
fn locales(version: u32) -> &'static [&'static [&'static str]] {
    const BUILTIN: &[&str] = &[
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--locale=C",
    ];
    if version >= 17 {
        &[BUILTIN, &["--locale=C.UTF-8"], &["--locale=C"]]
    } else {
        &[&["--locale=C.UTF-8"], &["--locale=C"]]
    }
}

/// Returns the superuser's password, which only the cluster's owner and root can read.
pub(super) fn password(root: &Path) -> Result<String, Error> {
    let file = password_file(root);
    let text = fs::read_to_string(&file).map_err(Error::io(&file))?;
    Ok(text.trim().to_owned())
}

fn password_file(root: &Path) -> PathBuf {
    root.join("password")
}

fn write_password(place: &Place) -> Result<PathBuf, Error> {
    let file = password_file(&place.root);
    let mut bytes = [0_u8; 32];
    OsRng
        .try_fill_bytes(&mut bytes)
        .map_err(|error| Error::io(&file)(std::io::Error::other(error)))?;
    let password = URL_SAFE_NO_PAD.encode(bytes);
    match fs::remove_file(&file) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(Error::io(&file)(error)),
        _ => {}
    }
    // Created as a new file, never opened if it exists: this process may be root.
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&file)
        .and_then(|mut opened| {
            if let Some((user, group)) = place.owner_ids() {
                fchown(&opened, Some(user), Some(group))?;
            }
            opened.write_all(password.as_bytes())?;
            opened.sync_all()
        })
        .map_err(Error::io(&file))?;
    Ok(file)
}

/// Deletes a folder. Retries, because an `initdb` of a killed Muster process may write to it for a moment.
fn remove(folder: &Path) -> Result<(), Error> {
    const TRIES: u32 = 50;
    let mut result = Ok(());
    for _ in 0..TRIES {
        result = fs::remove_dir_all(folder);
        match &result {
            Ok(()) => return Ok(()),
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            Err(_) => sleep(Duration::from_millis(100)),
        }
    }
    result.map_err(Error::io(folder))
}
